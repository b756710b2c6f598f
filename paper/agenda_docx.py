"""The agenda pack of a session as Word document."""

from docx.document import Document

from paper import docx as word
from paper import session_docx as blocks
from paper.agenda import Agenda, Item, Section, in_full, row_of
from paper.session import Grid

WIDTHS = (6, 17, 29, 16, 17, 9)  # of the columns, in proportion


def written(agenda: Agenda) -> bytes:
    """The agenda pack as Word document."""
    made = blocks.begin(agenda)
    for section in agenda["sections"]:
        _write_order(made, section, agenda["columns"])
    if agenda["sum"]:
        word.right(made, [agenda["sum"]], word.BOLD)
    items = in_full(agenda)
    if items:
        blocks.write_heading(
            made, agenda["full_heading"], 1
        ).paragraph_format.page_break_before = True
    for item in items:
        _write_item(made, item)
    return blocks.finish(made, agenda)


def _write_order(made: Document, section: Section, columns: list[str]) -> None:
    grid: Grid = {
        "heading": section["heading"],
        "columns": columns,
        "rows": [row_of(item) for item in section["items"]],
    }
    blocks.write_grid(made, grid, WIDTHS, level=2, middle=(0, 1, 5))
    if section["sum"] and section["items"]:
        word.right(made, [section["sum"]])


def _write_item(made: Document, item: Item) -> None:
    blocks.write_turn(made, item["number"], item["title"], item["reference"])
    blocks.write_facts(made, item["facts"])
    blocks.write_paragraphs(made, item["matter"])
    for line in item["history"]:
        word.paragraph(made, line, blocks.SMALL, word.Shape(after=1))
