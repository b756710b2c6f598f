"""Counting in working days: Monday to Friday without the holidays of the country and province."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Q

from provinces.models import Holiday

DAY = dt.timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """The working days of one province."""

    holidays: frozenset[dt.date]

    def is_working(self, day: dt.date) -> bool:
        """Whether offices are open on the day."""
        return day.weekday() < SATURDAY and day not in self.holidays

    def add(self, day: dt.date, n: int) -> dt.date:
        """The ``n``-th working day after ``day`` (before it where negative); ``day`` for 0."""
        left, step = abs(n), DAY if n > 0 else -DAY
        while left:
            day += step
            left -= self.is_working(day)
        return day

    def open_from(self, day: dt.date) -> dt.date:
        """The day itself where offices are open on it, else the next working day."""
        return day if self.is_working(day) else self.add(day, 1)

    def between(self, start: dt.date, end: dt.date) -> int:
        """How many working days ``end`` lies after ``start``; negative where it lies before.

        The day of ``start`` is day zero and never counts, ``end`` itself does: what ``add``
        reaches in ``n`` days is ``n`` days away.
        """
        if end < start:
            return -self._count(_days(end, start))
        return self._count(_days(start + DAY, end + DAY))

    def _count(self, days: Iterable[dt.date]) -> int:
        return sum(map(self.is_working, days))


def calendars(province_ids: Iterable[str]) -> dict[str, Calendar]:
    """The calendar of each of these provinces, in one query."""
    wanted = set(province_ids)
    closed: defaultdict[str | None, set[dt.date]] = defaultdict(set)
    rows = Holiday.objects.filter(Q(province=None) | Q(province__in=wanted))
    for province_id, date in rows.values_list("province", "date"):
        closed[province_id].add(date)
    return {one: Calendar(frozenset(closed[None] | closed[one])) for one in wanted}


def calendar_of(province_id: str) -> Calendar:
    """The calendar of one province."""
    return calendars([province_id])[province_id]


def national() -> Calendar:
    """The calendar of the whole country, in one query: no province's own holidays."""
    rows = Holiday.objects.filter(province=None)
    return Calendar(frozenset(rows.values_list("date", flat=True)))


def _days(start: dt.date, end: dt.date) -> Iterator[dt.date]:
    """Each day from ``start`` up to, but without, ``end``."""
    return (start + dt.timedelta(days=passed) for passed in range((end - start).days))
