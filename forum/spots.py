"""Where on a planning board somebody is: its view, its month, and the days that it shows."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from forum import months
from forum.models import Forum
from provinces.workdays import DAY

MONTH, WEEKS = "month", "weeks"
WEEK = 7 * DAY
# A mistyped year must not make a matrix of a thousand weeks: what lies farther away is listed.
FARTHEST = 26 * WEEK


@dataclass(frozen=True)
class Spot:
    """The view and its month (the first day), as they stand in addresses."""

    view: str
    month: dt.date

    @classmethod
    def of(cls, query: Mapping[str, Any], forum: Forum, today: dt.date) -> "Spot":
        """What the query names; else the month that runs, or the first one of the forum."""
        is_on = forum.starts_on <= today <= forum.ends_on
        fallback = first_of(today if is_on else forum.starts_on)
        view = WEEKS if query.get("view") == WEEKS else MONTH
        return cls(view, months.read(str(query.get("month", ""))) or fallback)

    @property
    def is_month(self) -> bool:
        return self.view == MONTH

    @property
    def query(self) -> str:
        """The spot as a query string."""
        month = f"&month={self.month:%Y-%m}" if self.is_month else ""
        return f"view={self.view}{month}"

    def at(self, month: dt.date) -> "Spot":
        """The calendar of the month of this day."""
        return Spot(MONTH, first_of(month))

    @property
    def before(self) -> "Spot":
        return self.at(months.next_to(self.month, -1))

    @property
    def after(self) -> "Spot":
        return self.at(months.next_to(self.month, 1))


def first_of(day: dt.date) -> dt.date:
    """The first day of the day's month."""
    return day.replace(day=1)


def monday_of(day: dt.date) -> dt.date:
    """The Monday of the day's week."""
    return day - day.weekday() * DAY


def span_of(forum: Forum, spot: Spot) -> tuple[dt.date, dt.date]:
    """The first and the latest day of a view, whole weeks; of the forum with one on each side."""
    if spot.is_month:
        first, latest = spot.month, spot.after.month - DAY
        return monday_of(first), monday_of(latest) + 6 * DAY
    first, latest = forum.starts_on - WEEK, min(forum.ends_on, forum.starts_on + FARTHEST) + WEEK
    return monday_of(first), monday_of(latest) + 6 * DAY


def days(first: dt.date, latest: dt.date) -> Iterator[dt.date]:
    """Each day from the first to the latest."""
    return (first + step * DAY for step in range((latest - first).days + 1))
