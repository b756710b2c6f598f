"""What the rung of a notice says, in words: the key that stands in the database is for machines.

Keys mean different things for different kinds of notice: working days round the due date, how
many offices above, days after a claim, or the day on which somebody was asked again.
"""

import datetime as dt

from django.utils import formats
from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext

from forum.telling import REMINDED
from khmer import dates, numbers
from reminders.actions import ESCALATED_OFFICE, ESCALATED_ORGANIZATION, ESCALATION
from reminders.claims import CONFIRMATION
from reminders.ladder import AGAIN
from reminders.policy_words import when

CLIMBS = frozenset({ESCALATION, ESCALATED_OFFICE, ESCALATED_ORGANIZATION})


def words(key: str, kind: str) -> str:
    """The rung of a notice of this kind: "7 working days before the due date".

    The day is the one the rung was made for. What cannot be understood is shown as it stands.
    """
    try:
        return capfirst(_said(key, kind)) if key else ""
    except ValueError:
        return key


def _said(key: str, kind: str) -> str:
    if kind == REMINDED:
        return _day(dt.date.fromisoformat(key))
    days = int(key.partition(".")[0])  # after the point stands what sets two of one day apart
    if kind in CLIMBS:
        return _above(days // AGAIN)
    return _after_claim(days) if kind == CONFIRMATION else when(days)


def _day(day: dt.date) -> str:
    return dates.short_date(day) if get_language() != "en" else formats.date_format(day, "j F Y")


def _above(height: int) -> str:
    said = ngettext(
        "%(number)s level above the office", "%(number)s levels above the office", height
    )
    return said % {"number": numbers.in_language(height, get_language())}


def _after_claim(days: int) -> str:
    said = ngettext(
        "%(number)s day after it was reported resolved",
        "%(number)s days after it was reported resolved",
        days,
    )
    return said % {"number": numbers.in_language(days, get_language())}
