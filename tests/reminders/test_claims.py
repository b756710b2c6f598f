import datetime as dt

import pytest

from issues.models import Issue
from outbox.models import Notice
from reminders import actions, claims
from tests.factories import CallFactory, issue_in

pytestmark = pytest.mark.django_db
DAYS = (0, 15, 46)


@pytest.fixture
def issue():
    return issue_in("resolved")


def ask(issue, days=DAYS):
    """The planner runs on these days, and what it planned leaves."""
    for day in days:
        actions.plan(now=issue.resolved_at + dt.timedelta(days=day))
    planned = Notice.objects.filter(kind=claims.CONFIRMATION, state=Notice.State.PLANNED)
    planned.update(state=Notice.State.FAILED)


def call(issue, times=1):
    for _time in range(times):
        CallFactory(referral=None, issue=issue, called_at=issue.resolved_at + dt.timedelta(days=50))


def lapse(issue, day=90):
    claims.lapse(now=issue.resolved_at + dt.timedelta(days=day))
    issue.refresh_from_db()
    return issue.closed_as


def test_lapse_follows_three_asks_and_a_call(issue):
    ask(issue)
    call(issue)

    assert lapse(issue, 89) == ""
    assert lapse(issue, 90) == "unconfirmed"


def test_lapse_needs_the_call(issue):
    ask(issue)

    assert lapse(issue, 200) == ""


def test_lapse_needs_a_second_call_for_an_ask_that_never_left(issue):
    ask(issue, (0, 46))
    call(issue)
    once = lapse(issue)
    call(issue)

    assert (once, lapse(issue)) == ("", "unconfirmed")


def test_lapse_leaves_what_is_frozen(issue):
    ask(issue)
    call(issue)
    Issue.objects.update(pressured_at=issue.resolved_at)

    assert lapse(issue) == ""


def test_lapse_counts_the_asks_of_this_claim_alone(issue):
    ask(issue)
    call(issue)
    Issue.objects.update(claims=issue.claims + 1)

    assert lapse(issue) == ""
