"""Whether a notice of a session or an invitation is still true when it is about to leave.

Everybody ends with the newest date, told as seldom as may be: who may hold another one is told,
who is about to read the newest anyway is not told twice.
"""

import datetime as dt

from config.notice_truths import belongs, id_of, represents
from forum import telling
from forum.models import Delegate, Invitation, Session, Told
from outbox.models import Notice


# --- for whom -----------------------------------------------------------------------------------
def is_of(recipient: str, invitation: Invitation) -> bool:
    """The recipient belongs to the invited party."""
    if invitation.organization_id:
        return represents(recipient, invitation.organization_id)
    return belongs(recipient, [invitation.authority_id or 0])


def invitations_of(session: Session, recipient: str) -> list[Invitation]:
    """The standing invitations by which the recipient is asked to the session."""
    left = session.invitations.left().select_related("organization", "authority")
    return [one for one in left if is_of(recipient, one)]


def invitation_of(notice: Notice) -> Invitation | None:
    """The invitation a notice is about, with its party and its session."""
    rows = Invitation.objects.select_related(
        "organization", "authority", "session__province", "session__announced"
    )
    return rows.filter(pk=id_of(notice.subject)).first()


def delegate_of(notice: Notice) -> Delegate | None:
    """The delegate a notice is about."""
    rows = Delegate.objects.select_related(
        "session__province",
        "session__forum",
        "invitation__organization",
        "invitation__authority",
        "invitation__session__announced",
    )
    return rows.filter(pk=id_of(notice.subject)).first()


def _is_ahead(session: Session, now: dt.datetime) -> bool:
    """It is published, held, and not over."""
    entry = session.announced
    return entry is not None and entry.is_held and entry.ends_at is not None and entry.ends_at > now


# --- invitations --------------------------------------------------------------------------------
def invited(notice: Notice, now: dt.datetime) -> bool:
    """The invitation stands, the session is to come, and the message can still say when."""
    found = invitation_of(notice)
    return (
        found is not None
        and _stands(found, notice.recipient, now)
        and not _says_an_old_date(notice, found.session)
    )


def reminded(notice: Notice, now: dt.datetime) -> bool:
    """The invitation stands, nobody has answered for this day, and it has not changed since."""
    found = invitation_of(notice)
    return (
        found is not None
        and found.waits_for_answer
        and found.session.sequence == notice.version
        and _stands(found, notice.recipient, now)
    )


def _stands(invitation: Invitation, recipient: str, now: dt.datetime) -> bool:
    """It was sent, never taken back, and its session is still to come."""
    return (
        invitation.released_at is not None
        and invitation.withdrawn_at is None
        and _is_ahead(invitation.session, now)
        and is_of(recipient, invitation)
    )


def _says_an_old_date(notice: Notice, session: Session) -> bool:
    """Its words cannot change any more, since it may have arrived, and they tell of a former date.

    What changed is told by a message of its own.
    """
    if notice.message is None or notice.message.told == session.sequence:
        return False
    return Notice.objects.filter(pk=notice.pk).may_have_arrived().exists()


def withdrawn(notice: Notice, now: dt.datetime) -> bool:
    """The invitation was taken back, its recipient has or may have it, and holds no other one."""
    found = invitation_of(notice)
    if found is None or found.withdrawn_at is None:
        return False
    session = found.session
    if invitations_of(session, notice.recipient):
        return False
    known = telling.known_by(session, notice.recipient)
    if known is None:
        return telling.may_know_more(session, notice.recipient, besides=notice)
    return not known.is_withdrawn and not _knows_it_is_cancelled(known)


def _knows_it_is_cancelled(known: Told) -> bool:
    return known.is_off and known.entry.is_cancelled


def seated(notice: Notice, now: dt.datetime) -> bool:
    """The delegate still stands, has a place, and the session is to come."""
    found = delegate_of(notice)
    return (
        found is not None
        and found.left_at is None
        and not found.is_waiting
        and found.invitation is not None
        and _stands(found.invitation, notice.recipient, now)
    )


# --- changes ------------------------------------------------------------------------------------
def changed(notice: Notice, now: dt.datetime) -> bool:
    """The newest of the session's changes, for who holds another date, or never got any."""
    session = telling.session_of(notice.subject)
    if session is None or session.sequence != notice.version or _is_over(session, now):
        return False
    known = telling.known_by(session, notice.recipient)
    more = telling.may_know_more(session, notice.recipient, besides=notice)
    if (known is None or known.is_withdrawn) and not more:
        return _is_first_word(session, notice)
    if not _is_concerned(session, notice.recipient, known):
        return False
    return more or known is None or not telling.expects_as_published(session, known)


def _is_over(session: Session, now: dt.datetime) -> bool:
    """Its new day has passed."""
    entry = session.announced
    return entry is None or (entry.is_held and entry.ends_at is not None and entry.ends_at <= now)


def _is_first_word(session: Session, notice: Notice) -> bool:
    """Asked, holding nothing, and no invitation is under way that would say it by itself."""
    entry = session.announced
    return (
        entry is not None
        and entry.is_held
        and bool(invitations_of(session, notice.recipient))
        and not telling.is_being_invited(session, notice.recipient)
    )


def _is_concerned(session: Session, recipient: str, known: Told | None) -> bool:
    """Still asked; or once told, and never that it is none of theirs any more, nor just now."""
    if invitations_of(session, recipient):
        return True
    if known is not None and known.is_withdrawn:
        return False
    return not telling.is_being_withdrawn(session, recipient)


def cancelled(notice: Notice, now: dt.datetime) -> bool:
    """It is off, and the recipient has or may have a date in the calendar, or waits for one."""
    session = telling.session_of(notice.subject)
    if session is None or session.sequence != notice.version or session.announced is None:
        return False
    if not session.announced.is_cancelled:
        return False
    known = telling.known_by(session, notice.recipient)
    more = telling.may_know_more(session, notice.recipient, besides=notice)
    if known is None or known.is_withdrawn:
        return more
    return more or not known.is_off or not known.entry.is_cancelled
