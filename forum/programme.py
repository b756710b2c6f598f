"""What the published programme says of a session, and how the draft differs from it."""

import copy
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Case, F, Q, QuerySet, Value, When

from accounts.models import User
from forum import permissions
from forum.models import Entry, Invitation, Reader, Session, Venue

Change = Entry.Change
TOLD_OF = frozenset({Change.MOVED, Change.POSTPONED, Change.CANCELLED})


@dataclass(frozen=True)
class Changed:
    """A session with what publishing it now would do.

    ``before`` is what is published, None for a new one; ``drafts`` are the invitations that
    would leave with it.
    """

    session: Session
    change: Entry.Change
    before: Entry | None
    drafts: list[Invitation] = field(default_factory=list)

    @property
    def is_news(self) -> bool:
        """Something would be published or sent."""
        return self.change != Change.SAME or bool(self.drafts)


def change_of(session: Session) -> Entry.Change | None:
    """How the draft differs from what is published; None where nobody is to know of it yet.

    Of a session that was held nothing changes any more: its minutes say when and where it was.
    """
    before = session.announced
    if before is not None and session.status == Session.Status.RELEASED:
        return Change.SAME
    is_cancelled = session.status == Session.Status.CANCELLED
    if before is None:
        return None if is_cancelled or session.starts_at is None else Change.NEW
    if is_cancelled:
        return Change.SAME if before.is_cancelled else Change.CANCELLED
    if session.starts_at is None:
        return Change.SAME if before.starts_at is None else Change.POSTPONED
    now = (session.starts_at, session.ends_at, session.venue_id)
    return (
        Change.SAME if now == (before.starts_at, before.ends_at, before.venue_id) else Change.MOVED
    )


def changes(sessions: Iterable[Session]) -> list[Changed]:
    """What publishing these sessions would do; they come with ``announced`` and invitations.

    ``announced`` should be selected and ``invitations`` prefetched: nothing is read here
    otherwise.
    """
    found = []
    for session in sessions:
        change = change_of(session)
        if change is not None:
            drafts = _drafts(session) if is_held(session) else []
            found.append(Changed(session, change, session.announced, drafts))
    return found


def is_held(session: Session) -> bool:
    """The draft has a day on which it is still to be held, so that its invitations may leave."""
    over = (Session.Status.CANCELLED, Session.Status.RELEASED)
    return session.starts_at is not None and session.status not in over


def _drafts(session: Session) -> list[Invitation]:
    return [one for one in session.invitations.all() if one.released_at is None]


def fingerprint(changed: Sequence[Changed]) -> str:
    """The same for the same changes and invitations: what a person saw before they pressed."""
    facts = [
        [
            one.session.pk,
            one.session.version,
            one.change.value,
            sorted([draft.pk, draft.quota] for draft in one.drafts),
        ]
        for one in changed
        if one.is_news
    ]
    return hashlib.sha256(json.dumps(sorted(facts)).encode()).hexdigest()[:16]


# --- as it was published ------------------------------------------------------------------------
def as_published(session: Session) -> Session:
    """A copy that says what is published of it, never to be saved; itself where nothing is."""
    entry = session.announced
    if entry is None:
        return session
    shown = copy.copy(session)
    shown.starts_at, shown.ends_at = entry.starts_at, entry.ends_at
    shown.venue = entry.venue
    if session.status == Session.Status.CANCELLED and not entry.is_cancelled:
        shown.status, shown.cancelled_because = Session.Status.PLANNED, ""
    return shown


def venue_of(session: Session) -> Venue | None:
    """Where the people who come are told that it is held: as published, once it was."""
    return session.venue if session.announced is None else session.announced.venue


def as_seen_by(user: Reader, sessions: Iterable[Session]) -> list[Session]:
    """Each session as the user may know it: its draft for its coordinators, else as published.

    They come with ``announced__venue`` selected.
    """
    return [one if permissions.serves(user, one) else as_published(one) for one in sessions]


def seen_by(user: Reader, rows: QuerySet[Session]) -> QuerySet[Session]:
    """The rows with ``seen_at`` and ``seen_status``, by which a list is filtered and ordered.

    They are what ``as_seen_by`` shows: else a filter would tell the day of a draft.
    """
    if getattr(user, "serves_all", False):
        return rows.annotate(seen_at=F("starts_at"), seen_status=F("status"))
    as_drafted = Q(announced=None)
    if isinstance(user, User):
        as_drafted |= Q(province__in=user.served_ids)
    stands = Q(status=Session.Status.CANCELLED, announced__is_cancelled=False)
    return rows.annotate(
        seen_at=Case(When(as_drafted, F("starts_at")), default=F("announced__starts_at")),
        seen_status=Case(
            When(as_drafted, F("status")),
            When(stands, Value(Session.Status.PLANNED.value)),
            default=F("status"),
        ),
    )
