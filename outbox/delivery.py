"""From a message that waits to one that left: claimed, tried, recorded; recovered where lost.

No transaction is open while the network is, and every fact of a try is written on both sides
of it, so that whoever comes after a crash knows whether it may have left.
"""

import datetime as dt
import logging
import random
import time
import uuid
from collections.abc import Collection, Sequence

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_noop

from outbox import (
    breaker,
    channels,
    checking,
    falling_back,
    holding,
    moves,
    receipts,
    registry,
    smtp,
    tries,
)
from outbox.models import Attempt, Message, Notice
from outbox.outcomes import Outcome, Refused, Sent, TryLater, Unknown

log = logging.getLogger(__name__)
State = Message.State
LEASE = dt.timedelta(seconds=120)  # twice what one try may take
BASE, LONGEST = 30.0, 3600.0  # seconds of the backoff
FRESH = 1.0  # seconds for which it holds that a message is wanted
ENOUGH = 5.0  # seconds of tries, after which what is left goes back
WAITING = (State.QUEUED, State.UNKNOWN)
LEFT = (Notice.State.SENT, Notice.State.DELIVERED)  # some are reported at once
TOO_OLD = gettext_noop("It could not be sent within its time.")
NEVER_KNOWN = gettext_noop("It never became known whether it arrived.")
LOST = gettext_noop("The try was cut off; it may have been delivered.")


class Watch:
    """The moment that was passed in, what has passed since, and what people had done by then."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now
        self.begun = time.monotonic()
        self.seen = tries.acts()

    def __call__(self) -> dt.datetime:
        return self.now + dt.timedelta(seconds=self.passed)

    @property
    def passed(self) -> float:
        """Seconds since then."""
        return time.monotonic() - self.begun


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
            moves.wait_to_resend(message, now, LOST)
            receipts.catch_up(message, now)
        else:
            moves.wait(message, now)
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
        moves.save(message, State.DEAD, TOO_OLD if surely_never_left else NEVER_KNOWN)
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
    facts = {
        "state": State.SENDING,
        "claim_token": uuid.uuid4(),  # of this claim: no message is in another one as well
        "lease_until": now + LEASE,
    }
    for message in messages:
        for name, value in facts.items():
            setattr(message, name, value)
    Message.objects.filter(pk__in=[one.pk for one in messages]).update(**facts)
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


def deliver(messages: Sequence[Message], at: Watch, *, fresh: Collection[int] = ()) -> None:
    """Try each of these claimed messages once, and record what became of it.

    ``fresh`` are the keys of those whose words were made since ``at`` began. None is begun of which
    it was not asked just before whether it is still wanted: right at its try, or at that of one
    before it, with nobody doing anything since. What was not begun after some seconds goes back,
    so that it need not wait for a slow provider.
    """
    run = _Run(messages, at, fresh)
    try:
        with smtp.line():
            run.through(messages)
    finally:
        run.tell_rooms()


class _Run:
    """One pass over some claimed messages: what is known of them, and of their channels."""

    def __init__(self, messages: Sequence[Message], at: Watch, fresh: Collection[int]) -> None:
        self.at = at
        self.wanted = set(fresh)
        self.asked = 0.0  # when it was asked what is wanted, and what had been done by then
        self.seen = at.seen
        self.left: list[Message] = []
        self.calm: set[str] = set()  # channels by which the message before this one was sent
        self.spared: set[str] = set()  # channels whose breaker has opened meanwhile
        if others := [one for one in messages if one.pk not in self.wanted]:
            self.wanted |= {one.pk for one in checking.still_wanted(others, at())}

    def through(self, messages: Sequence[Message]) -> None:
        """Try one after the other, as long as that goes quickly."""
        begun = self.at.passed
        for place, message in enumerate(messages):
            if self.at.passed - begun > ENOUGH:
                return _put_back(messages[place:], self.at())
            if message.channel in self.spared:
                _put_back([message], self.at())
            elif self.at.passed - self.asked > FRESH or not self._try(message):
                self._ask(messages[place:])
                if not self._try(message):  # people act all the time: it waits for the next pass
                    _put_back([message], self.at())
        return None

    def _ask(self, messages: Sequence[Message]) -> None:
        """Ask anew of all that are left."""
        self.asked, self.seen = self.at.passed, tries.acts()
        self.wanted = {one.pk for one in checking.still_wanted(messages, self.at())}

    def _try(self, message: Message) -> bool:
        """One try, with its facts written before and after it; False where it has to be asked."""
        if message.pk not in self.wanted:
            return True
        now = self.at()
        attempt = tries.begin(message, seen=self.seen, now=now)
        if attempt is None:
            return False
        outcome = _send(message)
        finish(attempt, outcome, self.at(), is_calm=message.channel in self.calm)
        self._learn(message, outcome)
        return True

    def _learn(self, message: Message, outcome: Outcome) -> None:
        if isinstance(outcome, Sent):
            self.left.append(message)
            self.calm.add(message.channel)
            return
        self.calm.discard(message.channel)
        if breaker.is_open(message.channel):
            self.spared.add(message.channel)

    def tell_rooms(self) -> None:
        """Tell the rooms of all that left, where they take note of many at once."""
        told = [one for one in self.left if registry.notes_leaving(one.kind)]
        if told:
            _note_leaving(told, self.at())


@transaction.atomic
def _put_back(messages: Sequence[Message], now: dt.datetime) -> None:
    """Give up what is still ours: it waits as it did before it was claimed."""
    for message in checking.ours(messages):
        moves.wait(message, now)


def _send(message: Message) -> Outcome:
    try:
        return channels.send(message)
    except Exception as error:  # nothing a provider does may end the dispatcher
        log.exception("Message %s failed in an unforeseen way.", message.pk)
        return Unknown("error", type(error).__name__)


def finish(attempt: Attempt, outcome: Outcome, now: dt.datetime, *, is_calm: bool = False) -> None:
    """Record the outcome; a database that is away for a moment is asked again.

    ``is_calm`` says that the last message of this channel was sent, as far as we know.
    """
    for pause in (0.2, 1.0, 5.0):
        try:
            return _finish(attempt, outcome, now, is_calm)
        except (OperationalError, InterfaceError):
            log.warning("The outcome of attempt %s is written again.", attempt.pk)
            connection.close_if_unusable_or_obsolete()
            time.sleep(pause)
    return _finish(attempt, outcome, now, is_calm)


def _finish(attempt: Attempt, outcome: Outcome, now: dt.datetime, is_calm: bool) -> None:
    """The fact belongs to the try in any case, the message's state only to who holds its claim."""
    if not (is_calm and _is_plain(attempt.message) and _end_sent(attempt, outcome, now)):
        _finish_with_all(attempt, outcome, now)


