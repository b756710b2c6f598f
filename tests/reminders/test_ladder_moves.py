"""Dates that move: no reminder is lost, and none is told twice, whatever happens to the date.

The days are walked one by one, with the ladder's own functions and without a database, as the
planner does it: the newest rung that has come and nobody was told of.
"""

import datetime as dt

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from issues import actions as issue_actions
from issues.actions import pausing
from issues.actions.holidays import moved_date
from issues.models import Referral
from outbox.models import Hours, Notice
from provinces.workdays import Calendar
from reminders import actions, ladder
from tests.factories import (
    HolidayFactory,
    MessageFactory,
    administrator,
    issue_in,
    official_of,
)
from tests.reminders.test_ladder import RUNGS

DAY = dt.timedelta(1)
HANDED = dt.date(2026, 3, 2)
LENGTH = 150  # days that are walked
SUPERIORS = 2
HOURS = Hours()
CHANGES = st.sampled_from(["extend", "pause", "holiday comes", "holiday goes"])
EVENTS = st.dictionaries(st.integers(1, 70), st.tuples(CHANGES, st.integers(1, 30)), max_size=4)
CLOSED = frozenset(HANDED + DAY * days for days in (43, 44, 45, 75))


class Walk:
    """One referral from day to day; ``told`` holds (ladder, rung, day)."""

    def __init__(self, days):
        self.calendar = Calendar(CLOSED)
        self.held = Referral(
            handed_over_on=HANDED,
            wanted_on=self.calendar.add(HANDED, days),
            due_on=self.calendar.add(HANDED, days),
            days=days,
            role=Referral.Role.LEAD,
        )
        self.told: list[tuple[int, str, dt.date]] = []
        self.skipped: list[tuple[int, str]] = []

    def steps(self):
        return ladder.steps(RUNGS, self.held, self.calendar, superiors=SUPERIORS)

    def plan(self, today):
        moment = ladder.opening(today, HOURS)
        number = self.held.ladder_version
        known = {key for of, key, _day in self.told if of == number}
        known |= {key for of, key in self.skipped if of == number}
        waiting = ladder.untold(ladder.come(self.steps(), moment, HOURS), known)
        if waiting:
            *older, newest = waiting
            self.skipped += [(number, one.key) for one in older]
            self.told.append((number, newest.key, today))

    def change(self, what, many, today):
        held, before = self.held, self.calendar
        if what == "extend":
            held.due_on = before.open_from(max(held.due_on, today) + DAY * many)
            held.due_version += 1
            held.begin_ladder(today)
        elif what == "pause":  # as when a freeze is lifted: the days it lasted are given back
            pausing.move_on(held, many, before)
            held.due_version += 1
            return many
        else:
            day = today + DAY * (many - 15)
            closed = before.holidays | {day} if what == "holiday comes" else CLOSED - {day}
            self.calendar = Calendar(frozenset(closed))
            due_on = moved_date(held, before, self.calendar)
            if due_on != held.due_on:
                held.due_on, held.due_version = due_on, held.due_version + 1
        return 0


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 30), EVENTS)
@example(3, {3: ("pause", 5)})  # "-7", before the hand-over, must not come in behind "-1"
def test_no_rung_is_lost_and_none_is_told_twice(days, events):
    walk, asleep = Walk(days), 0
    for passed in range(1, LENGTH):
        today = HANDED + DAY * passed
        if asleep and walk.calendar.is_working(today):  # frozen: nothing is told meanwhile
            asleep -= 1
            continue
        if passed in events:
            asleep = walk.change(*events[passed], today)
        if not asleep:
            walk.plan(today)

    told = [(number, key) for number, key, _day in walk.told]
    assert len(told) == len(set(told))  # none twice
    days_told = [day for _number, _key, day in walk.told]
    assert len(days_told) == len(set(days_told))  # and never two on a day
    last = HANDED + DAY * (LENGTH - 1)
    number = walk.held.ladder_version
    told_on = {key: day for of, key, day in walk.told if of == number}
    skipped = {key for of, key in walk.skipped if of == number}
    come = [one for one in walk.steps() if one.on <= last]
    for place, one in enumerate(come):  # none lost: at most a later one was told by then already
        later = (told_on.get(each.key) for each in come[place + 1 :])
        assert (
            one.key in told_on or one.key in skipped or any(day and day <= one.on for day in later)
        )


@pytest.mark.django_db
def test_a_new_holiday_repeats_no_reminder_that_left_and_plans_the_others_anew():
    actions.seed_policy()
    held = issue_in("referred").referrals.get()
    official_of(held.authority)
    friday, due_on = dt.date(2041, 7, 12), dt.date(2041, 7, 11)
    Referral.objects.filter(pk=held.pk).update(handed_over_on=due_on - 30 * DAY, due_on=due_on)
    actions.plan(now=ladder.opening(friday))
    rows = Notice.objects.filter(kind="reminder", rung="+1")
    day = HolidayFactory.build(date=dt.date(2041, 7, 9))

    rows.update(state="delivered", message=MessageFactory())
    issue_actions.add_holiday(day, by=administrator(), now=ladder.opening(friday))
    held.refresh_from_db()

    assert (held.due_on, held.due_version) == (friday, 2)
    assert actions.plan(now=ladder.opening(friday + 4 * DAY)) == 0  # "+1" is told
    rows.update(state="planned")  # as if it had not left: it is not wanted, and comes anew
    assert actions.plan(now=ladder.opening(friday + 5 * DAY)) > 0
    assert list(rows.order_by("pk").values_list("version", "state")) == [
        (1, "planned"), (2, "planned"),
    ]  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.integers(8, 30), st.integers(1, 25), st.integers(1, 40))
def test_after_an_extension_each_rung_of_the_new_date_is_told_on_its_day(days, more, after):
    walk = Walk(days)
    for passed in range(1, LENGTH):
        today = HANDED + DAY * passed
        if passed == after:
            walk.change("extend", more, today)
        walk.plan(today)

    second = walk.held.ladder_version
    last = HANDED + DAY * (LENGTH - 1)
    wanted = [(one.key, one.on) for one in walk.steps() if one.on <= last]
    assert [(key, day) for number, key, day in walk.told if number == second] == wanted
    assert all(day > HANDED + DAY * after for _key, day in wanted)
