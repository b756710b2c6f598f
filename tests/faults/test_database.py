"""PostgreSQL ended in the middle, or everybody thrown out: the loop goes on where it was."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from django.db import connection

from config import machine
from config.postgres_server import Postgres
from tests.faults.engines import wait_until
from tests.faults.ledger import as_owner
from tests.faults.stories import states, tell_many

pytest_plugins = ["tests.faults.stage"]

THROW_OUT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
MANY = 20


@pytest.fixture
def server():
    """A PostgreSQL of this test alone, with all tables, ended with it."""
    home = Path(tempfile.mkdtemp(prefix="vedika-faults-"))
    (home / "run").mkdir()
    made = Postgres(home)
    try:
        made.start()
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
            env=os.environ | {"DATABASE_URL": made.url, "VEDIKA_AS_OWNER": "1"},
            cwd=machine.ROOT,
            check=True,
        )
        yield made
    finally:
        made.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def own_database(server, django_db_setup, django_db_blocker):
    """This process, too, speaks to the test's own server."""
    ours = {"HOST": str(server.sockets), "NAME": "vedika"}
    before = {name: connection.settings_dict[name] for name in ours}
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict.update(ours)
        yield
        connection.close()
        connection.settings_dict.update(before)


@pytest.fixture
def database(request):
    """The server of the test's own where it asks for one, else the database it is marked for."""
    if "server" in request.fixturenames:
        request.getfixturevalue("own_database")


def crash(server):
    """End at once, as in a power cut: nothing is finished, all connections drop."""
    server.process.send_signal(signal.SIGQUIT)
    server.process.wait()
    connection.close()


@pytest.mark.long_fault
def test_postgres_ended_in_the_middle_loses_nothing(server, engines, sink):
    """Fault 12: as in a power cut; it is away as long as its start takes."""
    tell_many(2 * MANY)  # more than are claimed at once
    sink.slow_down(0.05)
    (loop,) = engines.start("loop")
    sink.wait_for(MANY // 4, timeout=60)

    crash(server)
    wait_until(lambda: "database" in engines.last_words(), "the loop misses the database")
    server.start()
    # But for the few it had claimed, it goes on at once.
    wait_until(lambda: states().keys() <= {"sent", "sending", "unknown"}, engines.last_words)
    assert loop.poll() is None

    for minutes in (3, 16):  # what was on its way is recovered, and sent again
        engines.kill_all()
        engines.move(minutes=minutes)
        engines.restart("loop")
        engines.settle()
    assert states() == {"sent": 2 * MANY}


def told(sink, reader):
    return [one for one in sink.messages if one.recipients == [reader.email]]


@pytest.mark.django_db(transaction=True)
def test_everybody_thrown_out_of_the_database_comes_back(engines, sink):
    """Fault 13: all backends are terminated, twice."""
    tell_many(MANY)
    sink.slow_down(0.05)
    worker, beat, loop = engines.start("worker", "beat", "loop")
    for count in (2, MANY // 2):
        sink.wait_for(count, timeout=60)
        as_owner(THROW_OUT)
    connection.close()

    (reader,) = tell_many(1, urgency=2)
    wait_until(lambda: told(sink, reader), engines.last_words)
    assert [one.poll() for one in (worker, beat, loop)] == [None, None, None]

    for minutes in (3, 16):
        engines.kill_all()
        engines.move(minutes=minutes)
        engines.restart("loop")
        engines.settle()
    assert states() == {"sent": MANY + 1}
