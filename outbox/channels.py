"""How a message leaves by the way of its recipient; a mail with its envelope and calendar."""

from email import encoders
from email.message import Message as Part
from email.policy import Compat32
from typing import Any

from django.conf import settings
from django.core import mail

from outbox import gateway, services, smtp, telegram
from outbox.models import Channel, Message
from outbox.outcomes import Outcome, Refused, Sent, TryLater, Unknown

__all__ = ["Outcome", "Refused", "Sent", "TryLater", "Unknown", "send"]

SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"


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
        return Refused("address", smtp.one_line(error))
    if settings.ANYMAIL_PROVIDER:
        return _by_provider(message, envelope)
    if settings.EMAIL_BACKEND == SMTP_BACKEND:
        return smtp.send(message, content)
    return _by_backend(envelope)


def _by_provider(message: Message, envelope: mail.EmailMessage) -> Outcome:
    """Through django-anymail, which is loaded only where it is used: it takes much memory."""
    from outbox import provider

    return provider.send(message, envelope)


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


class _AsTheyAre(Compat32):
    """Headers that fit on their line are written as they are: to fold them takes half the time."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The line of a header."""
        if isinstance(value, str) and value.isascii() and value.isprintable():
            line = f"{name}: {value}"
            if len(line) <= (self.max_line_length or 0):
                return f"{line}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


AS_THEY_ARE = _AsTheyAre()


class _Envelope(mail.EmailMultiAlternatives):
    """A mail whose content is the same, byte by byte, at every try."""

    calendar = ""

    def message(self, **options: Any) -> Any:
        """Django's own, with borders that are not drawn by lot and a calendar nobody rewraps."""
        made = super().message(**options)
        mark = self.extra_headers["Message-ID"].strip("<>").partition("@")[0]
        for number, part in enumerate(made.walk()):
            part.policy = AS_THEY_ARE
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
        return TryLater("file", smtp.one_line(error), unreachable=True)
    return Sent("file", "written")
