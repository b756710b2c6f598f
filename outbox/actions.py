"""Telling each thing to each person, once; and what coordinators do in the outbox."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.actions import record
from audit.errors import TransitionError
from audit.models import AuditEntry, subject_of
from outbox import delivery, holding, packing, permissions, recipients, registry
from outbox.models import Channel, Heartbeat, Message, Notice

State = Notice.State
RETRIED = frozenset({State.FAILED, State.DEAD, State.UNKNOWN})
CANCELLED = frozenset(
    {State.PREPARED, State.PLANNED, State.HELD, State.QUEUED, State.FAILED, State.DEAD}
)
INSERT = """
    INSERT INTO outbox_notice (subject, kind, rung, version, recipient, channel, province_id,
                               state, urgency, due_at, reason)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::int[], %s::text[],
                             %s::text[], %s::text[], %s::text[], %s::int[], %s::timestamptz[],
                             %s::text[])
    ON CONFLICT DO NOTHING
"""


# --- what is to be told -------------------------------------------------------------------------
def tell(
    kind: str,
    subject: str,
    *,
    recipients: Iterable[str],
    due_at: dt.datetime,
    version: int = 1,
    rung: str = "",
    province_id: str | None = None,
    urgency: int = 0,
    prepared: bool = False,
) -> int:
    """Plan one notice for each recipient (``user:3``); those that stand already stay.

    Belongs into the transaction of the act it tells of. How many were added.
    """
    return tell_all(
        Notice(
            kind=kind,
            subject=subject,
            recipient=recipient,
            due_at=due_at,
            version=version,
            rung=rung,
            province_id=province_id,
            urgency=urgency,
            state=State.PREPARED if prepared else State.PLANNED,
        )
        for recipient in recipients
    )


def tell_all(notices: Iterable[Notice]) -> int:
    """Plan all these notices in one statement; how many of them did not stand already."""
    rows = [
        (
            one.subject,
            one.kind,
            one.rung,
            one.version,
            one.recipient,
            Channel(one.channel).value,
            one.province_id,
            State(one.state).value,
            one.urgency,
            one.due_at,
            one.reason,
        )
        for one in notices
    ]
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [list(column) for column in zip(*rows, strict=True)])
        return int(cursor.rowcount)


def resume(subjects: Iterable[str], *, now: dt.datetime, reason: str) -> int:
    """Let go on what was held for this reason about these subjects; how many notices that were.

    Belongs into the transaction of the act that lifts what held them. What is no longer true is
    cancelled when its turn comes.
    """
    held = Notice.objects.filter(subject__in=list(subjects), state=State.HELD, reason=reason)
    return packing.plan_again(held, now)


# --- the dispatcher -------------------------------------------------------------------------------
def dispatch_some(*, now: dt.datetime, limit: int = 5) -> int:
    """Recover what was lost, pack what is due, send a few; how many rows were moved on.

    With nothing of that left to do, ask again about what is held. While all outbound is held back
    only what was lost is recovered; nothing grows too old then.

    Any number of dispatchers may run at once: each takes what no other holds.
    """
    at = delivery.Watch(now)
    moved = delivery.recover(now, limit)
    if holding.is_on():
        return moved
    moved += delivery.expire(now, limit) + packing.pack(now, limit)
    claimed = delivery.claim(at(), limit)
    for message in claimed:
        delivery.deliver(message, at)
    return moved + len(claimed) or packing.let_go(now)


def beat(name: str, *, now: dt.datetime, done: int) -> None:
    """Note that an engine ran, for the status page."""
    Heartbeat.objects.update_or_create(name=name, defaults={"ran_at": now, "done": done})


# --- the coordinators -----------------------------------------------------------------------------
@transaction.atomic
def retry(notice: Notice, *, by: User, now: dt.datetime) -> Notice:
    """Send again what failed or is unknown: the same key, the same Message-ID.

    Raises PermissionDenied, or TransitionError where its state forbids it.
    """
    locked = _lock(notice, by=by, sources=RETRIED)
    before, locked.state = locked.state, State.PLANNED
    if locked.message is not None:
        locked.state = State(_requeue(locked.message, now))
    else:
        locked.due_at = now
    locked.reason = ""
    return _save(locked, "outbox.retry", by=by, before=before)


def _requeue(message: Message, now: dt.datetime) -> str:
    """Start the message's life again; a corrected address counts if it surely never left."""
    maybe_left = message.attempts.filter(delivery.MAYBE_LEFT).exists()
    present = None if maybe_left else recipients.resolve(message.recipient, message.channel)
    if present is not None:
        message.address = present.address
    message.state = Message.State.UNKNOWN if maybe_left else Message.State.QUEUED
    message.tries = 0
    message.next_try_at = now
    message.expires_at = now + packing.LIVES[Channel(message.channel)]
    message.save()
    return message.state


