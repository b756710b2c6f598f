"""Clocks that stand still while an office waits for the organization: begun, ended, told."""

import datetime as dt
import uuid

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from issues import actions
from issues.actions import pausing
from issues.due import due_of
from issues.models import Pause, Referral
from outbox import registry
from outbox.models import Notice
from provinces import workdays
from reminders import actions as reminders
from tests import factories as f
from tests.issues.stories import at
from tests.issues.traces import NOW, TODAY, told, trail
from tests.reminders.test_ladder_moves import HANDED as WALKED_FROM
from tests.reminders.test_ladder_moves import LENGTH, Walk

DAY = dt.timedelta(1)
HANDED, DUE = dt.date(2041, 6, 12), dt.date(2041, 7, 10)  # Wednesdays; NOW is one too
UNTIL = dt.date(2041, 7, 17)  # ten working days after NOW


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def referral(db):
    held = f.issue_in("referred").referrals.get()
    Referral.objects.filter(pk=held.pk).update(handed_over_on=HANDED, due_on=DUE, days=20)
    return Referral.objects.get(pk=held.pk)


@pytest.fixture
def official(referral):
    return f.official_of(referral.authority)


@pytest.fixture
def representative(referral):
    return f.representative_of(referral.issue.organization)


def ask(referral, by, now=NOW, text="Which road is meant?"):
    return actions.ask(referral, by=by, now=now, client_key=uuid.uuid4(), text=text)


def answer(referral, by, now=NOW):
    return actions.answer(referral, by=by, now=now, client_key=uuid.uuid4(), text="The long one.")


def clock_of(referral):
    held = Referral.objects.get(pk=referral.pk)
    dates = (held.paused_on, held.paused_until, held.due_on, held.ladder_since)
    return (*dates, held.due_version, held.ladder_version)


STANDS = (TODAY, UNTIL, DUE, None, 1, 1)
RUNS_ON = (None, None, DUE + 2 * DAY, HANDED + 2 * DAY, 2, 1)


# --- asked and answered ---------------------------------------------------------------------------
def test_a_question_stops_the_clock_and_the_reply_moves_the_date(
    referral, official, representative
):
    question = ask(referral, official)

    assert clock_of(referral) == STANDS
    pause = Pause.objects.get()
    assert (pause.question, pause.began_on, pause.ends_by) == (question, TODAY, UNTIL)
    assert ask(referral, official, text="And since when?")  # no second one while it stands
    assert clock_of(referral) == STANDS

    answer(referral, representative, now=NOW + 2 * DAY)

    assert clock_of(referral) == RUNS_ON  # Thursday and Friday stood still
    assert Pause.objects.values_list("ended_on", "ended_why", "days").get() == (
        TODAY + 2 * DAY, "answered", 2,
    )  # fmt: skip
    entry = next(one for one in trail() if one[0] == "issue.pause")
    assert entry == (
        "issue.pause", f"issue:{referral.issue_id}", representative, "representative",
        {"referral": referral.pk, "authority": referral.authority_id, "pause": pause.pk,
         "did": "answered", "due_on": ["2041-07-10", "2041-07-12"]},
    )  # fmt: skip


def test_only_the_first_two_questions_stop_the_clock(referral, official, representative):
    for hours in (0, 2, 4):
        ask(referral, official, now=NOW + dt.timedelta(hours=hours))
        answer(referral, representative, now=NOW + dt.timedelta(hours=hours + 1))

    assert Pause.objects.count() == 2
    assert clock_of(referral) == (None, None, DUE, None, 3, 1)  # the version rises each time


def test_no_clock_stops_that_has_not_started_or_stands_anyway(referral, official):
    for changes in (
        {"handed_over_on": None, "due_on": None},
        {"suspended_until": TODAY + 30 * DAY},
        {"role": "information"},
    ):
        before = Referral.objects.filter(pk=referral.pk).values(*changes).get()
        Referral.objects.filter(pk=referral.pk).update(**changes)
        ask(referral, official)
        Referral.objects.filter(pk=referral.pk).update(**before)

    assert not Pause.objects.exists()


