"""The papers of a session: the brief for who presides it, and the issue matrix."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import astuple

from django.utils import formats, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from forum import papers
from forum.models import Session
from issues import brief, matrix
from issues.brief import Brief, Figures, Line
from issues.matrix import Edition
from khmer import dates, numbers
from paper import brief as brief_paper
from paper import matrix as matrix_paper
from paper.official import Labelled
from paper.session import Paper


def brief_pdf(session: Session, language: str, now: dt.datetime, today: dt.date) -> bytes:
    """The brief as PDF of one page, in this language."""
    with translation.override(language):
        found = brief.of_session(session, now, today)
        return brief_paper.pdf(_brief(session, found, today))


def matrix_pdf(
    session: Session, user: User, edition: Edition, language: str, today: dt.date
) -> bytes:
    """An edition of the issue matrix as PDF, in this language."""
    with translation.override(language):
        rows = matrix.rows(session, user, edition)
        return matrix_paper.pdf(_matrix(session, edition, rows, today))


def matrix_xlsx(session: Session, user: User, edition: Edition, language: str) -> bytes:
    """An edition of the issue matrix as workbook, in this language."""
    from issues import matrix_xlsx as sheet

    with translation.override(language):
        marks = [mark for mark in (_mark(session, edition),) if mark]
        title = " – ".join([_("Issue matrix"), session_name(session), *marks])
        return sheet.workbook(title, matrix.rows(session, user, edition))


# --- the brief ------------------------------------------------------------------------------
def _brief(session: Session, found: Brief, today: dt.date) -> brief_paper.Brief:
    groups: list[brief_paper.Group] = [
        {"heading": heading, "rows": [_cells(line.name, line.figures) for line in lines]}
        for heading, lines in _groups(found)
    ]
    return {
        **opening(session, _("Brief for who presides the session"), today),
        "mark": "",
        "facts": [*papers.place_and_time(session), *presiders(session), _since(found)],
        "columns": _columns(),
        "total": _cells(_("The whole province"), found.total),
        "groups": groups,
        # No office is shown before others as late: each sees its own.
        "overdue": {"heading": "", "columns": [], "rows": []},
        "footer": _("Confidential issues are counted for the whole province alone."),
    }


def _since(found: Brief) -> Labelled:
    day = found.since.day if found.since else None
    line = _("the beginning: no session was held in the province before")
    if day is not None:
        line = _("the last session in the province, %(day)s") % {"day": papers.day_of(day)}
    return {"label": _("Figures since"), "lines": [line]}


def _columns() -> list[str]:
    return [
        "",
        pgettext("figures of issues", "Raised"),
        _("Addressed in the session"),
        _("Referred"),
        _("Reported resolved"),
        _("Confirmed solved"),
        _("Overdue today"),
    ]


def _groups(found: Brief) -> Iterable[tuple[str, list[Line]]]:
    return [(_("By district"), found.districts), (_("By theme"), found.themes)]


def _cells(name: str, figures: Figures) -> list[str]:
    return [name, *(digits(number) for number in astuple(figures))]


def presiders(session: Session) -> list[Labelled]:
    """By their titles: who is told this."""
    rows = session.presidings.select_related("presider")
    lines = [f"{one.presider.title} ({one.get_role_display()})" for one in rows]
    return [{"label": _("Who presides"), "lines": lines}] if lines else []


# --- the matrix -----------------------------------------------------------------------------
def _matrix(
    session: Session, edition: Edition, rows: Iterable[matrix.Row], today: dt.date
) -> matrix_paper.Matrix:
    _number, *columns = matrix.columns()
    return {
        **opening(session, _("Issue matrix"), today),
        "mark": _mark(session, edition),
        "facts": papers.place_and_time(session),
        "columns": columns,
        "rows": [_row(one) for one in rows],
        "footer": f"{session.forum} – {session_name(session)}",
    }


def _row(row: matrix.Row) -> matrix_paper.Row:
    return {
        "reference": row.reference,
        "place": row.place,
        "issue": row.title,
        "outcome": row.outcome,
        "authority": row.authority,
        "due": _short(row.due) if row.due else "",
    }


def _mark(session: Session, edition: Edition) -> str:
    """What has to stand on each page: whom it is for, and that it may still change."""
    marks = []
    if edition == Edition.SECRETARIAT:
        marks.append(_("For the secretariat alone"))
    if session.released_at is None:
        marks.append(_("Draft"))
    return " · ".join(marks)


# --- what both bear -------------------------------------------------------------------------
def opening(session: Session, title: str, today: dt.date) -> Paper:
    """What each paper of a session opens with; its facts and its foot are the paper's own."""
    language = translation.get_language()
    lines = papers.date_lines(session.province, today)
    return {
        "language": language,
        "digits": list(numbers.in_language(numbers.ASCII_DIGITS, language)),
        "page_of": _("Page {page} of {pages}"),
        "head": papers.head(session.province.full_name),
        "title": title,
        "mark": "",
        "forum": str(session.forum),
        "dates": [lines.english] if language == "en" else [lines.lunar, lines.solar],
        "facts": [],
        "footer": "",
    }


def session_name(session: Session) -> str:
    """Of which province the session is, in words."""
    return _("Session in %(province)s") % {"province": session.province}


def _short(day: dt.date) -> str:
    if translation.get_language() == "en":
        return formats.date_format(day, "j F Y")
    return dates.short_date(day)


def digits(number: object) -> str:
    """In the digits of the paper's language."""
    return numbers.in_language(number, translation.get_language())
