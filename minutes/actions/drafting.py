"""Writing the draft, sending it for comment, and what is said of it."""

import datetime as dt
import uuid

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit import once
from audit.errors import TransitionError
from audit.models import AuditEntry
from forum.models import Invitation, Session
from forum.permissions import is_of_party
from issues.models import AgendaItem
from minutes.actions import shared
from minutes.models import Comment, Minutes, Passage
from minutes.workflow import Act

SAME = ("minutes_id", "kind", "item_id", "organization_id", "authority_id", "text")


@transaction.atomic
def edit_passage(
    session: Session,
    *,
    by: User,
    now: dt.datetime,
    kind: str,
    language: str,
    text: str,
    item: AgendaItem | None = None,
    seen: int | None = None,
) -> Passage:
    """Write a free passage; ``seen`` is its version as the form was opened, 0 where it was new.

    Raises ``shared.Stale`` where somebody else has written it since with other words.
    """
    minutes = shared.lock(session, Act.EDIT_PASSAGE, by=by)
    shared.item_at(minutes, kind, item)
    place = {"minutes": minutes, "kind": kind, "item": item, "language": language}
    row: Passage | None = Passage.objects.filter(**place).select_related("edited_by").first()
    former = row.version if row else 0
    if row is not None and row.text == text:
        return row
    if seen is not None and seen != former:
        raise _stale(row)
    row = row or Passage(**place, version=0)
    row.text, row.version, row.edited_by, row.edited_at = text, former + 1, by, now
    row.save()
    shared.trace(minutes, Act.EDIT_PASSAGE, by=by, now=now, passage=row.pk, version=row.version)
    return row


def _stale(row: Passage | None) -> shared.Stale:
    person = row.edited_by if row else _("Somebody else")
    return shared.Stale(
        _("%(person)s has changed this passage meanwhile. Compare it with your text.")
        % {"person": person}
    )


@transaction.atomic
def set_number(session: Session, *, by: User, now: dt.datetime, number: str) -> Minutes:
    """Write the number the minutes bear as a letter; an empty one takes it off."""
    minutes = shared.lock(session, Act.SET_NUMBER, by=by)
    if minutes.number == number:
        return minutes
    minutes.number = number
    return shared.save(minutes, Act.SET_NUMBER, by=by, now=now)


@transaction.atomic
def send_for_comment(
    session: Session, *, by: User, now: dt.datetime, until: dt.date, seen: int | None = None
) -> Minutes:
    """Send the draft to everybody invited, or once more, with the last day for comments.

    ``seen`` is the round as the form was opened: pressed twice it is sent once.
    """
    minutes = shared.lock(session, Act.SEND_FOR_COMMENT, by=by)
    if seen is not None and seen != minutes.round:
        raise TransitionError(_("Meanwhile the minutes were sent for comment."))
    if until < timezone.localdate(now):
        raise TransitionError(_("The last day for comments has passed. Choose a later one."))
    minutes.round += 1
    minutes.sent_at, minutes.comment_until = now, until
    shared.save(minutes, Act.SEND_FOR_COMMENT, by=by, now=now, round=minutes.round)
    shared.tell_invited(minutes, shared.FOR_COMMENT, now=now, version=minutes.round)
    return minutes


# --- comments -----------------------------------------------------------------------------------
@transaction.atomic
def comment(
    invitation: Invitation,
    *,
    by: User,
    now: dt.datetime,
    kind: str,
    text: str,
    client_key: uuid.UUID,
    item: AgendaItem | None = None,
) -> Comment:
    """Say something on a passage or an item, for the invited party; sent twice it is said once.

    Raises PermissionDenied for who is not of that party, Conflict for the same key with another
    content.
    """
    minutes = shared.lock(invitation.session, Act.COMMENT, by=by)
    if not is_of_party(by, invitation) or invitation.withdrawn_at or not invitation.released_at:
        raise PermissionDenied
    shared.item_at(minutes, kind, item)
    made = Comment(
        minutes=minutes,
        round=minutes.round,
        kind=kind,
        item=item,
        organization_id=invitation.organization_id,
        authority_id=invitation.authority_id,
        text=text,
        by=by,
        created_at=now,
        client_key=client_key,
    )
    said = {name: getattr(made, name) for name in SAME}
    rows, other = Comment.objects.all(), shared.conflict()
    if sent := once.made_before(rows, client_key, said, refusal=other):
        return sent
    made.save(force_insert=True)
    shared.trace(minutes, Act.COMMENT, by=by, now=now, role=_role(invitation), comment=made.pk)
    return made


def _role(invitation: Invitation) -> str:
    if invitation.organization_id is not None:
        return AuditEntry.Role.REPRESENTATIVE
    return AuditEntry.Role.OFFICIAL


@transaction.atomic
def answer_comment(
    comment: Comment, *, by: User, now: dt.datetime, is_taken_up: bool, answer: str
) -> Comment:
    """Say whether a comment was taken up, and why; whoever said it reads the sentence."""
    minutes = shared.lock(comment.minutes.session, Act.ANSWER_COMMENT, by=by)
    row = Comment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
    if (row.is_taken_up, row.answer) == (is_taken_up, answer):
        return row
    if row.answered_at is not None:
        raise TransitionError(_("Meanwhile this comment was answered."))
    row.is_taken_up, row.answer, row.answered_by, row.answered_at = is_taken_up, answer, by, now
    row.save(update_fields=["is_taken_up", "answer", "answered_by", "answered_at"])
    shared.trace(minutes, Act.ANSWER_COMMENT, by=by, now=now, comment=row.pk, taken_up=is_taken_up)
    return row
