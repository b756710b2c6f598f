"""Whom an act of an issue's life tells, as notices added inside the act."""

import datetime as dt

from django.db import models

from audit.models import subject_of
from issues.models import Issue
from outbox import recipients
from outbox.actions import tell


def tell_organization(
    kind: str,
    issue: Issue,
    *,
    now: dt.datetime,
    version: int = 1,
    about: models.Model | None = None,
) -> None:
    """Tell the representatives of the raising organization."""
    told = recipients.representatives([issue.organization_id])[issue.organization_id]
    _tell(kind, issue, told, now, version, about)


def tell_secretariat(
    kind: str,
    issue: Issue,
    *,
    now: dt.datetime,
    version: int = 1,
    about: models.Model | None = None,
) -> None:
    """Tell the coordinators of the issue's province, or of all where it has none of its own."""
    told = recipients.coordinators([issue.province_id])[issue.province_id]
    _tell(kind, issue, told, now, version, about)


def tell_office(
    kind: str,
    issue: Issue,
    authority_id: int,
    *,
    now: dt.datetime,
    version: int = 1,
    about: models.Model | None = None,
) -> None:
    """Tell the officials of one authority, or its own addresses where no official has one."""
    told = recipients.officials([authority_id])[authority_id]
    _tell(kind, issue, told, now, version, about)


def _tell(
    kind: str,
    issue: Issue,
    told: list[str],
    now: dt.datetime,
    version: int,
    about: models.Model | None,
) -> None:
    tell(
        kind,
        subject_of(about or issue),
        recipients=told,
        due_at=now,
        version=version,
        province_id=issue.province_id,
    )
