"""Where a message goes on to: each move takes its notices along and gives up the claim."""

import datetime as dt

from outbox import packing
from outbox.models import Channel, Message
from outbox.packing import BROKEN

State = Message.State
PATIENCE = dt.timedelta(minutes=15)  # until what may have been delivered is sent again
RESENDS = 2  # of what may have been delivered


def save(message: Message, state: str, reason: str = "") -> None:
    """Move the message and its notices on, and give up the claim."""
    message.state, message.claim_token, message.lease_until = state, None, None
    message.save(update_fields=["state", "claim_token", "lease_until", "next_try_at", "tries"])
    message.carried.update(state=state, reason=reason[:300])


def wait(message: Message, until: dt.datetime) -> None:
    """Queue it again; what once may have been delivered stays marked so."""
    message.next_try_at = until
    save(message, State.UNKNOWN if packing.times_maybe_left(message) else State.QUEUED)


def wait_to_resend(message: Message, now: dt.datetime, reason: str) -> None:
    """Mark it unknown; the first two times a mail is sent again later, with the same Message-ID.

    Nobody could tell apart two messages of another channel: those wait for a coordinator.
    """
    times = packing.times_maybe_left(message)
    is_resent = message.channel == Channel.EMAIL and times <= RESENDS
    message.next_try_at = now + times * PATIENCE if is_resent else None
    save(message, State.UNKNOWN, reason)


def stop(message: Message, reason: str) -> None:
    """End what is not to be sent; what may have been delivered stays unknown."""
    if packing.times_maybe_left(message):
        message.next_try_at = None
        save(message, State.UNKNOWN, reason)
    else:
        save(message, State.FAILED if reason == BROKEN else State.CANCELLED, reason)
