"""What coordinators do with notices, one or many: on locked rows, with one audit entry each.

A message may tell several notices. It is sent again with all of them; one that is cancelled is
taken out of it, and the message ends only with the last.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import DateTimeField, Q, QuerySet, Value
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext as _

from accounts.models import User
from audit.errors import TransitionError
from audit.models import AuditEntry, subject_of
from outbox import other_ways, packing, permissions, post
from outbox.models import Attempt, Message, Notice

State = Notice.State
RETRIED = frozenset({State.FAILED, State.DEAD, State.UNKNOWN})
CANCELLED = frozenset(
    {State.PREPARED, State.PLANNED, State.HELD, State.QUEUED, State.FAILED, State.DEAD}
)
# Begins the reason of what a coordinator holds: no hold of ours ends it, whatever they wrote.
BY_HAND = "By hand: "


class Act(StrEnum):
    """What a coordinator does with a notice."""

    SEND = "send"
    HOLD = "hold"
    LET_GO = "let_go"
    RETRY = "retry"
    CANCEL = "cancel"
    BY_PHONE = "by_phone"
    OTHER_WAY = "other_way"


HELD_BY_HAND = Q(state=State.HELD, reason__startswith=BY_HAND)
# What waits for its reader's digest, or for the end of the silence they asked for.
HELD_FOR_READER = Q(state=State.HELD, reason__in=[post.IN_DIGEST, post.MUTED])
OPEN = {
    Act.SEND: Q(state=State.PLANNED) | HELD_BY_HAND | HELD_FOR_READER,
    Act.HOLD: Q(state=State.PLANNED) | Q(state=State.HELD, reason=post.IN_DIGEST),
    Act.LET_GO: HELD_BY_HAND,
    Act.RETRY: Q(state__in=RETRIED, by_phone=None),
    Act.CANCEL: Q(state__in=CANCELLED, by_phone=None),
    Act.BY_PHONE: Q(state__in=CANCELLED | RETRIED, by_phone=None),
    Act.OTHER_WAY: Q(state__in=RETRIED | {State.SENT, State.DELIVERED}, by_phone=None),
}


@dataclass(frozen=True)
class Locked:
    """Notices an act is done with, the messages they are in, and what else those tell."""

    notices: list[Notice]
    messages: dict[int, Message]
    beside: list[Notice]

    @property
    def keys(self) -> list[int]:
        """The keys of the notices."""
        return [one.pk for one in self.notices]


def lock(rows: QuerySet[Notice], act: Act) -> Locked:
    """Those of these notices that the act is open to, locked in the dispatcher's own order.

    First what waits without a message, then messages, then what those tell. What was put into a
    message meanwhile is left out; of many none is waited for, as a lock of one that is in a
    message by now would stand before its message. Raises TransitionError for that.
    """
    chosen = dict(rows.filter(OPEN[act]).order_by("pk").values_list("pk", "message"))
    notices = Notice.objects.order_by("pk").select_for_update(of=("self",))
    free = _lock_unmade(chosen)
    messages = Message.objects.order_by("pk").select_for_update(of=("self",))
    held = {one.pk: one for one in messages.filter(pk__in=set(chosen.values()) - {None})}
    locked = sorted([*free, *notices.filter(message__in=held)], key=lambda one: one.pk)
    fit = set(Notice.objects.filter(OPEN[act], pk__in=chosen).values_list("pk", flat=True))
    fitting = [one for one in locked if one.pk in fit]
    ours = {one.message_id for one in fitting}  # never what was sent and only stands in the filter
    return Locked(
        notices=fitting,
        messages={pk: one for pk, one in held.items() if pk in ours},
        beside=[one for one in locked if one.pk not in fit and one.message_id in ours],
    )


def _lock_unmade(chosen: dict[int, Any]) -> list[Notice]:
    unmade = {pk for pk, message in chosen.items() if message is None}
    is_alone = len(chosen) == 1
    rows = Notice.objects.select_for_update(of=("self",), skip_locked=not is_alone).order_by("pk")
    free = list(rows.filter(pk__in=unmade, message=None))
    if len(free) < len(unmade) and not is_alone:
        raise TransitionError(
            _("Meanwhile their number has changed: please look again before you go on.")
        )
    return free


def lock_one(notice: Notice, act: Act, *, by: User) -> Locked:
    """The notice, locked; raises PermissionDenied, or TransitionError where its state forbids."""
    if not permissions.serves(by, notice):
        raise PermissionDenied
    locked = lock(Notice.objects.filter(pk=notice.pk), act)
    if not locked.notices:
        raise overtaken(Notice.objects.get(pk=notice.pk))
    return locked


def overtaken(notice: Notice) -> TransitionError:
    """Why an act on it is not possible any more."""
    return TransitionError(
        _("This is no longer possible: meanwhile the notice is “%(state)s”.")
        % {"state": notice.get_state_display()}
    )


# --- the acts -------------------------------------------------------------------------------------
def send_now(locked: Locked, *, by: User, now: dt.datetime) -> None:
    """Make each due at once and alone: neither working hours nor a digest delays it.

    Its urgency says so, that it holds also where the notice has to wait after all.
    """
    _move(locked.notices, State.PLANNED, "outbox.send_now", by=by)
    _rows(locked).update(
        state=State.PLANNED,
        reason="",
        due_at=Least("due_at", Value(now, DateTimeField())),
        urgency=Greatest("urgency", Value(post.PRESSED)),
    )


def hold(locked: Locked, *, by: User, reason: str) -> None:
    """Keep it until a coordinator lets it go on."""
    _move(locked.notices, State.HELD, "outbox.hold", by=by)
    _rows(locked).update(state=State.HELD, reason=f"{BY_HAND}{reason}"[:300])


def let_go(locked: Locked, *, by: User, now: dt.datetime) -> None:
    """Let go on what was held by hand, at its own time."""
    _move(locked.notices, State.PLANNED, "outbox.let_go", by=by)
    packing.plan_again(_rows(locked), now)


def retry(locked: Locked, *, by: User, now: dt.datetime) -> None:
    """Send again under the same key, with the same Message-ID."""
    unmade = [one for one in locked.notices if one.message_id is None]
    _move(unmade, State.PLANNED, "outbox.retry", by=by)
    planned = Notice.objects.filter(pk__in=[one.pk for one in unmade])
    planned.update(state=State.PLANNED, due_at=now, reason="")
    _requeue(list(locked.messages.values()), now)
    beside = [one.pk for one in locked.beside]  # but for what was told by telephone meanwhile
    made = [*locked.notices, *Notice.objects.filter(pk__in=beside).unsettled()]
    made = [one for one in made if one.message_id is not None]
    for state in (State.QUEUED, State.UNKNOWN):
        again = [
            one
            for one in made
            if one.state != State.CANCELLED and _message(locked, one).state == state
        ]
        _move(again, state, "outbox.retry", by=by)
        Notice.objects.filter(pk__in=[one.pk for one in again]).update(state=state, reason="")


def _message(locked: Locked, notice: Notice) -> Message:
    assert notice.message_id is not None  # noqa: S101 - those without are told apart before
    return locked.messages[notice.message_id]


def _requeue(messages: list[Message], now: dt.datetime) -> None:
    """Start each message's life again; a corrected address counts if it surely never left."""
    tries = Attempt.objects.filter(packing.MAYBE_LEFT, message__in=messages)
    maybe_left: set[Any] = set(tries.values_list("message", flat=True))
    sure = [one for one in messages if one.pk not in maybe_left]
    present = other_ways.addresses(one.recipient for one in sure)
    for one in sure:
        one.address = present.get(one.recipient, {}).get(one.channel, one.address)
    evening = post.Office(now).next_evening
    for one in messages:
        one.state = Message.State.UNKNOWN if one.pk in maybe_left else Message.State.QUEUED
        one.tries = 0
        one.next_try_at = now
        one.expires_at = packing.expiry(one.channel, one.kind, now)
        if one.is_digest:
            one.expires_at = max(one.expires_at, evening)
    fields = ["address", "state", "tries", "next_try_at", "expires_at"]
    Message.objects.bulk_update(messages, fields, batch_size=500)


