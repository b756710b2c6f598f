"""A broker, a mail server, engines and the ledger of each test about what may break."""

import logging
import os

import pytest
from django.core.management import call_command
from django.utils import timezone

from config.celery import app
from config.hint import Hint
from config.redis_server import Redis
from outbox import channels
from reminders import tasks
from tests.faults.engines import Engines, Sink, database_url
from tests.faults.ledger import UNWATCH, WATCH, Ledger, as_owner, check_here, watch_here

logging.getLogger("mail.log").setLevel(logging.WARNING)  # thousands of lines that nobody reads


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
def standing(request, db):
    """Checks after a test without engines what has to be true always, as far as rows show it."""
    marker = request.node.get_closest_marker("django_db")
    if not (marker and marker.kwargs.get("transaction")):
        watch_here()
        yield
        return check_here()
    as_owner(UNWATCH + WATCH + "GRANT SELECT ON faults_step TO PUBLIC;")
    try:
        yield
        return check_here()
    finally:
        as_owner(UNWATCH)


@pytest.fixture
def look(ledger, sink, settings):
    """What ``manage.py dispatch`` does, in this process: where the clock moves, not a process."""
    call_command("load_policy")
    settings.EMAIL_BACKEND = channels.SMTP_BACKEND
    settings.EMAIL_HOST, settings.EMAIL_PORT = sink.host, sink.port

    def look_at(moment=None):
        if moment is not None:
            settings.CLOCK_OFFSET = (moment - timezone.now()).total_seconds()
        tasks.plan()

    return look_at


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
