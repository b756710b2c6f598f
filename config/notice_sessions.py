"""Notices of sessions and invitations: whether they are still true, what they say, what they bear.

What people hold in their calendars is made here: each message carries the version it tells, so
that who was told what is known when it has left.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.notice_truths import Truth, belongs, id_of, represents
from config.notice_words import Words, date_in_words, link
from forum import ical, replies, telling
from forum.models import Delegate, Entry, Invitation, Session, Told
from khmer import dates
from outbox import recipients
from outbox.models import Notice
from outbox.registry import Calendar, Title

# --- whether it is still true ---------------------------------------------------------------------


def _is_of(recipient: str, invitation: Invitation) -> bool:
    """The recipient belongs to the invited party."""
    if invitation.organization_id:
        return represents(recipient, invitation.organization_id)
    return belongs(recipient, [invitation.authority_id or 0])


def invitations_of(session: Session, recipient: str) -> list[Invitation]:
    """The standing invitations by which the recipient is asked to the session."""
    left = session.invitations.left().select_related("organization", "authority")
    return [one for one in left if _is_of(recipient, one)]


def _invitation(notice: Notice) -> Invitation | None:
    rows = Invitation.objects.select_related(
        "organization", "authority", "session__province", "session__announced"
    )
    return rows.filter(pk=id_of(notice.subject)).first()


def _is_ahead(session: Session, now: dt.datetime) -> bool:
    """It is published, held, and not over."""
    entry = session.announced
    return entry is not None and entry.is_held and entry.ends_at is not None and entry.ends_at > now


def invited(notice: Notice, now: dt.datetime) -> bool:
    """The invitation stands, and the session is to come."""
    found = _invitation(notice)
    return (
        found is not None
        and found.released_at is not None
        and found.withdrawn_at is None
        and _is_ahead(found.session, now)
        and _is_of(notice.recipient, found)
    )


def reminded(notice: Notice, now: dt.datetime) -> bool:
    """As for an invitation; nobody has answered, and the date has not changed since."""
    found = _invitation(notice)
    return (
        found is not None
        and found.status == Invitation.Status.PENDING
        and found.session.sequence == notice.version
        and invited(notice, now)
    )


def changed(notice: Notice, now: dt.datetime) -> bool:
    """The newest of the session's changes, for who holds another date, or never got any."""
    session = telling.session_of(notice.subject)
    if session is None or session.sequence != notice.version or _is_over(session, now):
        return False
    known = telling.known_by(session, notice.recipient)
    more = telling.may_know_more(session, notice.recipient, besides=notice)
    if known is None and not more:
        return _is_first_word(session, notice)
    if not _is_concerned(session, notice.recipient, known):
        return False
    return more or known is None or not telling.expects_as_published(session, known)


def _is_over(session: Session, now: dt.datetime) -> bool:
    """Neither the new date nor, for what is off, any date is still to come."""
    entry = session.announced
    return entry is None or (entry.is_held and entry.ends_at is not None and entry.ends_at <= now)


def _is_first_word(session: Session, notice: Notice) -> bool:
    """Asked, never told, and no invitation is under way that would say it by itself."""
    entry = session.announced
    return (
        entry is not None
        and entry.is_held
        and bool(invitations_of(session, notice.recipient))
        and not telling.is_being_invited(session, notice.recipient)
    )


def _is_concerned(session: Session, recipient: str, known: Told | None) -> bool:
    """Still asked, or once told and never that it is none of theirs any more."""
    if known is not None:
        return not known.is_withdrawn
    return bool(invitations_of(session, recipient))


def cancelled(notice: Notice, now: dt.datetime) -> bool:
    """It is off, and the recipient has or may have a date in the calendar."""
    session = telling.session_of(notice.subject)
    if session is None or session.sequence != notice.version or session.announced is None:
        return False
    known = telling.known_by(session, notice.recipient)
    more = telling.may_know_more(session, notice.recipient, besides=notice)
    if not session.announced.is_cancelled or not (known or more):
        return False
    if known is not None and known.is_withdrawn:
        return False
    return more or (known is not None and not known.is_off) or _was_postponed(known)


def _was_postponed(known: Told | None) -> bool:
    """They wait for a new date, which will not come."""
    return known is not None and known.is_off and not known.entry.is_cancelled