def cancel(locked: Locked, *, by: User, reason: str, action: str = "outbox.cancel") -> None:
    """Keep it from being sent; a message ends with the last notice that it still tells."""
    _move(locked.notices, State.CANCELLED, action, by=by)
    _rows(locked).update(state=State.CANCELLED, reason=reason[:300])
    ended = {State.CANCELLED, State.SKIPPED}
    left: set[Any] = {one.message_id for one in locked.beside if one.state not in ended}
    over = [one for one in locked.messages.values() if one.pk not in left]
    for one in over:
        one.state = Message.State.CANCELLED
    Message.objects.filter(pk__in=[one.pk for one in over]).update(state=Message.State.CANCELLED)
    queued = [
        pk
        for pk, one in locked.messages.items()
        if pk in left and one.state == Message.State.QUEUED
    ]  # it surely never left: its words are made anew, without this one
    _rows(locked).filter(message__in=queued).update(message=None)


def _rows(locked: Locked) -> QuerySet[Notice]:
    return Notice.objects.filter(pk__in=locked.keys)


def _move(notices: Iterable[Notice], state: State, action: str, *, by: User) -> None:
    """Note the change of each in the trail, and on the rows in memory."""
    notices = list(notices)
    trace(action, notices, to=state, by=by)
    for one in notices:
        one.state = state


def trace(action: str, notices: Iterable[Notice], *, to: State, by: User) -> None:
    """One entry a notice, before its state changes."""
    AuditEntry.objects.bulk_create(
        AuditEntry(
            action=action,
            subject=subject_of(notice),
            actor=by,
            role=AuditEntry.Role.COORDINATOR,
            change={"state": [str(notice.state), to.value]},
        )
        for notice in notices
    )
