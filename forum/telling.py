"""Who knows what of a session: what was told to whom, and what may still be on its way."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet

from forum.models import Entry, Invitation, Session, Told
from outbox.models import Message, Notice, NoticeQuerySet

State = Notice.State
INVITED, CHANGED, OFF = "invitation", "session_changed", "session_cancelled"
WITHDRAWN, REMINDED, SEATED = "invitation_withdrawn", "invitation_reminder", "delegate_seated"
TELLING = (INVITED, CHANGED, OFF, WITHDRAWN, REMINDED)
ON_ITS_WAY = (State.PLANNED, State.HELD, State.QUEUED)
NOBODY = ("organization:", "authority:", "province:")  # an office or organization without address


def known_by(session: Session, recipient: str) -> Told | None:
    """What the recipient was told latest; None where nothing is known to have arrived."""
    rows = Told.objects.filter(session=session, recipient=recipient)
    return rows.select_related("entry__venue").first()


def about(session: Session, recipient: str) -> NoticeQuerySet:
    """Notices that tell this recipient of the session or of an invitation to it."""
    invitations = Invitation.objects.filter(session=session).values_list("pk", flat=True)
    subjects = [f"session:{session.pk}", *(f"invitation:{pk}" for pk in invitations)]
    return Notice.objects.filter(subject__in=subjects, recipient=recipient, kind__in=TELLING)


def _unnoted(
    session: Session, recipient: str, known: Told | None, besides: Notice | None
) -> QuerySet[Notice]:
    """What left, or may have left, and is not noted yet.

    Whatever is just being sent may say anything up to the newest, also while its words are
    renewed in a transaction we do not see.
    """
    told = known.entry.sequence if known else -1
    rows = about(session, recipient).may_have_left()
    if besides is not None:
        rows = rows.exclude(pk=besides.pk)
    return rows.filter(Q(message__told__gt=told) | Q(state=State.SENDING))


def may_know_more(session: Session, recipient: str, *, besides: Notice | None = None) -> bool:
    """Whether something left, or may have left, that is not noted yet."""
    return _unnoted(session, recipient, known_by(session, recipient), besides).exists()


def latest_held(session: Session, recipient: str, *, besides: Notice) -> Entry | None:
    """The newest of what the recipient was told, or may be reading now; None for nothing."""
    known = known_by(session, recipient)
    unnoted = _unnoted(session, recipient, known, besides)
    told = unnoted.aggregate(latest=Max("message__told"))["latest"] or 0
    if known is not None and known.entry.sequence >= told:
        return None if known.is_withdrawn else known.entry
    return entry_of(session, told)


def is_being_invited(session: Session, recipient: str) -> bool:
    """Whether an invitation is still to leave, which will say the newest date by itself."""
    standing = session.invitations.left().values_list("pk", flat=True)
    subjects = [f"invitation:{pk}" for pk in standing]
    rows = Notice.objects.filter(subject__in=subjects, recipient=recipient, kind=INVITED)
    return rows.filter(state__in=ON_ITS_WAY).exists()


def is_being_withdrawn(session: Session, recipient: str) -> bool:
    """Whether a message is under way, or may have left, that it is none of theirs any more."""
    states = (*ON_ITS_WAY, State.SENDING, State.UNKNOWN)
    return about(session, recipient).filter(kind=WITHDRAWN, state__in=states).exists()


def was_asked_by(session: Session, recipient: str) -> Invitation | None:
    """The latest invitation that was to be sent to this recipient, standing ones first."""
    asked = Notice.objects.filter(
        recipient=recipient, kind=INVITED, subject__startswith="invitation:"
    )
    ids = [int(subject.partition(":")[2]) for subject in asked.values_list("subject", flat=True)]
    rows = session.invitations.filter(pk__in=ids)
    return rows.order_by(F("withdrawn_at").desc(nulls_first=True), "-pk").first()


def asked_by(invitation: Invitation) -> list[str]:
    """Everybody to whom this invitation was sent, also who is of the party no more."""
    rows = Notice.objects.filter(subject=f"invitation:{invitation.pk}", kind=INVITED)
    return list(rows.values_list("recipient", flat=True))


def who_may_know(sessions: Iterable[Session]) -> dict[int, set[str]]:
    """Who was told, or may have been told, of each of these sessions by its id; three queries.

    Without those who know that it is none of theirs any more.
    """
    ids = [one.pk for one in sessions]
    found: dict[int, set[str]] = {pk: set() for pk in ids}
    of = {f"session:{pk}": pk for pk in ids}
    invitations = Invitation.objects.filter(session__in=ids).values_list("pk", "session")
    of |= {f"invitation:{pk}": session for pk, session in invitations}
    sent = Notice.objects.filter(subject__in=list(of), kind__in=TELLING).may_have_left()
    for subject, recipient in sent.values_list("subject", "recipient"):
        found[of[subject]].add(recipient)
    told = Told.objects.filter(session__in=ids)
    for session, recipient, is_withdrawn in told.values_list(
        "session", "recipient", "is_withdrawn"
    ):
        if is_withdrawn:
            found[session].discard(recipient)
        else:
            found[session].add(recipient)
    return found


def expects_as_published(session: Session, known: Told) -> bool:
    """Whether what the recipient knows is what is published now."""
    now = session.announced
    if now is None or not now.is_held:
        return known.is_off
    entry = known.entry
    same = (entry.starts_at, entry.ends_at, entry.venue_id) == (
        now.starts_at,
        now.ends_at,
        now.venue_id,
    )
    return same and not known.is_off


def entry_of(session: Session, sequence: int) -> Entry | None:
    """What was published of the session under this sequence."""
    rows = session.entries.filter(sequence=sequence).select_related("venue", "programme")
    return rows.order_by("programme__number").first()


@transaction.atomic
def note(
    session: Session,
    recipient: str,
    entry: Entry,
    *,
    at: dt.datetime,
    way: str = Told.Way.EMAIL,
    is_withdrawn: bool = False,
    by: object = None,
) -> Told:
    """Keep that the recipient knows this entry now.

    A fact that comes late never stands over a newer one: neither an older version, nor of the
    same version what was said earlier.
    """
    facts = {
        "entry": entry,
        "told_at": at,
        "way": way,
        "is_off": is_withdrawn or not entry.is_held,
        "is_withdrawn": is_withdrawn,
        "by": by,
    }
    told, is_new = Told.objects.get_or_create(session=session, recipient=recipient, defaults=facts)
    if is_new:
        return told
    locked = Told.objects.select_for_update(of=("self",)).select_related("entry").get(pk=told.pk)
    if (locked.entry.sequence, locked.told_at) <= (entry.sequence, at):
        for name, value in facts.items():
            setattr(locked, name, value)
        locked.save()
    return locked


def note_sent(notice: Notice, at: dt.datetime) -> None:
    """Keep what a message told, once it left: its words carry the sequence they were made of.

    It was said when its try began, which may become known long after.
    """
    message, session = notice.message, session_of(notice.subject)
    if message is None or session is None:
        return
    entry = entry_of(session, message.told)
    if entry is not None:
        withdrawn = notice.kind == WITHDRAWN
        said_at = _said_at(message) or at
        note(session, notice.recipient, entry, at=said_at, is_withdrawn=withdrawn)


def _said_at(message: Message) -> dt.datetime | None:
    latest = message.attempts.order_by("-began_at").first()
    return latest.began_at if latest else None


def session_of(subject: str) -> Session | None:
    """The session of ``session:3``, or that of ``invitation:7``."""
    name, _colon, pk = subject.partition(":")
    rows = Session.objects.select_related(
        "province", "forum", "venue", "announced__venue", "announced__programme"
    )
    if name == "invitation":
        return rows.filter(invitations=int(pk)).first()
    return rows.filter(pk=int(pk)).first() if name == "session" else None
