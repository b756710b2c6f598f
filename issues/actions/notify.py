"""Whom an act of an issue's life tells, as notices added inside the act."""

import datetime as dt

from django.db import models
from outbox.actions import tell

from accounts.models import Role, RoleAssignment
from audit.models import subject_of
from issues.models import Issue


def tell_organization(
    kind: str,
    issue: Issue,
    *,
    now: dt.datetime,
    version: int = 1,
    about: models.Model | None = None,
) -> None:
    """Tell the representatives of the raising organization."""
    _tell(
        kind,
        issue,
        _users(role=Role.REPRESENTATIVE, organization=issue.organization_id),
        now,
        version,
        about,
    )


def tell_secretariat(
    kind: str,
    issue: Issue,
    *,
    now: dt.datetime,
    version: int = 1,
    about: models.Model | None = None,
) -> None:
    """Tell the coordinators of the issue's province."""
    _tell(
        kind, issue, _users(role=Role.COORDINATOR, province=issue.province_id), now, version, about
    )


def tell_office(
    kind: str,
    issue: Issue,
    authority_id: int,
    *,
    now: dt.datetime,
    version: int = 1,
    about: models.Model | None = None,
) -> None:
    """Tell the officials of one authority."""
    _tell(kind, issue, _users(role=Role.OFFICIAL, authority=authority_id), now, version, about)


def _users(**scope: object) -> list[str]:
    held = RoleAssignment.objects.current().filter(user__is_active=True, **scope)
    return [f"user:{pk}" for pk in held.values_list("user", flat=True).distinct()]


def _tell(
    kind: str,
    issue: Issue,
    recipients: list[str],
    now: dt.datetime,
    version: int,
    about: models.Model | None,
) -> None:
    tell(
        kind,
        subject_of(about or issue),
        recipients=recipients,
        due_at=now,
        version=version,
        province_id=issue.province_id,
    )
