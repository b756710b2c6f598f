import os
import signal
import time

import pytest
import redis
from django.conf import settings

from config import machine
from config.celery import app
from config.hint import Hint

BEARABLE = 2.0  # seconds a page may wait for a broker that says nothing


@pytest.fixture
def hint():
    return Hint()


@pytest.fixture
def broker():
    with redis.Redis.from_url(settings.CELERY_BROKER_URL) as client:
        yield client


@pytest.fixture
def frozen(broker):
    """The broker stopped in the middle: it accepts connections and never answers."""
    pid = broker.info()["process_id"]
    os.kill(pid, signal.SIGSTOP)
    yield
    os.kill(pid, signal.SIGCONT)


@pytest.fixture
def no_broker(monkeypatch):
    nowhere = f"redis://127.0.0.1:{machine.free_port()}/0"
    monkeypatch.setattr(app.conf, "broker_write_url", nowhere)


def seconds_of(hint):
    began = time.monotonic()
    hint.look_now()
    return time.monotonic() - began


def test_hint_puts_one_message_into_the_queue(hint, broker):
    before = broker.llen("celery")

    hint.look_now()

    assert broker.llen("celery") == before + 1


def test_hint_to_a_frozen_broker_is_short_and_the_next_one_waits_for_nothing(hint, frozen):
    assert seconds_of(hint) < BEARABLE
    assert seconds_of(hint) < 0.05


def test_hint_after_a_warm_up_to_a_frozen_broker_is_short(hint, broker):
    hint.look_now()
    pid = broker.info()["process_id"]
    os.kill(pid, signal.SIGSTOP)
    try:
        assert seconds_of(hint) < BEARABLE
    finally:
        os.kill(pid, signal.SIGCONT)


def test_hint_without_a_broker_is_short_and_harmless(hint, no_broker):
    assert seconds_of(hint) < BEARABLE
    assert seconds_of(hint) < 0.05


@pytest.mark.django_db
def test_page_is_served_with_the_broker_frozen(client, frozen):
    began = time.monotonic()

    response = client.post("/language/", {"language": "en"})

    assert response.status_code == 302
    assert time.monotonic() - began < BEARABLE
