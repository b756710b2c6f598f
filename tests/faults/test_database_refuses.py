"""Faults 14 and 15: the database ends a transaction for a deadlock, or has no room left."""

from contextlib import contextmanager

import psycopg2
import pytest
from django.db import connection

from outbox.models import Attempt, Message
from tests.faults.engines import database_url, wait_until
from tests.faults.ledger import as_owner
from tests.faults.stories import states, tell_many
from tests.faults.test_moments import STOPPED, recover

pytest_plugins = ["tests.faults.stage"]

FULL = """
    CREATE FUNCTION faults_disk_full() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = 'disk_full'; END $$;
    CREATE TRIGGER faults_disk_full BEFORE {when} ON outbox_attempt
        FOR EACH ROW EXECUTE FUNCTION faults_disk_full();
"""
ROOM_AGAIN = "DROP FUNCTION IF EXISTS faults_disk_full() CASCADE"


def as_superuser():
    """Who may say how long a lock is waited for before a deadlock is looked for."""
    opened = psycopg2.connect(database_url().replace("vedika@", "postgres@", 1))
    opened.autocommit = True
    return opened


@contextmanager
def deadlocks_found_after(seconds):
    """For whoever connects meanwhile."""
    opened = as_superuser()
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    try:
        cursor = opened.cursor()
        cursor.execute(f"ALTER DATABASE {name} SET deadlock_timeout = '{seconds}s'")
        yield
        cursor.execute(f"ALTER DATABASE {name} RESET deadlock_timeout")
    finally:
        opened.close()


def test_a_deadlock_over_the_outcome_is_written_again(engines, sink):
    """Fault 14: we hold the notice and want the message, the sender the other way round."""
    tell_many(1)
    sink.hold("data", keep=True)
    with deadlocks_found_after(3):  # time enough for us to come into it
        engines.start("loop")
        wait_until(lambda: sink.held, "the message is at the server")
    ours = as_superuser()
    try:
        cursor = ours.cursor()
        cursor.execute("SET deadlock_timeout = '30s'")  # so it is the other that is ended
        cursor.execute("BEGIN")
        cursor.execute("SELECT FROM outbox_notice FOR UPDATE")
        sink.let_go()
        wait_until(lambda: as_owner(STOPPED)[0][0], "the sender waits for us")
        cursor.execute("SELECT FROM outbox_message FOR UPDATE")
    finally:
        ours.close()

    wait_until(lambda: states() == {"sent": 1}, engines.last_words)
    engines.settle()
    assert "is written again" in engines.last_words()
    assert Attempt.objects.values_list("outcome").get() == ("sent",)
    assert len(sink.messages) == 1


# What is simulated: the table of attempts takes no row, with PostgreSQL's own code (53100).
@pytest.mark.parametrize("when", ["INSERT", "UPDATE"])
def test_nothing_is_sent_without_room_for_its_try(engines, sink, when):
    """Fault 15: without a begun row nothing leaves; what left without an outcome is unknown."""
    tell_many(1)
    as_owner(FULL.format(when=when))
    try:
        (loop,) = engines.start("loop")
        wait_until(lambda: "did not answer" in engines.last_words(), engines.last_words)
        assert len(sink.messages) == Attempt.objects.count() == (when == "UPDATE")
        assert loop.poll() is None
    finally:
        as_owner(ROOM_AGAIN)

    recover(engines, 3)
    if when == "UPDATE":
        assert Message.objects.get().state == "unknown"
        recover(engines, 16)
    assert states() == {"sent": 1}
    assert len(sink.messages) == Attempt.objects.count()
