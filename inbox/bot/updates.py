"""Telegram's updates, read one after the other: each does what it says once, whatever breaks.

What an update does and how far we have read are written together. The answer leaves after that,
at most once: who does not get it sees on their page what was done.
"""

import datetime as dt
import logging
from typing import Any

from django.conf import settings
from django.db import Error, transaction

from audit.alone import alone
from inbox.bot import commands
from outbox import actions as outbox_actions
from outbox import holding, http, telegram
from outbox.models import Cursor

log = logging.getLogger(__name__)
LOCK = 0x7E1E6  # one number for everybody who reads updates
NAME = "telegram"
SPARE = 15.0  # seconds an answer may come later than it was asked for
LONGEST = 1000  # characters of what people write


def look(*, now: dt.datetime, wait: int = 0) -> int | None:
    """Read what came and answer it; ``wait`` seconds for the next. How many updates that was.

    None where Telegram did not answer. Nobody reads while all outbound is held back, or while
    somebody else does: Telegram keeps what was not read for a day.
    """
    if not telegram.is_set_up() or holding.is_on():
        return 0
    with alone(LOCK) as is_alone:
        if not is_alone:
            return 0
        updates = _fetch(wait)
        if updates is None:
            return None
        done = sum(_settle(one, now) for one in updates)
        outbox_actions.beat(NAME, now=now, done=done)
        return done


def _fetch(wait: int) -> list[dict[str, Any]] | None:
    cursor = Cursor.objects.filter(name=NAME).first()
    asked = {
        "offset": cursor.next_id if cursor else 0,
        "timeout": wait,
        "allowed_updates": ["message"],
    }
    try:
        answer = telegram.call("getUpdates", asked, limit=wait + SPARE)
    except (http.NeverLeft, http.Silent) as error:
        log.warning("Telegram's updates could not be read: %s.", error)
        return None
    found = answer.said.get("result")
    if answer.status != 200 or not isinstance(found, list):
        log.warning("Telegram's updates could not be read: %s.", answer.status)
        return None
    return [one for one in found if isinstance(one, dict) and _is_number(one.get("update_id"))]


def _settle(update: dict[str, Any], now: dt.datetime) -> bool:
    """Do what it says and count it as read; an update that cannot be done is left behind."""
    number = update["update_id"]
    try:
        with transaction.atomic():
            if not _step(number):
                return False
            chat, said = _answer(update, now)
    except Error:  # the database itself: it is read again
        raise
    except Exception:
        log.exception("Update %s could not be done.", number)
        with transaction.atomic():
            _step(number)
        return False
    if said:
        telegram.say(chat, said)
    return True


def _step(number: int) -> bool:
    """Count the update as read; False where it was already."""
    Cursor.objects.get_or_create(name=NAME)
    cursor = Cursor.objects.select_for_update().get(name=NAME)
    if number < cursor.next_id:
        return False
    cursor.next_id = number + 1
    cursor.save(update_fields=["next_id"])
    return True


def _answer(update: dict[str, Any], now: dt.datetime) -> tuple[int, str]:
    """The chat and what it is told; nothing in groups, to other bots, and to what is no text."""
    message = update.get("message")
    message = message if isinstance(message, dict) else {}
    chat, text = _part(message, "chat"), message.get("text")
    sender = _part(message, "from")
    is_private = chat.get("type") == "private" and _is_number(chat.get("id"))
    if not is_private or not isinstance(text, str) or sender.get("is_bot"):
        return 0, ""
    wish = str(sender.get("language_code", ""))[:2]
    text = text[:LONGEST].replace("\0", "")
    return chat["id"], commands.answer(chat["id"], text, wish=wish, now=now)


def _part(message: dict[str, Any], name: str) -> dict[str, Any]:
    part = message.get(name)
    return part if isinstance(part, dict) else {}


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def poll_seconds() -> int:
    """How long one question to Telegram may stay open, below what a proxy would cut."""
    return int(min(25, settings.TELEGRAM_TIMEOUT))
