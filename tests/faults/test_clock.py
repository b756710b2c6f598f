"""Fault 27: the clock goes back and on, a leap day, the end of the year, a holiday of today."""

import datetime as dt

import pytest

from audit import clock
from issues.actions import holidays
from issues.models import Referral
from outbox.models import Notice
from tests.factories import HolidayFactory, administrator, issue_in, official_of

pytest_plugins = ["tests.faults.stage"]

ZONE = dt.timezone(dt.timedelta(hours=7))  # Asia/Phnom_Penh
DAY = dt.timedelta(days=1)
DUE = dt.datetime(2027, 8, 24, 9, 0, tzinfo=ZONE)  # a Tuesday


def due_on(day):
    """A referral whose date is this day, with one official."""
    referral = issue_in("referred").referrals.get()
    official_of(referral.authority)
    Referral.objects.filter(pk=referral.pk).update(
        handed_over_on=day - dt.timedelta(days=21), due_on=day, days=15
    )
    return referral


def told():
    """Each rung that was told, once for each time."""
    rows = Notice.objects.filter(kind="reminder", state="sent").order_by("pk")
    return [one.rung for one in rows]


def test_a_clock_that_goes_back_and_on_tells_each_rung_once(look, sink):
    """Fault 27: an hour back, a day on, a day back again."""
    due_on(DUE.date())
    seen = []
    for moment in (DUE - DAY, DUE - DAY - dt.timedelta(hours=1), DUE, DUE - DAY, DUE):
        look(moment)
        seen.append(told())

    assert seen == [["-1"], ["-1"], ["-1", "0"], ["-1", "0"], ["-1", "0"]]
    assert len(sink.messages) == 2


@pytest.mark.parametrize("day", [dt.date(2028, 2, 29), dt.date(2026, 12, 31)])
def test_the_day_before_the_day_and_the_day_after_at_the_turn_of_month_and_year(look, day):
    """Fault 27: a leap day, and the end of the year (the first of January is no holiday here)."""
    noon = dt.datetime.combine(day, dt.time(12), tzinfo=ZONE)
    due_on(day)
    seen = []
    for moment in (noon - DAY, noon, noon + DAY):
        look(moment)
        seen.append(told())

    assert seen == [["-1"], ["-1", "0"], ["-1", "0", "+1"]]


def test_a_holiday_added_today_moves_the_date_and_tells_nothing_twice(look, sink):
    """Fault 27: today turns out to be a holiday, after the reminder of today has left."""
    referral = due_on(DUE.date())
    look(DUE)
    assert told() == ["0"]

    today = HolidayFactory.build(date=DUE.date())
    assert holidays.add_holiday(today, by=administrator(), now=clock.now()) == 1
    look()
    referral.refresh_from_db()
    assert (referral.due_on, told()) == (DUE.date() + DAY, ["0"])
    for days in (1, 2):
        look(DUE + days * DAY)

    assert told() == ["0", "+1"]
    assert len(sink.messages) == 2
