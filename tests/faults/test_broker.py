"""Redis stopped, gone or emptied: pages answer, and everything due is sent all the same."""

import os
import re
import signal
import time

import pytest
import redis
from django.urls import reverse

from config import hint
from config.redis_server import Redis
from issues.models import Referral
from tests.factories import PASSWORD, issue_in, official_of
from tests.faults.engines import wait_until
from tests.faults.stories import states, tell_many

pytest_plugins = ["tests.faults.stage"]

BEARABLE = 10.0  # seconds a page may take on a busy machine; the hint itself gives up after one
MANY = 20


@pytest.fixture
def referral(ledger):
    """In an office's hands, its official not signed in."""
    return issue_in("referred").referrals.get()


@pytest.fixture
def official(referral):
    return official_of(referral.authority)


def freeze(broker):
    """It accepts connections, and never says a word."""
    os.kill(broker.process.pid, signal.SIGSTOP)


def end(broker):
    broker.process.kill()
    broker.process.wait()


class Clock:
    """The longest a page took."""

    def __init__(self):
        self.longest = 0.0

    def time(self, ask, *args):
        began = time.monotonic()
        response = ask(*args)
        self.longest = max(self.longest, time.monotonic() - began)
        return response.status_code


@pytest.mark.parametrize("stop", [freeze, end])
def test_without_redis_pages_answer_and_the_loop_sends(
    engines, sink, broker, client, referral, official, stop
):
    """Faults 7 and 8: killed, or frozen; and it stays so for ten minutes by the clock."""
    hint.look_now()  # a connection that was once good
    stop(broker)
    watch = Clock()
    acknowledge = reverse("issues:referral_acknowledge", args=[referral.pk])
    credentials = {"login": official.email, "password": PASSWORD}

    answers = [
        watch.time(client.get, reverse("account_login")),
        watch.time(client.post, reverse("account_login"), credentials),
        watch.time(client.get, reverse("issues:referral", args=[referral.pk])),
        watch.time(client.post, acknowledge),
    ]

    assert answers == [200, 302, 200, 302]
    assert watch.longest < BEARABLE
    assert Referral.objects.get(pk=referral.pk).acknowledged_at
    engines.start("loop")
    (received,) = sink.wait_for(1, timeout=60)
    assert received.recipients == [referral.issue.author.email]
    engines.settle()
    engines.kill_all()
    engines.move(minutes=10)
    assert watch.time(client.get, reverse("issues:referral", args=[referral.pk])) == 200
    (reader,) = tell_many(1)
    engines.restart("loop")
    engines.settle()
    assert [one.recipients for one in sink.messages[1:]] == [[reader.email]]
    assert watch.longest < BEARABLE


def test_flushall_loses_nothing(engines, sink, broker):
    """Fault 6: emptied again and again while all is running."""
    tell_many(MANY)
    sink.slow_down(0.05)
    engines.start("worker", "beat")
    for count in (1, MANY // 2):
        sink.wait_for(count, timeout=60)
        for _ in range(5):
            hint.look_now()
        flush(broker)
    tell_many(1)

    engines.settle()

    assert states() == {"sent": MANY + 1}
    assert len(sink.messages) == MANY + 1


def flush(broker):
    with redis.Redis.from_url(broker.url) as client:
        client.flushall()


def thaw(broker):
    os.kill(broker.process.pid, signal.SIGCONT)


@pytest.mark.long_fault
@pytest.mark.parametrize(("stop", "again"), [(freeze, thaw), (end, Redis.start)])
def test_worker_and_beat_go_on_when_redis_comes_back(engines, sink, broker, stop, again):
    """Faults 7 and 8: what was started before goes on by itself afterwards."""
    tell_many(1)
    # A worker may end when the broker goes while it says that a task is done (kombu 5.7).
    engines.supervise("worker", "beat")
    sink.wait_for(1, timeout=60)

    stop(broker)
    tell_many(3)
    wait_until(lambda: re.search("(?i)connect|timeout", engines.last_words()), "it is missed")
    again(broker)
    engines.settle()

    assert states() == {"sent": 4}
    assert len(sink.messages) == 4


def test_nothing_waits_for_a_broker_that_is_full(engines, sink, broker, referral, official, client):
    """Fault 9: Redis out of memory."""
    with redis.Redis.from_url(broker.url) as control:
        control.config_set("maxmemory", "1")
    client.force_login(official)

    watch = Clock()
    assert (
        watch.time(client.post, reverse("issues:referral_acknowledge", args=[referral.pk])) == 302
    )
    assert watch.longest < BEARABLE
    engines.dispatch()

    assert len(sink.messages) == 1
