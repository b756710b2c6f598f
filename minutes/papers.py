"""The minutes in one language, every text ready to print: for the page, the PDF, the Word file."""

import datetime as dt
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from forum import papers
from forum.models import Presiding, Session
from issues.models import Outcome, Referral
from issues.permissions import Audience
from khmer import numbers
from minutes.editions import SENTENCES, Correction, Edition, Line, Part
from minutes.models import Minutes
from minutes.shape import Content, Decision, Handed, Item, Names
from paper import minutes as paper
from paper.official import Head, Labelled
from paper.session import Grid, Passage

DOTS = "…" * 12  # to be written on
GROUP = 16  # signs of the checksum in a row
KINDS = {"pdf": paper.pdf, "docx": paper.docx}


def file(minutes: Minutes, edition: Edition, language: str, kind: str) -> bytes:
    """The edition as ``pdf`` or ``docx``, in this language."""
    return KINDS[kind](paper_of(minutes, edition, language))


def paper_of(minutes: Minutes, edition: Edition, language: str) -> paper.Minutes:
    """All texts of the edition in this language."""
    with translation.override(language):
        return _paper(minutes, edition, edition.content)


def _paper(minutes: Minutes, edition: Edition, content: Content) -> paper.Minutes:
    place = _("Session in %(province)s") % {"province": _of(content["session"]["province"])}
    forum = _of(content["session"]["forum"])
    return {
        "language": _language(),
        "digits": list(numbers.in_language(numbers.ASCII_DIGITS, _language())),
        "page_of": _("Page {page} of {pages}"),
        "head": _head(content),
        "title": _("Minutes of the session in %(province)s")
        % {"province": _of(content["session"]["province"])},
        "mark": _mark(minutes, edition),
        "forum": forum,
        "dates": _date_lines(minutes.session, content["session"]["day"]),
        "facts": _facts(content),
        "footer": f"{forum} – {place}",
        "attendance": _attendance(content),
        "figures_heading": _("What became of the issues"),
        "figures": _figures(edition),
        "opening": [_passage(edition, "opening", _("Opening"))],
        "sections": [_section(one, edition) for one in edition.parts],
        "closing": [
            _passage(edition, "other", _("Other points")),
            _passage(edition, "closing", _("Closing")),
        ],
        "amendments": _amendments(edition.amendments),
        "signatures": _signatures(minutes.session, content),
        "verification": _verification(minutes),
    }


# --- words and days -------------------------------------------------------------------------
def _language() -> str:
    return translation.get_language() or "km"


def _of(names: Names) -> str:
    return names["en"] if _language() == "en" else names["km"]


def _digits(value: object) -> str:
    return numbers.in_language(value, _language())


def _day(iso: str) -> str:
    return papers.day_of(dt.date.fromisoformat(iso))


def _date_lines(session: Session, iso: str | None) -> list[str]:
    """The lunar day and the solar one; in English the solar one alone."""
    if iso is None:
        return []
    lines = papers.date_lines(session.province, dt.date.fromisoformat(iso))
    return [lines.english] if _language() == "en" else [lines.lunar, lines.solar]


def _labelled(label: str, *lines: str) -> list[Labelled]:
    """The label with the lines that say something; nothing where none does."""
    said = [line for line in lines if line]
    return [{"label": label, "lines": said}] if said else []


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


# --- what stands above ----------------------------------------------------------------------
def _head(content: Content) -> Head:
    number = _("No. %(number)s") % {"number": _digits(content["number"])}
    return papers.head(_of(content["session"]["province"]), number if content["number"] else "")


def _mark(minutes: Minutes, edition: Edition) -> str:
    """What has to stand on each page: whom it is for, and that it may still change."""
    marks = {
        Audience.SECRETARIAT: _("For the secretariat alone"),
        Audience.PUBLIC: _("Public edition"),
    }
    draft = "" if minutes.is_approved else _("Draft")
    return " · ".join(text for text in (marks.get(edition.audience, ""), draft) if text)


