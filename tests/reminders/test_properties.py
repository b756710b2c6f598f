"""What holds of dates and of planners whatever happens, and in whatever order."""

import datetime as dt
import threading

from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from issues.actions.holidays import moved_date
from issues.models import ClaimLook, Issue, Look, Referral
from outbox.models import Notice
from provinces.models import Authority
from provinces.workdays import Calendar
from reminders import actions
from tests.factories import AuthorityFactory, issue_in, official_of

DAY = dt.timedelta(days=1)
HANDED = dt.date(2026, 3, 2)
DAYS = st.integers(0, 120).map(lambda passed: HANDED + DAY * passed)
NOW = dt.datetime(2026, 5, 22, 9, tzinfo=dt.timezone(dt.timedelta(hours=7)))
LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 60), st.frozensets(DAYS, max_size=12), DAYS)
def test_a_holiday_more_never_brings_a_date_nearer(days, closed, added):
    before, after = Calendar(closed), Calendar(closed | {added})
    held = Referral(handed_over_on=HANDED, due_on=before.add(HANDED, days), days=days)

    moved = moved_date(held, before, after)

    assert moved >= held.due_on
    assert after.between(HANDED, moved) == days


class Pause:
    """Stops the planner of a thread before its so-manieth query, until it is let go on."""

    def __init__(self, before):
        self.left, self.stopped, self.may_go = before, threading.Event(), threading.Event()

    def __call__(self, execute, *query):
        self.left -= 1
        if self.left == 0:
            self.stopped.set()
            self.may_go.wait(30)
        return execute(*query)


def planned_with_a_pause(pause):
    """One planner that stops on its way; it is over when the thread has ended."""

    def work():
        try:
            with connection.execute_wrapper(pause):
                actions.plan(now=NOW)
        finally:
            pause.stopped.set()
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    assert pause.stopped.wait(30)
    return thread


def _look_again():
    for referral in Referral.objects.open():
        Look.objects.update_or_create(referral=referral, defaults={"at": LONG_AGO})
    for issue in Issue.objects.filter(status="resolved"):
        ClaimLook.objects.update_or_create(issue=issue, defaults={"at": LONG_AGO})


def rows():
    found = Notice.objects.values_list("subject", "kind", "rung", "version", "recipient", "state")
    return sorted(found)


def test_two_planners_make_the_same_rows_however_they_take_turns(transactional_db):
    actions.seed_policy()
    above = AuthorityFactory(kind=Authority.Kind.ADMINISTRATION)
    office = AuthorityFactory(superior=above)
    official_of(office)
    for _ in range(3):
        issue_in("referred", authority=office)
    Referral.objects.update(
        released_at=NOW - 90 * DAY, handed_over_on=HANDED, due_on=dt.date(2026, 5, 8)
    )
    issue_in("resolved")
    actions.plan(now=NOW)
    alone = rows()
    assert len(alone) > 20

    for before in range(1, 40, 2):
        Notice.objects.all().delete()
        _look_again()
        pause = Pause(before)
        thread = planned_with_a_pause(pause)
        actions.plan(now=NOW)
        pause.may_go.set()
        thread.join(30)
        assert rows() == alone, before
