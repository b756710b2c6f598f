"""What several acts need: locks, the row made at the first act, and whom to tell."""

import datetime as dt

from django.utils.translation import gettext as _

from accounts.models import User
from audit.actions import record
from audit.errors import Conflict, TransitionError
from audit.models import AuditEntry, subject_of
from forum.actions import releasing
from forum.actions.shared import Stale, locked_session
from forum.models import Session
from issues.models import AgendaItem
from minutes import workflow
from minutes.models import Minutes, Place
from minutes.workflow import Act
from outbox import actions as outbox

__all__ = ["Stale"]
COORDINATOR = AuditEntry.Role.COORDINATOR
FOR_COMMENT, PUBLISHED, AMENDED = "minutes_for_comment", "minutes_published", "minutes_amended"


def of_session(session: Session) -> Minutes:
    """The session's minutes; a row that is not saved where no act has made one yet."""
    found = Minutes.objects.filter(session=session).first() or Minutes()
    found.session = session
    return found


def lock(session: Session, act: Act, *, by: User) -> Minutes:
    """The minutes, locked below their session until the transaction ends.

    The first act makes their row. PermissionDenied or TransitionError where the act is not open.
    """
    held = locked_session(session)
    rows = Minutes.objects.select_for_update(of=("self",))
    found = rows.filter(session=held).first() or Minutes()
    found.session = held
    workflow.check(act, found, by=by)
    if found.pk is None:
        found.save(force_insert=True)
    return found


def save(minutes: Minutes, act: Act, *, by: User, now: dt.datetime, **change: object) -> Minutes:
    """Enter the act's target, save all columns, and leave one entry in the trail."""
    target = workflow.RULES[act].target
    if target and target != minutes.status:
        change["status"] = [minutes.status, target]
        minutes.status = target
    minutes.version += 1
    minutes.save()
    record(f"minutes.{act}", minutes, by=by, role=COORDINATOR, at=now, **change)
    return minutes


def trace(
    minutes: Minutes,
    act: Act,
    *,
    by: User,
    now: dt.datetime,
    role: str = COORDINATOR,
    **change: object,
) -> None:
    """One entry in the trail: ids and numbers only."""
    record(f"minutes.{act}", minutes, by=by, role=role, at=now, **change)


def item_at(minutes: Minutes, kind: str, item: AgendaItem | None) -> AgendaItem | None:
    """The item of a discussion, None of any other place; TransitionError for another session's."""
    if (kind == Place.DISCUSSION) != (item is not None):
        raise TransitionError(_("This place does not belong to the minutes."))
    if item is not None and (item.session_id != minutes.session_id or item.is_heading):
        raise TransitionError(_("This item is not on the session's agenda."))
    return item


def conflict() -> Conflict:
    """What a form answers that was sent before with other content."""
    return Conflict(_("This form was sent before with other content. Open the page again."))


def tell_invited(minutes: Minutes, kind: str, *, now: dt.datetime, version: int) -> int:
    """Tell everybody invited to the session, each person once; how many notices were added."""
    invitations = list(minutes.session.invitations.left())
    groups = releasing.people_of(invitations).values()
    return outbox.tell(
        kind,
        subject_of(minutes),
        recipients=dict.fromkeys(person for group in groups for person in group),
        due_at=now,
        version=version,
        province_id=minutes.session.province_id,
    )
