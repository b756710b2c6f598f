"""Answers that calendars send by mail: whose they are, and whether they count."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from forum import events, ical, replies
from forum.actions import shared
from forum.actions.invitations import answer_from_outside
from forum.ical import Answer, Reply
from forum.models import Invitation

STATUS = {
    Answer.ACCEPTED: Invitation.Status.ACCEPTED,
    Answer.DECLINED: Invitation.Status.DECLINED,
}


class Result(StrEnum):
    """What became of an answer."""

    NOTED = "noted"
    SAME = "same"
    UNSIGNED = "unsigned"
    OTHER = "other"
    UNDECIDED = "undecided"
    UNCLEAR = "unclear"
    OLD_DATE = "old_date"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


SENTENCES: dict[Result, Promise] = {
    Result.NOTED: _("The answer is noted."),
    Result.SAME: _("The same answer was noted before."),
    Result.UNSIGNED: _("It came to no address of an invitation, or to one that has ended."),
    Result.OTHER: _("It answers another event than the invitation it was sent for."),
    Result.UNDECIDED: _("They do not know yet, or sent somebody else: no answer is noted."),
    Result.UNCLEAR: _("It says several things at once: please ask them."),
    Result.OLD_DATE: _("It answers a date that has changed since: it is no answer to the new."),
    Result.WITHDRAWN: _("The invitation has been taken back."),
    Result.CLOSED: _("The session is over, postponed or cancelled: no answer is noted."),
}


@dataclass(frozen=True)
class Taken:
    """An answer with what became of it; ``invitation`` where it is known whose it is."""

    reply: Reply
    result: Result
    invitation: Invitation | None = None

    @property
    def sentence(self) -> str:
        """What became of it, in words."""
        return str(SENTENCES[self.result])


def take_calendar_reply(raw: bytes, *, address: str, now: dt.datetime) -> list[Taken]:
    """Note what a calendar answered in a mail that came to ``address``; one entry for each answer.

    Only the signed address says whose it is, and it must be the answer to that session. Without
    one nothing is done. Taking the same mail again changes nothing as long as nobody has answered
    otherwise since: keeping a mail from being read twice is the inbox's part. Raises
    ``ical.NotAReply`` for anything else than an answer.
    """
    found = ical.read_replies(raw)
    asked = replies.read_address(address, now)
    if asked is None:
        return [Taken(one, Result.UNSIGNED) for one in found]
    uid = events.uid_of(asked.invitation.session)
    said = {one.answer for one in found if one.uid == uid}
    taken = []
    for one in found:
        if one.uid != uid:
            result = Result.OTHER
        elif len(said) > 1:
            result = Result.UNCLEAR
        else:
            result = _take(one, asked, now)
        taken.append(Taken(one, result, asked.invitation))
    return taken


@transaction.atomic
def _take(reply: Reply, asked: replies.Asked, now: dt.datetime) -> Result:
    """Judge it by the rows as they stand under the session's lock, then note it."""
    shared.locked_session(asked.invitation.session)
    rows = Invitation.objects.select_related("session__announced")
    invitation = rows.filter(pk=asked.invitation.pk).first()
    status = STATUS.get(reply.answer)
    if invitation is None or invitation.withdrawn_at is not None:
        return Result.WITHDRAWN
    if replies.closed_because(invitation, now):
        return Result.CLOSED
    if status is None:
        return Result.UNDECIDED
    if not _counts(reply, status, invitation):
        return Result.OLD_DATE
    day = invitation.session.sequence if _is_of_present(reply, invitation) else reply.sequence
    if invitation.status == status and invitation.answered_sequence >= day:
        return Result.SAME
    answer_from_outside(
        invitation,
        recipient=asked.recipient,
        now=now,
        status=status,
        way=Invitation.Way.CALENDAR,
        sequence=day,
    )
    return Result.NOTED


def _counts(reply: Reply, status: str, invitation: Invitation) -> bool:
    """It answers what stands; that nobody comes is heard of an old date too, until they answer."""
    if _is_of_present(reply, invitation):
        return True
    return status == Invitation.Status.DECLINED and invitation.status != Invitation.Status.ACCEPTED


def _is_of_present(reply: Reply, invitation: Invitation) -> bool:
    """It answers what is published now; one that does not say which, where there was only one."""
    latest = invitation.session.sequence
    return reply.sequence >= latest or (reply.sequence == 0 and latest == 1)
