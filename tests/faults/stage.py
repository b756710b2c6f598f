"""A broker, a mail server, engines and the ledger of each test about what may break."""

import os

import pytest
from django.core.management import call_command

from config.celery import app
from config.hint import Hint
from config.redis_server import Redis
from tests.faults.engines import Engines, Sink, database_url
from tests.faults.ledger import Ledger


@pytest.fixture
def database(transactional_db):
    """The database of the test; what engines write is seen by us, and the other way round."""


@pytest.fixture(scope="module")
def _sink():
    sink = Sink()
    sink.start()
    yield sink
    sink.stop()


@pytest.fixture
def sink(_sink):
    """The mail server the engines send to."""
    _sink.reset()
    yield _sink
    _sink.reset()


@pytest.fixture
def broker(tmp_path, monkeypatch):
    """A Redis of this test alone, which it may stop; our own hints go there too."""
    (tmp_path / "run").mkdir()
    server = Redis(tmp_path)
    server.start()
    monkeypatch.setattr(app.conf, "broker_write_url", server.url)
    monkeypatch.setattr("config.hint.look_now", Hint().look_now)
    yield server
    server.process.kill()  # also where a test has stopped it
    server.stop()


@pytest.fixture
def ledger(database, sink):
    """Checks after the test, once its engines have ended, what has to be true always."""
    made = Ledger(sink)
    try:
        yield made
        made.check()
    finally:
        made.close()


@pytest.fixture
def engines(ledger, sink, broker, tmp_path, settings):
    """Starts workers, beats and loops on our database, broker and mail server."""
    call_command("load_policy")
    made = Engines(
        os.environ
        | {
            "DATABASE_URL": database_url(),
            "REDIS_URL": broker.url,
            "EMAIL_URL": f"smtp://{sink.host}:{sink.port}",
            "EMAIL_TIMEOUT": "30",
            "PLAN_EVERY": "0.5",
            "DISPATCH_EVERY": "0.3",
            "LOG_LEVEL": "WARNING",
        },
        tmp_path,
        settings,
    )
    yield made
    made.kill_all()
