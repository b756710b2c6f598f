"""A mail server that is away, that misbehaves at each of its phases, or dislikes one address."""

import datetime as dt
import threading
import time
from contextlib import suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer

import pytest
from django.db.models import Max, Sum

from audit import clock
from config import machine
from outbox import breaker, smtp
from outbox.models import Attempt, Message, Notice
from tests.faults.stories import states, tell_many
from tests.services import Trouble

pytest_plugins = ["tests.faults.stage"]


def codes():
    """The outcome and code of each attempt."""
    return list(Attempt.objects.order_by("pk").values_list("outcome", "code"))


# --- away ---------------------------------------------------------------------------------------
@pytest.mark.long_fault
def test_twelve_hours_without_a_mail_server_cost_no_message_and_no_tries(engines, sink):
    """Fault 16: refused for twelve hours by the clock, then drained by urgency, slowly at first."""
    tell_many(10)
    tell_many(10, urgency=2)
    there = engines.environment["EMAIL_URL"]
    engines.environment["EMAIL_URL"] = f"smtp://127.0.0.1:{machine.free_port()}"
    for minutes in (0, 60, 300, 355):  # after the last nearly twelve hours have passed
        engines.move(minutes=minutes)
        engines.dispatch()
        assert breaker.is_open("email")
    assert states() == {"queued": 20}

    engines.environment["EMAIL_URL"] = there
    sink.refuse("greeting", "421 4.3.2 not yet")
    engines.move(minutes=5)
    engines.dispatch()
    tries = Message.objects.aggregate(Sum("tries"), Max("tries"))
    assert (states(), sink.connections) == ({"queued": 20}, 1)
    # Those that opened the breaker; what it let through to probe was not counted.
    assert tries["tries__sum"] <= breaker.FAILURES

    sink.reset()
    engines.move(minutes=60)
    engines.dispatch()
    assert states() == {"sent": 1 + breaker.FIRST, "queued": 19 - breaker.FIRST}
    engines.move(minutes=1)
    engines.dispatch()
    assert states() == {"sent": 20}
    urgencies = [Message.objects.get(address=one.recipients[0]).urgency for one in sink.messages]
    assert urgencies == [2] * 10 + [0] * 10


# --- phases -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("stage", "reply"), [("greeting", "421 4.3.2 busy"), ("rcpt", "450 4.2.1 busy")]
)
def test_a_refusal_for_now_is_tried_again(engines, sink, stage, reply):
    """Fault 17: 421 at the greeting, 450 at RCPT."""
    tell_many(1)
    sink.refuse(stage, reply, times=1)

    engines.dispatch()
    engines.move(minutes=1)
    engines.dispatch()

    assert states() == {"sent": 1}
    assert codes() == [("try_later", reply[:3]), ("sent", "250")]
    assert len(sink.messages) == 1


@pytest.mark.parametrize(
    ("stage", "reply"), [("rcpt", "550 5.1.1 no such mailbox"), ("data", "552 5.3.4 too large")]
)
def test_a_refusal_for_good_is_final_and_said(engines, sink, stage, reply):
    """Fault 17: 550 at RCPT, 552 at DATA."""
    tell_many(1)
    sink.refuse(stage, reply)

    engines.dispatch()
    engines.move(hours=2)
    engines.dispatch()

    assert Notice.objects.values_list("state", "reason").get() == ("failed", reply)
    assert codes() == [("refused", reply[:3])]
    assert sink.messages == []


@pytest.mark.parametrize("trouble", [{"close": True}, {"hang": 3600}], ids=["close", "hang"])
@pytest.mark.long_fault
def test_silence_after_the_dot_is_unknown_and_sent_again_twice_at_most(engines, sink, trouble):
    """Fault 18: it hangs or closes after the dot, each time."""
    tell_many(1)
    engines.environment["EMAIL_TIMEOUT"] = "1"
    sink.troubles["data"] = Trouble(keep=True, **trouble)

    engines.dispatch()
    assert states() == {"unknown": 1}
    for _ in range(3):
        engines.move(minutes=31)
        engines.dispatch()

    assert states() == {"unknown": 1}
    assert codes() == [("unknown", "silence")] * 3
    assert len(sink.messages) == 3  # the ledger compares their words and Message-ID


def test_silence_after_the_dot_ends_with_the_first_answer(engines, sink):
    """Fault 18: it closes after the dot, once."""
    tell_many(1)
    sink.close("data", keep=True, times=1)

    engines.dispatch()
    engines.move(minutes=16)
    engines.dispatch()

    assert states() == {"sent": 1}
    assert len(sink.messages) == 2


def test_silence_at_quit_counts_as_sent(engines, sink):
    """Fault 18: it hangs at QUIT."""
    tell_many(1)
    sink.hang("quit")

    engines.dispatch()

    assert states() == {"sent": 1}
    assert len(sink.messages) == 1


class Dripping(ThreadingTCPServer):
    """Greets us for ever, one letter at a time, each well within the time-out."""

    daemon_threads = True

    class Drip(BaseRequestHandler):
        def handle(self):
            with suppress(OSError):
                self.request.sendall(b"220-")
                while True:
                    self.request.sendall(b"y")
                    time.sleep(0.1)


def test_a_banner_that_drips_is_cut_off_and_tried_again(look, sink, settings, monkeypatch):
    """Fault 18: in this process, whose limit for one message is shorter here."""
    monkeypatch.setattr(smtp, "LIMIT", 1.0)
    settings.EMAIL_TIMEOUT = 5
    tell_many(1)
    dripping = Dripping(("127.0.0.1", 0), Dripping.Drip)
    threading.Thread(target=dripping.serve_forever, args=[0.02], daemon=True).start()
    settings.EMAIL_PORT = dripping.server_address[1]
    began = time.monotonic()

    look()

    dripping.shutdown()
    dripping.server_close()
    assert time.monotonic() - began < 4
    assert (states(), [one for one, _code in codes()]) == ({"queued": 1}, ["try_later"])
    settings.EMAIL_PORT = sink.port
    look(clock.now() + dt.timedelta(hours=1))
    assert (states(), len(sink.messages)) == ({"sent": 1}, 1)


# --- one of many --------------------------------------------------------------------------------
def test_one_bad_recipient_fails_alone(engines, sink):
    """Fault 19."""
    bad, *others = tell_many(10)
    sink.refuse("rcpt", "550 5.1.1 no such mailbox", address=bad.email)

    engines.dispatch()

    failed = Notice.objects.get(state="failed")
    assert (failed.recipient, failed.reason) == (f"user:{bad.pk}", "550 5.1.1 no such mailbox")
    assert states() == {"failed": 1, "sent": 9}
    assert {one.recipients[0] for one in sink.messages} == {one.email for one in others}


def test_one_notice_whose_words_cannot_be_made_dies_alone(engines, sink):
    """Fault 28: a poison row."""
    tell_many(3, urgency=2)
    # An answer that does not exist: true enough to be wanted, and nothing can be said of it.
    (reader,) = tell_many(1, kind="response_given", version=999_999, urgency=1)
    tell_many(3)

    engines.dispatch()

    dead = Notice.objects.get(state="failed")
    assert (dead.recipient, dead.message) == (f"user:{reader.pk}", None)
    assert states() == {"sent": 6}
