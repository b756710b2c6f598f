"""One connection for many mails, and what a server may do to it between two of them."""

import pytest

from outbox import channels, smtp
from outbox.outcomes import Refused, Sent, TryLater, Unknown
from tests.factories import MessageFactory


@pytest.fixture(autouse=True)
def _short_patience(settings):
    settings.EMAIL_TIMEOUT = 1


def send(number):
    """Send one more mail."""
    message = MessageFactory.build(
        address=f"reader{number}@vedika.example",
        message_id=f"<{number}@vedika.example>",
        body="Yes.\n",
    )
    return type(channels.send(message))


def test_mails_within_a_line_share_one_connection(mail_sink):
    with smtp.line():
        assert [send(number) for number in range(3)] == [Sent, Sent, Sent]
    assert send(3) is Sent

    assert (len(mail_sink.wait_for(4)), mail_sink.connections) == (4, 2)


def test_a_server_that_hung_up_between_two_mails_is_asked_anew(mail_sink):
    with smtp.line():
        assert send(1) is Sent
        smtp._kept.get().client.sock.shutdown(2)
        assert send(2) is Sent

    assert (len(mail_sink.wait_for(2)), mail_sink.connections) == (2, 2)


@pytest.mark.parametrize(
    ("stage", "reply", "expected"),
    [("rcpt", "550 5.1.1 no such mailbox", Refused), ("data", "451 4.3.0 later", TryLater)],
)
def test_a_refused_mail_leaves_nothing_behind_for_the_next(mail_sink, stage, reply, expected):
    mail_sink.refuse(stage, reply, times=1)

    with smtp.line():
        assert [send(1), send(2)] == [expected, Sent]

    (received,) = [one for one in mail_sink.wait_for(1) if b"<2@" in one.content]
    assert received.recipients == ["reader2@vedika.example"]
    assert mail_sink.connections == 2


def test_silence_behind_the_last_dot_is_unknown_and_the_next_mail_gets_a_line_of_its_own(mail_sink):
    with smtp.line():
        assert send(1) is Sent
        mail_sink.hang("data", 3, keep=True)
        assert send(2) is Unknown
        mail_sink.troubles.clear()
        assert send(3) is Sent

    assert mail_sink.connections == 2


def test_each_mail_of_a_line_has_its_own_time(mail_sink, monkeypatch):
    with smtp.line():
        assert send(1) is Sent
        monkeypatch.setattr(smtp, "LIMIT", 0.2)
        mail_sink.hang("data", 3, keep=True)
        assert send(2) is Unknown
