"""From a message that waits to one that left: claimed, tried, recorded; recovered where lost.

No transaction is open while the network is, and every fact of a try is written on both sides
of it, so that whoever comes after a crash knows whether it may have left.
"""

import datetime as dt
import logging
import random
import time
import uuid

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_noop

from outbox import (
    breaker,
    channels,
    digests,
    falling_back,
    holding,
    packing,
    receipts,
    registry,
)
from outbox.models import Attempt, Channel, Message, Notice
from outbox.outcomes import Outcome, Refused, Sent, TryLater, Unknown
from outbox.packing import BROKEN, OVERTAKEN
from outbox.packing import times_maybe_left as _times_maybe_left
from outbox.post import Office

log = logging.getLogger(__name__)
State = Message.State
LEASE = dt.timedelta(seconds=120)  # twice what one try may take
BASE, LONGEST = 30.0, 3600.0  # seconds of the backoff
PATIENCE = dt.timedelta(minutes=15)  # until what may have been delivered is sent again
RESENDS = 2  # of what may have been delivered
WAITING = (State.QUEUED, State.UNKNOWN)
TOO_OLD = gettext_noop("It could not be sent within its time.")
NEVER_KNOWN = gettext_noop("It never became known whether it arrived.")
LOST = gettext_noop("The try was cut off; it may have been delivered.")


