"""Sessions as calendars show them: in invitations, in feeds, and as a file to keep.

One session has one UID everywhere, so that whoever was invited and follows a feed has it once.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from forum import ical
from forum.models import Entry, Session, Venue
from outbox import recipients
from outbox.models import Channel


def uid_of(session: Session) -> str:
    """The session's own name in every calendar, for its whole life."""
    return f"{session.client_key}@{urlsplit(settings.BASE_URL).hostname or 'vedika'}"


def event_of(
    session: Session, entry: Entry, *, organizer: str = "", recipient: str = ""
) -> ical.Event | None:
    """The session as this entry announces it; None where it never had a day."""
    dated = entry if entry.starts_at else dated_before(session, entry)
    person = recipients.resolve(recipient, Channel.EMAIL) if recipient else None
    return _event(
        session,
        entry,
        dated,
        organizer=organizer,
        attendee=person.address if person else "",
        attendee_name=person.label if person else "",
    )


def dated_before(session: Session, entry: Entry) -> Entry | None:
    """The latest entry before this one that had a day: what is taken out of the calendar."""
    rows = session.entries.filter(starts_at__isnull=False, sequence__lt=entry.sequence)
    return rows.select_related("venue", "programme").order_by("-sequence").first()


def published(sessions: Sequence[Session]) -> list[ical.Event]:
    """The sessions as announced, what is off as cancelled on the day it had; one query at most.

    They come ``shown`` with ``announced__programme`` selected; unpublished ones are left out.
    """
    told = [(one, one.announced) for one in sessions if one.announced is not None]
    former = _former([one for one, entry in told if entry.starts_at is None])
    made = [
        _event(one, entry, entry if entry.starts_at else former.get(one.pk)) for one, entry in told
    ]
    return [one for one in made if one is not None]


def _former(sessions: Sequence[Session]) -> dict[int, Entry]:
    """The latest entry with a day of each of these sessions."""
    if not sessions:
        return {}
    rows = Entry.objects.filter(session__in=sessions, starts_at__isnull=False)
    latest = rows.select_related("venue").order_by("session_id", "-sequence").distinct("session_id")
    return {one.session_id: one for one in latest}


def drafts(sessions: Iterable[Session], *, stamp: dt.datetime) -> list[ical.Event]:
    """The sessions as their coordinators plan them, as tentative; those without a day left out.

    Each has a UID and a count of its own, so that what is published never gives way to it.
    """
    return [_draft(one, stamp) for one in sessions if one.starts_at is not None]


def _draft(session: Session, stamp: dt.datetime) -> ical.Event:
    assert session.starts_at is not None  # noqa: S101 - the caller's own question
    assert session.ends_at is not None  # noqa: S101 - the database's own rule
    return ical.Event(
        uid=f"draft-{uid_of(session)}",
        sequence=session.version,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        summary=_("(draft) %(session)s") % {"session": _title(session)},
        location=_place(session.venue),
        description=session.forum.theme,
        url=_link(session),
        stamp=stamp,
        tentative=True,
    )


def _event(
    session: Session,
    entry: Entry,
    dated: Entry | None,
    *,
    organizer: str = "",
    attendee: str = "",
    attendee_name: str = "",
) -> ical.Event | None:
    if dated is None or dated.starts_at is None or dated.ends_at is None:
        return None
    return ical.Event(
        uid=uid_of(session),
        sequence=entry.sequence,
        starts_at=dated.starts_at,
        ends_at=dated.ends_at,
        summary=_title(session),
        location=_place(dated.venue),
        description=session.forum.theme,
        url=_link(session),
        stamp=entry.programme.published_at,
        cancelled=not entry.is_held,
        organizer=organizer,
        attendee=attendee,
        attendee_name=attendee_name,
    )


def _title(session: Session) -> str:
    return _("Session in %(province)s: %(forum)s") % {
        "province": session.province,
        "forum": session.forum,
    }


def _place(venue: Venue | None) -> str:
    return ", ".join(filter(None, [str(venue), venue.address])) if venue else ""


def _link(session: Session) -> str:
    return f"{settings.BASE_URL}{session.get_absolute_url()}"
