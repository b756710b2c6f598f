"""The Word blocks that the papers of a session day share."""

from collections.abc import Collection, Sequence

from docx.document import Document
from docx.shared import Pt
from docx.text.paragraph import Paragraph

from paper import docx as word
from paper.official import Head, Labelled
from paper.session import Grid, Paper, Passage

NAMES, HEADS = word.Look(13, head=True), word.Look(head=True)
SMALL = word.Look(9)
MIDDLE = word.Shape(align="center", after=1, keep=True)


def begin(paper: Paper) -> Document:
    """A Word document with all that stands above the paper's own content."""
    made = word.document(paper["title"], margin=20)
    if paper["mark"]:
        word.mark(made, paper["mark"])
    _write_head(made, paper["head"])
    word.heading(made, paper["title"], 0)
    if paper["forum"]:
        word.paragraph(made, paper["forum"], word.BOLD, MIDDLE)
    for date in paper["dates"]:
        word.paragraph(made, date, shape=MIDDLE)
    space(made)
    write_facts(made, paper["facts"])
    return made


def finish(made: Document, paper: Paper) -> bytes:
    """The document as file, with its foot on each page."""
    word.page_count(made, [paper["footer"], paper["page_of"]])
    return word.to_bytes(made)


def write_facts(made: Document, facts: Sequence[Labelled], *, bordered: bool = False) -> None:
    """Labels and beside them their lines, if there are any."""
    if facts:
        word.labelled(
            made, [(one["label"], one["lines"]) for one in facts], label=40, bordered=bordered
        )


def write_grid(
    made: Document,
    grid: Grid,
    widths: Sequence[float],
    *,
    level: int = 1,
    total: Sequence[str] = (),
    middle: Collection[int] = (),
) -> None:
    """A table under its heading, its columns sharing the page in these proportions."""
    if not grid["rows"]:
        return
    if grid["heading"]:
        write_heading(made, grid["heading"], level)
    part = word.width_of(made) / sum(widths)
    shares = [width * part for width in widths]
    look = word.Look(9.5)
    word.table(made, grid["columns"], grid["rows"], shares, look, total=total, middle=middle)
    space(made)


def write_passage(made: Document, passage: Passage, *, last_stays: bool = False) -> None:
    """Free text under its heading, if there is any."""
    if passage["paragraphs"]:
        write_heading(made, passage["heading"], 1)
        write_paragraphs(made, passage["paragraphs"], last_stays=last_stays)


def write_paragraphs(made: Document, texts: Sequence[str], *, last_stays: bool = False) -> None:
    """Paragraphs that begin with an indent; the last one may have to stay with what follows."""
    for place, text in enumerate(texts, start=1):
        keep = last_stays and place == len(texts)
        word.paragraph(made, text, shape=word.Shape(before=2, indent=10, keep=keep))


def write_heading(made: Document, text: str, level: int) -> Paragraph:
    """A heading with as much room around it as in the PDF."""
    head = word.heading(made, text, level)
    head.paragraph_format.space_before, head.paragraph_format.space_after = Pt(12), Pt(3)
    return head


def write_turn(made: Document, number: str, title: str, reference: str) -> None:
    """The heading of an item: its number, what it is, and small its reference."""
    head = write_heading(made, numbered(number, title), 3)
    if reference:
        word.run(head, f"   {reference}", SMALL)


def numbered(number: str, text: str) -> str:
    """The text behind its number, if it has one."""
    return f"{number}. {text}" if number else text


def space(made: Document, *, keep: bool = False) -> None:
    """Some white below a table, which has none of its own."""
    word.paragraph(made, "", word.Look(4), word.Shape(after=0, keep=keep))


def _write_head(made: Document, head: Head) -> None:
    word.paragraph(made, head["kingdom"], NAMES, MIDDLE)
    word.paragraph(made, head["motto"], NAMES, MIDDLE)
    word.rule(made, inset=66)
    for body in head["bodies"]:
        word.paragraph(made, body, HEADS, word.Shape(after=0, keep=True))
    if head["number"]:
        word.paragraph(made, head["number"], shape=word.Shape(keep=True))