def _facts(content: Content) -> list[Labelled]:
    sitting = content["session"]
    times = f"{_digits(sitting['starts'])}–{_digits(sitting['ends'])}" if sitting["starts"] else ""
    venue = [_of(one) for one in (sitting["venue"], sitting["address"]) if one]
    presiding = [
        f"{_of(one['title'])} ({Presiding.Role(one['role']).label})" for one in content["presiding"]
    ]
    return [
        *_labelled(_("Day"), _day(sitting["day"]) if sitting["day"] else ""),
        *_labelled(_("Time"), times),
        *_labelled(_("Venue"), *venue),
        *_labelled(_("Who presides"), *presiding),
    ]


def _attendance(content: Content) -> paper.Attendance:
    names = {"organizations": _("Organizations and communities"), "others": _("Others")}
    rows = []
    for group in content["attendance"]["groups"]:
        if group["kind"] in names:
            rows.append(_counted(names[group["kind"]], group["total"], group["women"]))
        for one in group["parties"]:
            rows.append(_counted(_of(one["name"]), one["total"], one["women"]))
    came = content["attendance"]
    return {
        "heading": _("Attendance"),
        "columns": [_("Who came"), _("People"), _("Of whom women")],
        "rows": rows,
        "total": _counted(_("Altogether"), came["total"], came["women"]),
    }


def _counted(label: str, total: int, women: int) -> list[str]:
    return [label, _digits(total), _digits(women)]


def _figures(edition: Edition) -> list[Labelled]:
    """How many issues had each outcome, in the order of the kinds."""
    figures = edition.content["figures"]
    counted = [(_("Issues heard"), figures["issues"] - figures["left"] + edition.untold)]
    outcomes = figures["outcomes"]
    counted += [(str(kind.label), outcomes[kind]) for kind in Outcome.Kind if kind in outcomes]
    rest = [(_("Outcome not shown"), edition.untold), (_("No outcome yet"), figures["left"])]
    counted += [(label, number) for label, number in rest if number]
    return [{"label": label, "lines": [_digits(number)]} for label, number in counted]


def _passage(edition: Edition, kind: str, heading: str) -> Passage:
    return {"heading": heading, "paragraphs": _paragraphs(_written(edition, kind))}


def _written(edition: Edition, kind: str, item: int | None = None) -> str:
    """The passage in this language, or in the other one where nobody has written it in this."""
    other = "km" if _language() == "en" else "en"
    here = edition.passage(kind, _language(), item)
    return here or edition.passage(kind, other, item)


# --- the items ------------------------------------------------------------------------------
def _section(part: Part, edition: Edition) -> paper.Section:
    return {
        "heading": part["heading"],
        "items": [_line(one, edition) for one in part["lines"]],
    }


def _line(line: Line, edition: Edition) -> paper.Item:
    number, item = _digits(line["number"]), line["item"]
    if item is None:
        return paper.hidden(number, str(SENTENCES[line["hidden"]]))
    outcome = item["outcome"]
    said = _paragraphs(_written(edition, "discussion", item["item"]))
    return {
        "number": number,
        "title": item["title"]["text"],
        "reference": item["reference"],
        "hidden": "",
        "facts": _facts_of(item),
        "discussion": {"label": _("Discussion"), "lines": said},
        "outcome": {"label": _("Outcome"), "lines": _kind(item)},
        "text": _paragraphs(outcome["text"]) if outcome else [],
        "commitment": _commitment(outcome) if outcome else [],
        "offices": _offices(item["referrals"]),
    }


def _kind(item: Item) -> list[str]:
    """The outcome in words; a titled point need not have one."""
    if item["outcome"]:
        return [str(Outcome.Kind(item["outcome"]["kind"]).label)]
    return [] if item["issue"] is None else [_("No outcome yet")]


