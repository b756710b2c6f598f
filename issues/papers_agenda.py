"""The agenda pack of a session: the agenda with each item in full, as the room may know it."""

import datetime as dt

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from forum import papers, programme
from forum.models import Session
from issues import agenda_rows
from issues.agenda_rows import Copy, History, Row
from issues.models import Issue
from issues.papers_session import digits, opening, presiders, session_name
from paper import agenda as paper
from paper.agenda import Agenda, Item, Section
from paper.official import Labelled

KINDS = {"pdf": paper.pdf, "docx": paper.docx}


def file(session: Session, copy: Copy, kind: str, language: str, today: dt.date) -> bytes:
    """A copy of the pack as ``pdf`` or ``docx``, in this language."""
    return KINDS[kind](agenda_of(session, copy, language, today))


def agenda_of(session: Session, copy: Copy, language: str, today: dt.date) -> Agenda:
    """All texts of a copy in this language, with the day and the hours that are published."""
    shown = programme.as_published(session)
    with translation.override(language):
        return _agenda(shown, agenda_rows.rows(session, copy), today)


def _agenda(session: Session, rows: list[Row], today: dt.date) -> Agenda:
    minutes = sum(row.item.minutes for row in rows)
    return {
        **opening(session, _("Agenda of the session"), today),
        "mark": "" if session.announced_id else _("Draft"),
        "facts": [*papers.place_and_time(session), *presiders(session)],
        "footer": f"{session.forum} – {session_name(session)}",
        "columns": [
            _("No."),
            _("Time"),
            _("Item"),
            _("Place"),
            _("Presented by"),
            _("Minutes"),
        ],
        "sections": _sections(rows, session.starts_at),
        "sum": _("Together: %(minutes)s") % {"minutes": _in_minutes(minutes)},
        "full_heading": _("The items one by one"),
    }


def _sections(rows: list[Row], begins: dt.datetime | None) -> list[Section]:
    """The items under their headings; those before the first one stand under none."""
    sections: list[Section] = []
    sums: list[int] = []
    passed = 0
    for row in rows:
        if row.item.is_heading or not sections:
            heading = row.item.title if row.item.is_heading else ""
            sections.append({"heading": heading, "sum": "", "items": []})
            sums.append(0)
        if row.item.is_heading:
            continue
        sections[-1]["items"].append(_item(row, _slot(begins, passed, row.item.minutes)))
        sums[-1] += row.item.minutes
        passed += row.item.minutes
    for section, minutes in zip(sections, sums, strict=True):
        if section["heading"]:
            section["sum"] = _in_minutes(minutes)
    return sections


def _slot(begins: dt.datetime | None, passed: int, minutes: int) -> str:
    """From when to when, if each item takes its minutes; empty while the day is open."""
    if begins is None:
        return ""
    start = timezone.localtime(begins) + dt.timedelta(minutes=passed)
    end = start + dt.timedelta(minutes=minutes)
    return f"{papers.clock_of(start.time())}–{papers.clock_of(end.time())}"


def _in_minutes(minutes: int) -> str:
    said = ngettext("%(number)s minute", "%(number)s minutes", minutes)
    return said % {"number": digits(minutes)}


def _item(row: Row, slot: str) -> Item:
    item: Item = {
        "number": digits(row.number),
        "slot": slot,
        "minutes": digits(row.item.minutes),
        "reference": "",
        "title": row.item.title,
        "place": "",
        "presenter": row.presenter,
        "hidden": _hidden(row),
        "facts": [],
        "matter": [],
        "history": [],
    }
    issue = row.item.issue
    if issue is None or row.shown is None:
        return item
    item["reference"], item["title"] = issue.reference or "", issue.title
    item["place"] = row.shown.place.removesuffix(f", {issue.province.name}")  # it is in the head
    item["facts"] = _facts(row, issue)
    item["matter"] = _matter(issue)
    item["history"] = _history(row.history, issue.deferrals)
    return item


def _hidden(row: Row) -> str:
    """The sentence that stands for an issue of which no more is told; empty for others."""
    if not row.is_hidden:
        return ""
    if row.is_confidential:
        return _("Confidential item")
    return _("An issue that is not shown at present")


def _facts(row: Row, issue: Issue) -> list[Labelled]:
    assert row.shown is not None  # noqa: S101 - hidden ones have no facts
    raised = [row.shown.organization] if issue.is_named else []
    facts: list[Labelled] = [
        {"label": _("Raised by"), "lines": raised},
        {"label": _("Place"), "lines": [row.shown.place]},
        {"label": _("Theme"), "lines": [issue.theme.name] if issue.theme else []},
        {"label": _("Presented by"), "lines": [row.presenter] if row.presenter else []},
        {"label": _("Expected to answer"), "lines": list(row.offices)},
    ]
    return [fact for fact in facts if fact["lines"]]


def _matter(issue: Issue) -> list[str]:
    """What it is about, a paragraph a line, and what is asked."""
    lines = [line.strip() for line in issue.text.splitlines()]
    asked = [line.strip() for line in issue.asked.splitlines() if line.strip()]
    if asked:
        asked[0] = _("What is asked: %(asked)s") % {"asked": asked[0]}
    return [line for line in lines if line] + asked


def _history(history: History, deferrals: int) -> list[str]:
    lines = []
    if history.times > 1 and history.since is not None:
        said = ngettext(
            "Raised %(times)s time since %(year)s.",
            "Raised %(times)s times since %(year)s.",
            history.times,
        )
        lines.append(said % {"times": digits(history.times), "year": digits(history.since)})
    if history.cosigners:
        said = ngettext(
            "%(number)s organization co-signs it.",
            "%(number)s organizations co-sign it.",
            history.cosigners,
        )
        lines.append(said % {"number": digits(history.cosigners)})
    if deferrals:
        said = ngettext(
            "It was deferred %(number)s time before.",
            "It was deferred %(number)s times before.",
            deferrals,
        )
        lines.append(said % {"number": digits(deferrals)})
    return lines
