"""The days and hours of the ladder, written out."""

import datetime as dt

import pytest

from issues.models import Issue, Referral
from outbox.models import Hours
from provinces.workdays import Calendar
from reminders import actions, ladder
from reminders.models import Rung

ZONE = dt.timezone(dt.timedelta(hours=7))  # Asia/Phnom_Penh
MINUTE = dt.timedelta(minutes=1)
# The Khmer new year of 2026 falls into the ladder of a date on 20 April.
CALENDAR = Calendar(frozenset({dt.date(2026, 4, 14), dt.date(2026, 4, 15), dt.date(2026, 4, 16)}))
RUNGS = [
    Rung(
        priority=0, key=key, offset=offset, audience=audience, is_escalation=audience == "superior"
    )
    for key, offset, audience in actions.POLICY
]


def referral(handed_over_on, due_on, role=Referral.Role.LEAD):
    return Referral(handed_over_on=handed_over_on, due_on=due_on, role=role)


def days(steps):
    return [(step.key, step.on.isoformat(), step.height) for step in steps]


def test_steps_are_counted_in_working_days_round_the_due_date():
    held = referral(dt.date(2026, 3, 2), dt.date(2026, 4, 20))

    assert days(ladder.steps(RUNGS, held, CALENDAR, superiors=3)) == [
        ("-7", "2026-04-06", 0),
        ("-1", "2026-04-17", 0),
        ("0", "2026-04-20", 0),
        ("+1", "2026-04-21", 0),
        ("+5", "2026-04-27", 0),
        ("+10", "2026-05-04", 1),
        ("+20", "2026-05-18", 2),
        ("+30", "2026-06-01", 3),
    ]


def test_steps_leave_out_what_lies_before_the_hand_over():
    held = referral(dt.date(2026, 5, 4), dt.date(2026, 5, 8))

    assert [step.key for step in ladder.steps(RUNGS, held, CALENDAR, superiors=0)] == [
        "-1",
        "0",
        "+1",
        "+5",
    ]


def test_steps_of_a_supporting_office_do_not_escalate():
    held = referral(dt.date(2026, 3, 2), dt.date(2026, 4, 20), Referral.Role.SUPPORTING)

    assert {step.height for step in ladder.steps(RUNGS, held, CALENDAR, superiors=2)} == {0}


def test_steps_are_none_before_the_clock_starts():
    assert ladder.steps(RUNGS, referral(None, None), CALENDAR, superiors=2) == []


def test_come_are_those_from_half_past_seven_of_their_day():
    steps = ladder.steps(
        RUNGS, referral(dt.date(2026, 3, 2), dt.date(2026, 4, 20)), CALENDAR, superiors=0
    )
    early = dt.datetime(2026, 4, 17, 7, 29, tzinfo=ZONE)

    assert [step.key for step in ladder.come(steps, early, Hours())] == ["-7"]
    assert [step.key for step in ladder.come(steps, early + MINUTE, Hours())] == [
        "-7",
        "-1",
    ]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ((2026, 4, 17, 6, 0), (2026, 4, 17, 7, 30)),
        ((2026, 4, 17, 7, 30), (2026, 4, 17, 7, 30)),
        ((2026, 4, 17, 16, 59), (2026, 4, 17, 16, 59)),
        ((2026, 4, 17, 17, 0), (2026, 4, 20, 7, 30)),  # a Friday evening
        ((2026, 4, 18, 10, 0), (2026, 4, 20, 7, 30)),  # a Saturday
        ((2026, 4, 14, 10, 0), (2026, 4, 17, 7, 30)),  # the new year
    ],
)
def test_in_hours_waits_for_the_next_opening(moment, expected):
    found = ladder.in_hours(dt.datetime(*moment, tzinfo=ZONE), CALENDAR, Hours())

    assert found == dt.datetime(*expected, tzinfo=ZONE)


def test_asks_come_at_once_and_after_fourteen_and_forty_five_days():
    claimed = dt.datetime(2026, 5, 4, 15, 0, tzinfo=ZONE)
    issue = Issue(resolved_at=claimed)

    assert ladder.asks(issue, dt.datetime(2026, 6, 18, 7, 30, tzinfo=ZONE), Hours()) == [
        ("", claimed),
        ("+14", dt.datetime(2026, 5, 18, 7, 30, tzinfo=ZONE)),
        ("+45", dt.datetime(2026, 6, 18, 7, 30, tzinfo=ZONE)),
    ]
