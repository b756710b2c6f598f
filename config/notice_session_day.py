"""Notices of the session day: the agenda pack, and what a session that ended leaves to whom.

No title and no text of an issue stands in any of them: reference, outcome, office, date and link.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from config import notice_session_truths as truths
from config.notice_sessions import session_words
from config.notice_truths import Truth, id_of
from config.notice_words import Words, date_in_words, link
from forum import replies, telling
from forum.models import Session
from issues import closed, packs
from issues.models import AgendaItem, Outcome, Referral
from outbox.models import Notice
from provinces.models import Authority, ContactPoint

LANGUAGES = ("km", "en")


@dataclass(frozen=True)
class Scope:
    """The offices and organizations that a recipient speaks for, with all above the offices."""

    offices: frozenset[int] = frozenset()
    commanding: frozenset[int] = frozenset()
    organizations: frozenset[int] = frozenset()


def scope_of(recipient: str) -> Scope:
    """Of ``user:3``, ``contact:9``, ``authority:4`` or ``organization:7``."""
    name, pk = recipient.partition(":")[0], id_of(recipient)
    if name == "user":
        person = User.objects.filter(pk=pk, is_active=True).first()
        return _of_person(person) if person else Scope()
    if name == "organization":
        return Scope(organizations=frozenset({pk}))
    offices = frozenset({pk})
    if name == "contact":
        rows = ContactPoint.objects.filter(pk=pk, is_active=True)
        offices = frozenset(rows.values_list("authority", flat=True))
    line = Authority.objects.above(offices).values_list("pk", flat=True)
    return Scope(offices, frozenset(line))


def _of_person(person: User) -> Scope:
    return Scope(person.office_ids, person.commanding_ids, person.organization_ids)


def _session(notice: Notice) -> Session:
    session = telling.session_of(notice.subject)
    if session is None:
        raise LookupError(notice.subject)
    return session


# --- the agenda pack ----------------------------------------------------------------------------
def pack_wanted(notice: Notice, now: dt.datetime) -> bool:
    """No later pack was sent, the session is to come, and the recipient is asked to it."""
    session = telling.session_of(notice.subject)
    entry = session.announced if session else None
    if session is None or entry is None or not entry.is_held:
        return False
    latest = session.packs.last()
    return (
        latest is not None
        and latest.number == notice.version
        and session.status in (Session.Status.PLANNED, Session.Status.OPEN)
        and entry.ends_at is not None
        and entry.ends_at > now
        and bool(truths.invitations_of(session, notice.recipient))
    )


def pack(notice: Notice, language: str) -> dict[str, Any]:
    """The session, where its agenda and the files are, and how many items wait for the office."""
    session, scope = _session(notice), scope_of(notice.recipient)
    expected = packs.expected_of(session, scope.offices, scope.commanding)
    has_account = notice.recipient.startswith("user:")
    return (
        session_words(session, language)
        | (_own_files(session) if has_account else _files_by_link(session, notice.recipient))
        | {
            "number": notice.version,
            "expected": expected,
            "replies_link": _page("issues:replies", session) if expected and has_account else "",
        }
    )


def _own_files(session: Session) -> dict[str, Any]:
    """What somebody with an account opens."""
    pages = [reverse(f"issues:agenda_pack_{kind}", args=[session.pk]) for kind in ("pdf", "docx")]
    return {
        "link": link(reverse("issues:agenda", args=[session.pk])),
        "files": [link(f"{pages[0]}?lang={language}") for language in LANGUAGES],
        "word": link(pages[1]),
    }


def _files_by_link(session: Session, recipient: str) -> dict[str, Any]:
    """What somebody without an account opens, by the link of their invitation."""
    asked = next(reversed(truths.invitations_of(session, recipient)), None)
    if asked is None:
        return {"files": []}
    token = replies.token_of(asked.pk, recipient)
    page = reverse("issues:reply_agenda", args=[token])
    return {
        "link": replies.link(asked.pk, recipient),
        "files": [link(f"{page}?lang={language}") for language in LANGUAGES],
    }


def _page(name: str, session: Session) -> str:
    """A page of the session; empty where the room that has it is not there."""
    try:
        return link(reverse(name, args=[session.pk]))
    except NoReverseMatch:
        return ""


# --- a session that ended -----------------------------------------------------------------------
def _lines_for_office(session: Session, scope: Scope) -> QuerySet[Referral]:
    return closed.for_offices(session, scope.offices, scope.commanding)


def _lines_for_organization(session: Session, scope: Scope) -> QuerySet[AgendaItem]:
    return closed.for_organizations(session, scope.organizations, scope.commanding)


def _is_asked(session: Session, recipient: str, *, as_office: bool) -> bool:
    asked = truths.invitations_of(session, recipient)
    return any((one.authority_id is not None) == as_office for one in asked)


def closed_wanted(lines: Callable[[Session, Scope], QuerySet[Any]], *, as_office: bool) -> Truth:
    """It ended, and the recipient was invited or has something from it that they may know."""

    def wanted(notice: Notice, now: dt.datetime) -> bool:
        session = telling.session_of(notice.subject)
        if session is None or session.status != Session.Status.RELEASED:
            return False
        if _is_asked(session, notice.recipient, as_office=as_office):
            return True
        return lines(session, scope_of(notice.recipient)).exists()

    return wanted


def closed_office(notice: Notice, language: str) -> dict[str, Any]:
    """The session's referrals to the recipient's offices: reference, office, part and date."""
    session = _session(notice)
    rows = _lines_for_office(session, scope_of(notice.recipient))
    return _ended(session, language) | {
        "lines": [
            {
                "reference": one.issue.reference,
                "office": one.authority.name,
                "part": "" if one.role == Referral.Role.LEAD else one.get_role_display(),
                "due": _due(one, language),
                "link": link(reverse("issues:referral", args=[one.pk])),
            }
            for one in rows
        ]
    }


def closed_organization(notice: Notice, language: str) -> dict[str, Any]:
    """What became of the organization's issues: reference, outcome, offices and dates."""
    session = _session(notice)
    items = list(_lines_for_organization(session, scope_of(notice.recipient)))
    held = _held([one.outcome for one in items], language)
    return _ended(session, language) | {
        "lines": [
            {
                "reference": one.issue.reference if one.issue else "",
                "outcome": one.outcome.get_kind_display(),
                "offices": held.get(one.outcome.pk, []),
                "review": date_in_words(one.outcome.review_on, language),
                "link": link(one.issue.get_absolute_url()) if one.issue else "",
            }
            for one in items
        ]
    }


