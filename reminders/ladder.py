"""The ladder in days: which rungs of a referral have come, and at what hour they are told."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from issues.models import Issue, Referral
from provinces.workdays import Calendar
from reminders.models import Rung

OPENS, CLOSES = dt.time(7, 30), dt.time(17, 0)  # when offices are written to
AGAIN = 10  # working days between one superior and the next
ASKS = (("", 0), ("+14", 14), ("+45", 45))  # after a claim: rung and days
LONGEST_AHEAD = dt.timedelta(days=60)  # no rung lies so long before its date


@dataclass(frozen=True)
class Step:
    """A rung with its day; ``height`` counts superiors, 0 is the office itself."""

    key: str
    on: dt.date
    audience: str
    height: int = 0


def steps(
    rungs: Sequence[Rung], referral: Referral, calendar: Calendar, *, superiors: int
) -> list[Step]:
    """All rungs of the referral after its hand-over, and after it was suspended, oldest first.

    ``superiors`` is how many authorities there are to climb to.
    """
    due_on, since = referral.due_on, referral.handed_over_on
    if due_on is None or since is None:
        return []
    plain = [one for one in rungs if not one.is_escalation]
    found = [Step(one.key, calendar.add(due_on, one.offset), one.audience) for one in plain]
    if referral.role == Referral.Role.LEAD:
        found += _escalations(rungs, due_on, calendar, superiors)
    # Nothing is asked of a suspended one, nor anew of what was told before it was extended.
    rests = max(since, referral.suspended_until or since, referral.ladder_since or since)
    return sorted((one for one in found if one.on > rests), key=lambda one: one.on)


def _escalations(
    rungs: Sequence[Rung], due_on: dt.date, calendar: Calendar, superiors: int
) -> Iterable[Step]:
    """One a superior: at the rungs' own days, then every ten working days."""
    offsets = [one.offset for one in rungs if one.is_escalation]
    while offsets and len(offsets) < superiors:
        offsets.append(offsets[-1] + AGAIN)
    for height, offset in enumerate(offsets[:superiors], start=1):
        day = calendar.add(due_on, offset)
        yield Step(f"+{offset}", day, Rung.Audience.SUPERIOR, height)


def untold(found: Sequence[Step], told: Collection[str]) -> list[Step]:
    """Those after the newest that was told; ``told`` are keys, of whatever version of the date.

    A date that moves a little takes its reminders along: none of them is told a second time, and
    none is left out.
    """
    newest = max((place for place, one in enumerate(found) if one.key in told), default=-1)
    return list(found[newest + 1 :])


def come(found: Iterable[Step], now: dt.datetime) -> list[Step]:
    """Those whose time has come."""
    return [one for one in found if opening(one.on) <= now]


def asks(issue: Issue, now: dt.datetime) -> list[tuple[str, dt.datetime]]:
    """When the organization was or is to be asked whether it is solved: rung and moment.

    It may answer on any day, so its days are those of the calendar, not an office's working days.
    """
    if issue.resolved_at is None:
        return []
    claimed_on = timezone.localdate(issue.resolved_at)
    moments = [
        (key, opening(claimed_on + dt.timedelta(days)) if days else issue.resolved_at)
        for key, days in ASKS
    ]
    return [(key, moment) for key, moment in moments if moment <= now]


# --- hours ----------------------------------------------------------------------------------------
def opening(day: dt.date) -> dt.datetime:
    """The moment from which offices are written to on a day."""
    return dt.datetime.combine(day, OPENS, tzinfo=timezone.get_default_timezone())


def in_hours(moment: dt.datetime, calendar: Calendar) -> dt.datetime:
    """The moment itself in working hours, else the next opening."""
    local = timezone.localtime(moment, timezone.get_default_timezone())
    day = local.date()
    if calendar.is_working(day):
        if local.time() < OPENS:
            return opening(day)
        if local.time() < CLOSES:
            return moment
    return opening(calendar.add(day, 1))
