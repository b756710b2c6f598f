"""The switch that holds all outbound: read before every try, set and lifted by few.

Whoever begins a try holds ``GATE`` shared until its row stands, and whoever sets the switch takes
it alone: once the switch stands no try begins any more, in whichever process.
"""

import datetime as dt
import uuid

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import DurationField, F, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from audit import once
from audit.actions import record
from audit.errors import Conflict, TransitionError
from audit.models import AuditEntry
from outbox import permissions
from outbox.models import Heartbeat, Message, Notice, Standstill

GATE = 0x5A17  # one number for everybody who sends
MAY_HAVE_LEFT = gettext_noop(
    "The database was restored from a backup; this may have left before."
)  # also in config/sql/restored.sql


def pass_gate() -> bool:
    """Whether a try may begin; until the transaction ends nobody can set the switch."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [GATE])
    return not is_on()


def is_on() -> bool:
    """Whether all outbound is held back."""
    return Standstill.objects.standing().exists()


def standing() -> Standstill | None:
    """What holds all outbound back, with the person who set it; None while nothing does."""
    return Standstill.objects.standing().select_related("set_by").first()


@transaction.atomic
def hold(
    *, by: User | None, reason: str, now: dt.datetime, client_key: uuid.UUID | None = None
) -> Standstill:
    """Hold all outbound back from this moment; ``by`` is nobody where a command does it.

    The same key a second time changes nothing, also after it was lifted. Raises PermissionDenied,
    Conflict for the same key with another reason, or TransitionError where it is held already.
    """
    if by is not None and not permissions.holds_all(by):
        raise PermissionDenied
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [GATE])
    key, reason = client_key or uuid.uuid4(), reason.strip()[:300]
    other = Conflict(_("This form was sent before with other words."))
    said = {"reason": reason, "set_by_id": by and by.pk}
    if known := once.made_before(Standstill.objects.all(), key, said, refusal=other):
        return known
    if is_on():
        raise TransitionError(_("All outbound is held back already."))
    made = Standstill.objects.create(client_key=key, reason=reason, set_at=now, set_by=by)
    record("outbox.hold_all", made, by=by, role=_role(by), at=now)
    return made


@transaction.atomic
def lift(standstill: Standstill, *, by: User | None, now: dt.datetime) -> None:
    """Let everything go on, the most urgent first; what is no longer true is dropped as always.

    What had been made before keeps as long to live as it had. After a restore nothing goes on by
    itself: what is due by now waits for a coordinator's press. Lifting what one lifted oneself
    changes nothing. Raises PermissionDenied, or TransitionError where somebody was faster, or
    nothing was planned yet since the restore.
    """
    if by is not None and not permissions.holds_all(by):
        raise PermissionDenied
    locked = Standstill.objects.select_for_update().get(pk=standstill.pk)
    if locked.lifted_at is not None:
        if locked.lifted_by_id == (by and by.pk):
            return
        raise TransitionError(_("Somebody has lifted it meanwhile."))
    if locked.restored_from is not None:
        _let_wait_for_a_press(locked, now)
    locked.lifted_at, locked.lifted_by = now, by
    locked.save(update_fields=["lifted_at", "lifted_by"])
    passed = Value(max(now - locked.set_at, dt.timedelta()), DurationField())
    waiting = Message.objects.filter(state__in=[Message.State.QUEUED, Message.State.UNKNOWN])
    waiting.filter(next_try_at__isnull=False).update(expires_at=F("expires_at") + passed)
    record("outbox.lift_all", locked, by=by, role=_role(by), at=now)


def due(now: dt.datetime) -> QuerySet[Notice]:
    """What is due and was not made into a message yet."""
    state = Notice.State
    return Notice.objects.filter(state__in=[state.PLANNED, state.HELD], due_at__lte=now)


def leaving(now: dt.datetime) -> int:
    """How many notices leave by themselves, or wait for a press, once the hold is lifted."""
    state = Notice.State
    tried = Notice.objects.filter(
        state__in=[state.QUEUED, state.UNKNOWN], message__next_try_at__isnull=False
    )
    return due(now).count() + tried.count()


def _let_wait_for_a_press(restored: Standstill, now: dt.datetime) -> None:
    """The planner plans anew what it had planned and sent after the backup: that it shall have."""
    if not Heartbeat.objects.filter(name="plan", ran_at__gt=restored.set_at).exists():
        raise TransitionError(
            _("Nothing was planned yet since the restore: please try again in a minute.")
        )
    due(now).update(state=Notice.State.PREPARED, reason=MAY_HAVE_LEFT)


def _role(by: User | None) -> str:
    if by is None:
        return AuditEntry.Role.SYSTEM
    return AuditEntry.Role.COORDINATOR if by.serves_all else AuditEntry.Role.ADMINISTRATOR