def _held(outcomes: list[Outcome], language: str) -> dict[int, list[str]]:
    """By outcome: each office it was referred to, with its date; one query."""
    rows = Referral.objects.filter(outcome__in=outcomes, released_at__isnull=False)
    rows = rows.exclude(ended_as=Referral.Ending.RECALLED).select_related("authority")
    found: dict[int, list[str]] = {}
    for one in rows.order_by("pk"):
        due = _due(one, language)
        said = _("%(office)s, by %(day)s") if due else "%(office)s"
        words = said % {"office": one.authority.name, "day": due}
        found.setdefault(one.outcome_id or 0, []).append(words)
    return found


def _due(referral: Referral, language: str) -> str:
    """Its date in words; who is only informed has none."""
    if referral.role == Referral.Role.INFORMATION:
        return ""
    return date_in_words(referral.date, language)


def _ended(session: Session, language: str) -> dict[str, Any]:
    """The session as it was held, and where its minutes are."""
    page = _page("minutes:minutes", session) or link(session.get_absolute_url())
    return session_words(session, language) | {
        "day": date_in_words(session.day, language),
        "link": page,
    }


# --- the table ----------------------------------------------------------------------------------
KINDS: dict[str, tuple[Promise, Truth, Words]] = {
    packs.KIND: (gettext_lazy("Agenda of a session"), pack_wanted, pack),
    closed.OFFICE: (
        gettext_lazy("What a session asks of an office"),
        closed_wanted(_lines_for_office, as_office=True),
        closed_office,
    ),
    closed.ORGANIZATION: (
        gettext_lazy("What became of an organization's issues"),
        closed_wanted(_lines_for_organization, as_office=False),
        closed_organization,
    ),
}
