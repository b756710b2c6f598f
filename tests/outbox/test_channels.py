"""Each answer of a mail server, at each phase, read as what it means."""

from email import message_from_bytes, policy

import icalendar
import pytest

from outbox import channels, smtp
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


@pytest.mark.parametrize("reply", ["251 perhaps", "354 go on", "what"])
def test_send_does_not_know_after_an_answer_that_refuses_nothing(mail_sink, message, reply):
    mail_sink.refuse("data", reply)

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
    monkeypatch.setattr(smtp, "LIMIT", 0.5)
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


# --- with a calendar ----------------------------------------------------------------------------
CALENDAR = "\r\n".join([
    "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Vedika//EN", "METHOD:REQUEST", "BEGIN:VEVENT",
    "UID:session-7@vedika.example", "DTSTAMP:20260504T020000Z", "DTSTART:20260520T010000Z",
    "SUMMARY:វេទិកា\\, ខេត្តមណ្ឌលគិរី", "END:VEVENT", "END:VCALENDAR", "",
])  # fmt: skip


@pytest.fixture
def invitation(message):
    message.calendar, message.calendar_method = CALENDAR, "REQUEST"
    return message


def sent_by(mail_sink, message):
    """The mail as the reader's program parses it."""
    assert isinstance(channels.send(message), Sent)
    return message_from_bytes(mail_sink.messages[-1].content, policy=policy.default)


def shape(part):
    """Types of a mail, of its parts and theirs."""
    if not part.is_multipart():
        return part.get_content_type()
    return (part.get_content_type(), *map(shape, part.iter_parts()))


def test_send_without_a_calendar_is_plain_text_answered_to_the_sender(mail_sink, message):
    received = sent_by(mail_sink, message)

    assert shape(received) == "text/plain"
    assert received["Reply-To"] == received["From"]


def test_send_encloses_a_calendar_as_an_alternative_and_as_a_file(mail_sink, invitation):
    received = sent_by(mail_sink, invitation)

    assert shape(received) == (
        "multipart/mixed",
        ("multipart/alternative", "text/plain", "text/calendar"),
        "application/ics",
    )
    offered = received.get_payload(0).get_payload(1)
    assert dict(offered["Content-Type"].params) == {
        "method": "REQUEST",
        "component": "VEVENT",
        "charset": "utf-8",
    }
    assert offered["Content-Transfer-Encoding"] == "base64"
    assert offered["Content-Disposition"] is None
    (file,) = received.iter_attachments()
    assert file.get_filename() == "invitation.ics"
    for part in (offered, file):
        assert part.get_payload(decode=True) == CALENDAR.encode()
        (event,) = icalendar.Calendar.from_ical(part.get_payload(decode=True)).events
        assert event["SUMMARY"] == "វេទិកា, ខេត្តមណ្ឌលគិរី"
    text = received.get_body(preferencelist=("plain",)).get_content()
    assert text.splitlines() == invitation.body.splitlines()


def test_send_again_is_the_same_byte_by_byte(mail_sink, invitation):
    sent_by(mail_sink, invitation)
    sent_by(mail_sink, invitation)

    bodies = {one.content.partition(b"Content-Language: ")[2] for one in mail_sink.messages}
    borders = {one.content.partition(b"boundary=")[2][:60] for one in mail_sink.messages}
    assert (len(mail_sink.messages), len(bodies), len(borders)) == (2, 1, 1)


def test_send_asks_for_answers_where_the_text_says(mail_sink, invitation):
    invitation.reply_to = "secretariat+7.ab12@vedika.example"

    received = sent_by(mail_sink, invitation)

    assert received["Reply-To"] == "secretariat+7.ab12@vedika.example"
    assert received["From"] == "Vedika <secretariat@vedika.example>"


def test_send_refuses_an_address_for_answers_that_forges_a_header(mail_sink, invitation):
    invitation.reply_to = "a@vedika.example\nBcc: b@vedika.example"

    assert isinstance(channels.send(invitation), Refused)
    assert mail_sink.connections == 0


def test_send_writes_the_calendar_into_the_file(invitation, settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path

    assert isinstance(channels.send(invitation), Sent)
    (written,) = tmp_path.iterdir()
    assert "text/calendar; method=" in written.read_text()
