"""From a notice that is due to a message whose words no longer change."""

import datetime as dt
import logging
from collections.abc import Iterable
from email.utils import parseaddr

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import DateTimeField, Q, QuerySet, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_noop

from outbox import post, recipients, registry
from outbox.models import DIGEST, Attempt, Channel, Message, Notice
from outbox.registry import Text

log = logging.getLogger(__name__)
ASKED_AGAIN = 200  # held notices at once
# How long each way is worth trying; mail servers themselves keep trying for five days.
LIVES = {
    Channel.EMAIL: dt.timedelta(days=5),
    Channel.TELEGRAM: dt.timedelta(days=3),
    Channel.SMS: dt.timedelta(days=1),
    Channel.OTHER: dt.timedelta(days=3),
}
MAYBE_LEFT = Q(outcome__in=[Attempt.Outcome.BEGUN, Attempt.Outcome.UNKNOWN])
WORDS = ("subject", "body", "reply_to", "calendar", "calendar_method", "told")  # of a message
OVERTAKEN = gettext_noop("It was no longer true when its time came.")
NO_ADDRESS = gettext_noop("No address is known.")
BROKEN = gettext_noop("Its text could not be made.")


def pack(now: dt.datetime, limit: int) -> int:
    """Freeze the words of some due notices into messages; how many notices were decided on.

    Those that may wait for their reader's one message of the day are held for it.
    """
    with transaction.atomic():
        due = list(Notice.objects.due(now).select_for_update(skip_locked=True)[:limit])
        waits = registry.held(due, now)
        sorter = post.Sorter(due, now)
        for notice in due:
            if notice.pk in waits:  # before it is asked whether it is still true: it comes back
                _end(notice, Notice.State.HELD, waits[notice.pk])
            else:
                _pack_alone(notice, sorter)
    return len(due)


def let_go(now: dt.datetime) -> int:
    """Plan again what was held and need not wait any more; how many notices that were.

    Whoever ends a hold lets go on what it finds held, and misses what is held at that very moment.
    Drawn at random, so that what waits for long does not stand before the others.
    """
    with transaction.atomic():
        rows = Notice.objects.filter(state=Notice.State.HELD, reason__in=registry.reasons())
        held = list(rows.order_by("?").select_for_update(skip_locked=True)[:ASKED_AGAIN])
        waits = registry.held(held, now)
        free = Notice.objects.filter(pk__in=[one.pk for one in held if one.pk not in waits])
        return plan_again(free, now)


def plan_again(held: QuerySet[Notice], now: dt.datetime) -> int:
    """Let these held notices leave, not before now; how many they are."""
    at_earliest = Greatest("due_at", Value(now, DateTimeField()))
    return held.update(state=Notice.State.PLANNED, reason="", due_at=at_earliest)


def _pack_alone(notice: Notice, sorter: post.Sorter) -> None:
    """A notice that cannot be made fails alone; a lost database fails all, and changes nothing."""
    try:
        with transaction.atomic():
            _pack(notice, sorter)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # whatever a room's own words run into
        log.exception("Notice %s could not be made.", notice.pk)
        _end(notice, Notice.State.FAILED, BROKEN)


def _pack(notice: Notice, sorter: post.Sorter) -> None:
    now = sorter.now
    if not registry.wanted(notice, now):
        was_muted = notice.reason == post.MUTED  # a newer one came while it was silent
        ended = Notice.State.SKIPPED if was_muted else Notice.State.CANCELLED
        return _end(notice, ended, OVERTAKEN)
    recipient = recipients.resolve(notice.recipient, notice.channel)
    if recipient is None:
        return _end(notice, Notice.State.FAILED, NO_ADDRESS)
    if wait := sorter.wait_of(notice):
        reason, notice.due_at = wait
        notice.save(update_fields=["due_at"])
        return _end(notice, Notice.State.HELD, reason)
    notice.message = _freeze(notice, recipient, now)
    sorter.note_single(notice)
    notice.state = Notice.State.QUEUED
    notice.reason = ""
    return notice.save(update_fields=["message", "state", "reason"])


def _freeze(notice: Notice, recipient: recipients.Recipient, now: dt.datetime) -> Message:
    """Its message: a new one, or the one that it was taken out of before it ever left."""
    said = words(notice, recipient.language)
    if said["calendar"] and recipient.channel != Channel.EMAIL:  # only mail carries a calendar
        recipient = recipients.resolve(notice.recipient, Channel.EMAIL) or recipient
    facts = {
        "recipient": notice.recipient,
        "channel": recipient.channel,
        "kind": notice.kind,
        "day": timezone.localdate(now),
        "address": recipient.address,
        "language": recipient.language,
        **said,
        "state": Message.State.QUEUED,
        "tries": 0,
        "urgency": notice.urgency,
        "created_at": now,
        "expires_at": expiry(recipient.channel, notice.kind, now),
        "next_try_at": now,
    }
    mark = message_id(notice)
    left = Message.objects.filter(message_id=mark, state=Message.State.CANCELLED, notices=None)
    if left.update(**facts):
        return Message.objects.get(message_id=mark)
    return Message.objects.create(message_id=mark, **facts)


def expiry(channel: str, kind: str, now: dt.datetime) -> dt.datetime:
    """Until when it is worth trying; a digest at least until a whole working day has passed."""
    until = now + LIVES[Channel(channel)]
    return max(until, post.Office(now).next_evening) if kind == DIGEST else until


def words(notice: Notice, language: str) -> dict[str, str | int]:
    """What a message says as it is true now, by the names of its fields."""
    return fields(registry.frozen(notice, language))


def fields(text: Text) -> dict[str, str | int]:
    """A text by the names of a message's fields; a subject is one line of at most 300 signs."""
    return {
        "subject": " ".join(text.subject.split())[:300],
        "body": text.body,
        "reply_to": text.reply_to,
        "calendar": text.calendar.text if text.calendar else "",
        "calendar_method": text.calendar.method if text.calendar else "",
        "told": text.told,
    }


def message_id(notice: Notice) -> str:
    """The same for every try, also after the database came back from a backup.

    Made from the notice's key under this installation's secret: two installations that share
    a domain never use the same.
    """
    return mark(notice.key)


def mark(parts: Iterable[str]) -> str:
    """A Message-ID made from a natural key."""
    key = salted_hmac("outbox.message", "\n".join(parts), algorithm="sha256").hexdigest()
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{key[:40]}@{domain}>"


def times_maybe_left(message: Message) -> int:
    """How often it may have been delivered without our knowing."""
    return message.attempts.filter(MAYBE_LEFT).count()


def _end(notice: Notice, state: str, reason: str) -> None:
    notice.state, notice.reason = state, reason
    notice.save(update_fields=["state", "reason"])