class Watch:
    """The moment that was passed in, and what has passed since."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now
        self.begun = time.monotonic()

    def __call__(self) -> dt.datetime:
        return self.now + dt.timedelta(seconds=time.monotonic() - self.begun)


# --- what was lost ----------------------------------------------------------------------------
@transaction.atomic
def recover(now: dt.datetime, limit: int) -> int:
    """Free what somebody claimed and never finished; without a begun try it never left."""
    begun = Attempt.objects.filter(message=OuterRef("pk"), claim_token=OuterRef("claim_token"))
    lapsed = list(
        Message.objects.filter(state=State.SENDING, lease_until__lte=now)
        .annotate(was_begun=Exists(begun))
        .select_for_update(skip_locked=True)
        .order_by("lease_until")[:limit]
    )
    for message in lapsed:
        if message.was_begun:  # type: ignore[attr-defined]
            _wait_to_resend(message, now, LOST)
            receipts.catch_up(message, now)
        else:
            _wait(message, now)
    return len(lapsed)


@transaction.atomic
def expire(now: dt.datetime, limit: int) -> int:
    """Give up what is too old to be worth telling."""
    old = list(
        Message.objects.filter(state__in=WAITING, expires_at__lte=now)
        .select_for_update(skip_locked=True)
        .order_by("expires_at")[:limit]
    )
    for message in old:
        surely_never_left = message.state == State.QUEUED
        _save(message, State.DEAD, TOO_OLD if surely_never_left else NEVER_KNOWN)
        if surely_never_left:
            falling_back.tell_otherwise(message, now)
    return len(old)


# --- one try ------------------------------------------------------------------------------------
@transaction.atomic(durable=True)
def claim(now: dt.datetime, limit: int) -> list[Message]:
    """Take a few waiting messages for ourselves; nobody else's claim is waited for.

    None while all outbound is held back.
    """
    if not holding.pass_gate():
        return []
    messages = _waiting(now, limit)
    for message in messages:
        message.state = State.SENDING
        message.claim_token = uuid.uuid4()
        message.lease_until = now + LEASE
    Message.objects.bulk_update(messages, ["state", "claim_token", "lease_until"])
    carried = Notice.objects.filter(message__in=messages).exclude(state=Notice.State.CANCELLED)
    carried.unsettled().update(state=Notice.State.SENDING)
    return messages


def _waiting(now: dt.datetime, limit: int) -> list[Message]:
    """Some of what waits, locked; of a channel whose provider is spared only as much as it may."""
    rows = (
        Message.objects.filter(state__in=WAITING, next_try_at__lte=now, expires_at__gt=now)
        .order_by("-urgency", "next_try_at", "pk")
        .select_for_update(skip_locked=True)
    )
    rooms = breaker.rooms(now, limit)
    probes: list[Message] = []
    for channel, room in rooms.items():
        some = list(rows.filter(channel=channel)[:room])
        breaker.let_through(channel, len(some))
        probes += some
    return [*probes, *rows.exclude(channel__in=rooms)[: max(limit - len(probes), 0)]]


def deliver(message: Message, at: Watch) -> None:
    """Try a claimed message once, and record what became of it."""
    attempt = _begin(message, at())
    if attempt is not None:
        finish(attempt, _send(message), at())


@transaction.atomic(durable=True)
def _begin(message: Message, now: dt.datetime) -> Attempt | None:
    """A try begun under our claim with a full lease; None where it is not ours or not wanted."""
    assert message.claim_token is not None  # noqa: S101 - it was claimed
    may_begin = holding.pass_gate()
    locked = Message.objects.select_for_update().filter(
        pk=message.pk, claim_token=message.claim_token
    )
    if not locked.update(lease_until=now + LEASE):
        return None
    if not may_begin:  # held back since it was claimed: it waits as it did before
        _wait(message, now)
        return None
    if message.is_digest and not _is_open_hour(message, now):
        return None
    if not _is_wanted(message, now):
        return None
    return Attempt.objects.create(message=message, claim_token=message.claim_token, began_at=now)


def _is_open_hour(message: Message, now: dt.datetime) -> bool:
    """Whether a digest may leave now; else it waits for the next opening, with all it tells."""
    office = Office(now)
    if not office.is_open:
        _wait(message, office.opens_at)
        message.carried.update(due_at=office.opens_at)
    return office.is_open


def _is_wanted(message: Message, now: dt.datetime) -> bool:
    """Whether one of its notices is still true and need not wait; else ends the message."""
    try:
        with transaction.atomic():
            if message.is_digest:
                reason = digests.renew(message, now)
                return not reason or _stop(message, reason)
            notices = list(message.notices.all())
            waits = registry.held(notices, now)
            free = [one for one in notices if one.pk not in waits]
            wanted = [one for one in free if registry.wanted(one, now)]
            _take_out(message, waits)
            if wanted:
                _renew_words(message, wanted[0])
                return True
        reason = OVERTAKEN if free or not waits else next(iter(waits.values()))
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # whatever a room's own rule runs into
        log.exception("Message %s could not be checked.", message.pk)
        reason = BROKEN
    return _stop(message, reason)


def _take_out(message: Message, waits: dict[int, str]) -> None:
    """Hold these notices back, each for its reason; not once the message may have left."""
    if waits and not _times_maybe_left(message):
        for pk, reason in waits.items():
            one = Notice.objects.filter(pk=pk)
            one.update(state=Notice.State.HELD, reason=reason, message=None)


def _renew_words(message: Message, notice: Notice) -> None:
    """Say what may be said now: an issue may have become stricter since the words were made.

    Once a try may have left, every other one carries the same words.
    """
    if _times_maybe_left(message):
        return
    now_true = packing.words(notice, message.language)
    for name, value in now_true.items():
        setattr(message, name, value)
    message.save(update_fields=list(now_true))


def _stop(message: Message, reason: str) -> bool:
    """End what is not to be sent; what may have been delivered stays unknown. Always False."""
    if _times_maybe_left(message):
        message.next_try_at = None
        _save(message, State.UNKNOWN, reason)
    else:
        _save(message, State.FAILED if reason == BROKEN else State.CANCELLED, reason)
    return False


def _send(message: Message) -> Outcome:
    try:
        return channels.send(message)
    except Exception as error:  # nothing a provider does may end the dispatcher
        log.exception("Message %s failed in an unforeseen way.", message.pk)
        return Unknown("error", type(error).__name__)


def finish(attempt: Attempt, outcome: Outcome, now: dt.datetime) -> None:
    """Record the outcome; a database that is away for a moment is asked again."""
    for pause in (0.2, 1.0, 5.0):
        try:
            return _finish(attempt, outcome, now)
        except (OperationalError, InterfaceError):
            log.warning("The outcome of attempt %s is written again.", attempt.pk)
            connection.close_if_unusable_or_obsolete()
            time.sleep(pause)
    return _finish(attempt, outcome, now)


@transaction.atomic(durable=True)
def _finish(attempt: Attempt, outcome: Outcome, now: dt.datetime) -> None:
    """The fact belongs to the try in any case, the message's state only to who holds its claim."""
    if isinstance(outcome, Sent) and outcome.provider_id:
        receipts.expect(attempt.message.channel, outcome.provider_id)
    message = Message.objects.select_for_update().get(pk=attempt.message_id)
    Attempt.objects.filter(pk=attempt.pk, outcome=Attempt.Outcome.BEGUN).update(
        outcome=outcome.outcome, code=outcome.code, text=outcome.text, ended_at=now
    )
    if message.claim_token == attempt.claim_token:
        _apply(message, outcome, now)
    elif message.state == State.UNKNOWN and isinstance(outcome, Sent):
        _record_sent(message, outcome, now)  # late, but now it is known
    breaker.note(message.channel, outcome, now)
    receipts.catch_up(message, now)


