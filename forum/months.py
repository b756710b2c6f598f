"""A month as a calendar on the wall shows it: whole weeks, each from Monday to Sunday."""

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils import formats
from django.utils.translation import get_language

from forum.models import Session
from khmer import dates, numbers

FIRST, LATEST = 2000, 2200  # years for which there may be sessions


@dataclass(frozen=True)
class Day:
    """One square; the days of the months before and after have none of their sessions."""

    date: dt.date
    is_of_month: bool
    is_today: bool
    sessions: list[Session] = field(default_factory=list)


def read(text: str) -> dt.date | None:
    """The first day of a month written ``2026-03``, in digits of either kind; None otherwise."""
    try:
        found = dt.datetime.strptime(numbers.to_ascii(text.strip()), "%Y-%m").date()  # noqa: DTZ007
    except ValueError:
        return None
    return found if FIRST <= found.year <= LATEST else None


def next_to(first: dt.date, step: int) -> dt.date:
    """The first day of the month after (1) or before (-1)."""
    number = first.year * 12 + first.month - 1 + step
    return dt.date(number // 12, number % 12 + 1, 1)


def weeks(first: dt.date, sessions: Iterable[Session], today: dt.date) -> list[list[Day]]:
    """The weeks that touch the month, with its sessions on their days."""
    held: dict[dt.date | None, list[Session]] = {}
    for one in sessions:
        held.setdefault(one.day, []).append(one)
    days = calendar.Calendar().itermonthdates(first.year, first.month)
    squares = [_day(day, first, today, held) for day in days]
    return [squares[at : at + 7] for at in range(0, len(squares), 7)]


def _day(
    day: dt.date, first: dt.date, today: dt.date, held: dict[dt.date | None, list[Session]]
) -> Day:
    is_of_month = day.month == first.month
    return Day(day, is_of_month, day == today, held.get(day, []) if is_of_month else [])


def name_of(first: dt.date) -> str:
    """The month with its year, in the reader's language: "March 2026", មីនា ២០២៦."""
    if get_language() == "en":
        return formats.date_format(first, "F Y")
    return numbers.to_khmer(f"{dates.month_name(first)} {first.year}")


def weekdays() -> list[str]:
    """Monday to Sunday in the reader's language."""
    if get_language() == "en":
        return list(calendar.day_name)
    return list(dates.WEEKDAYS)
