"""An office has a referral in hand: told of by a first notice or a letter, its clock starts."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.actions import record_all
from audit.errors import TransitionError
from issues.actions.move import check, lock, lock_referral, move
from issues.actions.referring import open_referral
from issues.models import Referral
from issues.models.issue import LONG_OF_ISSUE
from issues.workflow import Act
from provinces import workdays


@transaction.atomic
def hand_over(referral: Referral, *, on: dt.date, now: dt.datetime) -> None:
    """Start the clock for the system: the first notice left on this day.

    Does nothing where the clock runs already or the referral is not released or has ended.
    """
    lock(referral.issue)
    _start_clocks([lock_referral(referral.pk)], on, now)


@transaction.atomic
def hand_over_all(told: Collection[tuple[int, int]], *, on: dt.date, now: dt.datetime) -> None:
    """The same for several, each by its key and the version of the date that was told.

    Waits for nobody, since whoever merges issues or releases a session holds several as well: what
    somebody holds just now is left out, and the planner sees to it. Their issues are locked with
    them: whoever acts on one may have had its referrals looked at before locking these.
    """
    pks = {pk for pk, _version in told}
    rows = Referral.objects.filter(pk__in=pks, handed_over_on=None)
    read = rows.select_related("issue").defer(*LONG_OF_ISSUE)
    free = read.select_for_update(of=("self", "issue"), no_key=True, skip_locked=True).order_by(
        "pk"
    )
    _start_clocks([one for one in free if (one.pk, one.due_version) in told], on, now)


def _start_clocks(locked: Iterable[Referral], on: dt.date, now: dt.datetime) -> None:
    started = [one for one in locked if not one.handed_over_on and one.released_at and one.is_open]
    calendars = workdays.calendars({one.issue.province_id for one in started})
    days: defaultdict[dt.date, list[int]] = defaultdict(list)
    for one in started:
        one.due_on = _due_on(one, on, calendars[one.issue.province_id])
        days[one.due_on].append(one.pk)
    for due_on, keys in days.items():
        Referral.objects.filter(pk__in=keys).update(handed_over_on=on, due_on=due_on)
    record_all("issue.hand_over", [(one.issue, _started(one)) for one in started], at=now)


def _started(referral: Referral) -> dict[str, object]:
    """What the trail keeps of a clock that starts."""
    return {
        "referral": referral.pk,
        "authority": referral.authority_id,
        "due_on": str(referral.due_on),
    }


def _start_clock(referral: Referral, on: dt.date) -> None:
    referral.handed_over_on, referral.due_on = on, due_from(referral, on)
    referral.save(update_fields=["handed_over_on", "due_on"])


def due_from(referral: Referral, on: dt.date) -> dt.date:
    """Its working days after the hand-over, or after the suspension in which that falls."""
    return _due_on(referral, on, workdays.calendar_of(referral.issue.province_id))


def _due_on(referral: Referral, on: dt.date, calendar: workdays.Calendar) -> dt.date:
    return calendar.add(max(on, referral.suspended_until or on), referral.days)


@transaction.atomic
def record_letter(referral: Referral, *, by: User, now: dt.datetime, on: dt.date) -> Referral:
    """A coordinator saw that the office took in the letter on this day: the clock starts then.

    Raises TransitionError for a day after today or before the referral, and where it runs already.
    """
    issue = lock(referral.issue)
    held = open_referral(referral, Act.RECORD_LETTER, issue, by)
    check(issue, Act.RECORD_LETTER, by=by)
    if held.handed_over_on:
        raise TransitionError(_("The working days of this referral count already."))
    if on > timezone.localdate(now):
        raise TransitionError(_("Choose today or an earlier day."))
    if on < timezone.localdate(held.referred_at):
        raise TransitionError(_("It was referred only after that day."))
    _start_clock(held, on)
    trace = _started(held) | {"on": str(on)}
    move(issue, Act.RECORD_LETTER, by=by, now=now, trace=trace)
    return held
