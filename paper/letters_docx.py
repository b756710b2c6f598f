"""Official letters as Word documents."""

from docx.document import Document

from paper import docx as word
from paper.letters import Letter, Part
from paper.official import Labelled

NAMES, SMALL = word.Look(13, head=True), word.Look(8.5)
ROOM_TO_SIGN = 76  # points, for hand and stamp


def written(letter: Letter) -> bytes:
    """The letter as Word document, to change before it is signed."""
    first = letter["parts"][0]
    made = word.document(first["title"])
    for place, part in enumerate(letter["parts"]):
        _write(made, part, letter["address"], signed=place == 0)
    word.page_count(made, [part["page_of"] for part in letter["parts"]])
    return word.to_bytes(made)


def _write(made: Document, part: Part, address: str, *, signed: bool) -> None:
    _write_head(made, part, begins_page=not signed)
    word.labelled(
        made,
        [_pair(one) for one in (part["addressee"], part["subject"], *part["references"])],
    )
    _write_paragraphs(made, part["paragraphs"])
    if part["facts"]:
        word.labelled(made, [_pair(fact) for fact in part["facts"]], bordered=True)
    _write_paragraphs(made, part["closing"])
    _write_end(made, part, address, signed=signed)


def _write_head(made: Document, part: Part, *, begins_page: bool) -> None:
    head = part["head"]
    names = word.Shape(align="center", after=0, keep=True)
    kingdom = word.paragraph(made, head["kingdom"], NAMES, names)
    kingdom.paragraph_format.page_break_before = begins_page
    word.paragraph(made, head["motto"], NAMES, names)
    word.rule(made, inset=66)
    for body in head["bodies"]:
        word.paragraph(made, body, word.Look(head=True), word.Shape(after=0, keep=True))
    if head["number"]:
        word.paragraph(made, head["number"], shape=word.Shape(keep=True))
    word.heading(made, part["title"], 0)
    if part["note"]:
        word.paragraph(made, part["note"], SMALL, word.Shape(align="center", keep=True))


def _write_paragraphs(made: Document, texts: list[str]) -> None:
    for text in texts:
        word.paragraph(made, text, shape=word.Shape(before=4, indent=10))


def _write_end(made: Document, part: Part, address: str, *, signed: bool) -> None:
    """At the left the QR code and who gets a copy, at the right who signs."""
    word.paragraph(made, "", SMALL, word.Shape(after=0, keep=True))
    left, right = word.columns(made, [66, word.width_of(made) - 66])
    if address:
        word.code(left, address, part["qr_title"])
        for line in (part["qr_title"], *part["qr_lines"]):
            word.paragraph(left, line, SMALL, word.Shape(after=1))
    for copies in part["copies"]:
        for line in (copies["label"], *copies["lines"]):
            word.paragraph(left, line, SMALL, word.Shape(after=0))
    signature, center = part["signature"], word.Shape(align="center", before=1)
    for date in signature["dates"]:
        word.paragraph(right, date, shape=center)
    word.paragraph(right, signature["role"], word.Look(head=True), center)
    room = ROOM_TO_SIGN if signed else 20
    word.paragraph(right, signature["name"], word.BOLD, center._replace(before=room))


def _pair(one: Labelled) -> tuple[str, list[str]]:
    return one["label"], one["lines"]
