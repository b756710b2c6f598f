"""Who knows what of a session: what was told to whom, and what may still be on its way."""

import datetime as dt

from django.db import transaction
from django.db.models import Q

from forum.models import Entry, Invitation, Session, Told
from outbox.models import Notice

State = Notice.State
INVITED, CHANGED, OFF = "invitation", "session_changed", "session_cancelled"
WITHDRAWN, REMINDED, SEATED = "invitation_withdrawn", "invitation_reminder", "delegate_seated"
TELLING = (INVITED, CHANGED, OFF, WITHDRAWN, REMINDED)
ON_ITS_WAY = (State.PLANNED, State.HELD, State.QUEUED)
MAY_HAVE_LEFT = (State.SENDING, State.SENT, State.DELIVERED, State.UNKNOWN)


def known_by(session: Session, recipient: str) -> Told | None:
    """What the recipient was told latest; None where nothing is known to have arrived."""
    rows = Told.objects.filter(session=session, recipient=recipient)
    return rows.select_related("entry__venue").first()


def about(session: Session, recipient: str) -> Q:
    """Notices that tell this recipient of the session or of an invitation to it."""
    invitations = Invitation.objects.filter(session=session).values_list("pk", flat=True)
    subjects = [f"session:{session.pk}", *(f"invitation:{pk}" for pk in invitations)]
    return Q(subject__in=subjects, recipient=recipient, kind__in=TELLING)


def may_know_more(session: Session, recipient: str, *, besides: Notice | None = None) -> bool:
    """Whether something left, or may have left, that is not noted yet."""
    rows = Notice.objects.filter(about(session, recipient), state__in=MAY_HAVE_LEFT)
    if besides is not None:
        rows = rows.exclude(pk=besides.pk)
    known = known_by(session, recipient)
    told = known.entry.sequence if known else -1
    return rows.filter(Q(message__told__gt=told) | Q(state=State.UNKNOWN)).exists()


def is_being_invited(session: Session, recipient: str) -> bool:
    """Whether an invitation is still to leave, which will say the newest date by itself."""
    rows = Notice.objects.filter(about(session, recipient), kind=INVITED)
    return rows.filter(state__in=ON_ITS_WAY).exists()


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
    """Keep that the recipient knows this entry now; what was told before never stands over it."""
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
    if locked.entry.sequence <= entry.sequence:
        for name, value in facts.items():
            setattr(locked, name, value)
        locked.save()
    return locked


def note_sent(notice: Notice, at: dt.datetime) -> None:
    """Keep what a message told, once it left: its words carry the sequence they were made of."""
    session = session_of(notice.subject)
    sequence = notice.message.told if notice.message else 0
    entry = entry_of(session, sequence) if session else None
    if session is not None and entry is not None:
        withdrawn = notice.kind == WITHDRAWN
        note(session, notice.recipient, entry, at=at, is_withdrawn=withdrawn)


def session_of(subject: str) -> Session | None:
    """The session of ``session:3``, or that of ``invitation:7``."""
    name, _colon, pk = subject.partition(":")
    rows = Session.objects.select_related(
        "province", "forum", "venue", "announced__venue", "announced__programme"
    )
    if name == "invitation":
        return rows.filter(invitations=int(pk)).first()
    return rows.filter(pk=int(pk)).first() if name == "session" else None
