"""Escalated by hand, or kept at its own level: who is told, and what does not leave any more.

A superior is told under the very kind and rung of the ladder, so that the planner finds it told
and never turns to the same height again.
"""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from audit.errors import TransitionError
from issues import actions as issue_actions
from issues.actions import escalating, notify
from issues.models import Climb, Referral
from outbox import actions as outbox_actions
from outbox.models import Notice
from provinces import workdays
from provinces.models import Authority
from reminders import ladder
from reminders.actions import ESCALATED_OFFICE, ESCALATED_ORGANIZATION, ESCALATION, POLICY
from reminders.claims import SKIPPED
from reminders.ladder import Step
from reminders.models import Rung
from reminders.offices import Offices

CLIMBS = (ESCALATION, ESCALATED_OFFICE, ESCALATED_ORGANIZATION)
KEPT_LOW = gettext_noop("It is dealt with at the office's own level again.")
CALMED = "deescalated"
S = Notice.State
WAITING = (S.PREPARED, S.PLANNED, S.HELD)
UNTOLD = (S.PREPARED, S.CANCELLED, S.SKIPPED)
LEFT = (S.SENDING, S.SENT, S.DELIVERED, S.UNKNOWN)


@dataclass(frozen=True)
class Next:
    """The superior who is turned to next, the ladder's step for it, and who comes later."""

    step: Step
    authority_id: int
    later: tuple["Next", ...] = ()

    @property
    def authority(self) -> Authority:
        """The office itself; one query."""
        return Authority.objects.get(pk=self.authority_id)


def escalate(
    referral: Referral, *, by: User, now: dt.datetime, client_key: uuid.UUID, reason: str
) -> Climb:
    """Tell the next superior now, and the office and the organization that this was done.

    What waits prepared for this height leaves with it. Raises TransitionError where all superiors
    were told already, or none may be.
    """
    tell = partial(_tell, now=now)
    return issue_actions.escalate(
        referral, by=by, now=now, client_key=client_key, reason=reason, tell=tell
    )


@transaction.atomic
def deescalate(
    referral: Referral, *, by: User, now: dt.datetime, client_key: uuid.UUID, reason: str
) -> Climb:
    """Keep it at the office's own level; who had been told of an escalation learns of it."""
    made = issue_actions.deescalate(
        referral, by=by, now=now, client_key=client_key, reason=reason, calm=_calm
    )
    told = _who_knows(made.referral)
    notify.tell(CALMED, made.referral.issue, told, now=now, version=made.pk, about=made.referral)
    return made


# --- up -------------------------------------------------------------------------------------------
def next_of(referral: Referral, offices: Offices | None = None) -> Next | None:
    """Who is turned to next; None where nobody is left whom the issue does not concern."""
    offices = offices or Offices.read([referral.issue_id])
    climb = offices.climb(referral)
    told = _told(referral)
    rest = [one for one in _heights(referral, len(climb)) if one.key not in told]
    if not rest:
        return None
    found = [Next(one, climb[one.height - 1]) for one in rest]
    return replace(found[0], later=tuple(found[1:]))


def has_superior(referral: Referral, offices: Offices) -> bool:
    """Whether an office is set above the one asked; ministries are never turned to."""
    above = offices.superiors.get(referral.authority_id)
    return above is not None and offices.kinds[above] != Authority.Kind.MINISTRY


def nobody_above(referral: Referral, offices: Offices | None = None) -> str:
    """Why no superior can be turned to; empty where one can."""
    offices = offices or Offices.read([referral.issue_id])
    if not has_superior(referral, offices):
        is_unset = offices.superiors.get(referral.authority_id) is None
        said = (
            _("No superior office is set for %(office)s.")
            if is_unset
            else _("Above %(office)s stands a ministry, and ministries are not turned to.")
        )
        return said % {"office": referral.authority}
    if not offices.climb(referral):
        return _("The issue concerns every superior office, so none of them may be told.")
    if next_of(referral, offices) is None:
        return _("Every superior office that may be told was told already.")
    return ""


def _heights(referral: Referral, superiors: int) -> list[Step]:
    """The steps to each superior, the nearest first, as the ladder has them."""
    rungs = list(Rung.objects.filter(priority=referral.issue.priority).order_by("offset"))
    if not any(one.is_escalation for one in rungs):
        rungs.append(_usual())
    calendar = workdays.calendar_of(referral.issue.province_id)
    kept, referral.kept_low_at = referral.kept_low_at, None  # asked as if it may climb
    try:
        found = ladder.steps(rungs, referral, calendar, superiors=superiors)
    finally:
        referral.kept_low_at = kept
    return sorted((one for one in found if one.height), key=lambda one: one.height)


