"""Whom an act of an issue's life tells, as notices added inside the act."""

import datetime as dt

from django.db import models

from audit.models import subject_of
from issues.models import Issue
from outbox import actions as outbox_actions
from outbox import recipients


def representatives(issue: Issue) -> list[str]:
    """Those who speak for the raising organization."""
    return recipients.representatives([issue.organization_id])[issue.organization_id]


def coordinators(issue: Issue) -> list[str]:
    """The coordinators of the issue's province, or of all where it has none of its own."""
    return recipients.coordinators([issue.province_id])[issue.province_id]


def officials(authority_id: int) -> list[str]:
    """The officials of one authority, or its own addresses where no official has one."""
    return recipients.officials([authority_id])[authority_id]


def tell(
    kind: str,
    issue: Issue,
    told: list[str],
    *,
    now: dt.datetime,
    version: int = 1,
    about: models.Model | None = None,
) -> None:
    """Tell these people at once, of the issue itself or of a row ``about`` it."""
    outbox_actions.tell(
        kind,
        subject_of(about or issue),
        recipients=told,
        due_at=now,
        version=version,
        province_id=issue.province_id,
    )
