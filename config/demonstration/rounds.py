"""The demonstration's forums: the founding one of March 2018, and one around today."""

import datetime as dt
import itertools
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from accounts.models import Organization
from forum.models import (
    Attendance,
    Entry,
    Forum,
    Invitation,
    Presider,
    Presiding,
    Programme,
    Session,
    Venue,
)
from khmer import numbers
from outbox import letters
from provinces.models import Authority

NAMESPACE = uuid.UUID("6a0e7c2e-3f0b-5d6a-9a3f-2018032603aa")
FOUNDING = uuid.uuid5(NAMESPACE, "founding forum")
PRESENT = uuid.uuid5(NAMESPACE, "present forum")
VENUES = {
    "11": ("សាលប្រជុំសាលាខេត្តមណ្ឌលគិរី", "Meeting hall of the Mondulkiri provincial hall"),
    "16": ("សាលប្រជុំសាលាខេត្តរតនគិរី", "Meeting hall of the Ratanakkiri provincial hall"),
    "19": ("សាលប្រជុំសាលាខេត្តស្ទឹងត្រែង", "Meeting hall of the Stung Treng provincial hall"),
}
DEPUTIES = {
    "11": ("អភិបាលរងខេត្តមណ្ឌលគិរី", "Deputy Governor of Mondulkiri"),
    "16": ("អភិបាលរងខេត្តរតនគិរី", "Deputy Governor of Ratanakkiri"),
    "19": ("អភិបាលរងខេត្តស្ទឹងត្រែង", "Deputy Governor of Stung Treng"),
}
SEATS = 120
# How many came for a party, of whom women, taken in turn.
CAME = ((2, 1), (3, 2), (1, 0), (2, 2), (4, 1), (1, 1), (2, 0))


@dataclass(frozen=True)
class Rounds:
    """The sessions that issues are put before."""

    founding: dict[str, Session]
    held: dict[str, Session]
    coming: dict[str, Session]


def load_rounds(today: dt.date) -> Rounds:
    """Make both forums with sessions, invitations and, for the past ones, attendance."""
    chair = Presider.objects.create(
        title_km="ប្រធានលេខាធិការដ្ឋានវេទិកា", title_en="Chair of the Forum Secretariat"
    )
    deputies = {
        code: Presider.objects.create(title_km=km, title_en=en, province_id=code)
        for code, (km, en) in DEPUTIES.items()
    }
    founding = _forum(
        FOUNDING,
        "វេទិកាពហុខេត្តលើកទី១",
        "First Multi-Province Dialogue Forum",
        {
            "11": dt.date(2018, 3, 26),
            "16": dt.date(2018, 3, 27),
            "19": dt.date(2018, 3, 28),
        },
    )
    held, coming = _present_days(today)
    present = _forum(
        PRESENT,
        numbers.to_khmer(f"វេទិកាពហុខេត្តឆ្នាំ{today.year}"),
        f"Multi-Province Dialogue Forum {today.year}",
        held,
        coming,
    )
    _publish(list(founding[0].values()))
    _publish([*present[0].values(), *present[1].values()])
    for session in (*founding[0].values(), *present[0].values(), *present[1].values()):
        _preside(session, chair, deputies[session.province_id])
        _invite(session, came=session.ends_at < timezone.now())
    return Rounds(founding[0], present[0], present[1])


def _present_days(today: dt.date) -> tuple[dict[str, dt.date], dict[str, dt.date]]:
    """The past and the coming sessions' days around today, all on weekdays."""
    held = {"11": _weekday(today, -45), "19": _weekday(today, -40), "16": _weekday(today, -8)}
    coming = {"11": _weekday(today, 12), "16": _weekday(today, 13), "19": _weekday(today, 20)}
    if coming["11"] == coming["16"]:
        coming["16"] += dt.timedelta(days=1)
    return held, coming