def _usual() -> Rung:
    """The rung of the default ladder, where the policy of a priority climbs to nobody."""
    key, offset, audience = next(one for one in POLICY if one[2] == Rung.Audience.SUPERIOR)
    return Rung(key=key, offset=offset, audience=audience, is_escalation=True)


def _told(referral: Referral) -> set[str]:
    """The rungs of superiors who were told since the ladder began, or since it was kept low.

    What still waits for a press was told to nobody.
    """
    rows = Notice.objects.filter(subject=f"referral:{referral.pk}", kind__in=CLIMBS)
    rows = rows.filter(version__gte=_since(referral)).exclude(state__in=UNTOLD)
    return set(rows.values_list("rung", flat=True))


def _since(referral: Referral) -> int:
    """The version of the date from which on escalations count."""
    down = referral.climbs.filter(direction=Climb.Direction.DOWN).order_by("pk").last()
    return max(referral.ladder_version, down.version + 1) if down else referral.ladder_version


def _tell(held: Referral, *, now: dt.datetime) -> escalating.Reached:
    """Plan what tells of the next height; runs under the issue's lock."""
    offices = Offices.read([held.issue_id])
    found = next_of(held, offices)
    if found is None:
        raise TransitionError(nobody_above(held, offices))
    subject, rung = f"referral:{held.pk}", found.step.key
    stands = Notice.objects.filter(
        subject=subject, rung=rung, version=held.due_version, kind__in=CLIMBS
    )
    if stands.exclude(state=S.PREPARED).exists() or held.due_version < _since(held):
        held.due_version += 1  # told or taken back before: this is another time
    # The ladder goes on from here day by day: who was passed over while it was kept low stays so.
    passed = [one for one in found.later if ladder.opening(one.step.on) <= now]
    above = [one.authority_id for one in (found, *passed)]
    offices.read_people([held.authority_id, *above])
    due_at = ladder.in_hours(now, workdays.calendar_of(held.issue.province_id))
    notices = list(_notices(held, found, offices, due_at))
    for one in passed:
        for notice in _notices(held, one, offices, due_at):
            notice.state, notice.reason = S.SKIPPED, SKIPPED
            notices.append(notice)
    outbox_actions.tell_all(notices)
    # The planner may have prepared the very same meanwhile.
    stands.filter(version=held.due_version, state=S.PREPARED).update(state=S.PLANNED, due_at=due_at)
    return escalating.Reached(found.step.height, rung)


def _notices(
    held: Referral, found: Next, offices: Offices, due_at: dt.datetime
) -> Iterator[Notice]:
    for kind, recipient in _people(held, found, offices):
        yield Notice(
            subject=f"referral:{held.pk}",
            kind=kind,
            rung=found.step.key,
            version=held.due_version,
            recipient=recipient,
            province_id=held.issue.province_id,
            due_at=due_at,
            urgency=2,
        )


def _people(held: Referral, found: Next, offices: Offices) -> Iterator[tuple[str, str]]:
    """Kind of notice and recipient, as the planner has them."""
    issue = held.issue
    yield from ((ESCALATION, one) for one in offices.people(found.authority_id, issue.pk))
    yield from ((ESCALATED_OFFICE, one) for one in offices.people(held.authority_id, issue.pk))
    yield from ((ESCALATED_ORGANIZATION, one) for one in notify.representatives(issue))


# --- down -----------------------------------------------------------------------------------------
def _calm(held: Referral) -> int:
    """Keep from leaving what has not left; how many superiors had been told."""
    rows = Notice.objects.filter(subject=f"referral:{held.pk}", kind__in=CLIMBS)
    # What is queued or under way is asked once more before it leaves, and not wanted then.
    rows.filter(state__in=WAITING).update(state=S.CANCELLED, reason=KEPT_LOW)
    since = _since(held)
    told = rows.filter(kind=ESCALATION, state__in=LEFT, version__gte=since)
    return told.order_by().values("rung").distinct().count()


def _who_knows(held: Referral) -> list[str]:
    """Superiors who were told, and with them the office and the organization; else nobody."""
    told = Notice.objects.filter(
        subject=f"referral:{held.pk}",
        kind=ESCALATION,
        state__in=LEFT,
        version__gte=held.ladder_version,
    )
    superiors = list(told.order_by("pk").values_list("recipient", flat=True))
    if not superiors or held.issue.pressured_at:
        return []
    office = notify.offices(held.issue, [held.authority_id]).get(held.authority_id, [])
    organization = notify.representatives(held.issue)
    return list(dict.fromkeys([*superiors, *office, *organization]))
