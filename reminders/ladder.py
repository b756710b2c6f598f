"""The ladder in days: which rungs of a referral have come, and at what hour they are told."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from issues.models import Issue, Referral
from outbox.models import Hours
from provinces.workdays import Calendar
from reminders.held import Dated
from reminders.models import Rung

AGAIN = 10  # working days between one superior and the next
ASKS = (("", 0), ("+14", 14), ("+45", 45))  # after a claim: rung and days


@dataclass(frozen=True)
class Step:
    """A rung with its day; ``height`` counts superiors, 0 is the office itself."""

    key: str
    on: dt.date
    audience: str
    height: int = 0
    channel: str = "usual"


def climb_key(height: int) -> str:
    """By what notices say which superior was turned to: the first, the second …

    Not the day of a rung: who was asked once is not asked again because the ladder was changed.
    """
    return f"+{AGAIN * height}"


def steps(
    rungs: Sequence[Rung], referral: Dated, calendar: Calendar, *, superiors: int
) -> list[Step]:
    """All rungs of the referral after its hand-over, and after it was suspended, oldest first.

    ``superiors`` is how many authorities there are to climb to.
    """
    return ahead(steps_of_date(rungs, referral, calendar, superiors=superiors), referral)


def steps_of_date(
    rungs: Sequence[Rung], referral: Dated, calendar: Calendar, *, superiors: int
) -> list[Step]:
    """All rungs that belong to the date of the referral, whenever it was handed over."""
    due_on = referral.due_on
    if due_on is None:
        return []
    plain = [one for one in rungs if not one.is_escalation]
    found = [
        Step(one.key, calendar.add(due_on, one.offset), one.audience, channel=one.channel)
        for one in plain
    ]
    if referral.role == Referral.Role.LEAD and referral.kept_low_at is None:
        found += _escalations(rungs, due_on, calendar, superiors)
    return sorted(found, key=lambda one: one.on)


def ahead(found: Iterable[Step], referral: Dated) -> list[Step]:
    """Those that come after the day of hand-over.

    Nothing is asked of a suspended one, nor anew of what was told before it was extended.
    """
    since = referral.handed_over_on
    if since is None:
        return []
    rests = max(since, referral.suspended_until or since, referral.ladder_since or since)
    return [one for one in found if one.on > rests]


def _escalations(
    rungs: Sequence[Rung], due_on: dt.date, calendar: Calendar, superiors: int
) -> Iterable[Step]:
    """One a superior: at the rungs' own days, then every ten working days."""
    stages = [(one.offset, one.channel) for one in rungs if one.is_escalation]
    while stages and len(stages) < superiors:
        stages.append((stages[-1][0] + AGAIN, stages[-1][1]))
    for height, (offset, channel) in enumerate(stages[:superiors], start=1):
        day = calendar.add(due_on, offset)
        yield Step(climb_key(height), day, Rung.Audience.SUPERIOR, height, channel)


def untold(found: Sequence[Step], told: Collection[str]) -> list[Step]:
    """Those after the newest that was told; ``told`` are keys, of whatever version of the date.

    A date that moves a little takes its reminders along: none of them is told a second time, and
    none is left out.
    """
    newest = max((place for place, one in enumerate(found) if one.key in told), default=-1)
    return list(found[newest + 1 :])


def come(found: Iterable[Step], now: dt.datetime, hours: Hours | None = None) -> list[Step]:
    """Those whose time has come."""
    hours = hours or Hours.current()
    return [one for one in found if hours.opening(one.on) <= now]


def asks(
    issue: Issue, now: dt.datetime, hours: Hours | None = None
) -> list[tuple[str, dt.datetime]]:
    """When the organization was to be asked whether it is solved, up to now: rung and moment."""
    return [(key, moment) for key, moment in all_asks(issue, hours) if moment <= now]


def all_asks(issue: Issue, hours: Hours | None = None) -> list[tuple[str, dt.datetime]]:
    """When the organization was or is to be asked whether it is solved: rung and moment.

    It may answer on any day, so its days are those of the calendar, not an office's working days.
    """
    if issue.resolved_at is None:
        return []
    hours = hours or Hours.current()
    claimed_on = timezone.localdate(issue.resolved_at)
    return [
        (key, hours.opening(claimed_on + dt.timedelta(days)) if days else issue.resolved_at)
        for key, days in ASKS
    ]


# --- hours ----------------------------------------------------------------------------------------
# Whoever asks of many days reads the hours once, and passes them.
def opening(day: dt.date, hours: Hours | None = None) -> dt.datetime:
    """The moment from which offices are written to on a day."""
    return (hours or Hours.current()).opening(day)


def in_hours(moment: dt.datetime, calendar: Calendar, hours: Hours | None = None) -> dt.datetime:
    """The moment itself in working hours, else the next opening."""
    return (hours or Hours.current()).first_in(moment, calendar)