# --- by itself ------------------------------------------------------------------------------------
def test_it_ends_by_itself_after_ten_working_days_and_all_are_told(
    referral, official, representative
):
    ask(referral, official)
    Notice.objects.all().delete()

    reminders.plan(now=NOW + 14 * DAY)  # the last day
    assert clock_of(referral) == STANDS
    assert told() == []
    for _time in range(2):  # an outage of three days does not lengthen it
        actions.settle_pauses(now=NOW + 17 * DAY)

    due_on = dt.date(2041, 7, 24)
    assert clock_of(referral) == (None, None, due_on, HANDED + 14 * DAY, 2, 1)
    assert Pause.objects.values_list("ended_on", "ended_why", "days").get() == (UNTIL, "lapsed", 10)
    people = {one[3] for one in told()}
    assert {one[:3] for one in told()} == {
        ("pause_lapsed", f"referral:{referral.pk}", Pause.objects.get().pk)
    }
    assert {f"user:{representative.pk}", f"user:{official.pk}"} < people
    notices = list(Notice.objects.all())
    assert all(registry.wanted(one, NOW + 17 * DAY) for one in notices)
    said = registry.render(notices[0], "en")
    assert "the working days count again" in said.subject
    assert "Since Wednesday 3 July 2041" in said.body
    Referral.objects.filter(pk=referral.pk).update(ended_at=NOW, ended_as="recalled")
    assert not any(registry.wanted(one, NOW + 17 * DAY) for one in notices)


def test_the_question_says_until_when_the_clock_stands_still(referral, official, representative):
    ask(referral, official)

    notice = Notice.objects.get(kind="question_asked", recipient=f"user:{representative.pk}")
    assert "until Wednesday 17 July 2041 at the latest" in registry.render(notice, "en").body


def test_it_ends_with_its_referral_without_a_word(referral, official):
    ask(referral, official)
    by = f.coordinator_of(referral.issue.province)
    actions.recall(referral, by=by, now=NOW + DAY, reason="Wrong office.")
    Notice.objects.all().delete()

    assert [actions.settle_pauses(now=NOW + 2 * DAY) for _time in range(2)] == [1, 0]

    assert clock_of(referral)[:2] == (None, None)
    assert Pause.objects.values_list("ended_why", "days").get() == ("over", 0)
    assert told() == []


# --- the ladder -----------------------------------------------------------------------------------
def test_no_reminder_is_told_or_wanted_while_it_stands_and_none_is_lost(
    referral, official, representative
):
    reminders.seed_policy()
    eve = dt.datetime(2041, 7, 9, 3, tzinfo=dt.UTC)  # the day before the due date
    reminders.plan(now=eve)
    rung = Notice.objects.get(kind="reminder", rung="-1", recipient=f"user:{official.pk}")
    assert registry.wanted(rung, eve)

    ask(referral, official, now=eve)

    assert not registry.wanted(rung, eve)
    assert reminders.plan(now=eve + 3 * DAY) == 0
    assert not Referral.objects.overdue(DUE + 3 * DAY).exists()
    Notice.objects.filter(pk=rung.pk).update(state="cancelled")
    answer(referral, representative, now=eve + dt.timedelta(hours=2))  # on the same day
    reminders.plan(now=eve + dt.timedelta(hours=3))
    again = Notice.objects.filter(kind="reminder", recipient=f"user:{official.pk}")
    assert list(again.order_by("pk").values_list("rung", "version")) == [
        ("-7", 1), ("-1", 1), ("-1", 2),
    ]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 30),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=2),
    st.booleans(),
)
def test_a_pause_never_loses_or_repeats_a_rung(days, pauses, early):
    """The same rungs in the same order as without, later by the working days it stood."""
    plain, walk = Walk(days), Walk(days)
    begun, asked = {}, 0
    for passed in range(1, LENGTH + 60):
        today = WALKED_FROM + DAY * passed
        plain.plan(today)
        if begun and (today >= begun["ends"] or passed >= begun["reply"]):
            many = walk.calendar.between(begun["on"], min(today, begun["ends"]))
            pausing.go_on(walk.held, many, walk.calendar)
            begun = {}
        if early and not begun:
            walk.plan(today)
        if not begun and asked < len(pauses) and passed >= pauses[asked][0]:
            ends = walk.calendar.add(today, 10)
            begun = {"on": today, "ends": ends, "reply": passed + pauses[asked][1]}
            walk.held.paused_on, walk.held.paused_until = today, ends
            asked += 1
        if not begun:
            walk.plan(today)

    last = WALKED_FROM + DAY * LENGTH
    keys = [key for _number, key, _day in walk.told]
    assert len(keys) == len(set(keys))
    assert keys == [key for _number, key, _day in plain.told][: len(keys)]
    assert {key for _number, key, day in plain.told if day <= last - 60 * DAY} <= set(keys)
    assert walk.skipped == plain.skipped


