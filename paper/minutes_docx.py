"""The minutes of a session as Word document."""

from collections.abc import Sequence

from docx.document import Document
from docx.table import _Cell

from paper import docx as word
from paper import session_docx as blocks
from paper.minutes import Item, Minutes, Section, Signing, Verification, shown
from paper.session import side_by_side

ROOM_TO_SIGN = 80  # points, for hand and stamp


def written(minutes: Minutes) -> bytes:
    """The minutes as Word document."""
    made = blocks.begin(minutes)
    attendance = minutes["attendance"]
    blocks.write_grid(made, attendance, (3, 1, 1), total=attendance["total"], middle=(1, 2))
    _write_figures(made, minutes)
    for passage in minutes["opening"]:
        blocks.write_passage(made, passage)
    for section in minutes["sections"]:
        _write_section(made, section)
    for passage in minutes["closing"]:  # no page bears signatures alone
        blocks.write_passage(made, passage, last_stays=True)
    _write_signatures(made, minutes["signatures"])
    # Amendments were made once all had signed: they stand below the signatures.
    blocks.write_grid(made, minutes["amendments"], (1, 2, 5, 4), middle=(0,))
    _write_verification(made, minutes["verification"])
    return blocks.finish(made, minutes)


def _write_figures(made: Document, minutes: Minutes) -> None:
    if minutes["figures"]:
        blocks.write_heading(made, minutes["figures_heading"], 1)
    for grid in side_by_side(minutes["figures"]):
        breadth = len(grid["columns"])
        blocks.write_grid(made, grid, [1] * breadth, middle=range(breadth))


def _write_section(made: Document, section: Section) -> None:
    if section["heading"] and section["items"]:
        blocks.write_heading(made, section["heading"], 2)
    for item in shown(section):
        _write_item(made, item)


def _write_item(made: Document, item: Item) -> None:
    blocks.write_turn(made, item["number"], item["title"] or item["hidden"], item["reference"])
    blocks.write_facts(made, item["facts"])
    if item["discussion"]["lines"]:
        word.paragraph(made, item["discussion"]["label"], word.BOLD, word.Shape(keep=True))
        blocks.write_paragraphs(made, item["discussion"]["lines"])
    if item["outcome"]["lines"]:
        blocks.write_facts(made, [item["outcome"]], bordered=True)
    blocks.write_paragraphs(made, item["text"])
    blocks.write_facts(made, item["commitment"])
    blocks.write_grid(made, item["offices"], (5, 3, 3), level=3)


def _write_signatures(made: Document, signatures: Sequence[Signing]) -> None:
    if not signatures:
        return
    blocks.space(made, keep=True)
    breadth = word.width_of(made) / len(signatures)
    for cell, one in zip(word.columns(made, [breadth] * len(signatures)), signatures, strict=True):
        _write_signing(cell, one)


def _write_signing(cell: _Cell, one: Signing) -> None:
    for date in one["dates"]:
        word.paragraph(cell, date, shape=blocks.MIDDLE)
    word.paragraph(cell, one["role"], blocks.HEADS, blocks.MIDDLE)
    word.paragraph(cell, one["title"], shape=blocks.MIDDLE)
    word.paragraph(cell, one["name"], word.BOLD, blocks.MIDDLE._replace(before=ROOM_TO_SIGN))


def _write_verification(made: Document, verification: Verification) -> None:
    if not verification["address"]:
        return
    blocks.space(made, keep=True)
    left, right = word.columns(made, [32, word.width_of(made) - 32])
    word.code(left, verification["address"], verification["title"])
    for line in (verification["title"], *verification["lines"]):
        word.paragraph(right, line, blocks.SMALL, word.Shape(after=1))
