"""Notices of sessions and invitations: what they say, and what they bear for a calendar.

What people hold in their calendars is made here: each message carries the version it tells, so
that who was told what is known when it has left.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from config import notice_session_truths as truths
from config.notice_truths import Truth
from config.notice_words import Words, date_in_words, link
from forum import ical, programme, replies, telling
from forum.events import dated_before, event_of
from forum.models import Delegate, Entry, Invitation, Session
from khmer import dates
from outbox.models import Notice
from outbox.registry import Calendar, Title


# --- the words they share -------------------------------------------------------------------------
def _date(entry: Entry | None, language: str) -> dict[str, str]:
    """Day, begin and end, venue with its address, in words; empty where it has no day."""
    if entry is None or entry.starts_at is None or entry.ends_at is None:
        return {"day": "", "time": "", "venue": ""}
    begins, ends = timezone.localtime(entry.starts_at), timezone.localtime(entry.ends_at)
    venue = ", ".join(filter(None, [str(entry.venue), entry.venue.address])) if entry.venue else ""
    return {
        "day": date_in_words(begins.date(), language),
        "time": f"{_clock(begins, language)}–{_clock(ends, language)}",
        "venue": venue,
    }


def _clock(moment: dt.datetime, language: str) -> str:
    return dates.clock(moment.time()) if language == "km" else f"{moment:%H:%M}"


def session_words(session: Session, language: str) -> dict[str, Any]:
    """The session as it is published, and where it stands."""
    entry = session.announced
    return _date(entry, language) | {
        "forum": session.forum.name,
        "province": session.province.name,
        "because": entry.because if entry else "",
        "link": link(session.get_absolute_url()),
    }


def _of(notice: Notice) -> tuple[Session, Entry]:
    session = telling.session_of(notice.subject)
    if session is None or session.announced is None:
        raise LookupError(notice.subject)
    return session, session.announced


def _former(session: Session, entry: Entry, notice: Notice) -> Entry:
    """What the recipient holds in the calendar; where it has no day, the latest that had one."""
    held = telling.latest_held(session, notice.recipient, besides=notice)
    if held is not None and held.starts_at is not None:
        return held
    return dated_before(session, entry) or entry


# --- what they bear -------------------------------------------------------------------------------
def _ask(
    session: Session, entry: Entry, notice: Notice, asked: Invitation | None
) -> dict[str, Any]:
    """The calendar part that puts the session where it is now, the version told, who is answered.

    Of two parts of the same version the later stamp counts (RFC 5546, 2.1.5): an invitation made
    anew stands above the withdrawal of the first.
    """
    event = _event(session, entry, notice, asked)
    if event is None:
        return {"told": entry.sequence}
    if asked is not None and asked.released_at is not None:
        event = replace(event, stamp=max(event.stamp, asked.released_at))
    reply_to = event.organizer if asked is not None and asked.withdrawn_at is None else ""
    part = Calendar("REQUEST", ical.request(event))
    return {"calendar": part, "told": entry.sequence, "reply_to": reply_to}


def _take_out(
    session: Session, entry: Entry, notice: Notice, asked: Invitation | None
) -> dict[str, Any]:
    """The calendar part that takes the session out, by the day it has there."""
    event = _event(session, entry, notice, asked)
    former = _former(session, entry, notice)
    if event is None or former.starts_at is None or former.ends_at is None:
        return {"told": entry.sequence}
    event = replace(event, starts_at=former.starts_at, ends_at=former.ends_at, cancelled=True)
    if asked is not None and asked.withdrawn_at is not None:
        event = replace(event, stamp=max(event.stamp, asked.withdrawn_at))
    return {"calendar": Calendar("CANCEL", ical.cancel(event)), "told": entry.sequence}


def _event(
    session: Session, entry: Entry, notice: Notice, asked: Invitation | None
) -> ical.Event | None:
    """The session for this recipient; whoever asked them is the organizer, also of a CANCEL."""
    by = asked or telling.was_asked_by(session, notice.recipient)
    organizer = replies.address(by.pk, notice.recipient) if by else settings.DEFAULT_FROM_EMAIL
    return event_of(session, entry, organizer=organizer, recipient=notice.recipient)


# --- what each says -------------------------------------------------------------------------------
def invitation(notice: Notice, language: str) -> dict[str, Any]:
    """A session, who is asked to it, the places they may fill, and where they answer."""
    session, entry = _of(notice)
    asked = _asked(notice)
    return session_words(session, language) | {
        "party": asked.party.name,
        "quota": asked.quota,
        "rules": session.forum.rules,
        "answer_link": replies.link(asked.pk, notice.recipient),
        "letter_link": f"{replies.link(asked.pk, notice.recipient)}letter.pdf",
        "beside": _ask(session, entry, notice, asked),
    }


def _asked(notice: Notice) -> Invitation:
    found = truths.invitation_of(notice)
    if found is None:
        raise LookupError(notice.subject)
    return found


def change(notice: Notice, language: str) -> dict[str, Any]:
    """The session as it stands now, with the date this recipient had before."""
    session, entry = _of(notice)
    asked = next(reversed(truths.invitations_of(session, notice.recipient)), None)
    held = telling.latest_held(session, notice.recipient, besides=notice)
    was_off = held is not None and not held.is_held
    old = held if entry.is_held else _former(session, entry, notice)
    bear = _ask if entry.is_held else _take_out
    return session_words(session, language) | {
        "old": _date(old, language),
        "is_postponed": not entry.is_held,
        "was_postponed": entry.is_held and was_off,
        "answer_link": replies.link(asked.pk, notice.recipient) if asked else "",
        "beside": bear(session, entry, notice, asked),
    }


def cancellation(notice: Notice, language: str) -> dict[str, Any]:
    """The session that is off, by the date this recipient was told."""
    session, entry = _of(notice)
    former = _former(session, entry, notice)
    beside = _take_out(session, entry, notice, None)
    return session_words(session, language) | _date(former, language) | {"beside": beside}


def withdrawal(notice: Notice, language: str) -> dict[str, Any]:
    """The session to which somebody is not asked any more, by the date they were told."""
    session, entry = _of(notice)
    asked = _asked(notice)
    return (
        session_words(session, language)
        | _date(_former(session, entry, notice), language)
        | {"party": asked.party.name, "beside": _take_out(session, entry, notice, asked)}
    )


def seat(notice: Notice, language: str) -> dict[str, Any]:
    """The delegate who has a place now, by number alone."""
    found = truths.delegate_of(notice)
    if found is None or found.invitation is None:
        raise LookupError(notice.subject)
    session = telling.session_of(f"session:{found.session_id}")
    assert session is not None  # noqa: S101 - the delegate is of it
    return session_words(session, language) | {
        "party": found.invitation.party.name,
        "number": found.number,
        "answer_link": replies.link(found.invitation.pk, notice.recipient),
    }


# --- the table --------------------------------------------------------------------------------
KINDS: dict[str, tuple[Promise, Truth, Words]] = {
    telling.INVITED: (gettext_lazy("Invitation"), truths.invited, invitation),
    telling.REMINDED: (
        gettext_lazy("Question whether somebody comes"),
        truths.reminded,
        invitation,
    ),
    telling.CHANGED: (gettext_lazy("Session changed"), truths.changed, change),
    telling.OFF: (gettext_lazy("Session cancelled"), truths.cancelled, cancellation),
    telling.WITHDRAWN: (gettext_lazy("Invitation withdrawn"), truths.withdrawn, withdrawal),
    telling.SEATED: (gettext_lazy("A place for a delegate"), truths.seated, seat),
}


def _title(session: Session) -> Title:
    """The session as those who were told know it."""
    shown = programme.as_published(session)
    return Title(f"{shown.province}, {shown.when}", shown.get_absolute_url())


def _sessions(ids: list[int]) -> dict[int, Title]:
    rows = Session.objects.filter(pk__in=ids).select_related("province", "announced__venue")
    return {one.pk: _title(one) for one in rows}


def _of_sessions(model: type[Invitation | Delegate]) -> Callable[[list[int]], dict[int, Title]]:
    """The title of the session that a row of this model belongs to."""

    def titles(ids: list[int]) -> dict[int, Title]:
        rows = model.objects.filter(pk__in=ids)
        rows = rows.select_related("session__province", "session__announced__venue")
        return {one.pk: _title(one.session) for one in rows}

    return titles


def _find_nothing(text: str) -> Iterable[int]:
    """Sessions have no reference; their mails are found by their subject."""
    return ()


SUBJECTS = (
    ("session", _sessions, _find_nothing),
    ("invitation", _of_sessions(Invitation), _find_nothing),
    ("delegate", _of_sessions(Delegate), _find_nothing),
)
