"""How a referral's date is told: in working days, and in words."""

import datetime as dt
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from issues.models import Referral
from khmer import dates, numbers
from provinces.workdays import Calendar

SOON = 5  # working days ahead: a week of offices


@dataclass(frozen=True)
class Due:
    """A referral's date as its reader sees it.

    ``badge`` is "", "due-soon", "due-today" or "overdue"; ``group`` a heading of a list, one of
    ``GROUPS``.
    """

    badge: str
    words: str
    group: str


PASSED, WEEK, LATER, ENDED = "passed", "week", "later", "ended"
PAUSED, WAITING = "paused", "waiting"
GROUPS = (PASSED, WEEK, LATER, PAUSED, WAITING, ENDED)


def due_of(referral: Referral, calendar: Calendar, today: dt.date) -> Due:
    """The date's urgency on the day ``today``; the date's own day is still in time."""
    if not referral.is_open:
        return Due("", str(referral.get_ended_as_display()), ENDED)
    if referral.due_on is None:
        return Due("", _waiting(referral), WAITING)
    if referral.paused_on and referral.paused_until:
        return Due("", _paused(referral.paused_on, referral.paused_until), PAUSED)
    if referral.due_on < today:
        return Due("overdue", _passed(calendar.between(referral.due_on, today)), PASSED)
    if referral.due_on == today:
        return Due("due-today", _("due today"), WEEK)
    left = calendar.between(today, referral.due_on)
    if left <= SOON:
        return Due("due-soon", _left(left), WEEK)
    return Due("", _left(left), LATER)


def _waiting(referral: Referral) -> str:
    if referral.released_at is None:
        return _("not sent yet: it waits for the draft minutes")
    return _("the time starts with the first message or letter")


def _paused(since: dt.date, until: dt.date) -> str:
    return _(
        "waiting for the organization since %(since)s; the days count again after %(until)s at"
        " the latest"
    ) % {"since": _day(since), "until": _day(until)}


def _day(day: dt.date) -> str:
    return date_format(day, "j F Y") if get_language() == "en" else dates.short_date(day)


def _passed(days: int) -> str:
    if days == 0:
        return _("date passed")
    return ngettext(
        "date passed %(n)s working day ago", "date passed %(n)s working days ago", days
    ) % {"n": _figure(days)}


def _left(days: int) -> str:
    return ngettext("%(n)s working day left", "%(n)s working days left", days) % {
        "n": _figure(days)
    }


def _figure(number: int) -> str:
    """The number in the reader's digits."""
    return numbers.in_language(number, get_language())
