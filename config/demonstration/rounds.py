"""The demonstration's forums: the founding one of March 2018, a past one, and one in planning."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from accounts.models import User
from config.demonstration import guests, publishing
from config.demonstration.halls import Places, load_places
from forum.models import Forum, Invitation, IssueCall, Presiding, Session
from khmer import numbers

NAMESPACE = uuid.UUID("6a0e7c2e-3f0b-5d6a-9a3f-2018032603aa")
FOUNDING = uuid.uuid5(NAMESPACE, "founding forum")
PAST = uuid.uuid5(NAMESPACE, "present forum")
COMING = uuid.uuid5(NAMESPACE, "coming forum")
PROVINCES = ("11", "16", "19")
DAY = dt.timedelta(days=1)
ABOUT = {
    "about_km": "អង្គការសង្គមស៊ីវិល និងអាជ្ញាធរខេត្តពិភាក្សាបញ្ហាប្រឈម និងសំណូមពរពីមូលដ្ឋាន។",
    "about_en": (
        "Civil society organizations and provincial authorities discuss challenges and requests "
        "from the grassroots."
    ),
}
THEME = {
    "theme_km": "ដីធ្លី ព្រៃឈើ និងទឹកស្អាតសម្រាប់សហគមន៍",
    "theme_en": "Land, forest and clean water for the communities",
}
RULES = {
    "rules_km": (
        "១. សូមមកដល់មុនម៉ោងចាប់ផ្ដើម ៣០ នាទី។\n"
        "២. អ្នកនិយាយម្នាក់មានពេល ៣ នាទី ក្នុងមួយបញ្ហា។\n"
        "៣. និយាយអំពីបញ្ហា មិនមែនអំពីបុគ្គលឡើយ។\n"
        "៤. កុំថតរូប ឬថតសំឡេងអ្នកណា ដោយគ្មានការយល់ព្រម។\n"
        "៥. ស្ត្រី យុវជន និងជនជាតិដើមភាគតិចមានសិទ្ធិនិយាយស្មើគ្នា។"
    ),
    "rules_en": (
        "1. Please arrive 30 minutes before it begins.\n"
        "2. Each speaker has 3 minutes for an issue.\n"
        "3. Speak about the issue, never about a person.\n"
        "4. Take no picture or recording of anybody who has not agreed.\n"
        "5. Women, young people and indigenous people speak with the same right."
    ),
}


@dataclass(frozen=True)
class Rounds:
    """The sessions that issues are put before."""

    founding: dict[str, Session]
    held: dict[str, Session]
    coming: dict[str, Session]


def load_rounds(today: dt.date) -> Rounds:
    """Make the three forums with everything that belongs to them."""
    places = load_places()
    by = User.objects.get(username="coordinator")
    held, coming = _present_days(today)
    return Rounds(
        _founding_forum(places),
        _past_forum(places, held, by),
        _coming_forum(places, coming, today, by),
    )


def _present_days(today: dt.date) -> tuple[dict[str, dt.date], dict[str, dt.date]]:
    """The past and the coming sessions' days around today, all on weekdays."""
    held = {"11": _weekday(today, -45), "19": _weekday(today, -40), "16": _weekday(today, -8)}
    coming = {"11": _weekday(today, 12), "16": _weekday(today, 13), "19": _weekday(today, 20)}
    if coming["11"] == coming["16"]:
        coming["16"] += DAY
    return held, coming


