"""Attendance sheets: who is expected in a session, with room to sign and a QR code to check in."""

from typing import Any, TypedDict

from paper import pdf as sheets
from paper import qr
from paper.official import Head, Labelled, Signature


class Row(TypedDict):
    """One expected person: "His Excellency, deputy governor", the office, the sex as a word.

    ``address`` goes into the QR code of the row; an empty one leaves it out.
    """

    person: str
    office: str
    sex: str
    address: str


class Total(TypedDict):
    """A line to fill by hand: "Altogether", "total", "of whom women"; the label may be empty."""

    label: str
    all: str
    women: str


class Sheet(TypedDict):
    """A sheet in one language, each text ready to print.

    ``digits`` are the ten of the language, ``page_of`` is as "Page {page} of {pages}", ``columns``
    the six heads: number, person, office, sex, signature, QR code. ``footer`` stands on each page.
    """

    language: str  # km or en
    digits: list[str]
    page_of: str
    title: str
    head: Head
    forum: str
    session: str
    facts: list[Labelled]  # day, time, venue
    columns: list[str]
    qr_title: str  # of each code, for who cannot see it
    rows: list[Row]
    blanks: int  # rows for those who come unexpected
    totals: list[Total]
    signature: Signature  # who kept the sheet
    footer: str
    landscape: bool


def pdf(sheet: Sheet) -> bytes:
    """The sheet as PDF on A4; its rows are numbered, the blank ones too."""
    rows = [_drawn(number, row) for number, row in enumerate(sheet["rows"], start=1)]
    return sheets.render("sheet", {**sheet, "rows": rows})


def _drawn(number: int, row: Row) -> dict[str, Any]:
    address = row["address"]
    return {**row, "number": number, "qr": qr.svg(address, "", quiet=0) if address else ""}
