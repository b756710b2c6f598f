"""How many came to a session."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.actions import record
from audit.errors import TransitionError
from forum.actions import shared
from forum.models import Attendance, Invitation, Session
from forum.workflow import Act


class Tally(NamedTuple):
    """How many came for one invitation's party; no total takes the count away."""

    invitation: Invitation
    total: int | None
    women: int | None


@transaction.atomic
def record_attendance(
    session: Session, *, by: User, now: dt.datetime, tallies: Sequence[Tally]
) -> Session:
    """Write how many came for each of these invited parties; others stay as they are."""
    locked = shared.lock(session, Act.RECORD_ATTENDANCE, by=by)
    if not tallies:
        return locked
    _check_tallies(locked, tallies)
    before = locked.attendances.all().counted()
    gone = [one.invitation for one in tallies if one.total is None]
    locked.attendances.filter(_same_parties(gone)).delete()
    Attendance.objects.bulk_create(
        [_attendance(locked, one) for one in tallies if one.total is not None],
        update_conflicts=True,
        unique_fields=["session", "organization", "authority"],
        update_fields=["total", "women"],
    )
    after = locked.attendances.all().counted()
    change: dict[str, Any] = {name: [before[name], after[name]] for name in after}
    record(
        f"forum.{Act.RECORD_ATTENDANCE}", locked, by=by, role=shared.COORDINATOR, at=now, **change
    )
    return locked


def _check_tallies(session: Session, tallies: Sequence[Tally]) -> None:
    """Raise TransitionError for more women than people, and for parties not asked or twice here."""
    if any((one.women or 0) > (one.total or 0) for one in tallies):
        raise TransitionError(_("There cannot be more women than people."))
    ids = {one.invitation.pk for one in tallies}
    if session.invitations.left().filter(pk__in=ids).count() != len(ids):
        raise TransitionError(_("Only those invited to the session are counted."))
    if len(ids) != len(tallies):
        raise TransitionError(_("Each party is counted once."))


def _attendance(session: Session, tally: Tally) -> Attendance:
    return Attendance(
        session=session,
        organization_id=tally.invitation.organization_id,
        authority_id=tally.invitation.authority_id,
        total=tally.total or 0,
        women=tally.women or 0,
    )


def _same_parties(invitations: Sequence[Invitation]) -> models.Q:
    """The rows of the parties of these invitations; of none, no row."""
    organizations = [one.organization_id for one in invitations if one.organization_id]
    authorities = [one.authority_id for one in invitations if one.authority_id]
    return models.Q(organization__in=organizations) | models.Q(authority__in=authorities)
