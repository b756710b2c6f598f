"""E-mail by a provider's HTTP interface, through django-anymail: what its answers mean.

As with SMTP, what surely did not leave is tried again, and of silence nobody knows. Nothing is
ever tracked: a provider that rewrites links would break those that act for an office.
"""

import datetime as dt
import ssl
from typing import Any

import requests
import urllib3.exceptions as wire
from anymail import exceptions as anymail
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest
from django.utils.module_loading import import_string

from outbox import falling_back, gateway, receipts
from outbox.models import Channel, Message
from outbox.outcomes import Outcome, Refused, Sent, TryLater, Unknown, wait_of

VIEWS = {
    "brevo": "anymail.webhooks.brevo.BrevoTrackingWebhookView",
    "mailersend": "anymail.webhooks.mailersend.MailerSendTrackingWebhookView",
    "mailgun": "anymail.webhooks.mailgun.MailgunTrackingWebhookView",
    "postmark": "anymail.webhooks.postmark.PostmarkTrackingWebhookView",
}
OURS = (401, 402, 403, 404, 405)  # of our key, our account or our address, not of this mail
GONE = ("bounced", "invalid")  # reasons that mean the address itself
BOUNCED = "bounce"
NOT_OURS = "The provider's settings do not fit."


def is_set_up() -> bool:
    """Whether mail leaves by a provider, not by SMTP."""
    return bool(settings.ANYMAIL_PROVIDER)


# --- out ----------------------------------------------------------------------------------------
def send(message: Message, envelope: EmailMessage) -> Outcome:
    """Hand the mail over, once, and say what became of it."""
    made: Any = envelope
    made.metadata = {"reference": gateway.reference_of(message)}
    made.track_opens = made.track_clicks = False
    try:
        envelope.send(fail_silently=False)
    except anymail.AnymailRecipientsRefused as error:
        return Refused("refused", _words(error), is_address=True)
    except anymail.AnymailRequestsAPIError as error:
        return _read(error)
    except ImproperlyConfigured:
        return TryLater("setup", NOT_OURS, unreachable=True)
    except (anymail.AnymailError, ValueError) as error:  # of this mail: an address, a header
        return Refused("content", type(error).__name__)
    return _accepted(made.anymail_status)


def _accepted(status: Any) -> Outcome:
    """The provider took it; what became of it comes by its webhook."""
    if status.status and status.status <= {"rejected", "invalid", "failed"}:
        return Refused("refused", ", ".join(sorted(status.status)), is_address=False)
    return Sent("200", "", provider_id=str(status.message_id or "")[:100])


def _read(error: anymail.AnymailRequestsAPIError) -> Outcome:
    """What an answer, or none, means: of most 5xx nobody knows whether it was sent before."""
    response = error.response
    if response is None:
        return _silent(error.__cause__)
    status, code = response.status_code, str(response.status_code)
    wait = wait_of(response.headers.get("Retry-After", ""))
    text = _words(response.text)
    if status == 429:
        return TryLater(code, text, wait=wait)
    if status in OURS or status == 503 or 300 <= status < 400:
        return TryLater(code, text, unreachable=True, wait=wait)
    if 400 <= status < 500 and status != 408:
        return Refused(code, text)
    return Unknown(code, text)  # also a success whose answer nobody understands


def _silent(cause: BaseException | None) -> Outcome:
    """No answer came: surely nothing left where no connection stood."""
    name = type(cause).__name__
    if isinstance(cause, requests.ConnectTimeout) or _never_connected(cause):
        return TryLater("connection", name, unreachable=True)
    return Unknown("silence", name)


def _never_connected(cause: BaseException | None) -> bool:
    inner = cause.args[0] if cause is not None and cause.args else None
    reason = inner.reason if isinstance(inner, wire.MaxRetryError) else None
    if isinstance(reason, wire.SSLError):  # before the request only where it is of the certificate
        return bool(reason.args) and isinstance(reason.args[0], ssl.SSLCertVerificationError)
    return isinstance(reason, wire.NewConnectionError | wire.ConnectTimeoutError | wire.ProxyError)


def _words(said: object) -> str:
    """What was said, as one line that fits; of an error its kind alone: it quotes the mail."""
    text = said if isinstance(said, str) else type(said).__name__
    return " ".join(text.replace("\0", "").split())[:300]


# --- what it reports ----------------------------------------------------------------------------
def listens() -> bool:
    """Whether reports of a provider are taken: only such that bear a secret or a signature."""
    return is_set_up() and bool(settings.ANYMAIL_WEBHOOK_SECRET or settings.ANYMAIL_SIGNING_KEY)


def events_of(request: HttpRequest) -> list[Any]:
    """The events of a report whose secret or signature holds.

    Raises SuspiciousOperation (400) where it does not, ValueError or KeyError for what is no
    report.
    """
    view = import_string(VIEWS[settings.ANYMAIL_PROVIDER])()
    view.setup(request)
    view.run_validators(request)
    return list(view.parse_events(request))


@transaction.atomic
def take(event: Any, *, now: dt.datetime) -> bool:
    """Let an event count once: delivered, or bounced and rejected, then also of its address.

    False for what was here before, or names no message.
    """
    reference = str((event.metadata or {}).get("reference", ""))[:100]
    provider_id = str(event.message_id or "")[:100]
    if not (reference or provider_id):
        return False
    report = receipts.Report(provider_id, reference, str(event.event_type or "")[:40])
    is_new = receipts.take(Channel.EMAIL, report, now=now)
    if is_new and str(event.event_type) == "bounced" and event.reject_reason in GONE:
        message = receipts.message_of(Channel.EMAIL, report)
        if message is not None:
            falling_back.mark(message, BOUNCED, now)
    return is_new
