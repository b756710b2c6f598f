"""How a message leaves: e-mail by SMTP, phase by phase, so that a failure says what it means.

Before the last dot of the body a failure surely left nothing; after it nobody knows.
"""

import re
import smtplib
import socket
import ssl
import threading
from contextlib import suppress
from email import encoders
from email.message import Message as Part
from email.utils import parseaddr
from functools import cache, partial
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core import mail
from django.core.mail.utils import DNS_NAME

from outbox import bounces, gateway, services, telegram
from outbox.models import Channel, Message
from outbox.outcomes import Outcome, Refused, Sent, TryLater, Unknown

__all__ = ["Outcome", "Refused", "Sent", "TryLater", "Unknown", "send"]

SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
LIMIT = 60.0  # seconds one message may take from the connection to the answer; below the lease
BAD_MAILBOX = (550, 551, 553)  # at RCPT, where the server gives no enhanced code
ENHANCED = re.compile(r"(5\.\d{1,3}\.\d{1,3})\b")
PARTING = 2.0  # seconds we wait for the answer to QUIT, when all is already known


def send(message: Message) -> Outcome:
    """Send the message and say what became of it; never raises for what a provider does."""
    if message.channel == Channel.TELEGRAM:
        return telegram.send(message)
    if message.channel == Channel.SMS:
        return gateway.send(message)
    if message.channel == Channel.OTHER:
        return services.send(message)
    return _by_mail(message)


def _by_mail(message: Message) -> Outcome:
    try:
        envelope = _envelope(message)
        content = envelope.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]
        message.address.encode("ascii")
    except ValueError as error:  # also UnicodeError: no mailbox we could name to a server
        return Refused("address", _words(error))
    if settings.ANYMAIL_PROVIDER:
        return _by_provider(message, envelope)
    if settings.EMAIL_BACKEND == SMTP_BACKEND:
        return _by_smtp(message, content)
    return _by_backend(envelope)


def _by_provider(message: Message, envelope: mail.EmailMessage) -> Outcome:
    """Through django-anymail, which is loaded only where it is used: it takes much memory."""
    outcome: Outcome = import_module("outbox.provider").send(message, envelope)
    return outcome


def _envelope(message: Message) -> mail.EmailMessage:
    sender = settings.DEFAULT_FROM_EMAIL
    envelope = _Envelope(
        subject=message.subject,
        body=message.body,
        from_email=sender,
        to=[message.address],
        reply_to=[message.reply_to or sender],
        headers={
            "Message-ID": message.message_id,
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "Content-Language": message.language,
        },
    )
    if message.calendar:
        _enclose(envelope, message.calendar, message.calendar_method)
    return envelope


def _enclose(envelope: "_Envelope", calendar: str, method: str) -> None:
    """Add the calendar twice, as calendar programs have agreed on among themselves.

    Outlook, Gmail, Apple and Thunderbird offer their buttons for an alternative of the text whose
    type says the method; Outlook looks for it only within the first part of the mail. Others take
    it only from an attachment, which must be no ``text/calendar``: some would ask a second time.
    So Google Calendar sends it, and so CalConnect's iMIP Best Practices recommend it.
    """
    envelope.calendar = calendar
    envelope.attach_alternative(calendar, f"text/calendar; method={method}; component=VEVENT")
    envelope.attach("invitation.ics", calendar.encode(), "application/ics")


class _Envelope(mail.EmailMultiAlternatives):
    """A mail whose content is the same, byte by byte, at every try."""

    calendar = ""

    def message(self, **options: Any) -> Any:
        """Django's own, with borders that are not drawn by lot and a calendar nobody rewraps."""
        made = super().message(**options)
        mark = self.extra_headers["Message-ID"].strip("<>").partition("@")[0]
        for number, part in enumerate(made.walk()):
            if part.is_multipart():
                part.set_boundary(f"=_{mark[:40]}_{number}")  # a secret's hash: in no text
            elif part.get_content_type() == "text/calendar":
                _protect(part, self.calendar)
        return made


def _protect(part: Part, calendar: str) -> None:
    """In base64: its ends of lines and folded Khmer pass every server, also one of seven bits."""
    del part["Content-Transfer-Encoding"]
    part.set_payload(calendar.encode())
    encoders.encode_base64(part)


def _by_backend(envelope: mail.EmailMessage) -> Outcome:
    """Through Django's backend: files where no mail server is set, memory in tests."""
    try:
        envelope.send(fail_silently=False)
    except OSError as error:
        return TryLater("file", _words(error), unreachable=True)
    return Sent("file", "written")


