"""Dates and times in Khmer words, which browsers do not know."""

import datetime as dt

from khmer.numbers import to_khmer

# January to December.
MONTHS = (
    "មករា",
    "កុម្ភៈ",
    "មីនា",
    "មេសា",
    "ឧសភា",
    "មិថុនា",
    "កក្កដា",
    "សីហា",
    "កញ្ញា",
    "តុលា",
    "វិច្ឆិកា",
    "ធ្នូ",
)

# Monday to Sunday, as ``date.weekday`` counts.
WEEKDAYS = ("ចន្ទ", "អង្គារ", "ពុធ", "ព្រហស្បតិ៍", "សុក្រ", "សៅរ៍", "អាទិត្យ")


def month_name(date: dt.date) -> str:
    """The month of a date, as មីនា."""
    return MONTHS[date.month - 1]


def weekday_name(date: dt.date) -> str:
    """The weekday of a date, as ពុធ."""
    return WEEKDAYS[date.weekday()]


def long_date(date: dt.date) -> str:
    """The date as official papers write it: ថ្ងៃពុធ ទី២៨ ខែមីនា ឆ្នាំ២០១៨."""
    written = f"ថ្ងៃ{weekday_name(date)} ទី{date.day} ខែ{month_name(date)} ឆ្នាំ{date.year}"
    return to_khmer(written)


def short_date(date: dt.date) -> str:
    """The date for lists and tables: ២៨ មីនា ២០១៨."""
    return to_khmer(f"{date.day} {month_name(date)} {date.year}")


def clock(time: dt.time) -> str:
    """The time of day in 24 hours: ០៨:៣០."""
    return to_khmer(f"{time.hour:02}:{time.minute:02}")
