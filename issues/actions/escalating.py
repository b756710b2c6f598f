"""Escalated by hand, or kept at its own level: what the secretariat decides, and its trace.

Whom it tells and what it keeps from leaving is for the room that knows the ladder: it hands in
what is to be done about that, which runs under the issue's lock.
"""

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit import once
from audit.errors import TransitionError
from issues.actions.move import check, lock, lock_referral, move_locked, permit
from issues.models import Climb, Issue, Referral
from issues.workflow import Act

Direction = Climb.Direction


@dataclass(frozen=True)
class Reached:
    """The superior that is told: its height above the office, and the ladder's rung for it."""

    height: int
    rung: str


@transaction.atomic
def escalate(
    referral: Referral,
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    reason: str,
    tell: Callable[[Referral], Reached],
) -> Climb:
    """Turn to the next superior now; the same form sent twice does it once.

    ``tell`` plans the notices and may raise the version of the referral's date, which is saved
    here. Raises TransitionError where there is nobody to turn to, or it is not the time for it.
    """
    issue, held = _held(referral, Act.ESCALATE, by)
    if made := _made_before(client_key, Direction.UP, held, by, reason):
        return made
    check(issue, Act.ESCALATE, by=by)
    _check_may_climb(held, timezone.localdate(now))
    held.kept_low_at = None
    reached = tell(held)
    held.save(update_fields=["kept_low_at", "due_version"])
    made = Climb(direction=Direction.UP, height=reached.height, rung=reached.rung)
    return _keep(made, issue, held, by=by, now=now, client_key=client_key, reason=reason)


@transaction.atomic
def deescalate(
    referral: Referral,
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    reason: str,
    calm: Callable[[Referral], int],
) -> Climb:
    """Keep it at the office's own level until it is escalated again; the same form twice once.

    ``calm`` keeps from leaving what has not left, and answers how many superiors had been told.
    """
    issue, held = _held(referral, Act.DEESCALATE, by)
    if made := _made_before(client_key, Direction.DOWN, held, by, reason):
        return made
    check(issue, Act.DEESCALATE, by=by)
    if refusal := stays_already(held):
        raise TransitionError(refusal)
    held.kept_low_at = now
    held.save(update_fields=["kept_low_at"])
    made = Climb(direction=Direction.DOWN, height=calm(held))
    return _keep(made, issue, held, by=by, now=now, client_key=client_key, reason=reason)


def stays_already(held: Referral) -> str:
    """Why there is nothing to keep low; empty where there is."""
    if not held.is_open:
        return _("Meanwhile this referral has ended.")
    if held.role != Referral.Role.LEAD:
        return _("Only the leading office's referral is ever escalated.")
    if held.kept_low_at:
        return _("It is dealt with at the office's own level already.")
    return ""


def cannot_climb(held: Referral, today: dt.date) -> str:
    """Why no superior is turned to now; empty where one may be."""
    if not held.is_open:
        return _("Meanwhile this referral has ended.")
    if held.role != Referral.Role.LEAD:
        return _("Only the leading office's referral is ever escalated.")
    if held.due_on is None:
        return _("The office was not told of it yet, so there is nothing to escalate.")
    if held.suspended_until and held.suspended_until >= today:
        return _("It is suspended at present: nothing is asked of the office until then.")
    if held.is_paused:
        return _("The office waits for the organization's reply: nothing is asked of it meanwhile.")
    return ""


def _check_may_climb(held: Referral, today: dt.date) -> None:
    if refusal := cannot_climb(held, today):
        raise TransitionError(refusal)


def _held(referral: Referral, act: Act, by: User) -> tuple[Issue, Referral]:
    """The issue and the referral, locked; PermissionDenied for who may never do this."""
    issue = lock(referral.issue)
    held = lock_referral(referral.pk)
    held.issue = issue
    permit(issue, act, by=by, referral=held)
    return issue, held


def _made_before(
    client_key: uuid.UUID, direction: str, held: Referral, by: User, reason: str
) -> Climb | None:
    said = {"direction": direction, "referral_id": held.pk, "by_id": by.pk, "reason": reason}
    return once.made_before(Climb.objects.all(), client_key, said)


def _keep(
    made: Climb,
    issue: Issue,
    held: Referral,
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    reason: str,
) -> Climb:
    made.referral, made.version = held, held.due_version
    made.by, made.at, made.client_key, made.reason = by, now, client_key, reason
    once.keep(made)
    act = Act.ESCALATE if made.direction == Direction.UP else Act.DEESCALATE
    trace: dict[str, object] = {
        "referral": held.pk, "authority": held.authority_id, "height": made.height
    }  # fmt: skip
    move_locked(issue, act, by=by, now=now, trace=trace)
    return made
