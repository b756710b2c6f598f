"""Whom no invitation reached, and of whom nobody was told otherwise, as one list."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from accounts.models import User
from forum import reached
from forum.models import Forum, Invitation, Session
from forum.reached import Reach
from provinces.models import ContactPoint


@dataclass(frozen=True)
class Missed:
    """An invitation nobody got, to whom it could not be sent, and where its office is called."""

    invitation: Invitation
    reach: Reach
    phones: list[ContactPoint]


def asked(forum: Forum, user: User, *, now: dt.datetime) -> QuerySet[Invitation]:
    """Invitations that left, to sessions of the user's provinces that are held and not over."""
    ahead = Session.objects.served_by(user).filter(
        forum=forum,
        announced__is_cancelled=False,
        announced__starts_at__isnull=False,
        announced__ends_at__gt=now,
    )
    return Invitation.objects.left().filter(session__in=ahead.values("pk"))


def missed(forum: Forum, user: User, *, now: dt.datetime) -> list[Missed]:
    """Those nobody of whom was told, and to whom nothing is on its way; a few queries."""
    phones = ContactPoint.objects.phones()
    rows = asked(forum, user, now=now).select_related(
        "organization", "authority", "session__province", "session__announced__venue"
    )
    rows = rows.prefetch_related(Prefetch("authority__contacts", phones, to_attr="phones"))
    invitations = list(rows.order_by("session__announced__starts_at", "session", "pk"))
    found = reached.of(invitations)
    return [
        Missed(one, found[one.pk], _phones(one))
        for one in invitations
        if not found[one.pk].told and not found[one.pk].is_on_its_way
    ]


def _phones(invitation: Invitation) -> list[ContactPoint]:
    """The office's numbers; an organization has none of its own."""
    office = invitation.authority
    return office.phones if office else []  # type: ignore[attr-defined]  # prefetched above
