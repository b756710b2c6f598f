"""What the one message of the day says of the date of a referral, and where it stands in it."""

import datetime as dt

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khmer import dates, numbers
from provinces.workdays import Calendar

OVERDUE, DUE = "overdue", "due"


def dated(due_on: dt.date, today: dt.date, calendar: Calendar, language: str) -> tuple[str, str]:
    """Its group, and the date with how many working days it is away or has passed."""
    late = calendar.between(due_on, today)
    day = day_in_words(due_on, language)
    if due_on < today:
        return OVERDUE, _ago(day, max(late, 1), language)
    if due_on == today:
        return DUE, _("due today, %(day)s") % {"day": day}
    return DUE, _ahead(day, -late, language)


def _ago(day: str, days: int, language: str) -> str:
    said = ngettext(
        "was due on %(day)s, %(number)s working day ago",
        "was due on %(day)s, %(number)s working days ago",
        days,
    )
    return said % {"day": day, "number": numbers.in_language(days, language)}


def _ahead(day: str, days: int, language: str) -> str:
    said = ngettext(
        "due on %(day)s, in %(number)s working day",
        "due on %(day)s, in %(number)s working days",
        days,
    )
    return said % {"day": day, "number": numbers.in_language(days, language)}


def day_in_words(day: dt.date, language: str) -> str:
    """As notices say it: ``Friday 20 November 2026``, in Khmer as official papers write it."""
    return dates.long_date(day) if language == "km" else formats.date_format(day, "l j F Y")
