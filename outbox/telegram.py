"""Telegram, by its Bot API: a message to a chat that its person linked, and what came of it."""

import datetime as dt
import json
from typing import Any

from django.conf import settings

from khmer import sms as cutting
from outbox import http
from outbox.models import Message, TelegramChat
from outbox.outcomes import Outcome, Refused, Sent, TryLater, Unknown, wait_of

LONGEST = 4096  # 16-bit units of one message
GONE = ("chat not found", "user is deactivated", "bot can't initiate conversation")


def is_set_up() -> bool:
    """Whether we have a bot."""
    return bool(settings.TELEGRAM_TOKEN)


def send(message: Message) -> Outcome:
    """Send the message to its chat, once; never raises for what Telegram does."""
    user = message.recipient.removeprefix("user:")
    chats = TelegramChat.objects.filter(chat_id=int(message.address), user=int(user))
    if not chats.exists():  # unlinked, or linked by somebody else, after the words were made
        return Refused("unlinked", "The chat is no longer linked.", is_address=True)
    return say(message.address, text_of(message))


def text_of(message: Message) -> str:
    """Subject and text as one, without any mark-up."""
    return cutting.cut(f"{message.subject}\n\n{message.body.strip()}", LONGEST)


def say(chat: str | int, text: str) -> Outcome:
    """One text to one chat."""
    if not is_set_up():
        return TryLater("setup", "TELEGRAM_TOKEN is not set.", unreachable=True)
    content = {"chat_id": int(chat), "text": text, "link_preview_options": {"is_disabled": True}}
    try:
        answer = call("sendMessage", content)
    except http.NeverLeft as error:
        return TryLater("connection", str(error), unreachable=True)
    except http.Silent as error:
        return Unknown("silence", str(error))
    return _read(answer)


def call(method: str, content: dict[str, Any], *, limit: float | None = None) -> http.Answer:
    """Ask the Bot API for one thing; raises ``http.NeverLeft`` or ``http.Silent``."""
    url = f"{settings.TELEGRAM_API}/bot{settings.TELEGRAM_TOKEN}/{method}"
    body = json.dumps(content, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json"}
    return http.post(url, body, headers, limit=limit or settings.TELEGRAM_TIMEOUT)


def _read(answer: http.Answer) -> Outcome:
    """What an answer means: of a 5xx nobody knows whether it was sent before."""
    code, said = str(answer.status), str(answer.said.get("description", ""))[:300]
    if answer.status == 200 and answer.said.get("ok") is True:
        return Sent(code, "", provider_id=_message_id(answer.said))
    if answer.status == 429:
        return TryLater(code, said, wait=_asked_wait(answer))
    if answer.status in (400, 403):
        is_gone = answer.status == 403 or any(one in said.lower() for one in GONE)
        return Refused(code, said, is_address=is_gone)
    if answer.status == 200 or answer.status in (500, 502, 504):
        return Unknown(code, said)
    return TryLater(code, said, unreachable=True, wait=wait_of(answer.retry_after))


def _message_id(said: dict[str, Any]) -> str:
    """The chat counts its messages: both numbers together name one."""
    result = said.get("result")
    if not isinstance(result, dict):
        return ""
    chat = result.get("chat")
    number = chat.get("id", "") if isinstance(chat, dict) else ""
    return f"{number}:{result.get('message_id', '')}"[:100]


def _asked_wait(answer: http.Answer) -> dt.timedelta:
    """How long we are asked to be silent; a minute where it is not said."""
    parameters = answer.said.get("parameters")
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    asked = wait_of(str(seconds)) or wait_of(answer.retry_after)
    return asked or dt.timedelta(minutes=1)
