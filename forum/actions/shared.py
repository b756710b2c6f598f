"""What several acts need: locks, comparisons, and telling the invited."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext as _

from accounts.models import User
from audit.errors import Conflict, TransitionError
from audit.models import AuditEntry, subject_of
from forum import workflow
from forum.models import Session
from forum.workflow import Act


class Stale(TransitionError):
    """Somebody has changed the row since the form was opened."""


COORDINATOR = AuditEntry.Role.COORDINATOR


def lock(session: Session, act: Act, *, by: User) -> Session:
    """The session's row, locked; PermissionDenied or TransitionError where the act is not open."""
    locked = locked_session(session)
    workflow.check(act, locked, by=by)
    return locked


def locked_session(session: Session) -> Session:
    """The session's row with its province, locked until the transaction ends."""
    rows = Session.objects.select_for_update(of=("self",)).select_related("province", "forum")
    return rows.get(pk=session.pk)


def changed(row: models.Model, fields: Mapping[str, object]) -> list[str]:
    """Names of the fields whose value would differ."""
    return [name for name, value in fields.items() if getattr(row, name) != value]


def update(row: models.Model, fields: Mapping[str, object], **more: object) -> None:
    """Set these fields and save them alone."""
    values = {**fields, **more}
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))


def check_seen(row: models.Model, version: int, seen: int | None) -> None:
    """Raise TransitionError naming who changed the row since it was read as ``seen``."""
    if seen is None or seen == version:
        return
    edits = AuditEntry.objects.filter(subject=subject_of(row), action__startswith="forum.edit_")
    latest = edits.select_related("actor").last()
    raise Stale(
        _("%(person)s has changed this meanwhile. Open the form anew to see how it stands now.")
        % {"person": latest.actor if latest else _("Somebody else")}
    )


def conflict() -> Conflict:
    """What a form answers that was sent before with other content."""
    return Conflict(
        _("This form was sent before with other content, or what it made was changed since.")
    )
