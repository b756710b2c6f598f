"""Fault 5: for a minute senders are killed at random while three thousand messages are sent."""

import random
import time
from contextlib import suppress

import psutil
import pytest

from outbox.models import Attempt, Message
from tests.faults.stories import states, tell_many

pytest_plugins = ["tests.faults.stage"]

ROWS, WORKERS, SECONDS = 3000, 4, 60


def senders_of(workers):
    """The children of the pools; each sends one message at a time."""
    found = []
    for one in workers:
        with suppress(psutil.Error):
            found += psutil.Process(one.pid).children()
    return found


@pytest.mark.long_fault
def test_random_kills_lose_nothing_and_make_no_more_copies_than_kills(engines, sink, ledger):
    """Fault 5: a child of a pool, or now and then a whole worker."""
    chance, kills = random.Random(6), 0  # noqa: S311 - no secret
    tell_many(ROWS)
    workers = engines.start(*["worker"] * WORKERS)
    engines.start("beat", "beat")
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        time.sleep(chance.uniform(0.5, 2))
        victims = senders_of(workers)
        if chance.random() < 0.2:
            worker = workers.pop(chance.randrange(WORKERS))
            kills += len(senders_of([worker]))
            engines.kill(worker)
            workers += engines.start("worker")
        elif victims:
            kills += 1
            with suppress(psutil.Error):
                chance.choice(victims).kill()
    assert Attempt.objects.exists()

    for minutes in (3, 16):
        engines.kill_all()
        engines.move(minutes=minutes)
        engines.restart("worker", "worker", "beat", "loop")
        engines.settle(patience=300)

    assert states() == {"sent": ROWS}
    assert Message.objects.count() == ROWS
    assert len(sink.messages) - ROWS <= kills
