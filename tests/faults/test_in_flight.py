"""Fault 23: an office resolves, or is given time, while its reminder is on the way."""

import datetime as dt
import uuid

import pytest

from audit import clock
from issues import actions as issue_actions
from issues.models import Issue, Referral
from outbox.models import Message, Notice
from tests.factories import coordinator_of, issue_in, official_of
from tests.faults.engines import wait_until
from tests.faults.ledger import none_in_transaction

pytest_plugins = ["tests.faults.stage"]

ZONE = dt.timezone(dt.timedelta(hours=7))  # Asia/Phnom_Penh
DUE = dt.datetime(2026, 8, 24, 9, 0, tzinfo=ZONE)  # a Monday


@pytest.fixture
def referral(engines):
    """Due today."""
    engines.move_to(DUE)
    made = issue_in("referred").referrals.get()
    Referral.objects.update(
        handed_over_on=DUE.date() - dt.timedelta(days=21), due_on=DUE.date(), days=15
    )
    return made


@pytest.fixture
def officials(referral):
    return [official_of(referral.authority) for _ in range(3)]


def resolve(referral, by):
    issue_actions.resolve(
        Referral.objects.get(pk=referral.pk),
        by=by,
        now=clock.now(),
        client_key=uuid.uuid4(),
        text="The road was repaired.",
        done_on=clock.today(),
    )


@pytest.mark.parametrize("stage", ["rcpt", "data"])
def test_resolving_while_a_reminder_is_on_its_way_stops_all_others(
    engines, sink, referral, officials, stage
):
    """Fault 23: resolved."""
    sink.hold(stage, keep=True)
    engines.start("loop")
    wait_until(lambda: sink.held, "the first reminder waits for the mail server")
    none_in_transaction()

    resolve(referral, officials[0])
    sink.let_go()
    engines.settle()
    for days in (7, 14):
        engines.kill_all()
        engines.move(days=days)
        engines.restart("loop")
        engines.settle()

    offices = [one.email for one in officials]
    copies = [one for one in sink.messages if one.recipients[0] in offices]
    assert len(copies) <= 1
    reminders = Notice.objects.filter(kind="reminder").order_by("state")
    assert [one.state for one in reminders][:2] == ["cancelled", "cancelled"]
    assert not Message.objects.filter(kind="escalation").exists()
    assert Issue.objects.get().status == Issue.Status.RESOLVED


def test_extending_while_a_reminder_is_on_its_way_asks_again_only_at_the_new_date(
    engines, sink, referral, officials
):
    """Fault 23: extended; what is under way arrives, what still waits is of no use any more."""
    sink.hold("data", keep=True)
    engines.start("loop")
    wait_until(lambda: sink.held, "the first reminder waits for the mail server")
    none_in_transaction()

    until = DUE.date() + dt.timedelta(days=14)
    issue_actions.extend(
        Referral.objects.get(pk=referral.pk),
        by=coordinator_of(referral.issue.province),
        now=clock.now(),
        client_key=uuid.uuid4(),
        until=until,
        reason="The rains came early.",
    )
    sink.let_go()
    engines.settle()
    reminders = Notice.objects.filter(kind="reminder", version=1, rung="0")
    assert sorted(one.state for one in reminders) == ["cancelled", "cancelled", "sent"]

    engines.kill_all()
    engines.move(days=14)
    engines.restart("loop")
    engines.settle()
    again = Notice.objects.filter(kind="reminder", version=2, rung="0", state="sent")
    assert sorted(one.recipient for one in again) == sorted(f"user:{one.pk}" for one in officials)
