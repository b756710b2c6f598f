"""Telling each thing to each person, once; and what coordinators do in the outbox."""

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.errors import TransitionError
from outbox import delivery, digests, handling, holding, packing, permissions, registry
from outbox.handling import Act
from outbox.models import Channel, Heartbeat, Notice

State = Notice.State
AT_ONCE = 25  # of each kind of work in one pass of the dispatcher
INSERT = """
    INSERT INTO outbox_notice (subject, kind, rung, version, recipient, channel, province_id,
                               state, urgency, due_at, reason)
    SELECT subject, kind, rung, version, recipient, channel, province_id, state, urgency, due_at,
           reason
      FROM json_to_recordset(%s)
        AS told (subjects json, kind text, rung text, version int, recipient text, channel text,
                 province_id text, state text, urgency int, due_at timestamptz, reason text),
           json_array_elements_text(subjects) AS subject
    ON CONFLICT (subject, kind, rung, version, recipient, channel) DO NOTHING
"""


class Row(NamedTuple):
    """What is told alike of some subjects, by the names of the columns above.

    One for thousands of notices: a ``Notice`` for each would take most of the planner's time.
    """

    subjects: Sequence[str]
    kind: str
    rung: str
    version: int
    recipient: str
    channel: str
    province_id: str | None
    state: str
    urgency: int
    due_at: dt.datetime
    reason: str = ""


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
    return tell_rows(
        Row(
            [one.subject],
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
    )


def tell_rows(rows: Iterable[Row]) -> int:
    """The same for very many that are alike; how many did not stand already."""
    told = [row._asdict() for row in rows]
    if not told:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [json.dumps(told, default=str)])
        return int(cursor.rowcount)


def resume(subjects: Iterable[str], *, now: dt.datetime, reason: str) -> int:
    """Let go on what was held for this reason about these subjects; how many notices that were.

    Belongs into the transaction of the act that lifts what held them. What is no longer true is
    cancelled when its turn comes.
    """
    held = Notice.objects.filter(subject__in=list(subjects), state=State.HELD, reason=reason)
    return packing.plan_again(held, now)


# --- the dispatcher -------------------------------------------------------------------------------
def dispatch_some(*, now: dt.datetime, limit: int = AT_ONCE) -> int:
    """Recover what was lost, pack what is due, send a few; how many rows were moved on.

    With nothing of that left to do, ask again about what is held. While all outbound is held back
    only what was lost is recovered; nothing grows too old then.

    Any number of dispatchers may run at once: each takes what no other holds.
    """
    at = delivery.Watch(now)
    moved = delivery.recover(now, limit)
    if holding.is_on():
        return moved
    moved += delivery.expire(now, limit) + digests.wake(now)
    packed = packing.pack(now, limit)
    moved += packed.decided + digests.pack(now, limit)
    claimed = delivery.claim(at(), limit)
    delivery.deliver(claimed, at, fresh=packed.messages)
    return moved + len(claimed) or packing.let_go(now)


def beat(name: str, *, now: dt.datetime, done: int) -> None:
    """Note that an engine ran, for the status page."""
    Heartbeat.objects.update_or_create(name=name, defaults={"ran_at": now, "done": done})


# --- the coordinators -----------------------------------------------------------------------------
@transaction.atomic
def retry(notice: Notice, *, by: User, now: dt.datetime) -> Notice:
    """Send again what failed or is unknown: the same key, the same Message-ID.

    With everything else that its message tells. Raises PermissionDenied, or TransitionError where
    its state forbids it.
    """
    locked = handling.lock_one(notice, Act.RETRY, by=by)
    handling.retry(locked, by=by, now=now)
    return locked.notices[0]


@transaction.atomic
def cancel(notice: Notice, *, by: User, reason: str) -> Notice:
    """Keep from being sent what has not left; also what failed, once it was told otherwise.

    Raises PermissionDenied, or TransitionError where its state forbids it.
    """
    locked = handling.lock_one(notice, Act.CANCEL, by=by)
    handling.cancel(locked, by=by, reason=reason)
    return locked.notices[0]


@transaction.atomic
def send_now(notice: Notice, *, by: User, now: dt.datetime) -> Notice:
    """Let leave at once and alone what is planned, a coordinator held, or waits for its reader.

    Raises PermissionDenied, or TransitionError: also where it has to wait, or everything does.
    """
    locked = handling.lock_one(notice, Act.SEND, by=by)
    if holding.is_on():
        raise TransitionError(_("All outbound is held back."))
    if waits := registry.held(locked.notices, now):
        raise TransitionError(_(next(iter(waits.values()))))
    handling.send_now(locked, by=by, now=now)
    return locked.notices[0]


@transaction.atomic
def hold(notice: Notice, *, by: User, reason: str) -> Notice:
    """Keep back what is planned, until a coordinator lets it go on.

    Raises PermissionDenied, or TransitionError where its state forbids it.
    """
    locked = handling.lock_one(notice, Act.HOLD, by=by)
    handling.hold(locked, by=by, reason=reason)
    return locked.notices[0]


@transaction.atomic
def let_go(notice: Notice, *, by: User, now: dt.datetime) -> Notice:
    """Let go on what a coordinator held, at its own time.

    Raises PermissionDenied, or TransitionError where its state forbids it.
    """
    locked = handling.lock_one(notice, Act.LET_GO, by=by)
    handling.let_go(locked, by=by, now=now)
    return locked.notices[0]


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
        raise handling.overtaken(notice)
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
    handling.trace("outbox.release", notices, to=State.PLANNED, by=by)
    keys = [notice.pk for notice in notices]
    return Notice.objects.filter(pk__in=keys).update(state=State.PLANNED, due_at=now)
