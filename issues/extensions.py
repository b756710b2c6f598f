"""More time for an office, as its readers see it: what was asked, who decides and until when."""

import datetime as dt

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from issues.actions.extending import SILENCE, State, silent_after
from issues.models import Extension, Referral
from issues.models.extension import MOST, MOST_DAYS
from issues.permissions import answers, parts_in
from khmer import dates
from provinces import workdays
from provinces.workdays import Calendar


def _day(day: dt.date) -> str:
    return date_format(day, "j F Y") if get_language() == "en" else dates.short_date(day)


def of_referral(user: User, referral: Referral) -> list[Extension]:
    """What was asked and decided, for its office and those inside."""
    if not (parts_in(user, referral.issue) or answers(user, referral)):
        return []
    return list(referral.extensions.all())


def refusal(referral: Referral, *, is_deciding: bool = False) -> str:
    """Why no time can be asked for or given now; empty where it can."""
    if not referral.is_open:
        return _("Meanwhile this referral has ended.")
    if referral.due_on is None:
        return _("Its working days do not count yet, so there is no date to move.")
    if is_deciding:
        return ""
    made = list(referral.extensions.all())
    if any(one.is_waiting for one in made):
        return _("More time was asked for already; the secretariat will decide.")
    if sum(one.state == State.GRANTED for one in made) >= MOST:
        return _("This referral was extended twice already.")
    return ""


def who_decides(referral: Referral, today: dt.date) -> str:
    """What an official who asks should know of the decision."""
    decided = referral.extensions.filter(state__in=[State.GRANTED, State.REFUSED])
    if decided.exists():
        return _("The secretariat decides. Until then the date stays as it is.")
    calendar = workdays.calendar_of(referral.issue.province_id)
    until = calendar.add(today, SILENCE)
    return _(
        "The secretariat decides. If it says nothing until the end of %(day)s, you have the time"
        " you asked for, up to 30 days after the due date."
    ) % {"day": _day(until)}


def by_silence(extension: Extension) -> str:
    """When silence decides, for who is to decide; needs the referral with its issue."""
    referral = extension.referral
    decided = referral.extensions.filter(state__in=[State.GRANTED, State.REFUSED])
    calendar = workdays.calendar_of(referral.issue.province_id)
    return silence(extension, calendar, is_first=not decided.exists())


def silence(extension: Extension, calendar: Calendar, *, is_first: bool) -> str:
    """What silence does with the wish, and when."""
    if extension.days > MOST_DAYS or not is_first:
        return _("It waits for your decision: the date moves only if you say so.")
    return _("If nobody decides until the end of %(day)s, it is granted by itself.") % {
        "day": _day(silent_after(extension.asked_at, calendar))
    }
