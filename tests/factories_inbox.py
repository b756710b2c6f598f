"""Factories of the mail that comes in, and the mails themselves."""

import hashlib
import io
from email.message import EmailMessage
from email.utils import make_msgid

import factory
import pikepdf
from factory.django import DjangoModelFactory

from audit import clock
from inbox import raw
from inbox.models import Incoming, Mailbox
from tests.factories import UserFactory


class MailboxFactory(DjangoModelFactory):
    class Meta:
        model = Mailbox
        django_get_or_create = ["name"]

    name = "vedika@127.0.0.1/INBOX"


class IncomingFactory(DjangoModelFactory):
    """A new mail; ``content`` are its bytes; ``state="held"`` waits as nobody knows the sender."""

    class Meta:
        model = Incoming

    class Params:
        content = factory.LazyFunction(lambda: mail().as_bytes())

    mailbox = factory.SubFactory(MailboxFactory)
    uidvalidity = 1
    uid = factory.Sequence(lambda n: n + 1)
    sha256 = factory.LazyAttribute(lambda made: hashlib.sha256(made.content).hexdigest())
    sealed = factory.LazyAttribute(lambda made: raw.sealed(made.content))
    size = factory.LazyAttribute(lambda made: len(made.content))
    received_at = factory.LazyFunction(clock.now)
    state = "new"
    why = factory.LazyAttribute(lambda made: "unknown_sender" if made.state == "held" else "")
    reason = factory.LazyAttribute(lambda made: "Advertising" if made.state == "dismissed" else "")
    handled_by = factory.LazyAttribute(lambda made: UserFactory() if made.reason else None)
    handled_at = factory.LazyAttribute(lambda made: clock.now() if made.reason else None)


def mail(
    sender="stranger@example.org",
    to="reply@vedika.example",
    subject="Re: a road",
    text="We shall repair it.",
    **headers,
) -> EmailMessage:
    """A mail as somebody's program writes it; ``In_Reply_To="…"`` is one of its headers."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Message-ID"] = headers.pop("Message_ID", None) or make_msgid(domain="example.org")
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def bounce(message_id, to="reply@vedika.example", action="failed", status="5.1.1") -> bytes:
    """The report of a mail server that could not deliver ``message_id``."""
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.org\r\n"
        f"To: {to}\r\nSubject: Undelivered\r\nMessage-ID: {make_msgid(domain='mx.example.org')}\r\n"
        "MIME-Version: 1.0\r\nAuto-Submitted: auto-replied\r\nContent-Type: multipart/report;"
        ' report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nNobody is here.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n"
        f"\r\nFinal-Recipient: rfc822; nobody@example.org\r\nAction: {action}\r\n"
        f"Status: {status}\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"From: secretariat@vedika.example\r\nMessage-ID: {message_id}\r\n\r\n--b--\r\n"
    ).encode()


def pdf() -> bytes:
    """A document of one empty page."""
    made, content = pikepdf.new(), io.BytesIO()
    made.add_blank_page()
    made.save(content)
    return content.getvalue()
