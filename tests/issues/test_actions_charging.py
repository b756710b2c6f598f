"""Under review and suspended: the clock stands still, and no date comes nearer by it."""

import datetime as dt

import pytest
from django.utils import timezone

from forum.models import Session
from issues import actions
from issues.actions import Charge, Press, Said
from issues.models import Issue, Referral
from provinces import workdays
from reminders import actions as reminders
from reminders import ladder
from reminders.models import Rung
from tests.factories import (
    DAY,
    AgendaItemFactory,
    AuthorityFactory,
    ReferralFactory,
    SessionFactory,
    coordinator_of,
    issue_in,
    official_of,
)
from tests.issues.presses import LATE, REVIEW, WORDS, press
from tests.issues.traces import DUE, NOW, TODAY, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return SessionFactory(status=Session.Status.OPEN)


@pytest.fixture
def coordinator(session):
    return coordinator_of(session.province)


@pytest.fixture
def item(session):
    return issue_in("scheduled", session=session).agenda_items.get()


@pytest.fixture
def review(session):
    """The turn of an issue that an office has had for some days, with ten working days left."""
    item = AgendaItemFactory(session=session, issue=issue_in("accepted"))
    Issue.objects.filter(pk=item.issue_id).update(status="referred")
    started = TODAY - 7 * DAY
    dates = {"handed_over_on": started, "due_on": DUE, "wanted_on": DUE, "days": 15}
    ReferralFactory(issue=item.issue, **dates)
    item.issue.refresh_from_db()
    return item


def suspend(item, by, until, now=NOW, **more):
    return actions.suspend(item, by=by, now=now, until=until, said=Said(WORDS), **more)


def test_suspend_lets_the_working_days_left_count_from_its_end(coordinator, review):
    suspend(review, coordinator, REVIEW)

    held = Referral.objects.get()
    calendar = workdays.calendar_of("11")
    assert calendar.between(REVIEW, held.due_on) == calendar.between(TODAY, DUE) == 10
    assert (held.due_on, held.wanted_on, held.due_version) == (held.wanted_on, held.due_on, 2)
    assert (held.review_on, held.suspended_until, held.days) == (REVIEW, REVIEW, 15)
    assert Issue.objects.get().status == "referred"


def test_study_sets_the_review_and_leaves_the_clock(coordinator, review):
    actions.study(review, by=coordinator, now=NOW, review_on=REVIEW)

    held = Referral.objects.get()
    assert (held.review_on, held.suspended_until) == (REVIEW, None)
    assert (held.due_on, held.due_version) == (DUE, 1)


def test_suspend_with_another_office_rests_with_all_of_them(coordinator, review):
    office = AuthorityFactory()

    suspend(review, coordinator, REVIEW, charges=[Charge(office.pk, LATE, "supporting")])

    rests = Referral.objects.values_list("role", "review_on", "suspended_until")
    assert sorted(rests) == [("lead", REVIEW, REVIEW), ("supporting", REVIEW, REVIEW)]


def test_suspending_never_brings_a_date_nearer(review, coordinator):
    """Whatever the date was, on a working day or not, past or not, rested already or not."""
    Referral.objects.update(handed_over_on=TODAY - 30 * DAY)
    rested = [None, TODAY + 3 * DAY, TODAY + 40 * DAY]
    for shift in range(-9, 40, 4):
        for until in (TODAY + DAY, TODAY + 3 * DAY, TODAY + 17 * DAY):
            held = Referral.objects.get()
            held.due_on, held.suspended_until = TODAY + shift * DAY, rested[shift % 3]
            held.save()
            session = SessionFactory(status="open", province=review.issue.province)
            item = AgendaItemFactory(session=session, issue=review.issue)

            suspend(item, coordinator, until)

            after = Referral.objects.get()
            assert after.due_on >= max(held.due_on, until + DAY), (shift, until)
            assert after.due_version == held.due_version + 1


def test_hand_over_while_it_rests_counts_from_its_end(session, coordinator, item):
    press("suspended", item, coordinator, AuthorityFactory())
    actions.release(session, by=coordinator, now=NOW)
    referral = Referral.objects.get()

    actions.hand_over(referral, on=TODAY + 2 * DAY, now=NOW + 2 * DAY)

    referral.refresh_from_db()
    assert (referral.handed_over_on, referral.due_on) == (TODAY + 2 * DAY, LATE)
    calendar = workdays.calendar_of("11")
    assert calendar.between(REVIEW, referral.due_on) == referral.days


def test_planner_tells_the_first_notice_and_no_rung_while_it_rests(session, coordinator, item):
    reminders.seed_policy()
    office = AuthorityFactory()
    official = official_of(office)
    soon = workdays.calendar_of("11").add(REVIEW, 3)  # its rung -7 lies in the rest
    press("suspended", item, coordinator, office, due_on=soon)
    actions.release(session, by=coordinator, now=NOW)
    kinds = lambda: [one for one in told() if one[3] == f"user:{official.pk}"]  # noqa: E731
    before = kinds()

    reminders.plan(now=NOW + DAY / 24)
    referral = Referral.objects.get()
    subject, recipient = f"referral:{referral.pk}", f"user:{official.pk}"
    first = ("first_referral", subject, 1, recipient)
    assert set(kinds()) - set(before) == {first}
    actions.hand_over(referral, on=TODAY, now=NOW)

    zone = timezone.get_default_timezone()
    for day in (REVIEW - 3 * DAY, REVIEW):
        reminders.plan(now=dt.datetime.combine(day, dt.time(9), tzinfo=zone))
    assert set(kinds()) - set(before) == {first}

    reminders.plan(now=dt.datetime.combine(soon, dt.time(9), tzinfo=zone))
    assert set(kinds()) - set(before) == {first, ("reminder", subject, 1, recipient)}


def test_ladder_of_what_rests_begins_after_its_end():
    reminders.seed_policy()
    rungs = list(Rung.objects.filter(priority=0))
    rested = Referral(
        handed_over_on=TODAY, due_on=workdays.calendar_of("11").add(REVIEW, 3), role="lead"
    )
    everyone = ladder.steps(rungs, rested, workdays.calendar_of("11"), superiors=1)
    rested.suspended_until = REVIEW

    steps = ladder.steps(rungs, rested, workdays.calendar_of("11"), superiors=1)

    assert [one.key for one in everyone] == ["-7", "-1", "0", "+1", "+5", "+10"]
    assert [one.key for one in steps] == ["-1", "0", "+1", "+5", "+10"]


def test_replayed_after_its_day_it_still_changes_nothing(coordinator, review):
    key = Press(review.issue.client_key)
    first = suspend(review, coordinator, TODAY + DAY, press=key)
    held = Referral.objects.get()

    again = suspend(review, coordinator, TODAY + DAY, now=NOW + 9 * DAY, press=key)

    assert again == first
    assert Referral.objects.values().get() == Referral.objects.filter(pk=held.pk).values().get()
    assert Referral.objects.get().due_version == 2
