"""An office resolves while its reminder is on the way: that one copy at most, nothing after."""

import datetime as dt
import uuid

import pytest

from audit import clock
from issues import actions as issue_actions
from issues.models import Issue, Referral
from outbox.models import Message, Notice
from tests.factories import issue_in, official_of
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