def _facts_of(item: Item) -> list[Labelled]:
    spoke = "".join(
        ngettext("%(number)s community member", "%(number)s community members", count)
        % {"number": _digits(count)}
        for count in (item["communities"],)
        if count
    )
    return [
        *_labelled(_("Place"), _of(item["place"]) if item["place"] else ""),
        *_labelled(_("Theme"), _of(item["theme"]) if item["theme"] else ""),
        *_labelled(_("Presented by"), _of(item["presenter"]) if item["presenter"] else ""),
        *_labelled(_("Officials who spoke"), *_paragraphs(item["spoke"])),
        *_labelled(_("Communities who spoke"), spoke),
    ]


def _commitment(outcome: Decision) -> list[Labelled]:
    office = _of(outcome["office"]) if outcome["office"] else ""
    by = ", ".join(text for text in (outcome["said_by"], office) if text)
    reviewed = outcome["review_on"]
    is_end = outcome["kind"] == Outcome.Kind.SUSPENDED
    return [
        *_labelled(_("Commitment"), *_paragraphs(outcome["commitment"])),
        *_labelled(_("Said by"), by),
        *_labelled(_("By when"), _day(outcome["by_on"]) if outcome["by_on"] else ""),
        *_labelled(
            _("Suspended until") if is_end else _("Next review"), _day(reviewed) if reviewed else ""
        ),
    ]


def _offices(referrals: list[Handed]) -> Grid:
    rows = [
        [_of(one["office"]), str(Referral.Role(one["role"]).label), _day(one["due_on"])]
        for one in referrals
    ]
    return {"heading": "", "columns": [_("Office"), _("Part"), _("Due date")], "rows": rows}


# --- what stands below ----------------------------------------------------------------------
def _amendments(amendments: list[Correction]) -> Grid:
    return {
        "heading": _("Amendments"),
        "columns": [
            pgettext("a column of the amendments", "No."),
            _("Day"),
            _("Amendment"),
            _("Reason"),
        ],
        "rows": [_amendment(one) for one in amendments],
    }


def _amendment(one: Correction) -> list[str]:
    item = _("Item %(number)s") % {"number": _digits(one["item"])} if one["item"] else ""
    said = str(SENTENCES[one["hidden"]]) if one["hidden"] else _in_either(one["text"])
    text = ": ".join(part for part in (item, said) if part)
    return [_digits(one["number"]), _day(one["on"]), text, one["reason"]]


def _in_either(names: Names) -> str:
    return _of(names) or names["km"] or names["en"]


def _signatures(session: Session, content: Content) -> list[paper.Signing]:
    """The two who presided; before the approval there is room to write."""
    titles = {one["role"]: _of(one["title"]) for one in content["presiding"]}
    signed = {one["role"]: one for one in content["approvals"]}
    found: list[paper.Signing] = []
    for role in Presiding.Role:
        one = signed.get(role)
        found.append(
            {
                "role": str(role.label),
                "title": one["title"] if one else titles.get(role, DOTS),
                "name": one["name"] if one else DOTS,
                "dates": _date_lines(session, one["on"]) if one else [DOTS],
            }
        )
    return found


def _verification(minutes: Minutes) -> paper.Verification:
    """How whoever holds the paper finds out whether it is the approved one."""
    if not minutes.code:
        return {"address": "", "title": "", "lines": []}
    groups = [minutes.checksum[at : at + GROUP] for at in range(0, len(minutes.checksum), GROUP)]
    address = f"{settings.BASE_URL}{reverse('minutes:verify', args=[minutes.code])}"
    return {
        "address": address,
        "title": _("To check these minutes, scan with the telephone's camera"),
        "lines": [_("SHA-256: %(checksum)s") % {"checksum": " ".join(groups)}, _host()],
    }


def _host() -> str:
    return str(urlsplit(settings.BASE_URL).netloc)
