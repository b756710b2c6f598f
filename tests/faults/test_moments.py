"""Faults 3, 4 and 30: killed or overtaken at one moment, for which the database itself is held."""

from contextlib import contextmanager

import psycopg2

from outbox.models import Attempt
from tests.faults.engines import database_url, wait_until
from tests.faults.ledger import as_owner, none_in_transaction
from tests.faults.stories import states, tell_many

pytest_plugins = ["tests.faults.stage"]

STOPPED = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


@contextmanager
def holding(statement):
    """Whoever needs what the statement locks waits, until the block ends."""
    opened = psycopg2.connect(database_url())
    try:
        opened.cursor().execute(statement)
        yield
    finally:
        opened.close()


def somebody_waits():
    wait_until(lambda: as_owner(STOPPED)[0][0], "the sender waits for the lock")


def recover(engines, *steps):
    for minutes in steps:
        engines.kill_all()
        engines.move(minutes=minutes)
        engines.restart("loop")
        engines.settle()


def test_killed_between_the_servers_answer_and_our_record_is_unknown_and_sent_twice(
    engines, sink, ledger
):
    """Fault 3: the server said 250, nobody wrote it down."""
    tell_many(1)
    sink.hold("data", keep=True)
    (loop,) = engines.start("loop")
    wait_until(lambda: sink.held, "the message is at the server")
    none_in_transaction()
    with holding("SELECT FROM outbox_message FOR UPDATE"):
        sink.let_go()
        somebody_waits()
        engines.kill(loop)

    recover(engines, 3)
    assert states() == {"unknown": 1}
    recover(engines, 16)
    assert states() == {"sent": 1}
    assert list(Attempt.objects.order_by("pk").values_list("outcome", flat=True)) == [
        "begun", "sent",
    ]  # fmt: skip
    assert list(map(len, ledger.copies().values())) == [2]


def test_killed_between_claim_and_attempt_leaves_no_doubt_and_is_sent_once(engines, sink):
    """Fault 4: claimed, and no try begun: it surely never left."""
    tell_many(1)
    with holding("LOCK TABLE outbox_attempt IN SHARE MODE"):
        (loop,) = engines.start("loop")
        wait_until(lambda: states() == {"sending": 1}, "it is claimed")
        somebody_waits()
        engines.kill(loop)
    assert not Attempt.objects.exists()

    recover(engines, 3)
    assert states() == {"sent": 1}
    assert (Attempt.objects.count(), len(sink.messages)) == (1, 1)


def test_a_lease_that_lapses_while_still_sending_sends_one_copy(engines, sink):
    """Fault 30: another takes it for lost; what the late sender knows counts all the same."""
    tell_many(1)
    sink.hold("data", keep=True)
    engines.start("loop")
    wait_until(lambda: sink.held, "the message is at the server")

    engines.move(minutes=3)
    engines.start("loop")
    wait_until(lambda: states() == {"unknown": 1}, engines.last_words)
    sink.let_go()
    wait_until(lambda: states() == {"sent": 1}, engines.last_words)
    recover(engines, 16)

    assert Attempt.objects.values_list("outcome").get() == ("sent",)
    assert len(sink.messages) == 1
