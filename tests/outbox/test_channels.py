"""Each answer of a mail server, at each phase, read as what it means."""

import pytest

from outbox import channels
from outbox.channels import Refused, Sent, TryLater, Unknown
from tests.factories import MessageFactory


@pytest.fixture
def message(db):
    return MessageFactory.build(
        address="reader@vedika.example",
        subject="សំណើ",
        body="សូមគោរព។\n.\nA line that is one dot stands above.\n",
        message_id="<1@vedika.example>",
    )


@pytest.fixture(autouse=True)
def _short_patience(settings):
    settings.EMAIL_TIMEOUT = 1


def test_send_delivers_one_mail_with_its_own_message_id(mail_sink, message):
    outcome = channels.send(message)

    assert isinstance(outcome, Sent)
    (received,) = mail_sink.wait_for(1)
    assert received.recipients == ["reader@vedika.example"]
    assert received.sender == "secretariat@vedika.example"
    assert b"Message-ID: <1@vedika.example>" in received.content
    assert b"Auto-Submitted: auto-generated" in received.content
    assert b"\r\n.\r\nA line that is one dot" in received.content or b"=2E" in received.content


@pytest.mark.parametrize(
    ("stage", "reply", "expected"),
    [
        ("greeting", "421 4.3.2 not now", TryLater),
        ("greeting", "554 5.7.1 go away", TryLater),
        ("rcpt", "450 4.2.1 busy", TryLater),
        ("rcpt", "550 5.1.1 no such mailbox", Refused),
        ("data", "451 4.3.0 later", TryLater),
        ("data", "552 5.3.4 too large", Refused),
    ],
)
def test_send_reads_a_refusal_by_its_phase(mail_sink, message, stage, reply, expected):
    mail_sink.refuse(stage, reply)

    outcome = channels.send(message)

    assert (type(outcome), outcome.code) == (expected, reply[:3])
    assert mail_sink.messages == [] or stage == "data"


@pytest.mark.parametrize(("stage", "unreachable"), [("greeting", True), ("rcpt", False)])
def test_send_blames_the_provider_only_for_its_own_failures(mail_sink, message, stage, unreachable):
    mail_sink.refuse(stage, "450 4.2.1 busy")

    assert channels.send(message).unreachable is unreachable


def test_send_does_not_know_after_silence_behind_the_last_dot(mail_sink, message):
    mail_sink.hang("data", 3, keep=True)

    assert isinstance(channels.send(message), Unknown)
    assert len(mail_sink.messages) == 1


def test_send_does_not_know_after_a_cut_behind_the_last_dot(mail_sink, message):
    mail_sink.close("data", keep=True)

    assert isinstance(channels.send(message), Unknown)


def test_send_surely_did_not_leave_when_the_greeting_hangs(mail_sink, message):
    mail_sink.hang("greeting", 3)

    outcome = channels.send(message)

    assert isinstance(outcome, TryLater)
    assert outcome.unreachable


def test_send_surely_did_not_leave_when_nobody_listens(mail_sink, message, settings):
    settings.EMAIL_PORT = 1

    assert channels.send(message) == TryLater(
        "connection", "[Errno 111] Connection refused", unreachable=True
    )


def test_send_is_cut_off_however_slowly_the_server_talks(mail_sink, message, monkeypatch, settings):
    settings.EMAIL_TIMEOUT = 30
    monkeypatch.setattr(channels, "LIMIT", 0.5)
    mail_sink.hang("greeting", 10)

    assert isinstance(channels.send(message), TryLater)


def test_send_refuses_an_address_no_server_could_be_told(mail_sink, message):
    message.address = "អ្នកអាន@vedika.example"

    assert channels.send(message).code == "address"
    assert mail_sink.connections == 0


def test_send_writes_a_file_where_no_server_is_set(message, settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path

    assert isinstance(channels.send(message), Sent)
    (written,) = tmp_path.iterdir()
    assert "<1@vedika.example>" in written.read_text()
