"""What organization, secretariat and office say to each other about an issue."""

import datetime as dt
import uuid
from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit import once
from audit.errors import TransitionError
from audit.models import AuditEntry
from issues.actions import notify
from issues.actions.move import check, concerned, lock, move
from issues.models import Comment, Issue, Referral
from issues.permissions import answers, listeners
from issues.workflow import Act

Role = AuditEntry.Role
SAME = (
    "issue_id", "by_id", "role", "referral_id", "text", "to_organization", "to_offices",
)  # fmt: skip


@transaction.atomic
def comment(
    issue: Issue,
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    text: str,
    to_organization: bool,
    to_offices: bool,
    referral: Referral | None = None,
    offices_seen: Collection[int] | None = None,
) -> Comment:
    """Say something to the secretariat, and to those the author chose; one's own side reads it.

    ``referral`` is that of the author's office. ``offices_seen`` are the offices that the author
    was shown: TransitionError where others would read it. Conflict for a used key.
    """
    locked = lock(issue)
    _transition, role = check(locked, Act.COMMENT, by=by, referral=referral)
    held = _held(locked, referral, by) if referral else None
    said = Comment(
        client_key=client_key,
        issue=locked,
        by=by,
        role=Role.OFFICIAL if held else role,
        referral=held,
        text=text,
        to_organization=to_organization or (not held and role == Role.REPRESENTATIVE),
        to_offices=to_offices or held is not None,
        created_at=now,
    )
    words = {name: getattr(said, name) for name in SAME}
    if sent := once.made_before(Comment.objects.all(), client_key, words):
        return sent
    if to_offices and held is None:
        _refuse_others(locked, offices_seen)
    once.keep(said)
    trace: dict[str, object] = {"comment": said.pk}
    if held is not None:
        trace |= {"referral": held.pk, "authority": held.authority_id}
    move(issue, Act.COMMENT, by=by, now=now, referral=referral, trace=trace)
    notify.tell("comment_added", locked, _readers(said), now=now, about=said)
    return said


def _held(issue: Issue, referral: Referral, by: User) -> Referral:
    """The referral of the author's office, while the office holds and reads the issue."""
    held = Referral.objects.select_for_update(of=("self",), no_key=True).get(
        pk=referral.pk, issue=issue
    )
    if not answers(by, held) or issue.pressured_at or concerned(issue, by):
        raise PermissionDenied
    if held.ended_at:
        raise TransitionError(_("Meanwhile this referral has ended."))
    return held


def _refuse_others(issue: Issue, seen: Collection[int] | None) -> None:
    """A sentence where no office would read it, or others than those the author was shown."""
    present = {one.pk for one in listeners(issue)}
    if not present:
        raise TransitionError(_("No office holds the issue now."))
    if seen is not None and present != set(seen):
        raise TransitionError(
            _("Meanwhile other offices hold the issue. Look again who will read what you write.")
        )


def _readers(said: Comment) -> list[str]:
    """Whom to tell: all for whom it is but its author; of the author's own side people alone."""
    issue = said.issue
    groups = {Role.COORDINATOR: notify.coordinators(issue)}
    if said.to_organization:
        groups[Role.REPRESENTATIVE] = notify.representatives(issue)
    if said.to_offices:
        asked = [said.referral.authority_id] if said.referral else []
        asked = asked or [one.pk for one in listeners(issue)]
        people = notify.offices(issue, asked)
        groups[Role.OFFICIAL] = [one for group in people.values() for one in group]
    own = groups[Role(said.role)]
    groups[Role(said.role)] = [one for one in own if one.startswith("user:")]
    told = [one for group in groups.values() for one in group]
    return [one for one in dict.fromkeys(told) if one != f"user:{said.by_id}"]