@transaction.atomic
def cancel(notice: Notice, *, by: User, reason: str) -> Notice:
    """Keep from being sent what has not left; also what failed, once it was told otherwise.

    Raises PermissionDenied, or TransitionError where its state forbids it.
    """
    locked = _lock(notice, by=by, sources=CANCELLED)
    before, locked.state = locked.state, State.CANCELLED
    locked.reason = reason[:300]
    if locked.message is not None:
        locked.message.state = Message.State.CANCELLED
        locked.message.save(update_fields=["state"])
    return _save(locked, "outbox.cancel", by=by, before=before)


@transaction.atomic
def release(notice: Notice, *, by: User, now: dt.datetime) -> int:
    """Let a prepared escalation leave, with what tells the others of it; how many notices left.

    Raises PermissionDenied, or TransitionError where it no longer waits.
    """
    if not permissions.serves(by, notice):
        raise PermissionDenied
    # All of them in one order, so that two presses on two of them never wait for each other.
    group = Notice.objects.filter(
        subject=notice.subject, rung=notice.rung, version=notice.version
    ).order_by("pk")
    together = [one for one in group.select_for_update() if one.state == State.PREPARED]
    if notice.pk not in {one.pk for one in together}:
        notice.refresh_from_db(fields=["state"])
        raise _overtaken(notice)
    if waits := registry.held(together, now):
        raise TransitionError(_(next(iter(waits.values()))))
    return _release(together, by=by, now=now)


@transaction.atomic
def release_all(*, by: User, now: dt.datetime, expected: int) -> int:
    """Let everything leave that is prepared in the user's provinces.

    Raises TransitionError where their number is no longer the one the user was shown.
    """
    if not permissions.opens(by):
        raise PermissionDenied
    waiting = Notice.objects.visible_to(by).prepared()
    notices = ready(waiting.select_for_update(of=("self",)).order_by("pk"), now=now)
    if len(notices) != expected:
        raise TransitionError(
            _("Meanwhile their number has changed: look again before you send them.")
        )
    return _release(notices, by=by, now=now)


def ready(prepared: Iterable[Notice], *, now: dt.datetime) -> list[Notice]:
    """Those of these prepared notices that a press lets leave, without what has to wait.

    What tells of the same escalation waits together.
    """
    notices = list(prepared)
    waits = registry.held(notices, now)
    groups = {_group(one) for one in notices if one.pk in waits}
    return [one for one in notices if _group(one) not in groups]


def _group(notice: Notice) -> tuple[str, str, int]:
    return (notice.subject, notice.rung, notice.version)


def _release(notices: Sequence[Notice], *, by: User, now: dt.datetime) -> int:
    AuditEntry.objects.bulk_create(
        AuditEntry(
            action="outbox.release",
            subject=subject_of(notice),
            actor=by,
            role=AuditEntry.Role.COORDINATOR,
            change={"state": [State.PREPARED.value, State.PLANNED.value]},
        )
        for notice in notices
    )
    keys = [notice.pk for notice in notices]
    return Notice.objects.filter(pk__in=keys).update(state=State.PLANNED, due_at=now)


def _lock(notice: Notice, *, by: User, sources: frozenset[State]) -> Notice:
    """The notice and its message, locked in the dispatcher's own order."""
    message = Message.objects.select_for_update(of=("self",)).filter(notices=notice.pk).first()
    locked = Notice.objects.select_for_update().get(pk=notice.pk)
    if not permissions.serves(by, locked):
        raise PermissionDenied
    if locked.state not in sources or locked.message_id != (message and message.pk):
        raise _overtaken(locked)
    locked.message = message
    return locked


def _overtaken(notice: Notice) -> TransitionError:
    return TransitionError(
        _("This is no longer possible: meanwhile the notice is “%(state)s”.")
        % {"state": notice.get_state_display()}
    )


def _save(locked: Notice, action: str, *, by: User, before: str) -> Notice:
    locked.save(update_fields=["state", "reason", "due_at"])
    record(
        action,
        locked,
        by=by,
        role=AuditEntry.Role.COORDINATOR,
        state=[str(before), str(locked.state)],
    )
    return locked
