"""The people of organizations and authorities, as the recipients the outbox writes to."""

from collections.abc import Iterable

from forum.models import Invitation
from outbox import recipients

PartyKey = tuple[str, int]


def key_of(invitation: Invitation) -> PartyKey:
    """The invited party as ``("organization", id)`` or ``("authority", id)``."""
    if invitation.organization_id is not None:
        return ("organization", invitation.organization_id)
    assert invitation.authority_id is not None  # noqa: S101 - the database's own rule
    return ("authority", invitation.authority_id)


def people_of(
    organization_ids: Iterable[int], authority_ids: Iterable[int]
) -> dict[PartyKey, list[str]]:
    """The recipients of each party, as ``user:3`` or ``contact:9``; three queries."""
    organizations = recipients.representatives(organization_ids)
    authorities = recipients.officials(authority_ids)
    return {("organization", pk): found for pk, found in organizations.items()} | {
        ("authority", pk): found for pk, found in authorities.items()
    }
