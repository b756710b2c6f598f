"""The minutes of a session: one text, as PDF to sign and check, and as Word document.

Both are made of the same texts in the same order, so that they cannot disagree. Of a hidden item
nothing but its number and a sentence goes into either file, whatever else the caller brings.
"""

from collections.abc import Sequence
from typing import TypedDict

from docx.document import Document
from docx.table import _Cell

from paper import docx as word
from paper import pdf as sheets
from paper import session
from paper.official import Labelled, code
from paper.session import Grid, Paper, Passage

ROOM_TO_SIGN = 80  # points, for hand and stamp


class Attendance(Grid):
    """Who came: party, total, of whom women, row by row, and the sums of all in ``total``."""

    total: list[str]


class Item(TypedDict):
    """What became of an item, or of a point without an issue, which has few of these texts."""

    number: str  # may be empty
    title: str
    reference: str  # may be empty
    hidden: str  # the sentence that stands for a confidential item; empty where it is shown
    facts: list[Labelled]  # place, theme, presenter, officials by title, communities as a count
    discussion: Labelled  # the label, then free paragraphs; may have none
    outcome: Labelled  # the label, then the kind in words; may have no line
    text: list[str]  # what was said of it, in paragraphs
    commitment: list[Labelled]  # what, who by title and office, by when, next review
    offices: Grid  # office, part, due date


class Section(TypedDict):
    """Items under a heading, which may be empty."""

    heading: str
    items: list[Item]


class Signing(TypedDict):
    """Who signs, and when; what is not known yet is a line of dots to write on."""

    role: str  # "Chair of the session"
    title: str  # "Deputy Governor of Mondulkiri"
    name: str  # may be empty
    dates: list[str]  # above the role


class Verification(TypedDict):
    """How the paper is checked; an empty address leaves all of it out."""

    address: str
    title: str  # what the QR code is for
    lines: list[str]  # the checksum, the site


class Minutes(Paper):
    """The minutes in one language, each text ready to print; lists may be empty."""

    attendance: Attendance
    figures_heading: str
    figures: list[Labelled]  # addressed, referred, … left
    opening: list[Passage]  # before the items
    sections: list[Section]
    closing: list[Passage]  # after them
    amendments: Grid  # number, day, text, reason
    signatures: list[Signing]  # the chair, the co-presider
    verification: Verification


def hidden(number: str, sentence: str) -> Item:
    """A confidential item, of which only its number and this sentence are said."""
    nothing: Labelled = {"label": "", "lines": []}
    return {
        "number": number,
        "title": "",
        "reference": "",
        "hidden": sentence,
        "facts": [],
        "discussion": nothing,
        "outcome": nothing,
        "text": [],
        "commitment": [],
        "offices": {"heading": "", "columns": [], "rows": []},
    }


def pdf(minutes: Minutes) -> bytes:
    """The minutes as PDF on A4."""
    address = minutes["verification"]["address"]
    return sheets.render(
        "minutes",
        {
            **minutes,
            "figures": session.side_by_side(minutes["figures"]),
            "sections": [
                {"heading": one["heading"], "items": _shown(one)} for one in minutes["sections"]
            ],
            "qr": code(address) if address else None,
        },
    )


def docx(minutes: Minutes) -> bytes:
    """The same minutes as Word document."""
    made = session.begin(minutes)
    attendance = minutes["attendance"]
    session.write_grid(made, attendance, (3, 1, 1), total=attendance["total"], middle=(1, 2))
    _write_figures(made, minutes)
    for passage in minutes["opening"]:
        session.write_passage(made, passage)
    for section in minutes["sections"]:
        _write_section(made, section)
    for passage in minutes["closing"]:  # no page bears signatures alone
        session.write_passage(made, passage, last_stays=True)
    _write_signatures(made, minutes["signatures"])
    # Amendments were made once all had signed: they stand below the signatures.
    session.write_grid(made, minutes["amendments"], (1, 2, 5, 4), middle=(0,))
    _write_verification(made, minutes["verification"])
    return session.finish(made, minutes)


def _shown(section: Section) -> list[Item]:
    """The items as they may be read: a hidden one has lost all but its number."""
    return [
        hidden(one["number"], one["hidden"]) if one["hidden"] else one for one in section["items"]
    ]


def _write_figures(made: Document, minutes: Minutes) -> None:
    if minutes["figures"]:
        session.write_heading(made, minutes["figures_heading"], 1)
    for grid in session.side_by_side(minutes["figures"]):
        breadth = len(grid["columns"])
        session.write_grid(made, grid, [1] * breadth, middle=range(breadth))


def _write_section(made: Document, section: Section) -> None:
    if section["heading"] and section["items"]:
        session.write_heading(made, section["heading"], 2)
    for item in _shown(section):
        _write_item(made, item)


def _write_item(made: Document, item: Item) -> None:
    session.write_turn(made, item["number"], item["title"] or item["hidden"], item["reference"])
    session.write_facts(made, item["facts"])
    if item["discussion"]["lines"]:
        word.paragraph(made, item["discussion"]["label"], word.BOLD, word.Shape(keep=True))
        session.write_paragraphs(made, item["discussion"]["lines"])
    if item["outcome"]["lines"]:
        session.write_facts(made, [item["outcome"]], bordered=True)
    session.write_paragraphs(made, item["text"])
    session.write_facts(made, item["commitment"])
    session.write_grid(made, item["offices"], (5, 3, 3), level=3)


def _write_signatures(made: Document, signatures: Sequence[Signing]) -> None:
    if not signatures:
        return
    session.space(made, keep=True)
    breadth = word.width_of(made) / len(signatures)
    for cell, one in zip(word.columns(made, [breadth] * len(signatures)), signatures, strict=True):
        _write_signing(cell, one)


def _write_signing(cell: _Cell, one: Signing) -> None:
    for date in one["dates"]:
        word.paragraph(cell, date, shape=session.MIDDLE)
    word.paragraph(cell, one["role"], session.HEADS, session.MIDDLE)
    word.paragraph(cell, one["title"], shape=session.MIDDLE)
    word.paragraph(cell, one["name"], word.BOLD, session.MIDDLE._replace(before=ROOM_TO_SIGN))


def _write_verification(made: Document, verification: Verification) -> None:
    if not verification["address"]:
        return
    session.space(made, keep=True)
    left, right = word.columns(made, [32, word.width_of(made) - 32])
    word.code(left, verification["address"], verification["title"])
    for line in (verification["title"], *verification["lines"]):
        word.paragraph(right, line, session.SMALL, word.Shape(after=1))
