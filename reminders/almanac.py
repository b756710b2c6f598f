"""The days of thousands of referrals: those that follow from the same dates are reckoned once."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from outbox.models import Hours
from provinces import workdays
from reminders import ladder
from reminders.held import Held
from reminders.ladder import Step
from reminders.models import Rung

# On what the rungs of a referral depend, and on what besides, which of them are still told.
CLIMBED = attrgetter("due_on", "role", "kept_low_at", "issue__priority", "issue__province_id")
RESTED = attrgetter("handed_over_on", "suspended_until", "ladder_since")


@dataclass(eq=False)  # each is the only one of its kind: quick as a part of a key
class Days:
    """The steps that have come, the oldest first, and when the next one comes."""

    come: Sequence[Step]
    next_at: dt.datetime | None


class Almanac:
    """The ladder, the hours and the holidays of some provinces, at one moment."""

    def __init__(self, provinces: Iterable[str], hours: Hours, now: dt.datetime) -> None:
        self.now, self.hours = now, hours
        self.calendars = workdays.calendars(provinces)
        self.rungs = _rungs() if self.calendars else {}
        self.steps: dict[tuple[object, ...], list[Step]] = {}
        self.days: dict[tuple[object, ...], Days] = {}
        self.kinds: dict[tuple[object, ...], Days] = {}

    def in_hours(self, province: str) -> dt.datetime:
        """The moment itself in the province's working hours, else the next opening."""
        return ladder.in_hours(self.now, self.calendars[province], self.hours)

    def of(self, one: Held, superiors: int) -> Days:
        """What has come of the referral's days; where other dates come to the same, the same."""
        key = (superiors, CLIMBED(one), RESTED(one))
        if key not in self.days:
            steps = ladder.ahead(self._steps(one, superiors), one)
            come = tuple(ladder.come(steps, self.now, self.hours))
            later = steps[len(come) :]
            next_at = self.hours.opening(later[0].on) if later else None
            self.days[key] = self.kinds.setdefault((come, next_at), Days(come, next_at))
        return self.days[key]

    def _steps(self, one: Held, superiors: int) -> list[Step]:
        key = (superiors, CLIMBED(one))
        if key not in self.steps:
            rungs = self.rungs.get(one.issue__priority, [])
            calendar = self.calendars[one.issue__province_id]
            self.steps[key] = ladder.steps_of_date(rungs, one, calendar, superiors=superiors)
        return self.steps[key]


def _rungs() -> dict[int, list[Rung]]:
    """The ladder of each priority, from its lowest rung."""
    found: dict[int, list[Rung]] = {}
    for rung in Rung.objects.order_by("priority", "offset"):
        found.setdefault(rung.priority, []).append(rung)
    return found
