"""Senders killed in the middle: nothing is lost, and only what may have left is sent again."""

import os
import signal

import pytest

from config import hint
from outbox.actions import AT_ONCE
from outbox.models import Attempt
from tests.faults.engines import leased, senders, wait_until
from tests.faults.ledger import none_in_transaction
from tests.faults.stories import states, tell_many

pytest_plugins = ["tests.faults.stage"]


def held_by(process, sink):
    """The sender the mail server keeps waiting."""
    wait_until(lambda: sink.held, "somebody waits for the mail server")
    none_in_transaction()
    return wait_until(lambda: senders(process, sink), "a sender is connected")


# Copies of the one message: after its final dot it arrived, before nothing had left.
@pytest.mark.parametrize(("stage", "copies"), [("rcpt", 1), ("data", 2)])
def test_killing_a_child_of_the_pool_loses_nothing(engines, sink, ledger, stage, copies):
    """Fault 1: before anything left, or when it may have."""
    tell_many(1)
    sink.hold(stage, keep=True)
    worker, _beat = engines.start("worker", "beat")

    (sender,) = held_by(worker, sink)
    lost = leased()
    os.kill(sender.pid, signal.SIGKILL)
    sink.let_go()
    tell_many(2)
    engines.settle(lost=lost)
    assert states() == {"sent": 2, "sending": 1}

    engines.kill_all()
    engines.move(minutes=3)
    engines.restart("worker", "beat")
    engines.settle()
    assert states() == {"sent": 2, "unknown": 1}

    engines.kill_all()
    engines.move(minutes=16)
    engines.restart("worker", "beat")
    engines.settle()
    assert states() == {"sent": 3}
    assert sorted(map(len, ledger.copies().values())) == [1, 1, copies]


@pytest.mark.long_fault
def test_killing_the_whole_group_with_a_full_queue_loses_nothing(engines, sink, ledger):
    """Fault 2: what nobody had claimed waits for no time-out of the broker."""
    tell_many(70)
    for _ in range(10):
        hint.look_now()
    sink.hold("data", keep=True)
    (worker,) = engines.start("worker")

    wait_until(lambda: sink.held == 2, "both children wait for the mail server")
    none_in_transaction()
    engines.kill(worker)
    sink.let_go()
    begun, lost = Attempt.objects.count(), leased()
    # What nobody had claimed leaves at once: no time-out of the broker is waited for.
    engines.restart("worker", "beat")
    engines.settle(lost=lost)
    assert len(lost) <= 2 * AT_ONCE  # of two senders
    assert states() == {"sent": 70 - len(lost), "sending": len(lost)}

    engines.kill_all()
    engines.move(minutes=3)
    engines.restart("worker", "beat")
    engines.settle()
    assert (begun, states()) == (2, {"sent": 68, "unknown": 2})

    engines.kill_all()
    engines.move(minutes=16)
    engines.restart("worker", "beat")
    engines.settle()
    assert states() == {"sent": 70}
    assert sum(map(len, ledger.copies().values())) == 72


def test_killing_the_loop_and_starting_it_again_is_enough(engines, sink, ledger):
    """Beside fault 1: the loop alone, without Redis."""
    tell_many(8)
    sink.hold("data", keep=True)
    (loop,) = engines.start("loop")

    held_by(loop, sink)
    engines.kill(loop)
    sink.let_go()
    engines.move(minutes=3)
    engines.restart("loop")
    engines.settle()
    assert states() == {"sent": 7, "unknown": 1}

    engines.kill_all()
    engines.move(minutes=16)
    engines.restart("loop")
    engines.settle()
    assert states() == {"sent": 8}
    assert sum(map(len, ledger.copies().values())) == 9