def _is_plain(message: Message) -> bool:
    """Whether nobody takes note of what was sent, and nothing is reported of it."""
    has_hook = message.is_digest or registry.takes_note(message.kind)
    return not (has_hook or receipts.may_come(message.channel))


def _end_sent(attempt: Attempt, outcome: Outcome, now: dt.datetime) -> bool:
    return isinstance(outcome, Sent) and tries.end_sent(attempt, outcome, now)


@transaction.atomic(durable=True)
def _finish_with_all(attempt: Attempt, outcome: Outcome, now: dt.datetime) -> None:
    """Everything that follows from the outcome, or nothing of it."""
    message = attempt.message
    if isinstance(outcome, Sent):
        receipts.expect(message.channel, outcome.provider_id)
        if tries.end_sent(attempt, outcome, now):
            _tell_rooms(message, now)
        else:
            message = _end_late(attempt, outcome, now)
    else:
        message = _end_unsent(attempt, outcome, now)
    breaker.note(message.channel, outcome, now)
    receipts.catch_up(message, now)


def _end_late(attempt: Attempt, outcome: Sent, now: dt.datetime) -> Message:
    """Somebody has taken the claim; but that it left is known now."""
    message = Message.objects.select_for_update().get(pk=attempt.message_id)
    if message.state == State.UNKNOWN:
        _record_sent(message, outcome, now)
    return message


def _end_unsent(attempt: Attempt, outcome: Outcome, now: dt.datetime) -> Message:
    message = Message.objects.select_for_update().get(pk=attempt.message_id)
    tries.end(attempt, outcome, now)
    if message.claim_token == attempt.claim_token:
        _apply(message, outcome, now)
    return message


def _apply(message: Message, outcome: Outcome, now: dt.datetime) -> None:
    match outcome:
        case Sent():
            _record_sent(message, outcome, now)
        case Refused():
            moves.save(message, State.FAILED, f"{outcome.code} {outcome.text}")
            falling_back.tell_otherwise(message, now, refused=outcome)
        case TryLater():
            _back_off(message, outcome, now)
        case Unknown():
            moves.wait_to_resend(message, now, f"{outcome.code} {outcome.text}")


# --- what becomes of it ---------------------------------------------------------------------------
def _record_sent(message: Message, outcome: Sent, now: dt.datetime) -> None:
    if outcome.provider_id:
        message.provider_id = outcome.provider_id
        message.save(update_fields=["provider_id"])
    moves.save(message, State.SENT)
    _tell_rooms(message, now)


def _tell_rooms(message: Message, now: dt.datetime) -> None:
    """Call the hook of each notice that left; most kinds have none."""
    if message.is_digest or registry.takes_note(message.kind):
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


def _note_leaving(messages: Sequence[Message], now: dt.datetime) -> None:
    """As ``_tell_room``, for all of a pass at once: what is missed here the planner repairs."""
    left = Notice.objects.filter(message__in=messages, state__in=LEFT)
    try:
        with transaction.atomic():
            registry.left(list(left), now)
    except Exception:  # also a lost database: what was sent is written already
        log.exception("Notices were sent, but their rooms could not take note.")


def _back_off(message: Message, outcome: TryLater, now: dt.datetime) -> None:
    pause = dt.timedelta(seconds=backoff(message.tries))
    if not (outcome.unreachable and breaker.is_open(message.channel)):
        message.tries += 1
    moves.wait(message, now + max(pause, outcome.wait or pause))


def backoff(tries: int) -> float:
    """Seconds until the next try: 30 × 2ⁿ with full jitter, at most an hour."""
    return random.uniform(0, min(LONGEST, BASE * 2 ** min(tries, 10)))  # noqa: S311 - no secret