# --- SMTP ------------------------------------------------------------------------------------
class _Client(smtplib.SMTP):
    """smtplib's client, cut off when the whole takes too long however busily the server talks."""

    def connect(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        self.watchdog = threading.Timer(LIMIT, self._cut)
        self.watchdog.daemon = True
        self.watchdog.start()
        try:
            return super().connect(*args, **kwargs)
        except BaseException:
            self.watchdog.cancel()
            raise

    def close(self) -> None:
        if hasattr(self, "watchdog"):
            self.watchdog.cancel()
        super().close()

    def _cut(self) -> None:
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]


class _SecureClient(_Client, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


class _Stop(Exception):
    """The conversation ended early, with this outcome."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


def _by_smtp(message: Message, content: bytes) -> Outcome:
    try:
        client = _open()
    except smtplib.SMTPResponseException as error:  # a greeting, EHLO or sign-in refused
        return TryLater(str(error.smtp_code), _words(error.smtp_error), unreachable=True)
    except (smtplib.SMTPException, OSError) as error:
        return TryLater("connection", _words(error), unreachable=True)
    try:
        return _converse(client, message, content)
    except _Stop as stop:
        return stop.outcome
    finally:
        _part(client)


@cache
def _trust() -> ssl.SSLContext:
    """Which certificates are believed; reading them takes longer than a whole mail."""
    return ssl.create_default_context()


def _open() -> smtplib.SMTP:
    """A connection that greeted us, encrypted and signed in as the settings say."""
    make: Any = partial(_SecureClient, context=_trust()) if settings.EMAIL_USE_SSL else _Client
    client: smtplib.SMTP = make(
        settings.EMAIL_HOST,
        settings.EMAIL_PORT,
        local_hostname=DNS_NAME.get_fqdn(),
        timeout=settings.EMAIL_TIMEOUT,
    )
    try:
        client.ehlo_or_helo_if_needed()
        if settings.EMAIL_USE_TLS:
            client.starttls(context=_trust())
        if settings.EMAIL_HOST_USER:
            client.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
    except BaseException:
        client.close()
        raise
    return client


def _converse(client: smtplib.SMTP, message: Message, content: bytes) -> Outcome:
    """MAIL, RCPT, DATA and the body, for one recipient; what comes back names the message."""
    sender = bounces.return_path(message) or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    eight_bits = ["body=8bitmime"] if client.has_extn("8bitmime") else []
    _ask(client, partial(client.mail, sender, eight_bits), is_ours=True)
    _ask(client, partial(client.rcpt, message.address), is_address=True)
    _ask(client, partial(client.docmd, "DATA"), expected=354)
    body = smtplib._quote_periods(content)  # type: ignore[attr-defined]
    try:
        client.send(body if body.endswith(b"\r\n") else body + b"\r\n")
    except (smtplib.SMTPException, OSError) as error:
        return TryLater("connection", _words(error), unreachable=True)
    try:
        client.send(b".\r\n")
        code, text = client.getreply()
    except (smtplib.SMTPException, OSError) as error:
        return Unknown("silence", _words(error))
    return Sent(str(code), _words(text)) if code == 250 else _read(code, text)


def _ask(
    client: smtplib.SMTP,
    command: Any,
    *,
    expected: int = 0,
    is_ours: bool = False,
    is_address: bool = False,
) -> None:
    """Give a command; any answer but the expected ends the conversation.

    ``is_ours``: the command says nothing of the recipient, so a refusal is our own trouble;
    ``is_address``: it names the address, so a refusal may mean the address itself.
    """
    try:
        code, text = command()
    except (smtplib.SMTPException, OSError) as error:
        raise _Stop(TryLater("connection", _words(error), unreachable=True)) from error
    if code == expected or (not expected and code in (250, 251)):
        return
    if is_ours:
        raise _Stop(TryLater(str(code), _words(text), unreachable=code == 421))
    raise _Stop(_read(code, text, is_address=is_address))


def _read(code: int, text: bytes, *, is_address: bool = False) -> Outcome:
    """A refusal that is for good (5xx), or for now."""
    if 500 <= code < 600:
        said = _words(text)
        return Refused(str(code), said, is_address=is_address and _means_address(code, said))
    return TryLater(str(code), _words(text), unreachable=code == 421)


def _means_address(code: int, said: str) -> bool:
    """Whether the mailbox itself is refused, not the sender or this mail (RFC 3463, RFC 5321)."""
    if enhanced := ENHANCED.match(said):
        return enhanced[1].startswith("5.1.") or enhanced[1] == "5.2.1"
    return code in BAD_MAILBOX


def _part(client: smtplib.SMTP) -> None:
    """Say good-bye; what happens now changes nothing."""
    with suppress(smtplib.SMTPException, OSError):
        if client.sock is not None:
            client.sock.settimeout(PARTING)
            client.quit()
    client.close()


def _words(said: object) -> str:
    """What a server or an error said, as one line that fits."""
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    return " ".join((text or type(said).__name__).replace("\0", "").split())[:500]
