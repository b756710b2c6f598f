"""The papers of who comes: the sheet to sign at the door, and certificates for those who came."""

import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from forum import papers, turnout
from forum.models import Delegate, Session
from khmer import numbers
from paper import certificates, sheets
from paper.official import Signature

BLANKS = 10  # rows for those who come unexpected
TO_FILL = "…" * 24  # where a name is written by hand


def check_in_link(delegate: Delegate) -> str:
    """The whole address that a coordinator's telephone opens at the door."""
    path = reverse("forum:check_in_one", args=[delegate.session_id, delegate.code])
    return f"{settings.BASE_URL}{path}"


def sheet(session: Session, language: str, today: dt.date) -> bytes:
    """The attendance sheet of everybody who has a place, by party, as PDF; no names."""
    with translation.override(language):
        sections = turnout.sections(session, turnout.of_session(session))
        rows = [
            _row(line, one) for line, people in sections for one in people if not one.is_waiting
        ]
        return sheets.pdf(_sheet(session, rows, today))


def _sheet(session: Session, rows: list[sheets.Row], today: dt.date) -> sheets.Sheet:
    language = translation.get_language()
    place = _("Session in %(province)s") % {"province": session.province}
    return {
        "language": language,
        "digits": _digits(),
        "page_of": _("Page {page} of {pages}"),
        "title": _("Attendance sheet"),
        "head": papers.head(session.province.full_name),
        "forum": str(session.forum),
        "session": place,
        "facts": papers.place_and_time(session, with_address=True),
        "columns": [
            pgettext("a column of the attendance sheet", "No."),
            _("Title or office"),
            _("Organization or authority"),
            _("Sex"),
            _("Signature"),
            _("QR"),
        ],
        "qr_title": _("QR code to check in"),
        "rows": rows,
        "blanks": BLANKS,
        "totals": [{"label": _("Altogether"), "all": _("People"), "women": _("of whom women")}],
        "signature": _signature(session, session.day or today),
        "footer": f"{session.forum} – {place}",
        "landscape": False,
    }


def _row(line: turnout.Line, one: Delegate) -> sheets.Row:
    return {
        "person": _person(one),
        "office": str(line.party or ""),
        "sex": one.get_sex_display(),
        "address": check_in_link(one),
    }


def _person(one: Delegate) -> str:
    return f"{one.honorific} {one.title}" if one.honorific else one.title


# --- certificates ---------------------------------------------------------------------------
def came_to(session: Session) -> list[Delegate]:
    """Those a certificate is for: who was ticked, by party."""
    found = turnout.sections(session, turnout.of_session(session))
    return [one for section in found for one in section.people if one.came_at]


def certificates_of(
    session: Session, people: Sequence[Delegate], language: str, today: dt.date
) -> bytes:
    """A page for each of these people of the session, the name left to be written by hand.

    At least one; they come by ``came_to``.
    """
    with translation.override(language):
        found = turnout.of_session(session)
        parties = {line.key: str(line.party) for line in found.lines if line.party}
        pages = [_certificate(session, one, parties.get(_key_of(one), ""), today) for one in people]
        return certificates.pdf(pages)


def _key_of(one: Delegate) -> turnout.Key:
    of = one.invitation or one
    return (of.organization_id, of.authority_id)


def _certificate(
    session: Session, one: Delegate, party: str, today: dt.date
) -> certificates.Certificate:
    honorific = f"{one.honorific} " if one.honorific else ""
    return {
        "language": translation.get_language(),
        "digits": _digits(),
        "head": papers.head(session.province.full_name),
        "title": _("Certificate of participation"),
        "lead": [_("The secretariat of the dialogue forums certifies that")],
        "person": f"{honorific}{TO_FILL}",
        "office": " – ".join(text for text in (one.title, party) if text),
        "lines": [
            _("took part in the session of “%(forum)s” in %(province)s on %(day)s.")
            % {
                "forum": session.forum,
                "province": session.province,
                "day": papers.day_of(session.day or today),
            }
        ],
        "signature": _signature(session, today),
        "qr_title": "",
        "address": "",
    }


# --- what both bear -------------------------------------------------------------------------
def _signature(session: Session, day: dt.date) -> Signature:
    lines = papers.date_lines(session.province, day)
    is_english = translation.get_language() == "en"
    return {
        "dates": [lines.english] if is_english else [lines.lunar, lines.solar],
        "role": _("For the secretariat"),
        "name": "",
    }


def _digits() -> list[str]:
    return list(numbers.in_language(numbers.ASCII_DIGITS, translation.get_language()))
