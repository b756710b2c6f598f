"""What a coordinator should look at again in the draft of a session: warnings, never walls.

Only sessions that are still planned, have a day and are not over are warned of; all standing
sessions around them count, of whatever forum. Of cancelled ones nothing is said.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import models
from django.utils import formats, timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import User
from forum import around
from forum.around import Facts, day_of, span_of
from forum.models import Presider, Presiding, Session
from khmer import dates, numbers
from provinces import roads
from provinces.workdays import DAY, SATURDAY

P = TypeVar("P", Presider, User)
# Nobody is asked to drive by night: these hours count for nothing between two sessions.
DUSK, DAWN = dt.time(20), dt.time(5)


class Kind(models.TextChoices):
    """What is wrong; the labels stand on the board beside their count."""

    VENUE_TAKEN = "venue_taken", _lazy("Venue taken twice")
    PRESIDER_TWICE = "presider_twice", _lazy("Presiding person asked twice on a day")
    TEAM_TWICE = "team_twice", _lazy("Team member asked twice on a day")
    AUTHORITY_TWICE = "authority_twice", _lazy("Authority invited twice on a day")
    ORGANIZATION_TWICE = "organization_twice", _lazy("Organization invited twice on a day")
    ROAD = "road", _lazy("Too little time for the road")
    HOLIDAY = "holiday", _lazy("Public holiday")
    WEEKEND = "weekend", _lazy("Weekend")
    CLOSED = "closed", _lazy("Closed day of the province")
    NOTICE = "notice", _lazy("Short notice")
    CALL_OPEN = "call_open", _lazy("Call for issues still open")
    NO_OFFICIAL = "no_official", _lazy("No presiding official")
    OUTSIDE = "outside", _lazy("Outside the forum's days")
    NO_VENUE = "no_venue", _lazy("No venue")
    VENUE_ENDED = "venue_ended", _lazy("Venue no longer used")
    TOO_MANY = "too_many", _lazy("More places than seats")


TWICE = frozenset({Kind.PRESIDER_TWICE, Kind.TEAM_TWICE})


@dataclass(frozen=True)
class Warning:
    """One thing to look at: of which kind, in words, and the other session and who it is about."""

    kind: Kind
    sentence: str
    other: Session | None = None
    what: object = field(default=None, compare=False, repr=False)


def of(sessions: Sequence[Session], *, now: dt.datetime) -> dict[int, list[Warning]]:
    """The warnings of each of these sessions by its id, as the draft stands in the database.

    Six queries at most, however many sessions. Those in the tray, cancelled, open or over have
    none.
    """
    found: dict[int, list[Warning]] = {one.pk: [] for one in sessions}
    wanted = [one for one in sessions if _may_be_mended(one, now)]
    if wanted:
        facts = around.read(wanted, now)
        for session in facts.sessions:
            if session.pk in found and _may_be_mended(session, now):
                said = [one for check in CHECKS for one in check(session, facts)]
                found[session.pk] = _without_doubles(said)
    return found


def total(found: Mapping[int, Sequence[Warning]]) -> int:
    """How many warnings these are together."""
    return sum(map(len, found.values()))


def counts(warnings: Iterable[Warning]) -> dict[Kind, int]:
    """How many warnings there are of each kind that occurs, in the order of ``Kind``."""
    kinds = [one.kind for one in warnings]
    return {kind: kinds.count(kind) for kind in Kind if kind in kinds}


def _may_be_mended(session: Session, now: dt.datetime) -> bool:
    is_planned = session.status == Session.Status.PLANNED
    return is_planned and session.ends_at is not None and session.ends_at > now


# --- the checks ---------------------------------------------------------------------------------
def _venue_taken(session: Session, facts: Facts) -> Iterator[Warning]:
    sentence = _("%(what)s is also taken by the session in %(province)s, %(when)s.")
    for other in facts.beside(session, 1):
        if session.venue_id and other.venue_id == session.venue_id and _overlap(session, other):
            yield _with(Kind.VENUE_TAKEN, sentence, session.venue, other)


def _presider_twice(session: Session, facts: Facts) -> Iterator[Warning]:
    people = _presiders(session, facts)
    sentence = _("%(what)s also presides the session in %(province)s on this day, %(when)s.")
    for other in facts.beside(session, 0):
        for one in _both(people, _presiders(other, facts)):
            yield _with(Kind.PRESIDER_TWICE, sentence, one, other)


def _team_twice(session: Session, facts: Facts) -> Iterator[Warning]:
    sentence = _("%(what)s also goes to the session in %(province)s on this day, %(when)s.")
    for other in facts.beside(session, 0):
        for one in _both(facts.team.get(session.pk, ()), facts.team.get(other.pk, ())):
            yield _with(Kind.TEAM_TWICE, sentence, one, other)


def _party_twice(session: Session, facts: Facts) -> Iterator[Warning]:
    """An authority in any other session of the day, an organization in another province's."""
    sentence = _("%(what)s is also invited to the session in %(province)s on this day, %(when)s.")
    for other in facts.beside(session, 0):
        there = facts.invited.get(other.pk, [])
        for one in facts.invited.get(session.pk, []):
            if one.authority and any(one.authority_id == two.authority_id for two in there):
                yield _with(Kind.AUTHORITY_TWICE, sentence, one.authority, other)
            elif (
                one.organization
                and other.province_id != session.province_id
                and any(one.organization_id == two.organization_id for two in there)
            ):
                yield _with(Kind.ORGANIZATION_TWICE, sentence, one.organization, other)


