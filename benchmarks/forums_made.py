"""A forum in planning, a crowded session of it, and two years of published sessions."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from accounts.models import Organization
from audit import clock
from benchmarks import ground
from config.demonstration import guests, publishing
from config.demonstration.halls import Places, load_places
from forum.models import Delegate, Forum, Invitation, Presiding, Session
from outbox import letters
from provinces.models import Authority, Province

PROVINCES = ("11", "16", "19")
PLANNED, PUBLISHED, INVITED = 60, 300, 100
OFFICES = 5  # asked to each planned session, beside the organizations of its province
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@dataclass(frozen=True)
class Made:
    """The forum in planning, and the published session that a hundred parties are asked to."""

    forum: Forum
    crowded: Session


def make() -> Made:
    """Add all of it to places and people of the demonstration."""
    places, today = load_places(), clock.today()
    planned = _forum("Planned", today + 30 * DAY, today + 85 * DAY)
    _plan(planned, places)
    crowded = _publish(_forum("Published", today - 400 * DAY, today + 20 * DAY), places)
    _invite(crowded)
    with ground.owner(), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return Made(planned, crowded)


def _forum(name: str, starts_on: dt.date, ends_on: dt.date) -> Forum:
    made = Forum.objects.create(
        client_key=uuid.uuid4(), name_km=name, name_en=name, starts_on=starts_on, ends_on=ends_on
    )
    made.provinces.set(Province.objects.filter(pk__in=PROVINCES))
    return made


def _sessions(forum: Forum, places: Places, days: Sequence[dt.date]) -> list[Session]:
    """A session of three hours on each of these days, the provinces in turn, two a day at most."""
    made = []
    for number, day in enumerate(days):
        province = PROVINCES[number % len(PROVINCES)]
        starts_at = timezone.make_aware(dt.datetime.combine(day, dt.time(8 + 5 * (number % 2))))
        made.append(
            Session(
                client_key=uuid.uuid4(),
                forum=forum,
                province_id=province,
                venue=places.halls[province],
                starts_at=starts_at,
                ends_at=starts_at + 3 * HOUR,
            )
        )
    return Session.objects.bulk_create(made)


def _plan(forum: Forum, places: Places) -> None:
    """Sixty drafts, each with its chair and those who are asked, as yet unsent."""
    days = [forum.starts_on + number * 55 // PLANNED * DAY for number in range(PLANNED)]
    sessions = _sessions(forum, places, days)
    Presiding.objects.bulk_create(
        Presiding(
            session=one,
            presider=places.chair,
            role=Presiding.Role.CHAIR,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
        )
        for one in sessions
    )
    offices = {
        code: list(Authority.objects.filter(province=code).order_by("pk")[:OFFICES])
        for code in PROVINCES
    }
    for one in sessions:
        guests.draft(one)
        Invitation.objects.bulk_create(
            Invitation(session=one, authority=office) for office in offices[one.province_id]
        )


def _publish(forum: Forum, places: Places) -> Session:
    """Three hundred published sessions, the latest of them still to come; that one is returned."""
    span = (forum.ends_on - forum.starts_on).days
    days = [forum.starts_on + number * span // (PUBLISHED - 1) * DAY for number in range(PUBLISHED)]
    sessions = _sessions(forum, places, days)
    publishing.publish(sessions, clock.now() - DAY)
    return sessions[-1]


def _invite(session: Session) -> None:
    """A hundred parties that all come, with two delegates each, half of whom are here."""
    at = clock.now() - DAY
    organizations = Organization.objects.filter(provinces=session.province_id)
    asked = [Invitation(session=session, organization=one) for one in organizations]
    # One province has fewer offices than that.
    offices = Authority.objects.filter(province__in=PROVINCES).order_by("province", "pk")
    asked += [Invitation(session=session, authority=one) for one in offices[: INVITED - len(asked)]]
    numbers = letters.draw(len(asked), on=timezone.localdate(at))
    for one, number in zip(asked, numbers, strict=True):
        one.released_at, one.letter_number = at, number
        one.status, one.answered_at = Invitation.Status.ACCEPTED, at
        one.answered_by_way, one.answered_sequence = Invitation.Way.RECORDED, session.sequence
    invitations = Invitation.objects.bulk_create(asked)
    publishing.tell(invitations, at)
    named = guests.name_delegates(invitations)
    came = named[::2]
    for delegate in came:
        delegate.came_at = at
    Delegate.objects.bulk_update(came, ["came_at"])
