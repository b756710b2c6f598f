"""Calendars to follow: the published programme, and each person's own under a secret address."""

import datetime as dt

from django.conf import settings
from django.core import signing
from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.models import User
from forum import events, ical, permissions, programme
from forum.models import CalendarFeed, Entry, Invitation, Reader, Session, of_own_parties
from provinces.models import Province

# The database alone does not give an address away: it holds the nonce, the seal is made of a key.
SEAL = signing.Signer(salt="forum.feeds.calendar", sep=".")
BACK = dt.timedelta(days=731)  # older sessions are left to the pages
AS_PLANNED = frozenset({Entry.Change.NEW, Entry.Change.MOVED})


def _rows(now: dt.datetime) -> QuerySet[Session]:
    """The sessions that are not long over, with all that an event says of them."""
    is_recent = Q(announced__ends_at__gte=now - BACK) | Q(announced__starts_at=None)
    rows = Session.objects.shown().select_related("announced__programme")
    return rows.filter(is_recent).order_by("pk")


def public(now: dt.datetime, province: Province | None = None) -> list[ical.Event]:
    """The published programme, of one province or of all; two queries at most."""
    rows = _rows(now).filter(announced__isnull=False)
    return events.published(list(rows.filter(province=province) if province else rows))


def personal(user: User, now: dt.datetime) -> list[ical.Event]:
    """The person's own sessions as published, and how those they coordinate are planned."""
    rows = list(_rows(now).filter(_own(user)))
    planned = [
        one
        for one in rows
        if permissions.serves(user, one) and programme.change_of(one) in AS_PLANNED
    ]
    return events.published(rows) + events.drafts(planned, stamp=user.calendar_feed.made_at)


def _own(user: User) -> Q:
    """Sessions the person coordinates, is asked to and has not declined, or is sent to."""
    asked = Invitation.objects.left().filter(of_own_parties(user))
    asked = asked.exclude(status=Invitation.Status.DECLINED)
    sent = Session.team.through.objects.filter(user=user)
    is_own = Q(pk__in=asked.values("session")) | Q(pk__in=sent.values("session"))
    if user.serves_all:
        return is_own | Q(pk__isnull=False)
    return is_own | Q(province__in=user.served_ids)


def event_for(user: Reader, session: Session, now: dt.datetime) -> ical.Event | None:
    """One session as the reader knows it; None where it has no day to keep, as one postponed.

    It is the row itself, not the copy that says what is published.
    """
    if permissions.serves(user, session) and programme.change_of(session) in AS_PLANNED:
        found = events.drafts([session], stamp=now)
    elif _is_postponed(session):
        return None
    else:
        found = events.published([session])
    return next(iter(found), None)


def _is_postponed(session: Session) -> bool:
    entry = session.announced
    return entry is not None and entry.starts_at is None and not entry.is_cancelled


# --- the secret address -------------------------------------------------------------------------
def address(feed: CalendarFeed) -> str:
    """The whole address under which this calendar is read."""
    return f"{settings.BASE_URL}{reverse('forum:calendar_own', args=[token_of(feed)])}"


def token_of(feed: CalendarFeed) -> str:
    """What makes the address secret."""
    return SEAL.sign(feed.nonce.hex)


def owner(token: str) -> User | None:
    """Whose calendar this address gives; None where it was revoked, or its owner has left."""
    try:
        nonce = SEAL.unsign(token)
    except signing.BadSignature:
        return None
    rows = CalendarFeed.objects.filter(nonce=nonce, user__is_active=True)
    found = rows.select_related("user").first()
    return found.user if found else None
