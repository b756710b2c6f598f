"""What an office has ready to say before the session."""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.actions import record
from audit.errors import TransitionError
from audit.models import AuditEntry
from forum.models import Session
from issues.actions.agenda import CHANGEABLE, refuse_decided
from issues.actions.move import concerned, lock
from issues.models import AgendaItem, PreparedReply, Referral
from provinces.models import Authority

OFFICIAL = AuditEntry.Role.OFFICIAL


@transaction.atomic
def prepare_reply(
    item: AgendaItem,
    *,
    authority: Authority,
    by: User,
    now: dt.datetime,
    text: str,
    title: str = "",
    seen: int = 0,
) -> PreparedReply | None:
    """Keep what the office will answer to an item; an empty text withdraws it.

    ``seen`` is the version that was changed, 0 for none. The same words sent again change
    nothing. Raises TransitionError where a colleague wrote meanwhile or the session is over.
    """
    if not text:
        withdraw_reply(item, authority=authority, by=by, now=now, seen=seen)
        return None
    kept = _locked(item, authority, by)
    if kept is not None and (kept.text, kept.title) == (text, title):
        return kept
    _refuse_unseen(kept, seen)
    reply = kept or PreparedReply(item=item, authority=authority, version=0)
    reply.text, reply.title = text, title
    reply.version += 1
    reply.written_by, reply.written_at = by, now
    reply.save()
    _record("issue.prepare_reply", item, authority, by, now)
    return reply


@transaction.atomic
def withdraw_reply(
    item: AgendaItem, *, authority: Authority, by: User, now: dt.datetime, seen: int = 0
) -> None:
    """Take the office's reply back; where there is none nothing happens."""
    kept = _locked(item, authority, by)
    if kept is None:
        return
    _refuse_unseen(kept, seen)
    kept.delete()
    _record("issue.withdraw_reply", item, authority, by, now)


def _locked(item: AgendaItem, authority: Authority, by: User) -> PreparedReply | None:
    """The office's reply, locked with its issue, after all checks of who may write one now."""
    session = Session.objects.select_for_update(of=("self",)).get(pk=item.session_id)
    if authority.pk not in by.office_ids or item.issue is None:
        raise PermissionDenied
    issue = lock(item.issue)
    if issue.pressured_at or concerned(issue, by) or not _is_asked(item, authority):
        raise PermissionDenied
    if session.status not in CHANGEABLE:
        raise TransitionError(_("The session is over: what was said in it stands."))
    refuse_decided(item)
    rows = PreparedReply.objects.select_for_update(of=("self",))
    return rows.filter(item=item, authority=authority).first()


def _is_asked(item: AgendaItem, authority: Authority) -> bool:
    """The office is expected at the item, or holds a referral of its issue."""
    held = Referral.objects.open().filter(issue=item.issue_id, authority=authority)
    return (
        item.expected.filter(pk=authority.pk).exists()
        or held.filter(released_at__isnull=False).exists()
    )


def _refuse_unseen(kept: PreparedReply | None, seen: int) -> None:
    if (kept.version if kept else 0) != seen:
        raise TransitionError(
            _("Meanwhile a colleague has changed this reply. Read it below before you save yours.")
        )


def _record(
    action: str, item: AgendaItem, authority: Authority, by: User, now: dt.datetime
) -> None:
    trace = {"item": item.pk, "authority": authority.pk}
    record(action, item.session, by=by, role=OFFICIAL, at=now, **trace)
