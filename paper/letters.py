"""Official letters: one text, as PDF to sign and send, and as Word document to change."""

from collections.abc import Sequence
from typing import TypedDict

from paper import pdf as sheets
from paper.official import Head, Labelled, Signature, code


class Part(TypedDict):
    """A letter in one language, each text ready to print; lists may be empty.

    ``digits`` are the ten of the language, ``page_of`` is as "Page {page} of {pages}".
    """

    language: str  # km or en
    digits: list[str]
    page_of: str
    head: Head
    title: str  # "Letter of invitation"
    note: (
        str  # below the title, as "Translation; the Khmer letter is the one signed."; may be empty
    )
    addressee: Labelled  # "To", then honorific, title and office
    subject: Labelled
    references: list[Labelled]
    paragraphs: list[str]
    facts: list[Labelled]  # day, time, venue, places …
    closing: list[str]  # the paragraphs after the facts
    copies: list[Labelled]  # who gets a copy
    signature: Signature
    qr_title: str  # what the QR code is for, beside it
    qr_lines: list[str]  # below it, short enough to copy by hand: the site, the letter's number


class Letter(TypedDict):
    """A letter in its languages, the one that is signed first; ``address`` is that of its QR code.

    An empty address leaves the QR code out.
    """

    parts: list[Part]
    address: str


def pdf(letters: Sequence[Letter]) -> bytes:
    """The letters as one PDF on A4, each on pages of its own, counted from one.

    Each language begins on a page of its own. Printed on both sides, too, each letter begins on a
    new sheet of paper: a blank page comes before it where the letter before has an odd number of
    pages. At least one letter, of at least one part.
    """
    first = letters[0]["parts"][0]
    return sheets.render(
        "letter",
        {
            "language": first["language"],
            "digits": first["digits"],
            "title": first["title"],
            "letters": [_drawn(letter) for letter in letters],
        },
    )


def _drawn(letter: Letter) -> dict[str, object]:
    address = letter["address"]
    return {"parts": letter["parts"], "qr": code(address) if address else None}


def docx(letter: Letter) -> bytes:
    """The same letter as Word document, to change before it is signed."""
    from paper import letters_docx

    return letters_docx.written(letter)
