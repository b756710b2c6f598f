"""What hundreds of referrals are told of in a fortnight, worked out by counting days one by one.

Nothing of the ladder's own code stands behind it: only the sentences of the follow-up, written
down a second time as plainly as may be.
"""

import datetime as dt
from typing import NamedTuple

DAY = dt.timedelta(days=1)
OFFICES = 5
HANDED = dt.date(2026, 3, 2)
MAY = {number: dt.date(2026, 5, number) for number in range(1, 32)}
FORTNIGHT = [MAY[number] for number in range(4, 18)]  # from a Monday

# What happens; everything that people do they do at ten o'clock.
EXTENDED_ON = ANSWERED_ON = MAY[4]
MAIL_IS_AWAY = MAY[5]
RESOLVED_ON = MAY[6]
NOTHING_RUNS = [MAY[number] for number in (7, 8, 9, 10)]  # neither planner nor dispatcher
RELEASED_ON = MAY[11]  # first referrals, told in the afternoon
ADDED_ON = PRESSED_ON = MAY[12]
KNOWN, ADDED = MAY[13], MAY[14]  # days on which offices are closed
# And to whom it happens: to every fiftieth, from these numbers on.
EVERY = 50
EXTENDED, ANSWERED, RESOLVED, FRESH = 2, 3, 1, 7
PRESSED_OFFICE = 0
MORE, FRESH_DAYS = 4, 8  # working days of an extension, and of a first referral
RUNGS = {"-7": -7, "-1": -1, "0": 0, "+1": 1, "+5": 5, "+10": 10}


def is_one_of(number, first):
    """Whether that happens to the referral of this number."""
    return number % EVERY == first


class Told(NamedTuple):
    """Somebody is told of a rung of a referral."""

    day: dt.date
    person: str
    number: int
    rung: str


def is_open(day, closed):
    """Whether offices are open on the day."""
    return day.weekday() < 5 and day not in closed


def shifted(day, count, closed):
    """So many working days later, or earlier."""
    while count:
        day += DAY if count > 0 else -DAY
        if is_open(day, closed):
            count -= 1 if count > 0 else -1
    return day


def counted(start, end, closed):
    """How many working days lie after ``start`` up to ``end``."""
    days = (start + DAY * number for number in range(1, (end - start).days + 1))
    return sum(is_open(day, closed) for day in days)


class Plain:
    """One referral. ``since`` is the day after which its rungs count."""

    def __init__(self, number):
        self.number, self.office = number, f"office {number % OFFICES}"
        self.due = shifted(dt.date(2026, 4, 24), number % 23, {KNOWN})
        self.handed = self.since = HANDED
        self.newest = None  # the newest rung that was told, or at least decided on
        self.waits = None  # the rung that the mail of the day is to tell
        self.skipped = []
        self.is_prepared = self.has_ended = False
        if is_one_of(number, FRESH):
            self.due = self.handed = self.since = None

    def plan(self, today, closed):
        """The newest rung that has come waits to be told; older ones never are."""
        if self.has_ended or self.due is None:
            return
        days = {rung: shifted(self.due, offset, closed) for rung, offset in RUNGS.items()}
        come = [rung for rung, day in days.items() if self.since < day <= today]
        if self.newest:
            come = [rung for rung in come if RUNGS[rung] > RUNGS[self.newest]]
        if not come:
            return
        *older, self.newest = come
        self.skipped += older
        if self.newest == "+10":  # waits for a coordinator's press
            self.is_prepared = True
        else:
            self.waits = self.newest

    def tell_in_digest(self, today):
        """What waits leaves in the day's message; a copy of "+5" goes to the coordinator."""
        rung, self.waits = self.waits, None
        if rung:
            yield Told(today, self.office, self.number, rung)
        if rung == "+5":
            yield Told(today, "coordinator", self.number, rung)

    def extend(self, today):
        """The reminders begin anew with the new date."""
        self.due, self.since, self.newest = self.wanted_until(today), today, None

    def wanted_until(self, today):
        """The date that its office asks for."""
        return shifted(max(self.due, today), MORE, {KNOWN})

    def add_holiday(self):
        """Its date keeps its working days."""
        if self.due is not None:
            days = counted(self.handed, self.due, {KNOWN})
            self.due = shifted(self.handed, days, {KNOWN, ADDED})

    def press(self, today):
        """The escalation leaves: to the superior, the office itself and the organization."""
        if self.is_prepared and self.number % OFFICES == PRESSED_OFFICE:
            self.is_prepared = False
            for person in ("superior", self.office, "organization"):
                yield Told(today, person, self.number, "+10")

    def hand_over(self, today):
        """It is told for the first time, and its clock starts."""
        self.handed = self.since = today
        self.due = shifted(today, FRESH_DAYS, {KNOWN})
        yield Told(today, self.office, self.number, "first")


class Table:
    """The whole fortnight: ``told`` is who is told of what and when."""

    def __init__(self, count):
        self.referrals = [Plain(number) for number in range(count)]
        self.told = []
        for day in FORTNIGHT:
            if day not in NOTHING_RUNS:
                self._pass(day)

    def _pass(self, day):
        closed = {KNOWN, ADDED} if day >= ADDED_ON else {KNOWN}
        for one in self.referrals:
            if day == ADDED_ON:
                one.add_holiday()
            one.plan(day, closed)
            if day != MAIL_IS_AWAY and is_open(day, closed):
                self.told += one.tell_in_digest(day)
            if day == EXTENDED_ON and is_one_of(one.number, EXTENDED):
                one.extend(day)
            if day == RESOLVED_ON and is_one_of(one.number, RESOLVED):
                one.has_ended = True
            if day == PRESSED_ON:
                self.told += one.press(day)
            if day == RELEASED_ON and is_one_of(one.number, FRESH):
                self.told += one.hand_over(day)

    @property
    def skipped(self):
        """Rungs that nobody was told of, since a later one had come."""
        return sorted((one.number, rung) for one in self.referrals for rung in one.skipped)

    @property
    def prepared(self):
        """Whose escalation waits for a press at the end."""
        return sorted(one.number for one in self.referrals if one.is_prepared)
