"""Writing the audit trail."""

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models

from audit import clock
from audit.models import AuditEntry, subject_of

if TYPE_CHECKING:
    from accounts.models import User


def record(
    action: str,
    subject: models.Model,
    *,
    by: "User | None",
    role: str = AuditEntry.Role.SYSTEM,
    at: dt.datetime | None = None,
    **change: object,
) -> AuditEntry:
    """Add the entry of one act to the trail, inside the act's own transaction.

    ``action`` is ``room.act``; ``change`` maps a field to ``[before, after]`` or to one value;
    ``at`` is when it happened, now where it is not given.
    """
    return AuditEntry.objects.create(
        action=action,
        subject=subject_of(subject),
        actor=by,
        role=role,
        at=at or clock.now(),
        change=change,
    )


def record_all(
    action: str,
    acts: Iterable[tuple[models.Model, dict[str, object]]],
    *,
    at: dt.datetime,
) -> None:
    """The same for what the system did to several things at once: each with its own change."""
    AuditEntry.objects.bulk_create(
        AuditEntry(
            action=action,
            subject=subject_of(subject),
            role=AuditEntry.Role.SYSTEM,
            at=at,
            change=change,
        )
        for subject, change in acts
    )