# --- with what else moves a date ------------------------------------------------------------------
def test_a_freeze_meanwhile_is_not_counted_twice(referral, official, representative):
    ask(referral, official)
    by = f.coordinator_of(referral.issue.province)
    actions.pressured(referral.issue, by=representative, now=NOW + DAY)
    assert actions.settle_pauses(now=NOW + 20 * DAY) == 0  # nothing ends while it is frozen

    actions.lift(referral.issue, by=by, now=NOW + 20 * DAY, reason="Called.")

    thirteen = dt.date(2041, 8, 5)  # the 13 working days of the freeze after the 17 July
    assert clock_of(referral) == (TODAY, thirteen, DUE, None, 1, 1)
    answer(referral, representative, now=NOW + 20 * DAY)
    assert clock_of(referral)[2] == workdays.calendar_of("11").add(DUE, 14)


def test_a_reply_within_a_freeze_leaves_the_rest_to_the_lifting(referral, official, representative):
    ask(referral, official)
    by = f.coordinator_of(referral.issue.province)
    actions.pressured(referral.issue, by=representative, now=NOW + DAY)
    answer(referral, representative, now=NOW + 2 * DAY)
    assert clock_of(referral)[2] == DUE + 2 * DAY

    actions.lift(referral.issue, by=by, now=NOW + 6 * DAY, reason="Called.")

    assert clock_of(referral)[2] == DUE + 6 * DAY  # Thursday, Friday; Monday, Tuesday: once each


def test_an_extension_meanwhile_moves_on_with_the_pause(referral, official, representative):
    ask(referral, official)
    by = f.coordinator_of(referral.issue.province)
    facts = {"by": by, "now": NOW + DAY, "client_key": uuid.uuid4(), "reason": "Rains."}
    actions.extend(referral, until=DUE + 7 * DAY, **facts)

    answer(referral, representative, now=NOW + 2 * DAY)

    assert clock_of(referral) == (None, None, DUE + 9 * DAY, TODAY + 5 * DAY, 3, 2)


def test_a_holiday_meanwhile_moves_both_dates_on(referral, official, representative):
    ask(referral, official)
    day = f.HolidayFactory.build(date=dt.date(2041, 7, 4))

    actions.add_holiday(day, by=f.administrator(), now=NOW)

    assert clock_of(referral) == (TODAY, UNTIL + DAY, DUE + DAY, None, 2, 1)
    assert Pause.objects.get().ends_by == UNTIL + DAY
    answer(referral, representative, now=NOW + 2 * DAY)
    assert clock_of(referral)[2] == dt.date(2041, 7, 12)  # one working day stood still


def test_a_resolution_ends_it_and_a_dispute_begins_afresh(referral, official, representative):
    ask(referral, official)
    facts = {"now": NOW + 2 * DAY, "client_key": uuid.uuid4()}
    done = {"text": "Mended.", "done_on": TODAY}
    actions.resolve(referral, by=official, **facts, **done)
    assert clock_of(referral)[:3] == (None, None, DUE + 2 * DAY)

    actions.dispute(referral.issue, by=representative, now=NOW + 5 * DAY, reason="It is still cut.")

    assert clock_of(referral)[:3] == (None, None, dt.date(2041, 7, 22))
    assert Pause.objects.get().ended_why == "over"


# --- what people see ------------------------------------------------------------------------------
def test_pages_say_since_when_it_waits(client, referral, official, representative):
    with transaction.atomic():
        ask(referral, official)
    calendar = workdays.calendar_of("11")
    held = Referral.objects.get(pk=referral.pk)
    words = (
        "waiting for the organization since 3 July 2041; the days count again after"
        " 17 July 2041 at the latest"
    )
    assert due_of(held, calendar, DUE + DAY).words == words
    for user in (official, representative):
        page = at(client, user).get(reverse("issues:referral", args=[referral.pk])).content.decode()
        assert words in page
    home = at(client, official).get("/").content.decode()
    assert "Waiting for the organization" in home
