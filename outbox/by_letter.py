"""What an office was told by a letter that was handed over is not sent to it any more."""

import datetime as dt
from collections.abc import Collection, Iterable

from django.db.models import Q
from django.utils.translation import gettext_noop

from accounts.models import User
from audit.models import AuditEntry, subject_of
from outbox.models import Message, Notice

TOLD = gettext_noop("It was told by a letter that was handed over.")
State = Notice.State
WAITING = (
    State.PREPARED, State.PLANNED, State.HELD, State.QUEUED, State.UNKNOWN,
    State.FAILED, State.DEAD,
)  # fmt: skip


def count_as_told(notices: Collection[Notice], *, by: User) -> list[Notice]:
    """End these notices as far as they still wait; those that did, as they stood before.

    What is being sent at this very moment, or was sent, stays as it is. Belongs into the
    transaction of the act that says so, and locks as a press in the outbox does: what waits
    without a message, with all that is prepared beside it, then messages, then what those tell.
    """
    rows = Notice.objects.filter(pk__in=[one.pk for one in notices], state__in=WAITING)
    beside = Q(state=State.PREPARED, subject__in={one.subject for one in notices})
    unmade = Notice.objects.filter(Q(pk__in=[one.pk for one in notices], message=None) | beside)
    list(unmade.order_by("pk").select_for_update(of=("self",)).values_list("pk"))
    messages = Message.objects.filter(notices__in=rows.values("pk")).exclude(
        state=Message.State.SENDING
    )
    held = {one.pk for one in messages.order_by("pk").select_for_update(of=("self",))}
    waiting = [
        one
        for one in rows.order_by("pk").select_for_update(of=("self",))
        if one.message_id is None or one.message_id in held
    ]
    Notice.objects.filter(pk__in=[one.pk for one in waiting]).update(
        state=State.CANCELLED, reason=TOLD
    )
    _end_messages({one.message_id for one in waiting if one.message_id})
    AuditEntry.objects.bulk_create(
        AuditEntry(
            action="outbox.told_by_letter",
            subject=subject_of(one),
            actor=by,
            role=AuditEntry.Role.COORDINATOR,
            change={"state": [one.state, State.CANCELLED.value]},
        )
        for one in waiting
    )
    return waiting


def _end_messages(pks: set[int]) -> None:
    """End those of these messages that have nothing else to tell."""
    open_ones = Notice.objects.filter(message__in=pks).exclude(state=State.CANCELLED)
    busy = set(open_ones.values_list("message", flat=True))
    Message.objects.filter(pk__in=pks - busy).update(
        state=Message.State.CANCELLED, next_try_at=None
    )


def let_others_go(told: Iterable[Notice], *, by: User, now: dt.datetime) -> int:
    """Plan what was prepared to be told together with these, as of an escalation; how many.

    Their own kind stays: another office above may still wait for its own letter.
    """
    prepared = [one for one in told if one.state == State.PREPARED]
    number = 0
    for subject, rung, version, kind in {(o.subject, o.rung, o.version, o.kind) for o in prepared}:
        rows = Notice.objects.filter(
            subject=subject, rung=rung, version=version, state=State.PREPARED
        ).exclude(kind=kind)
        together = list(rows.order_by("pk").select_for_update(of=("self",)))
        AuditEntry.objects.bulk_create(
            AuditEntry(
                action="outbox.release",
                subject=subject_of(one),
                actor=by,
                role=AuditEntry.Role.COORDINATOR,
                change={"state": [State.PREPARED.value, State.PLANNED.value]},
            )
            for one in together
        )
        keys = [one.pk for one in together]
        number += Notice.objects.filter(pk__in=keys).update(state=State.PLANNED, due_at=now)
    return number
