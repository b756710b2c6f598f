"""Days and weeks in words without their year, in the reader's language."""

import datetime as dt

from django.utils import formats
from django.utils.translation import get_language

from khmer import dates, numbers

SIX_DAYS = dt.timedelta(days=6)


def _is_khmer() -> bool:
    return get_language() != "en"


def weekday(day: dt.date) -> str:
    """Tuesday, អង្គារ."""
    return dates.weekday_name(day) if _is_khmer() else formats.date_format(day, "l")


def month(day: dt.date) -> str:
    """December, ធ្នូ."""
    return dates.month_name(day) if _is_khmer() else formats.date_format(day, "F")


def short(day: dt.date) -> str:
    """The day of a month: 8 December, ៨ ធ្នូ."""
    return numbers.in_language(f"{day.day} {month(day)}", get_language())


def weekday_and_date(day: dt.date) -> str:
    """The day of a week that is shown: Tue 8, អង្គារ ៨."""
    name = dates.weekday_name(day) if _is_khmer() else formats.date_format(day, "D")
    return numbers.in_language(f"{name} {day.day}", get_language())


def long(day: dt.date) -> str:
    """The day in a sentence: Tuesday 8 December, ថ្ងៃអង្គារ ទី៨ ខែធ្នូ."""
    if not _is_khmer():
        return formats.date_format(day, "l j F")
    return numbers.to_khmer(f"ថ្ងៃ{weekday(day)} ទី{day.day} ខែ{month(day)}")


def week(monday: dt.date) -> str:
    """Monday to Sunday: 7–13 December, 28 December – 3 January."""
    sunday = monday + SIX_DAYS
    if monday.month != sunday.month:
        return f"{short(monday)} – {short(sunday)}"
    return numbers.in_language(f"{monday.day}–{sunday.day} {month(monday)}", get_language())