def withdrawn(notice: Notice, now: dt.datetime) -> bool:
    """The invitation was taken back, its recipient has or may have it, and holds no other one."""
    found = _invitation(notice)
    if found is None or found.withdrawn_at is None:
        return False
    if invitations_of(found.session, notice.recipient):
        return False
    known = telling.known_by(found.session, notice.recipient)
    if known is not None:
        return not known.is_withdrawn
    return telling.may_know_more(found.session, notice.recipient, besides=notice)


def seated(notice: Notice, now: dt.datetime) -> bool:
    """The delegate still stands, has a place, and the session is to come."""
    found = _delegate(notice)
    return (
        found is not None
        and found.left_at is None
        and not found.is_waiting
        and found.invitation is not None
        and _is_ahead(found.session, now)
        and _is_of(notice.recipient, found.invitation)
    )


def _delegate(notice: Notice) -> Delegate | None:
    rows = Delegate.objects.select_related(
        "session__announced",
        "session__province",
        "session__forum",
        "invitation__organization",
        "invitation__authority",
    )
    return rows.filter(pk=id_of(notice.subject)).first()


# --- what it says -----------------------------------------------------------------------------
def _date(entry: Entry | None, language: str) -> dict[str, str]:
    """Day, time and venue of an entry in words; empty where it has no day."""
    if entry is None or entry.starts_at is None:
        return {"day": "", "time": "", "venue": ""}
    begins = timezone.localtime(entry.starts_at)
    time = dates.clock(begins.time()) if language == "km" else f"{begins:%H:%M}"
    venue = str(entry.venue) if entry.venue else ""
    return {"day": date_in_words(begins.date(), language), "time": time, "venue": venue}


def _session(session: Session, language: str) -> dict[str, Any]:
    entry = session.announced
    return _date(entry, language) | {
        "forum": session.forum.name,
        "province": session.province.name,
        "because": entry.because if entry else "",
        "link": link(session.get_absolute_url()),
    }


def _beside(
    session: Session, notice: Notice, entry: Entry, invitation: Invitation | None, *, off: bool
) -> dict[str, Any]:
    """The calendar part, the version told, and where answers go."""
    organizer = (
        replies.address(invitation.pk, notice.recipient)
        if invitation
        else settings.DEFAULT_FROM_EMAIL
    )
    event = event_of(session, entry, organizer=organizer, recipient=notice.recipient)
    if event is None:
        return {"told": entry.sequence}
    part = (
        Calendar("CANCEL", ical.cancel(event)) if off else Calendar("REQUEST", ical.request(event))
    )
    reply_to = organizer if invitation else ""
    return {"calendar": part, "told": entry.sequence, "reply_to": reply_to}


def event_of(
    session: Session, entry: Entry, *, organizer: str = "", recipient: str = ""
) -> ical.Event | None:
    """The session as a calendar shows it; None where it never had a day."""
    dated = entry if entry.starts_at else _dated_before(session, entry)
    if dated is None or dated.starts_at is None or dated.ends_at is None:
        return None
    person = recipients.resolve(recipient) if recipient else None
    venue = dated.venue
    place = ", ".join(filter(None, [str(venue), venue.address])) if venue else ""
    return ical.Event(
        uid=uid_of(session),
        sequence=entry.sequence,
        starts_at=dated.starts_at,
        ends_at=dated.ends_at,
        summary=_("Session in %(province)s: %(forum)s")
        % {"province": session.province, "forum": session.forum},
        location=place,
        description=session.forum.theme,
        url=link(session.get_absolute_url()),
        stamp=entry.programme.published_at,
        cancelled=not entry.is_held,
        organizer=organizer,
        attendee=person.address if person else "",
        attendee_name=person.label if person else "",
    )


def _dated_before(session: Session, entry: Entry) -> Entry | None:
    """The latest entry before this one that had a day: what is taken out of the calendar."""
    rows = session.entries.filter(starts_at__isnull=False, sequence__lt=entry.sequence)
    return rows.select_related("venue", "programme").order_by("-sequence").first()


def uid_of(session: Session) -> str:
    """The session's own name in every calendar, for its whole life."""
    return f"{session.client_key}@{urlsplit(settings.BASE_URL).hostname or 'vedika'}"