def _weekday(today: dt.date, away: int) -> dt.date:
    """The day that many days from today, or the Monday after it."""
    day = today + dt.timedelta(days=away)
    return day + dt.timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def _forum(
    key: uuid.UUID, name_km: str, name_en: str, *rounds: dict[str, dt.date]
) -> list[dict[str, Session]]:
    days = list(itertools.chain.from_iterable(one.values() for one in rounds))
    forum = Forum.objects.create(
        client_key=key,
        name_km=name_km,
        name_en=name_en,
        about_km="អង្គការសង្គមស៊ីវិល និងអាជ្ញាធរខេត្តពិភាក្សាបញ្ហាប្រឈម និងសំណូមពរពីមូលដ្ឋាន។",
        about_en=(
            "Civil society organizations and provincial authorities discuss challenges and "
            "requests from the grassroots."
        ),
        starts_on=min(days),
        ends_on=max(days),
    )
    forum.provinces.set(VENUES)
    return [{code: _session(forum, code, day) for code, day in one.items()} for one in rounds]


def _session(forum: Forum, code: str, day: dt.date) -> Session:
    zone = timezone.get_current_timezone()
    return Session.objects.create(
        client_key=uuid.uuid5(NAMESPACE, f"{forum.client_key} {code} {day}"),
        forum=forum,
        province_id=code,
        starts_at=dt.datetime.combine(day, dt.time(8), zone),
        ends_at=dt.datetime.combine(day, dt.time(11, 30), zone),
        venue=_venue(code),
    )


def _venue(code: str) -> Venue:
    name_km, name_en = VENUES[code]
    return Venue.objects.get_or_create(
        province_id=code, name_km=name_km, defaults={"name_en": name_en, "capacity": SEATS}
    )[0]


def _publish(sessions: Sequence[Session]) -> None:
    """Publish these sessions of one forum as they stand, a month before the first."""
    at = min(one.starts_at for one in sessions) - dt.timedelta(days=30)
    made = Programme.objects.create(forum=sessions[0].forum, number=1, published_at=at)
    entries = Entry.objects.bulk_create(
        Entry(
            programme=made,
            session=one,
            sequence=1,
            change=Entry.Change.NEW,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            venue=one.venue,
        )
        for one in sessions
    )
    for session, entry in zip(sessions, entries, strict=True):
        session.announced, session.sequence, session.published_at = entry, 1, at
    Session.objects.bulk_update(sessions, ["announced", "sequence", "published_at"])


def _preside(session: Session, chair: Presider, deputy: Presider) -> None:
    roles = {chair: Presiding.Role.CHAIR, deputy: Presiding.Role.CO_PRESIDER}
    Presiding.objects.bulk_create(
        Presiding(
            session=session,
            presider=presider,
            role=role,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
        )
        for presider, role in roles.items()
    )


def _invite(session: Session, *, came: bool) -> None:
    """Ask the province's organizations and its larger offices; count those who came."""
    organizations = Organization.objects.filter(provinces=session.province_id)
    authorities = Authority.objects.filter(
        province=session.province_id,
        kind__in=[
            Authority.Kind.ADMINISTRATION,
            Authority.Kind.DEPARTMENT,
            Authority.Kind.DISTRICT,
        ],
    )
    invitations = [Invitation(session=session, organization=one) for one in organizations]
    invitations += [Invitation(session=session, authority=one) for one in authorities]
    numbers = letters.draw(len(invitations), on=timezone.localdate(session.published_at))
    for number, one in enumerate(invitations):
        one.released_at, one.letter_number = session.published_at, numbers[number]
        if came or number % 3:
            declines = number % 7 == 5
            one.status = Invitation.Status.DECLINED if declines else Invitation.Status.ACCEPTED
            one.answered_at = session.published_at + dt.timedelta(days=2 + number % 5)
    Invitation.objects.bulk_create(invitations)
    if came:
        _count(session, invitations)


def _count(session: Session, invitations: list[Invitation]) -> None:
    accepted = [one for one in invitations if one.status == Invitation.Status.ACCEPTED]
    Attendance.objects.bulk_create(
        Attendance(
            session=session,
            organization_id=one.organization_id,
            authority_id=one.authority_id,
            total=total,
            women=women,
        )
        for one, (total, women) in zip(accepted, itertools.cycle(CAME), strict=False)
    )
