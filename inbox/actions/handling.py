"""What a person makes of a mail that waits: an answer, a note on an issue, or nothing."""

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role, User
from audit.actions import record
from audit.errors import TransitionError
from audit.models import AuditEntry
from inbox import made, permissions, raw, reading
from inbox.models import Incoming
from issues import actions as issue_actions
from issues.models import Issue, Referral

State = Incoming.State
HANDLED = frozenset({State.HELD, State.AUTO, State.BOUNCE})


def attach(
    mail: Incoming,
    *,
    by: User,
    now: dt.datetime,
    issue: Issue,
    referral: Referral | None,
    text: str,
    title: str,
) -> Incoming:
    """Put a mail where it belongs: as the office's answer, or as a note of the secretariat.

    ``title`` is who wrote it. Files go with it where they can be kept, and where the issue is open.
    Raises PermissionDenied for who is not of the issue's secretariat, TransitionError where the
    mail was handled meanwhile or the referral has ended.
    """
    if not (permissions.handles(by, mail) and permissions.attaches(by, issue)):
        raise PermissionDenied
    if referral is not None and referral.issue_id != issue.pk:
        raise PermissionDenied
    files = made.files_of(reading.read(raw.opened(mail)))  # no transaction is open for that long
    with transaction.atomic():
        locked = _lock(mail)
        locked.issue, locked.referral, locked.province_id = issue, referral, issue.province_id
        locked.refused = files.refused
        key = made.key_by_hand(locked.sha256)
        words: dict[str, Any] = {"by": by, "now": now, "client_key": key}
        if referral is not None:
            locked.response = issue_actions.record_answer(
                referral, text=text, title=title, files=files.kept, **words
            )
        else:
            said = made.noted(text, title)
            locked.comment = issue_actions.comment(
                issue, text=said, to_organization=False, to_offices=False, **words
            )
            _add_files(locked, issue, files, by, now)
        return _close(locked, State.ATTACHED, "inbox.attach", by=by, now=now)


def _add_files(
    locked: Incoming, issue: Issue, files: made.Files, by: User, now: dt.datetime
) -> None:
    """For the secretariat and the organization alone; a closed issue takes none."""
    if not issue.is_open:
        locked.refused = list(range(1, len(files.kept) + len(files.refused) + 1))
    elif files.kept:
        issue_actions.add_evidence(issue, by=by, now=now, files=files.kept, is_inside=True)


@transaction.atomic
def dismiss(mail: Incoming, *, by: User, now: dt.datetime, reason: str) -> Incoming:
    """Put a mail aside for a reason; it stays, and can be read again."""
    if not permissions.handles(by, mail):
        raise PermissionDenied
    locked = _lock(mail)
    locked.reason = reason[:300]
    return _close(locked, State.DISMISSED, "inbox.dismiss", by=by, now=now)


def _lock(mail: Incoming) -> Incoming:
    locked = Incoming.objects.select_for_update(of=("self",)).get(pk=mail.pk)
    if locked.state not in HANDLED:
        raise TransitionError(
            _("This is no longer possible: meanwhile the mail is “%(state)s”.")
            % {"state": locked.get_state_display()}
        )
    return locked


def _close(locked: Incoming, state: State, act: str, *, by: User, now: dt.datetime) -> Incoming:
    """Save what was done, and one entry of who did it; ids alone."""
    before, locked.state = locked.state, state
    locked.handled_by, locked.handled_at = by, now
    locked.save()
    change: dict[str, object] = {"state": [str(before), str(state)]}
    if state == State.ATTACHED:
        change |= {"issue": locked.issue_id, "referral": locked.referral_id}
    is_secretariat = by.is_role(Role.COORDINATOR)
    role = AuditEntry.Role.COORDINATOR if is_secretariat else AuditEntry.Role.ADMINISTRATOR
    record(act, locked, by=by, role=role, at=now, **change)
    return locked