def _of(notice: Notice) -> tuple[Session, Entry]:
    session = telling.session_of(notice.subject)
    if session is None or session.announced is None:
        raise LookupError(notice.subject)
    return session, session.announced


def invitation(notice: Notice, language: str) -> dict[str, Any]:
    """A session, who is asked to it, the places they may fill, and where they answer."""
    session, entry = _of(notice)
    asked = _invitation(notice)
    assert asked is not None  # noqa: S101 - its session was just found by it
    return _session(session, language) | {
        "party": asked.party.name,
        "quota": asked.quota,
        "rules": session.forum.rules,
        "answer_link": replies.link(asked.pk, notice.recipient),
        "beside": _beside(session, notice, entry, asked, off=False),
    }


def change(notice: Notice, language: str) -> dict[str, Any]:
    """The session as it stands now, with the date this recipient was told before."""
    session, entry = _of(notice)
    known = telling.known_by(session, notice.recipient)
    asked = next(iter(invitations_of(session, notice.recipient)), None)
    return _session(session, language) | {
        "old": _date(known.entry, language) if known else {},
        "is_postponed": not entry.is_held,
        "answer_link": replies.link(asked.pk, notice.recipient) if asked else "",
        "beside": _beside(session, notice, entry, asked, off=not entry.is_held),
    }


def cancellation(notice: Notice, language: str) -> dict[str, Any]:
    """The session that is off, by the date this recipient was told."""
    session, entry = _of(notice)
    known = telling.known_by(session, notice.recipient)
    old = known.entry if known and known.entry.starts_at else _dated_before(session, entry)
    return (
        _session(session, language)
        | _date(old or entry, language)
        | {"beside": _beside(session, notice, entry, None, off=True)}
    )


def withdrawal(notice: Notice, language: str) -> dict[str, Any]:
    """The session to which somebody is not asked any more."""
    session, entry = _of(notice)
    asked = _invitation(notice)
    assert asked is not None  # noqa: S101 - its session was just found by it
    return _session(session, language) | {
        "party": asked.party.name,
        "beside": _beside(session, notice, entry, None, off=True),
    }


def seat(notice: Notice, language: str) -> dict[str, Any]:
    """The delegate who has a place now, by number alone."""
    found = _delegate(notice)
    if found is None or found.invitation is None:
        raise LookupError(notice.subject)
    session = telling.session_of(f"session:{found.session_id}")
    assert session is not None  # noqa: S101 - the delegate is of it
    return _session(session, language) | {
        "party": found.invitation.party.name,
        "number": found.number,
        "answer_link": replies.link(found.invitation.pk, notice.recipient),
    }


# --- the table --------------------------------------------------------------------------------
KINDS: dict[str, tuple[Promise, Truth, Words]] = {
    telling.INVITED: (gettext_lazy("Invitation"), invited, invitation),
    telling.REMINDED: (gettext_lazy("Question whether somebody comes"), reminded, invitation),
    telling.CHANGED: (gettext_lazy("Session changed"), changed, change),
    telling.OFF: (gettext_lazy("Session cancelled"), cancelled, cancellation),
    telling.WITHDRAWN: (gettext_lazy("Invitation withdrawn"), withdrawn, withdrawal),
    telling.SEATED: (gettext_lazy("A place for a delegate"), seated, seat),
}


def _sessions(ids: list[int]) -> dict[int, Title]:
    rows = Session.objects.filter(pk__in=ids).select_related("province")
    return {one.pk: Title(str(one), one.get_absolute_url()) for one in rows}


def _invitations(ids: list[int]) -> dict[int, Title]:
    rows = Invitation.objects.filter(pk__in=ids).select_related("session__province")
    return {one.pk: Title(str(one.session), one.session.get_absolute_url()) for one in rows}


def _delegates(ids: list[int]) -> dict[int, Title]:
    rows = Delegate.objects.filter(pk__in=ids).select_related("session__province")
    return {one.pk: Title(str(one.session), one.session.get_absolute_url()) for one in rows}


def _find_nothing(text: str) -> Iterable[int]:
    """Sessions have no reference; their mails are found by their subject."""
    return ()


SUBJECTS = (
    ("session", _sessions, _find_nothing),
    ("invitation", _invitations, _find_nothing),
    ("delegate", _delegates, _find_nothing),
)
