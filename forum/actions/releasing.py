"""Letting invitations leave: their letters get a number, their messages stand in the outbox."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.utils import timezone

from audit.models import subject_of
from forum import parties, telling
from forum.models import Invitation
from outbox import actions as outbox
from outbox import letters
from outbox.models import Notice
from outbox.packing import OVERTAKEN
from provinces import workdays

REMINDED_BEFORE = 5  # working days before the session, who has not answered is asked again
MORNING = dt.time(8)
WAITING = (Notice.State.PREPARED, Notice.State.PLANNED, Notice.State.HELD)


class Reminded(NamedTuple):
    """How many people are reminded, and how many parties nobody of whom has an address."""

    reached: int
    unreached: int


def release(invitations: Sequence[Invitation], *, now: dt.datetime) -> None:
    """Number these drafts and tell their people; belongs into the act that lets them leave."""
    if not invitations:
        return
    numbers = letters.draw(len(invitations), on=timezone.localdate(now))
    for invitation, number in zip(invitations, numbers, strict=True):
        invitation.released_at, invitation.letter_number = now, number
    Invitation.objects.bulk_update(invitations, ["released_at", "letter_number"])
    outbox.tell_all(_notices(invitations, people_of(invitations), telling.INVITED, now))
    plan_reminders(invitations, now=now)


def plan_reminders(invitations: Sequence[Invitation], *, now: dt.datetime) -> None:
    """Ask again, some working days before, who then has not answered; drops out if they have."""
    open_ones = [one for one in invitations if one.waits_for_answer and one.session.day is not None]
    calendars = workdays.calendars({one.session.province_id for one in open_ones})
    due = {one.pk: _reminded_at(one, calendars[one.session.province_id]) for one in open_ones}
    later = [one for one in open_ones if due[one.pk] > now]
    people = people_of(later)
    outbox.tell_all(
        notice for one in later for notice in _notices([one], people, telling.REMINDED, due[one.pk])
    )


def _reminded_at(invitation: Invitation, calendar: workdays.Calendar) -> dt.datetime:
    day = invitation.session.day
    assert day is not None  # noqa: S101 - only placed sessions come here
    return timezone.make_aware(dt.datetime.combine(calendar.add(day, -REMINDED_BEFORE), MORNING))


def drop_reminders(invitations: Sequence[Invitation]) -> None:
    """What is planned to ask these for an answer is not to be sent any more."""
    planned = Notice.objects.filter(
        subject__in=[subject_of(one) for one in invitations],
        kind=telling.REMINDED,
        state__in=WAITING,
    )
    planned.update(state=Notice.State.CANCELLED, reason=OVERTAKEN)


def rung_of(now: dt.datetime) -> str:
    """By what the reminders of this day are known."""
    return f"{timezone.localdate(now):%Y-%m-%d}"


def remind(invitations: Sequence[Invitation], *, now: dt.datetime) -> Reminded:
    """Ask these again at once, at most once a day; who was added to the outbox."""
    people = people_of(invitations)
    asked = list(_notices(invitations, people, telling.REMINDED, now, rung=rung_of(now)))
    reached = [one for one in asked if not one.recipient.startswith(telling.NOBODY)]
    silent = [one for one in asked if one.recipient.startswith(telling.NOBODY)]
    return Reminded(outbox.tell_all(reached), outbox.tell_all(silent))


def _notices(
    invitations: Sequence[Invitation],
    people: dict[parties.PartyKey, list[str]],
    kind: str,
    due_at: dt.datetime,
    *,
    rung: str = "",
) -> Iterator[Notice]:
    """One notice for each person of each invited party."""
    for one in invitations:
        for recipient in people[parties.key_of(one)]:
            yield Notice(
                kind=kind,
                subject=subject_of(one),
                recipient=recipient,
                due_at=due_at,
                rung=rung,
                version=one.session.sequence,
                province_id=one.session.province_id,
            )


def people_of(invitations: Sequence[Invitation]) -> dict[parties.PartyKey, list[str]]:
    """The recipients of each invited party."""
    return parties.people_of(
        {one.organization_id for one in invitations if one.organization_id},
        {one.authority_id for one in invitations if one.authority_id},
    )
