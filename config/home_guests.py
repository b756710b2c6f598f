"""What the organizations and offices of a person are invited to, for their first page."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q

from accounts.models import User
from forum import programme
from forum.models import Invitation, Session

SHOWN = 10


@dataclass(frozen=True)
class Guest:
    """An invitation to a session ahead, as it was published, with how many are named for it."""

    invitation: Invitation
    session: Session
    named: int


def guests_of(user: User, now: dt.datetime) -> list[Guest]:
    """What the user's organizations and offices are invited to, the next first; one query."""
    own = Q(organization__in=user.organization_ids) | Q(authority__in=user.office_ids)
    rows = Invitation.objects.left().filter(
        own, session__announced__is_cancelled=False, session__announced__ends_at__gte=now
    )
    rows = rows.select_related(
        "organization",
        "authority",
        "session__forum",
        "session__province",
        "session__announced__venue",
    )
    standing = Q(delegates__isnull=False, delegates__left_at=None)
    found = rows.annotate(named=Count("delegates", filter=standing))
    return [
        Guest(one, programme.as_published(one.session), one.named)  # type: ignore[attr-defined]
        for one in found.order_by("session__announced__starts_at", "pk")[:SHOWN]
    ]
