"""The planning board of a forum: its sessions in days of a month, or in weeks of each province.

Everything is made from rows that were read before; nothing here asks the database.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from forum import daywords, months, programme
from forum.models import Entry, Forum, Session
from forum.spots import FARTHEST, Spot, days, first_of, monday_of, span_of
from provinces.models import Holiday, Province
from provinces.workdays import DAY, SATURDAY, Calendar

TRAY = "tray"


# --- cards and cells ------------------------------------------------------------------------------
@dataclass(frozen=True)
class Card:
    """A session on the board; ``is_other`` where another forum holds it, for conflicts alone."""

    session: Session
    change: Entry.Change | None
    warnings: Sequence[str]
    is_served: bool
    is_other: bool

    @property
    def may_move(self) -> bool:
        """The reader may put it on another day, here."""
        is_planned = self.session.status == Session.Status.PLANNED
        return self.is_served and not self.is_other and is_planned

    @property
    def is_unpublished(self) -> bool:
        """Publishing would change what is known of it."""
        return self.change not in (None, Entry.Change.SAME)

    @property
    def weekday(self) -> str:
        """Weekday and day of the month, where the cell does not say them."""
        return daywords.weekday_and_date(self.session.day) if self.session.day else ""

    @property
    def is_shown(self) -> bool:
        """Not one that was called off and has no day any more, and nothing is to be said of it."""
        is_cancelled = self.session.status == Session.Status.CANCELLED
        return not is_cancelled or self.session.day is not None or self.is_unpublished

    @property
    def facts(self) -> tuple[object, ...]:
        """What it shows: equal as long as its cell need not be drawn anew."""
        return (self.session.pk, self.session.version, self.change, tuple(self.warnings))


def cards(
    sessions: Iterable[Session],
    *,
    forum: Forum,
    served: frozenset[int],
    warnings: Mapping[int, Sequence[str]],
) -> list[Card]:
    """The sessions, as the reader may know them, as cards; ``served`` are those they plan."""
    found = []
    for one in sessions:
        is_other = one.forum_id != forum.pk
        change = None if is_other else programme.change_of(one)
        said = () if is_other else warnings.get(one.pk, ())
        found.append(Card(one, change, said, one.pk in served, is_other))
    return sorted((one for one in found if one.is_shown), key=_place)


def _place(card: Card) -> tuple[bool, str, bool, int]:
    """By time, in one cell the own ones first."""
    starts_at = card.session.starts_at
    return (starts_at is None, f"{starts_at}", card.is_other, card.session.pk)


@dataclass
class Cell:
    """A place for cards; ``key`` is its id in the page."""

    key: str
    cards: list[Card] = field(default_factory=list)

    @property
    def facts(self) -> list[tuple[object, ...]]:
        return [one.facts for one in self.cards]


@dataclass
class Day(Cell):
    """A day of the month; ``is_beside`` belongs to another month, ``is_held`` to the forum."""

    day: dt.date = dt.date.min
    holidays: Sequence[str] = ()
    is_beside: bool = False
    is_held: bool = False
    is_today: bool = False

    @property
    def is_weekend(self) -> bool:
        return self.day.weekday() >= SATURDAY

    @property
    def weekday(self) -> str:
        return daywords.weekday(self.day)

    @property
    def month(self) -> str:
        return daywords.month(self.day)


@dataclass(frozen=True)
class Week:
    """A column of the matrix, with the days closed everywhere."""

    monday: dt.date
    holidays: Sequence[str]
    is_held: bool

    @property
    def name(self) -> str:
        return daywords.week(self.monday)


@dataclass
class Slot(Cell):
    """A week of a province; ``holidays`` are the days closed there alone."""

    week: Week | None = None
    holidays: Sequence[str] = ()


@dataclass(frozen=True)
class Row:
    """A province of the matrix."""

    province: Province
    slots: Sequence[Slot]


@dataclass(frozen=True)
class Month:
    """A month that is offered; ``count`` sessions of the forum lie in it."""

    spot: Spot
    count: int
    is_current: bool

    @property
    def name(self) -> str:
        return months.name_of(self.spot.month)


# --- the board ------------------------------------------------------------------------------------
@dataclass
class Board:
    """One view of a forum's board; ``holidays`` are at least those of ``span``."""

    forum: Forum
    provinces: Sequence[Province]
    spot: Spot
    cards: Sequence[Card]
    holidays: Sequence[Holiday]
    today: dt.date

    def __post_init__(self) -> None:
        for one in self.cards:
            if cell := self.cells.get(self.key_of(one.session)):
                cell.cards.append(one)

    # What is shown
    @cached_property
    def days(self) -> list[Day]:
        """The days of the calendar, Monday first; none in the matrix."""
        return [self._day(one) for one in days(*self.span)] if self.spot.is_month else []

    @cached_property
    def weeks(self) -> list[Week]:
        """The columns of the matrix."""
        first, latest = self.span
        mondays = [] if self.spot.is_month else [*days(first, latest)][::7]
        return [
            Week(one, self._closed(one, None), self._is_held(one, one + 6 * DAY)) for one in mondays
        ]

    @cached_property
    def rows(self) -> list[Row]:
        """The provinces of the matrix with a slot for each week."""
        return [
            Row(
                one,
                [
                    Slot(
                        slot_key(one.pk, week.monday),
                        week=week,
                        holidays=self._closed(week.monday, one.pk),
                    )
                    for week in self.weeks
                ],
            )
            for one in (() if self.spot.is_month else self.provinces)
        ]

    @cached_property
    def tray(self) -> Cell:
        """The sessions without a day."""
        return Cell(TRAY)

    @cached_property
    def cells(self) -> dict[str, Cell]:
        """Every place by its key."""
        slots = [slot for row in self.rows for slot in row.slots]
        return {one.key: one for one in (self.tray, *self.days, *slots)}

    @property
    def span(self) -> tuple[dt.date, dt.date]:
        """The first and the latest day shown: whole weeks."""
        return span_of(self.forum, self.spot)

    @property
    def start(self) -> dt.date:
        """Where the keyboard puts a session that has no day yet: the first of the forum here."""
        first = self.spot.month if self.spot.is_month else self.forum.starts_on
        return max(first, self.forum.starts_on) if first <= self.forum.ends_on else first

    # Beside it
    @property
    def own(self) -> list[Card]:
        """The cards of this forum."""
        return [one for one in self.cards if not one.is_other]

    @property
    def elsewhere(self) -> list[Card]:
        """Sessions of the forum that have a day, but none that is shown."""
        return [one for one in self.own if self.key_of(one.session) not in self.cells]

    @property
    def warned(self) -> int:
        """How many warnings there are."""
        return sum(len(one.warnings) for one in self.own)

    @property
    def unpublished(self) -> int:
        """How many sessions differ from what is published."""
        return sum(one.is_served and one.is_unpublished for one in self.own)

    @property
    def title(self) -> str:
        """The month with its year."""
        return months.name_of(self.spot.month)

    @property
    def months(self) -> list[Month]:
        """The months of the forum, and those with a session of it."""
        counts: defaultdict[dt.date, int] = defaultdict(int)
        for day in self._held:
            counts[first_of(day)] += 1
        first, latest = self.forum.starts_on, self.forum.ends_on
        offered = {first_of(one) for one in days(first, min(latest, first + FARTHEST))}
        offered |= {*counts, self.spot.month}
        return [
            Month(self.spot.at(one), counts[one], one == self.spot.month) for one in sorted(offered)
        ]

    def key_of(self, session: Session) -> str:
        """The key of the cell in which the session would lie in this view."""
        if session.day is None:
            return TRAY
        if self.spot.is_month:
            return f"d-{session.day}"
        return slot_key(session.province_id, monday_of(session.day))

    def card_of(self, pk: int) -> Card | None:
        """The session's card."""
        return next((one for one in self.cards if one.session.pk == pk), None)

    def changed_since(self, before: "Board", *keys: str) -> list[Cell]:
        """The cells that show something else now, and these."""
        return [
            cell
            for key, cell in self.cells.items()
            if key in keys or key not in before.cells or before.cells[key].facts != cell.facts
        ]

    # Small things
    @property
    def _held(self) -> list[dt.date]:
        return [one.session.day for one in self.own if one.session.day is not None]

    def _day(self, day: dt.date) -> Day:
        return Day(
            f"d-{day}",
            day=day,
            holidays=[self._name(one) for one in self.holidays if one.date == day],
            is_beside=first_of(day) != self.spot.month,
            is_held=self._is_held(day, day),
            is_today=day == self.today,
        )

    def _name(self, holiday: Holiday) -> str:
        """A holiday's name, with its province where it is one's alone."""
        names = {one.pk: str(one) for one in self.provinces}
        where = names.get(holiday.province_id or "")
        return f"{holiday.name} ({where})" if where else holiday.name

    def _closed(self, monday: dt.date, province_id: str | None) -> list[str]:
        """The days of the week that are closed everywhere, or in the province alone."""
        return [
            f"{daywords.weekday_and_date(one.date)}: {one.name}"
            for one in self.holidays
            if one.province_id == province_id and (one.date - monday).days in range(7)
        ]

    def _is_held(self, first: dt.date, latest: dt.date) -> bool:
        return first <= self.forum.ends_on and latest >= self.forum.starts_on


def slot_key(province_id: str, monday: dt.date) -> str:
    """The key of a week of a province."""
    return f"w-{province_id}-{monday}"


def day_in(session: Session, monday: dt.date, calendar: Calendar) -> dt.date:
    """The session's day in another week: its weekday, or the first working one for a new one."""
    if session.day is not None:
        return monday + session.day.weekday() * DAY
    week = (monday + step * DAY for step in range(7))
    return next((day for day in week if calendar.is_working(day)), monday)
