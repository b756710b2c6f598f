"""SMS by a gateway's HTTP interface: which address and which parameters is for the settings.

A gateway is anything with ``send``; there is one, which fills in what ``SMS_PARAMETERS`` names.
"""

import json
import re
from typing import Any, Protocol
from urllib.parse import urlencode

from django.conf import settings

from khmer import sms
from outbox import http
from outbox.models import Message
from outbox.outcomes import Outcome, Refused, Sent, TryLater, Unknown, wait_of

LINK = re.compile(r"https?://\S+")
PLACES = re.compile(r"\{(to|text|reference|token)\}")
BAD_NUMBER = (410, 422)
OURS = (401, 403, 404, 405)  # of our address or our token, not of the number


class Gateway(Protocol):
    """Whatever takes one short message."""

    def send(self, to: str, text: str, reference: str) -> Outcome:
        """Hand it over, once; never raises for what the provider does."""


def is_set_up() -> bool:
    """Whether we have a gateway."""
    return bool(settings.SMS_URL)


def send(message: Message, gateway: Gateway | None = None) -> Outcome:
    """Send the message as a short one to its number, once."""
    if gateway is None and not is_set_up():
        return TryLater("setup", "SMS_URL is not set.", unreachable=True)
    return (gateway or HttpGateway()).send(message.address, text_of(message), reference_of(message))


def text_of(message: Message) -> str:
    """The subject and the first link, in as many parts as the settings allow."""
    found = LINK.search(message.body)
    return sms.fitted(message.subject, tail=found[0] if found else "", most=settings.SMS_MAX_PARTS)


def reference_of(message: Message) -> str:
    """How a receipt may name the message: the same at every try, and nothing to be guessed."""
    return message.message_id.strip("<>").partition("@")[0]


class HttpGateway:
    """One POST of JSON or of a form, as the settings say."""

    def send(self, to: str, text: str, reference: str) -> Outcome:
        """Hand it over, once."""
        given = {"to": to, "text": text, "reference": reference, "token": settings.SMS_TOKEN}
        fields = {name: _filled(value, given) for name, value in settings.SMS_PARAMETERS.items()}
        body, kind = _packed(fields)
        headers = {"Content-Type": kind, "Idempotency-Key": reference}
        if settings.SMS_TOKEN and "{token}" not in settings.SMS_PARAMETERS.values():
            headers["Authorization"] = f"Bearer {settings.SMS_TOKEN}"
        try:
            answer = http.post(settings.SMS_URL, body, headers, limit=settings.SMS_TIMEOUT)
        except http.NeverLeft as error:
            return TryLater("connection", str(error), unreachable=True)
        except http.Silent as error:
            return Unknown("silence", str(error))
        return _read(answer)


def _filled(value: str, given: dict[str, str]) -> str:
    """The parameter with its places filled, in one pass: a text may hold braces of its own."""
    return PLACES.sub(lambda found: given[found[1]], value)


def _packed(fields: dict[str, str]) -> tuple[bytes, str]:
    if settings.SMS_FORMAT == "form":
        return urlencode(fields).encode(), "application/x-www-form-urlencoded"
    return json.dumps(fields, ensure_ascii=False).encode(), "application/json"


def _read(answer: http.Answer) -> Outcome:
    """What an answer means: of most 5xx nobody knows whether it was sent before."""
    code, status = str(answer.status), answer.status
    if 200 <= status < 300:
        return Sent(code, "", provider_id=_id_of(answer.said))
    if status == 429:
        return TryLater(code, answer.text, wait=wait_of(answer.retry_after))
    if status in OURS or status == 503 or status < 400:
        return TryLater(code, answer.text, unreachable=True, wait=wait_of(answer.retry_after))
    if status < 500:
        return Refused(code, answer.text, is_address=status in BAD_NUMBER)
    return Unknown(code, answer.text)


def _id_of(said: dict[str, Any]) -> str:
    """The gateway's own name of the message, where ``SMS_ID_FIELD`` (as ``data.id``) leads."""
    found: Any = said
    for step in settings.SMS_ID_FIELD.split("."):
        if isinstance(found, list) and found:
            found = found[0]
        found = found.get(step) if isinstance(found, dict) else None
    return str(found)[:100] if isinstance(found, str | int) else ""
