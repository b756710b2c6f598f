"""From a notice that is due to a message whose words no longer change."""

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from typing import NamedTuple

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import DateTimeField, Q, QuerySet, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_noop

from accounts.models import User
from outbox import post, recipients, registry
from outbox.models import DIGEST, Attempt, Channel, Message, Notice
from outbox.registry import Text

log = logging.getLogger(__name__)
State = Notice.State
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


class Packed(NamedTuple):
    """How many notices were decided on, and the keys of the messages that were made."""

    decided: int
    messages: list[int]


def pack(now: dt.datetime, limit: int) -> Packed:
    """Freeze the words of some due notices into messages.

    Those that may wait for their reader's one message of the day are held for it.
    """
    with transaction.atomic():
        due = list(Notice.objects.due(now).select_for_update(skip_locked=True)[:limit])
        if not due:
            return Packed(0, [])
        waits = registry.held(due, now)  # before it is asked what is still true: it comes back
        free = [one for one in due if one.pk not in waits]
        with registry.reading(free):
            decided = _decide_together(free, now)
        held = [Decision(one, State.HELD, waits[one.pk]) for one in due if one.pk in waits]
        return Packed(len(due), _keep([*held, *decided], now))


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


@dataclass
class Decision:
    """What becomes of a due notice; its message is not saved yet."""

    notice: Notice
    state: str
    reason: str = ""
    due_at: dt.datetime | None = None  # None: as it was
    text: Text | None = None
    recipient: recipients.Recipient | None = None


def _decide_together(notices: Sequence[Notice], now: dt.datetime) -> list[Decision]:
    """All in one; where one of them cannot be made each by itself, so that only that one fails."""
    people = recipients.people(one.recipient for one in notices)
    sorter = post.Sorter(notices, now)
    try:
        with transaction.atomic():
            return _seal([_decide(one, sorter, people) for one in notices])
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # whatever a room's own words run into
        sorter = post.Sorter(notices, now)  # what it had counted is undone
        return [_decide_alone(one, sorter, people) for one in notices]


def _decide_alone(notice: Notice, sorter: post.Sorter, people: Mapping[str, User]) -> Decision:
    """A notice that cannot be made fails alone; a lost database fails all, and changes nothing."""
    try:
        with transaction.atomic():
            return _seal([_decide(notice, sorter, people)])[0]
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # as above
        log.exception("Notice %s could not be made.", notice.pk)
        return Decision(notice, State.FAILED, BROKEN)


def _decide(notice: Notice, sorter: post.Sorter, people: Mapping[str, User]) -> Decision:
    if not registry.wanted(notice, sorter.now):
        was_muted = notice.reason == post.MUTED  # a newer one came while it was silent
        return Decision(notice, State.SKIPPED if was_muted else State.CANCELLED, OVERTAKEN)
    recipient = recipients.resolve(notice.recipient, notice.channel, people)
    if recipient is None:
        return Decision(notice, State.FAILED, NO_ADDRESS)
    if wait := sorter.wait_of(notice):
        return Decision(notice, State.HELD, *wait)
    text = registry.render(notice, recipient.language)
    if text.calendar and recipient.channel != Channel.EMAIL:  # only mail carries a calendar
        recipient = recipients.resolve(notice.recipient, Channel.EMAIL, people) or recipient
    sorter.note_single(notice)
    return Decision(notice, State.QUEUED, text=text, recipient=recipient)


def _seal(decisions: list[Decision]) -> list[Decision]:
    """Put in what is for each recipient's eyes alone."""
    said = [(one, one.text) for one in decisions if one.text is not None]
    sealed = registry.sealed([(one.notice, text) for one, text in said])
    for (one, _open), text in zip(said, sealed, strict=True):
        one.text = text
    return decisions


# --- what was decided is written down -------------------------------------------------------------
def _keep(decisions: Sequence[Decision], now: dt.datetime) -> list[int]:
    """The messages, and what became of each notice; the keys of the messages."""
    queued = [one for one in decisions if one.text is not None]
    try:
        with transaction.atomic():
            made = _make(queued, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # whatever the database refuses of one of them
        made = [pk for one in queued for pk in _make_alone(one, now)]
    endings: defaultdict[tuple[str, str, dt.datetime], list[int]] = defaultdict(list)
    for one in decisions:
        if one.text is None:
            key = (one.state, one.reason, one.due_at or one.notice.due_at)
            endings[key].append(one.notice.pk)
    for (state, reason, due_at), keys in endings.items():
        Notice.objects.filter(pk__in=keys).update(state=state, reason=reason, due_at=due_at)
    return made


def _make(queued: Sequence[Decision], now: dt.datetime) -> list[int]:
    """The message of each, with its notice in it; their keys."""
    made = [_frozen(one, now) for one in queued]
    _insert(made)
    _queue([one.notice.pk for one in queued], [one.pk for one in made])
    return [one.pk for one in made]


def _make_alone(decision: Decision, now: dt.datetime) -> list[int]:
    """As ``_make`` for one; where it cannot be made it alone ends."""
    try:
        with transaction.atomic():
            return _make([decision], now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # as above
        log.exception("Notice %s could not be made.", decision.notice.pk)
        decision.state, decision.reason, decision.text = State.FAILED, BROKEN, None
        return []


def _frozen(decision: Decision, now: dt.datetime) -> Message:
    """Its message, unsaved."""
    notice, recipient, text = decision.notice, decision.recipient, decision.text
    assert recipient is not None and text is not None  # noqa: S101, PT018 - both, or it ends
    return Message(
        message_id=message_id(notice),
        recipient=notice.recipient,
        channel=recipient.channel,
        kind=notice.kind,
        day=timezone.localdate(now),
        address=recipient.address,
        language=recipient.language,
        urgency=notice.urgency,
        created_at=now,
        expires_at=expiry(recipient.channel, notice.kind, now),
        next_try_at=now,
        **fields(text),
    )


def _insert(messages: Sequence[Message]) -> None:
    """New rows, or those that their notice was taken out of before they ever left."""
    marks = [one.message_id for one in messages]
    left = Message.objects.filter(message_id__in=marks, state=Message.State.CANCELLED, notices=None)
    known = dict(left.values_list("message_id", "pk"))
    for one in messages:
        if one.message_id in known:
            one.pk = known[one.message_id]
            one.save(force_update=True)
    Message.objects.bulk_create([one for one in messages if one.pk is None])


def _queue(notices: list[int], messages: list[int]) -> None:
    """Put each notice into its message."""
    with connection.cursor() as cursor:
        cursor.execute(QUEUE, [notices, messages])


QUEUE = """
    UPDATE outbox_notice AS notice SET state = 'queued', reason = '', message_id = made.message
      FROM unnest(%s::bigint[], %s::bigint[]) AS made (notice, message)
     WHERE notice.id = made.notice
"""


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
