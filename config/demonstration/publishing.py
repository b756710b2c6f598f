"""What the demonstration published of its forums, and who was told of it."""

import datetime as dt
from collections.abc import Collection, Sequence

from django.utils import timezone

from forum import parties
from forum.models import Entry, Invitation, Programme, Session, Told


def publish(
    sessions: Sequence[Session], at: dt.datetime, *, moved: Collection[Session] = ()
) -> None:
    """Publish these sessions of one forum as they stand; ``moved`` are those that changed."""
    number = sessions[0].forum.programmes.count() + 1
    made = Programme.objects.create(forum=sessions[0].forum, number=number, published_at=at)
    entries = Entry.objects.bulk_create(_entry(made, one, one in moved) for one in sessions)
    for session, entry in zip(sessions, entries, strict=True):
        session.announced, session.sequence = entry, entry.sequence
        session.published_at = session.published_at or at
    Session.objects.bulk_update(sessions, ["announced", "sequence", "published_at"])


def _entry(made: Programme, session: Session, is_moved: bool) -> Entry:
    change = Entry.Change.NEW if session.announced is None else Entry.Change.SAME
    return Entry(
        programme=made,
        session=session,
        sequence=max(1, session.sequence + is_moved),
        change=Entry.Change.MOVED if is_moved else change,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        venue=session.venue,
    )


def tell(invitations: Sequence[Invitation], at: dt.datetime) -> None:
    """Everybody of these parties knows the session as it is published now.

    Where nobody has an address a letter was handed over two days later.
    """
    people = parties.people_of(
        {one.organization_id for one in invitations if one.organization_id},
        {one.authority_id for one in invitations if one.authority_id},
    )
    rows: dict[tuple[int, str], Told] = {}
    for one in invitations:
        for recipient in people[parties.key_of(one)]:
            told = _told(one, recipient, at)
            rows.setdefault((one.session_id, recipient), told)
            if told.way == Told.Way.LETTER:
                one.handed_over_on = timezone.localdate(told.told_at)
    Invitation.objects.bulk_update(invitations, ["handed_over_on"])
    Told.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["session", "recipient"],
        update_fields=["entry", "told_at", "way"],
    )


def _told(invitation: Invitation, recipient: str, at: dt.datetime) -> Told:
    by_letter = recipient.startswith(("organization:", "authority:"))
    return Told(
        session=invitation.session,
        recipient=recipient,
        entry=invitation.session.announced,
        told_at=at + dt.timedelta(days=2) if by_letter else at,
        way=Told.Way.LETTER if by_letter else Told.Way.EMAIL,
    )
