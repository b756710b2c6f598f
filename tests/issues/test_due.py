import datetime as dt

import pytest
from django.utils import translation

from issues.due import Due, due_of
from issues.models import Referral
from provinces.workdays import Calendar

TODAY = dt.date(2026, 3, 25)  # a Wednesday
HOLIDAY = dt.date(2026, 3, 30)
CALENDAR = Calendar(frozenset({HOLIDAY}))


def due(**fields):
    return due_of(Referral(released_at=dt.datetime.now(dt.UTC), **fields), CALENDAR, TODAY)


@pytest.mark.parametrize(
    ("due_on", "expected"),
    [
        (dt.date(2026, 3, 23), Due("overdue", "date passed 2 working days ago", "passed")),
        (dt.date(2026, 3, 24), Due("overdue", "date passed 1 working day ago", "passed")),
        (dt.date(2026, 3, 25), Due("due-today", "due today", "week")),
        (dt.date(2026, 3, 26), Due("due-soon", "1 working day left", "week")),
        (dt.date(2026, 3, 31), Due("due-soon", "3 working days left", "week")),
        (dt.date(2026, 4, 2), Due("due-soon", "5 working days left", "week")),
        (dt.date(2026, 4, 3), Due("", "6 working days left", "later")),
    ],
)
def test_due_counts_working_days_and_the_days_own_is_in_time(due_on, expected):
    with translation.override("en"):
        assert due(due_on=due_on) == expected


def test_due_after_a_date_without_a_working_day_between_names_no_number():
    sunday = dt.date(2026, 3, 29)
    referral = Referral(released_at=dt.datetime.now(dt.UTC), due_on=dt.date(2026, 3, 27))

    with translation.override("en"):
        assert due_of(referral, CALENDAR, sunday).words == "date passed"


def test_due_before_the_hand_over_says_what_it_waits_for():
    waiting = Referral(released_at=None)

    with translation.override("en"):
        assert due(due_on=None).words == "the time starts with the first message or letter"
        assert due_of(waiting, CALENDAR, TODAY).words == (
            "not sent yet: it waits for the draft minutes"
        )


def test_due_of_an_ended_referral_says_how_it_ended():
    ended = due(ended_at=dt.datetime.now(dt.UTC), ended_as=Referral.Ending.RECALLED)

    with translation.override("en"):
        assert (ended.badge, ended.group) == ("", "ended")


def test_due_is_told_in_khmer_figures_on_khmer_pages():
    with translation.override("km"):
        assert "២" in due(due_on=dt.date(2026, 3, 23)).words
