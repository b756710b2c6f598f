"""Mail of ours that comes back: its signed return path, and what becomes of the message."""

import datetime as dt
import re

from django.conf import settings
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_noop

from outbox import falling_back
from outbox.models import Message

SALT = "outbox.bounces.message"
PATH = re.compile(r"\+b(\d{1,18})-([0-9a-f]{20})@")
CAME_BACK = gettext_noop("It came back: the address does not take mail.")
BOUNCED = "bounce"  # stands for the code of a provider
LEFT = (Message.State.SENT, Message.State.UNKNOWN)


class InFlight(Exception):
    """The message is just being sent: look again once its outcome is known."""


def return_path(message: Message) -> str:
    """Where servers report of this very message; empty where no mailbox is read."""
    if not settings.REPLY_ADDRESS:
        return ""
    local, _at, domain = settings.REPLY_ADDRESS.partition("@")
    return f"{local}+b{message.pk}-{_seal(message)}@{domain}"


def read(addresses: list[str]) -> Message | None:
    """The message whose return path is among these addresses."""
    for address in addresses:
        if match := PATH.search(address.lower()):
            message = Message.objects.filter(pk=match[1]).first()
            if message is not None and constant_time_compare(match[2], _seal(message)):
                return message
    return None


def _seal(message: Message) -> str:
    content = f"{message.pk}\n{message.message_id}"
    return salted_hmac(SALT, content, algorithm="sha256").hexdigest()[:20]


@transaction.atomic
def came_back(message: Message, *, now: dt.datetime) -> bool:
    """Note that a message that left did not arrive; so it stands before the coordinators.

    They are told as well that its address takes no mail, once until it is mended.

    False where it had ended otherwise before. Raises InFlight while a try is under way.
    """
    locked = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if locked.state == Message.State.SENDING:
        raise InFlight
    if locked.state not in LEFT:
        return False
    locked.state, locked.next_try_at = Message.State.FAILED, None
    locked.save(update_fields=["state", "next_try_at"])
    locked.carried.update(state=Message.State.FAILED, reason=CAME_BACK)
    falling_back.mark(locked, BOUNCED, now)
    return True