def _apply(message: Message, outcome: Outcome, now: dt.datetime) -> None:
    match outcome:
        case Sent():
            _record_sent(message, outcome, now)
        case Refused():
            _save(message, State.FAILED, f"{outcome.code} {outcome.text}")
            falling_back.tell_otherwise(message, now, refused=outcome)
        case TryLater():
            _back_off(message, outcome, now)
        case Unknown():
            _wait_to_resend(message, now, f"{outcome.code} {outcome.text}")


# --- what becomes of it ---------------------------------------------------------------------------
def _record_sent(message: Message, outcome: Sent, now: dt.datetime) -> None:
    if outcome.provider_id:
        message.provider_id = outcome.provider_id
        message.save(update_fields=["provider_id"])
    _save(message, State.SENT)
    for notice in message.carried:
        _tell_room(notice, now)


def _tell_room(notice: Notice, now: dt.datetime) -> None:
    """Call the kind's hook; its failure must not make us send again. The planner repairs it."""
    try:
        with transaction.atomic():
            registry.sent(notice, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # whatever a room's own hook runs into
        log.exception("Notice %s was sent, but its room could not take note.", notice.pk)


def _back_off(message: Message, outcome: TryLater, now: dt.datetime) -> None:
    pause = dt.timedelta(seconds=backoff(message.tries))
    if not (outcome.unreachable and breaker.is_open(message.channel)):
        message.tries += 1
    _wait(message, now + max(pause, outcome.wait or pause))


def backoff(tries: int) -> float:
    """Seconds until the next try: 30 × 2ⁿ with full jitter, at most an hour."""
    return random.uniform(0, min(LONGEST, BASE * 2 ** min(tries, 10)))  # noqa: S311 - no secret


def _wait(message: Message, until: dt.datetime) -> None:
    """Queue it again; what once may have been delivered stays marked so."""
    message.next_try_at = until
    _save(message, State.UNKNOWN if _times_maybe_left(message) else State.QUEUED)


def _wait_to_resend(message: Message, now: dt.datetime, reason: str) -> None:
    """Mark it unknown; the first two times a mail is sent again later, with the same Message-ID.

    Nobody could tell apart two messages of another channel: those wait for a coordinator.
    """
    times = _times_maybe_left(message)
    is_resent = message.channel == Channel.EMAIL and times <= RESENDS
    message.next_try_at = now + times * PATIENCE if is_resent else None
    _save(message, State.UNKNOWN, reason)


def _save(message: Message, state: str, reason: str = "") -> None:
    """Move the message and its notices on, and give up the claim."""
    message.state, message.claim_token, message.lease_until = state, None, None
    message.save(update_fields=["state", "claim_token", "lease_until", "next_try_at", "tries"])
    message.carried.update(state=state, reason=reason[:300])