def _road_too_long(session: Session, facts: Facts) -> Iterator[Warning]:
    """Whoever goes to two provinces on the same or the next day needs the time of the road.

    Nothing is said where nobody entered the time of that road.
    """
    sentence = _(
        "%(what)s has too little time for the road between this session and the one in"
        " %(province)s, %(when)s: it takes %(time)s hours."
    )
    for other in facts.beside(session, 1):
        minutes = facts.minutes.get((session.province_id, other.province_id), 0)
        earlier, later = sorted((span_of(session), span_of(other)))
        if not minutes or _minutes_to_drive(earlier[1], later[0]) >= minutes:
            continue
        people: list[Presider | User] = [
            *_both(_presiders(session, facts), _presiders(other, facts)),
            *_both(facts.team.get(session.pk, ()), facts.team.get(other.pk, ())),
        ]
        for one in people:
            yield _with(Kind.ROAD, sentence, one, other, time=_digits(roads.clock(minutes)))


def _offices_closed(session: Session, facts: Facts) -> Iterator[Warning]:
    day = day_of(session)
    for one in facts.holidays:
        if one.date == day and one.province_id is None:
            yield Warning(
                Kind.HOLIDAY, _("The day is a public holiday: %(name)s.") % {"name": one.name}
            )
        elif one.date == day and one.province_id == session.province_id:
            sentence = _("Offices in %(province)s are closed on this day: %(name)s.")
            names = {"province": session.province, "name": one.name}
            yield Warning(Kind.CLOSED, sentence % names)
    if day.weekday() >= SATURDAY:
        yield Warning(Kind.WEEKEND, _("The day lies in a weekend."))


def _short_notice(session: Session, facts: Facts) -> Iterator[Warning]:
    """Counted from the day the session was published on its day; as yet unpublished, from today."""
    since: dt.datetime | None = session.known_since  # type: ignore[attr-defined]
    start = timezone.localdate(since) if since else facts.today
    days = facts.calendar(session.province_id).between(start, day_of(session))
    if days < session.forum.notice_days:
        sentence = ngettext(
            "The invited have %(days)s working day of notice; the forum asks for %(wanted)s.",
            "The invited have %(days)s working days of notice; the forum asks for %(wanted)s.",
            days,
        )
        figures = {"days": _digits(max(days, 0)), "wanted": _digits(session.forum.notice_days)}
        yield Warning(Kind.NOTICE, sentence % figures)


def _call_still_open(session: Session, facts: Facts) -> Iterator[Warning]:
    closes_on: dt.date | None = session.closes_on  # type: ignore[attr-defined]
    if closes_on is not None and closes_on >= day_of(session):
        sentence = _("The call for issues in %(province)s is open until %(day)s.")
        names = {"province": session.province, "day": _date(closes_on)}
        yield Warning(Kind.CALL_OPEN, sentence % names)


