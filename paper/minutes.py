"""The minutes of a session: one text, as PDF to sign and check, and as Word document.

Both are made of the same texts in the same order, so that they cannot disagree. Of a hidden item
nothing but its number and a sentence goes into either file, whatever else the caller brings.
"""

from typing import TypedDict

from paper import pdf as sheets
from paper import session
from paper.official import Labelled, code
from paper.session import Grid, Paper, Passage


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
                {"heading": one["heading"], "items": shown(one)} for one in minutes["sections"]
            ],
            "qr": code(address) if address else None,
        },
    )


def docx(minutes: Minutes) -> bytes:
    """The same minutes as Word document."""
    from paper import minutes_docx

    return minutes_docx.written(minutes)


def shown(section: Section) -> list[Item]:
    """The items as they may be read: a hidden one has lost all but its number."""
    return [
        hidden(one["number"], one["hidden"]) if one["hidden"] else one for one in section["items"]
    ]