def _weekday(today: dt.date, away: int) -> dt.date:
    """The day that many days from today, or the Monday after it."""
    day = today + away * DAY
    return day + DAY * (max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


# --- what was -----------------------------------------------------------------------------------
def _founding_forum(places: Places) -> dict[str, Session]:
    days = {code: dt.date(2018, 3, 26 + number) for number, code in enumerate(PROVINCES)}
    names = ("វេទិកាពហុខេត្តលើកទី១", "First Multi-Province Dialogue Forum")
    forum = _forum(FOUNDING, names, days.values())
    sessions = _sessions(forum, days, places)
    publishing.publish(list(sessions.values()), _before(sessions, 30))
    for one in sessions.values():
        guests.count_by_hand(one, guests.invite(one, came=True))
    return sessions


def _past_forum(places: Places, days: dict[str, dt.date], by: User) -> dict[str, Session]:
    year = min(days.values()).year
    names = numbers.to_khmer(f"វេទិកាពហុខេត្តឆ្នាំ{year}"), f"Multi-Province Dialogue Forum {year}"
    forum = _forum(PAST, names, days.values())
    forum.team.set([by])
    sessions = _sessions(forum, days, places)
    publishing.publish(list(sessions.values()), _before(sessions, 30))
    for one in sessions.values():
        invitations = guests.invite(one, came=True)
        publishing.tell(invitations, one.announced.programme.published_at)
        guests.check_in(one, guests.name_delegates(invitations), by)
    return sessions


# --- what is planned ----------------------------------------------------------------------------
def _coming_forum(
    places: Places, days: dict[str, dt.date], today: dt.date, by: User
) -> dict[str, Session]:
    """Published twice, with one move since, one session that has no day yet, and open calls."""
    year = min(days.values()).year
    names = (
        numbers.to_khmer(f"វេទិកាពហុខេត្តលើកបន្ទាប់ ឆ្នាំ{year}"),
        f"Next Multi-Province Dialogue Forum {year}",
    )
    period = [*days.values(), _weekday(today, 33)]
    forum = _forum(COMING, names, period, **THEME, **RULES)
    forum.team.set([by])
    _call(forum, today)
    sessions = _sessions(forum, days, places)
    for one in sessions.values():
        one.team.set([by])
    first = _midday(today, -25)
    publishing.publish(list(sessions.values()), first)
    invitations = {code: guests.invite(one, came=False) for code, one in sessions.items()}
    for code in PROVINCES:
        publishing.tell(invitations[code], first)
        guests.name_delegates(invitations[code], every=3)
    _publish_the_move(sessions, invitations["19"], _midday(today, -5))
    _move_in_the_draft(sessions["16"])
    guests.draft_ministries(sessions["16"], 2)
    _lay_into_the_tray(forum, places)
    return sessions


def _call(forum: Forum, today: dt.date) -> None:
    """Issues are called for until some days before each session."""
    IssueCall.objects.bulk_create(
        IssueCall(
            forum=forum,
            province_id=code,
            opens_on=today - 20 * DAY,
            closes_on=today + days * DAY,
        )
        for code, days in (("11", 5), ("16", 6), ("19", 12))
    )


def _publish_the_move(
    sessions: dict[str, Session], invitations: list[Invitation], at: dt.datetime
) -> None:
    """The session of Stung Treng begins an hour later; who got a letter knows the old hour."""
    moved = sessions["19"]
    _move(moved, dt.timedelta(hours=1))
    publishing.publish(list(sessions.values()), at, moved=[moved])
    for one in invitations:
        one.session = moved
    publishing.tell([one for one in invitations if not one.handed_over_on], at)


def _move_in_the_draft(session: Session) -> None:
    """To the afternoon; nobody is told before it is published."""
    _move(session, dt.timedelta(hours=5, minutes=30))


def _move(session: Session, by: dt.timedelta) -> None:
    session.starts_at, session.ends_at = session.starts_at + by, session.ends_at + by
    session.version += 1
    session.save(update_fields=["starts_at", "ends_at", "version"])


def _lay_into_the_tray(forum: Forum, places: Places) -> None:
    """A session in a district, with whom to ask, and no day yet."""
    session = Session.objects.create(
        client_key=uuid.uuid5(NAMESPACE, "session without a day"),
        forum=forum,
        province_id="11",
        venue=places.district_hall,
    )
    guests.draft(session)


# --- rows ---------------------------------------------------------------------------------------
def _forum(key: uuid.UUID, names: tuple[str, str], days: Iterable[dt.date], **texts: str) -> Forum:
    days = list(days)
    forum = Forum.objects.create(
        client_key=key,
        name_km=names[0],
        name_en=names[1],
        starts_on=min(days),
        ends_on=max(days),
        **ABOUT,
        **texts,
    )
    forum.provinces.set(PROVINCES)
    return forum


def _sessions(forum: Forum, days: dict[str, dt.date], places: Places) -> dict[str, Session]:
    return {code: _session(forum, code, day, places) for code, day in days.items()}


def _session(forum: Forum, code: str, day: dt.date, places: Places) -> Session:
    zone = timezone.get_current_timezone()
    session = Session.objects.create(
        client_key=uuid.uuid5(NAMESPACE, f"{forum.client_key} {code} {day}"),
        forum=forum,
        province_id=code,
        starts_at=dt.datetime.combine(day, dt.time(8), zone),
        ends_at=dt.datetime.combine(day, dt.time(11, 30), zone),
        venue=places.halls[code],
    )
    roles = {
        places.chair: Presiding.Role.CHAIR,
        places.deputies[code]: Presiding.Role.CO_PRESIDER,
    }
    Presiding.objects.bulk_create(
        Presiding(session=session, presider=presider, role=role) for presider, role in roles.items()
    )
    return session


def _before(sessions: dict[str, Session], days: int) -> dt.datetime:
    """So many days before the first of them."""
    return min(one.starts_at for one in sessions.values()) - days * DAY


def _midday(today: dt.date, away: int) -> dt.datetime:
    day = today + away * DAY
    return dt.datetime.combine(day, dt.time(12), timezone.get_current_timezone())