def _no_official(session: Session, facts: Facts) -> Iterator[Warning]:
    sitting = facts.presidings.get(session.pk, [])
    if not sitting:
        yield Warning(Kind.NO_OFFICIAL, _("It is not set yet who presides."))
    elif all(one.role == Presiding.Role.CHAIR for one in sitting):
        sentence = _("Nobody but the chair presides yet: no official of the province.")
        yield Warning(Kind.NO_OFFICIAL, sentence)


def _outside_forum(session: Session, facts: Facts) -> Iterator[Warning]:
    forum = session.forum
    if not forum.starts_on <= day_of(session) <= forum.ends_on:
        sentence = _("The day lies outside the forum, which lasts from %(first)s to %(latest)s.")
        days = {"first": _date(forum.starts_on), "latest": _date(forum.ends_on)}
        yield Warning(Kind.OUTSIDE, sentence % days)


def _venue_unfit(session: Session, facts: Facts) -> Iterator[Warning]:
    """None, no longer used, or too small; places of those who have declined are not counted."""
    venue = session.venue
    if venue is None:
        yield Warning(Kind.NO_VENUE, _("The venue is not set yet."))
        return
    if venue.ended_on is not None and venue.ended_on <= day_of(session):
        sentence = _("%(venue)s is no longer used since %(day)s.")
        yield Warning(Kind.VENUE_ENDED, sentence % {"venue": venue, "day": _date(venue.ended_on)})
    places = sum(one.quota for one in facts.invited.get(session.pk, []))
    if venue.capacity is not None and places > venue.capacity:
        sentence = _("%(places)s places are kept for the invited; %(venue)s holds %(seats)s.")
        figures = {"places": _digits(places), "seats": _digits(venue.capacity)}
        yield Warning(Kind.TOO_MANY, sentence % (figures | {"venue": venue}))


CHECKS = (
    _venue_taken,
    _presider_twice,
    _team_twice,
    _party_twice,
    _road_too_long,
    _offices_closed,
    _short_notice,
    _call_still_open,
    _no_official,
    _outside_forum,
    _venue_unfit,
)


# --- small things -------------------------------------------------------------------------------
def _with(kind: Kind, sentence: str, what: object, other: Session, **more: object) -> Warning:
    """A warning about the other session, named by its province and times."""
    names = {"what": what, "province": other.province, "when": other.when}
    return Warning(kind, sentence % (names | more), other, what)


def _without_doubles(said: Sequence[Warning]) -> list[Warning]:
    """Whoever has no time for the road cannot be in both places: one line says it."""
    roads_of = [(one.other, one.what) for one in said if one.kind == Kind.ROAD]
    return [one for one in said if one.kind not in TWICE or (one.other, one.what) not in roads_of]


def _overlap(one: Session, other: Session) -> bool:
    (starts, ends), (other_starts, other_ends) = span_of(one), span_of(other)
    return starts < other_ends and other_starts < ends


def _minutes_to_drive(start: dt.datetime, end: dt.datetime) -> float:
    """The minutes from one moment to the other without those between dusk and dawn."""
    span, day = end - start, timezone.localdate(start) - DAY
    while day <= timezone.localdate(end):
        dusk = timezone.make_aware(dt.datetime.combine(day, DUSK))
        dawn = timezone.make_aware(dt.datetime.combine(day + DAY, DAWN))
        span -= max(min(dawn, end) - max(dusk, start), dt.timedelta())
        day += DAY
    return span / dt.timedelta(minutes=1)


def _presiders(session: Session, facts: Facts) -> list[Presider]:
    return [one.presider for one in facts.presidings.get(session.pk, [])]


def _both(here: Iterable[P], there: Iterable[P]) -> list[P]:
    """Those of the first who are among the second as well."""
    others = set(there)
    return [one for one in here if one in others]


def _digits(value: object) -> str:
    return numbers.in_language(value, get_language())


def _date(day: dt.date) -> str:
    if get_language() == "en":
        return formats.date_format(day, "j F Y")
    return dates.long_date(day)
