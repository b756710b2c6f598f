"""Word documents in Khmer: the few blocks that official papers are built of.

Word and LibreOffice set Khmer by its own names: without the font, size, weight and language of
*complex scripts*, on styles and on each run that sets a font, Khmer breaks visibly. Whoever
builds with these blocks alone cannot forget them; the document never names who made it, or when.
"""

import io
import re
import zipfile
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import docx
from docx.blkcntnr import BlockItemContainer
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from paper import qr

KHMER = "Khmer OS Siemreap"  # what offices write in
KHMER_HEAD = "Khmer OS Muol Light"  # the round letters of names and titles on official papers
LATIN = "Times New Roman"
TONGUES = {"val": "en-GB", "eastAsia": "en-GB", "bidi": "km-KH"}
SIZE = 11.0  # points
ALIGNMENTS = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
STAMP = (1980, 1, 1, 0, 0, 0)  # of every file inside: the same bytes for the same data
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Place = Document | BlockItemContainer


class Look(NamedTuple):
    """How a run or a style looks: size in points, and whether in the letters of a head."""

    size: float | None = None
    bold: bool = False
    head: bool = False


class Shape(NamedTuple):
    """How a paragraph stands: where its lines begin, and its room, in points (indent in mm)."""

    align: str = "left"
    before: float = 0
    after: float = 3
    indent: float = 0
    keep: bool = False  # on one page with what follows


PLAIN, BOLD = Look(), Look(bold=True)
FLOWING = Shape()
PLAIN_TABLE = "Normal Table"
STYLES = {
    "Normal": Look(SIZE),
    "Header": Look(8.5),
    "Footer": Look(8.5),
    "Title": Look(15, head=True),
    "Heading 1": Look(13, bold=True),
    "Heading 2": Look(12, bold=True),
    "Heading 3": Look(SIZE, bold=True),
    "Table Grid": Look(SIZE),
}


# --- the document ---------------------------------------------------------------------------
def document(title: str, *, landscape: bool = False, margin: float = 22) -> Document:
    """An empty A4 document of this title, ready for Khmer; the margins at its sides in mm."""
    made = docx.Document()
    _set_fonts(made)
    _set_page(made, landscape, margin)
    facts = made.core_properties
    for fact in list(facts._element):
        facts._element.remove(fact)
    facts.title = _clean(title)
    return made


def to_bytes(made: Document) -> bytes:
    """The document as file, the same bytes for the same content."""
    written, even = io.BytesIO(), io.BytesIO()
    made.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(even, "w") as target:
        for name in source.namelist():
            file = zipfile.ZipInfo(name, STAMP)
            target.writestr(file, source.read(name), zipfile.ZIP_DEFLATED)
    return even.getvalue()


def width_of(made: Document) -> float:
    """The room between the margins in mm."""
    page = made.sections[0]
    room = (page.page_width or 0) - (page.left_margin or 0) - (page.right_margin or 0)
    return room / Mm(1)


# --- text -----------------------------------------------------------------------------------
def paragraph(place: Place, text: str, look: Look = PLAIN, shape: Shape = FLOWING) -> Paragraph:
    """A paragraph of one run; in a new cell it takes the place of the empty one there."""
    made = _empty_in(place) or place.add_paragraph()
    made.alignment = ALIGNMENTS[shape.align]
    layout = made.paragraph_format
    layout.space_before, layout.space_after = Pt(shape.before), Pt(shape.after)
    layout.first_line_indent = Mm(shape.indent)
    layout.keep_with_next = shape.keep
    run(made, text, look)
    _dress_end(made, look)
    return made


def run(made: Paragraph, text: str, look: Look = PLAIN) -> None:
    """Add text to a paragraph, with all that Khmer needs on the run itself."""
    piece = made.add_run(_clean(text))
    _dress(piece._r.get_or_add_rPr(), look)


def heading(made: Document, text: str, level: int) -> Paragraph:
    """A heading of level 1 to 3, or 0 for the title; it stays with what follows."""
    name = f"Heading {level}" if level else "Title"
    head = made.add_paragraph(style=name)
    head.alignment = ALIGNMENTS["left" if level else "center"]
    head.paragraph_format.keep_with_next = True
    run(head, text, STYLES[name])
    return head


def right(place: Place, lines: Iterable[str], look: Look = PLAIN) -> None:
    """Lines that end at the right margin, one below the other, kept together."""
    for line in lines:
        paragraph(place, line, look, Shape(align="right", after=1, keep=True))


def rule(place: Place, *, inset: float = 0, before: float = 0) -> Paragraph:
    """A line across the page, or a short one with ``inset`` mm free at both sides."""
    made = paragraph(place, "", Look(4), Shape(before=before, keep=True))
    made.paragraph_format.left_indent = made.paragraph_format.right_indent = Mm(inset)
    line = _element("w:bottom", val="single", sz="6", space="1", color="404040")
    _draw_borders(made, [line])
    return made


def mark(made: Document, text: str) -> None:
    """A word at the top of each page, in a frame: that this is a draft."""
    head = paragraph(
        made.sections[0].header, text, Look(12, bold=True), Shape(align="center", after=6)
    )
    head.paragraph_format.left_indent = head.paragraph_format.right_indent = Mm(62)
    sides = ("top", "left", "bottom", "right")
    _draw_borders(head, [_element(f"w:{side}", val="single", sz="10", space="1") for side in sides])


# --- tables ---------------------------------------------------------------------------------
def columns(made: Document, widths: Sequence[float]) -> list[_Cell]:
    """Cells side by side without borders, of these widths in mm, never torn between pages."""
    grid = _table(made, 1, widths, PLAIN_TABLE)
    _keep_whole(grid)
    return list(grid.rows[0].cells)


def labelled(
    made: Document,
    pairs: Sequence[tuple[str, Sequence[str]]],
    *,
    label: float = 32,
    bordered: bool = False,
) -> Table:
    """Facts: a bold label of this width in mm, beside it its lines."""
    widths = [label, width_of(made) - label]
    grid = _table(made, len(pairs), widths, "Table Grid" if bordered else PLAIN_TABLE)
    for (left, beside), (name, lines) in zip(_cells(grid), pairs, strict=True):
        _fill(left, [name], BOLD)
        _fill(beside, lines, PLAIN)
    _keep_whole(grid)
    return grid


def table(
    made: Document,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    look: Look = PLAIN,
    *,
    total: Sequence[str] = (),
    middle: Collection[int] = (),
) -> Table:
    """A table with borders, whose head stands again on each page; widths in mm.

    ``total`` is a last bold row; the columns of ``middle``, counted from 0, stand in the middle.
    """
    lines = [head, *rows, *([total] if total else [])]
    grid = _table(made, len(lines), widths, "Table Grid")
    for cells, texts in zip(_cells(grid), lines, strict=True):
        is_bold = texts is head or texts is total
        for place, (cell, text) in enumerate(zip(cells, texts, strict=True)):
            align = "center" if place in middle else "left"
            _fill(cell, [text], look._replace(bold=True) if is_bold else look, align)
    grid.rows[0]._tr.get_or_add_trPr().append(_element("w:tblHeader"))
    _keep_whole(grid)
    return grid


# --- pictures and fields --------------------------------------------------------------------
def picture(place: Place, png: bytes, title: str, width: float) -> Paragraph:
    """A picture of this width in mm, read aloud by its title."""
    made = paragraph(place, "")
    drawn = made.runs[0].add_picture(io.BytesIO(png), width=Mm(width))
    drawn._inline.docPr.set("descr", _clean(title))
    for side in ("distT", "distB", "distL", "distR"):
        drawn._inline.set(side, "0")
    return made


def code(place: Place, text: str, title: str, width: float = 24) -> Paragraph:
    """The QR code of the text, with white paper around it if the place leaves some."""
    return picture(place, qr.png(text), title, width)


def page_count(made: Document, words: Sequence[str]) -> None:
    """In the footer "Page {page} of {pages}", in each language; Word counts in ASCII figures."""
    foot = paragraph(made.sections[0].footer, "", shape=Shape(align="center"))
    for piece in re.split(r"(\{pages?\})", "    ".join(words)):
        name = {"{page}": "PAGE", "{pages}": "NUMPAGES"}.get(piece)
        if name:
            _add_field(foot, name)
        else:
            run(foot, piece, STYLES["Footer"])


# --- what Khmer needs -----------------------------------------------------------------------
def _dress(properties: BaseOxmlElement, look: Look) -> None:
    """Fill the empty properties of a run or style, in the order that the schema asks for."""
    khmer = KHMER_HEAD if look.head else KHMER
    parts = [_element("w:rFonts", ascii=LATIN, hAnsi=LATIN, eastAsia=LATIN, cs=khmer)]
    if look.bold:
        parts += [_element("w:b"), _element("w:bCs")]
    elif look.head:  # its Khmer letters are heavy by themselves
        parts += [_element("w:b"), _element("w:bCs", val="0")]
    if look.size:
        halves = str(round(look.size * 2))
        parts += [_element("w:sz", val=halves), _element("w:szCs", val=halves)]
    for part in [*parts, _element("w:lang", **TONGUES)]:
        properties.append(part)


def _dress_end(made: Paragraph, look: Look) -> None:
    """Dress the mark that ends a paragraph: an empty one is as high as its mark."""
    mark = OxmlElement("w:rPr")
    _dress(mark, look)
    made._p.get_or_add_pPr().append(mark)


def _set_fonts(made: Document) -> None:
    """Dress the styles used here; let no other name a font of the theme, which has no Khmer."""
    styles = made.styles.element
    for properties in styles.iter(qn("w:rPr")):
        for tag in ("w:rFonts", "w:sz", "w:szCs", "w:lang", "w:b", "w:bCs", "w:color", "w:kern"):
            for part in properties.findall(qn(tag)):
                properties.remove(part)
    _dress(next(styles.iter(qn("w:rPrDefault")))[0], Look(SIZE))
    for name, look in STYLES.items():
        style = made.styles[name].element
        for old in style.findall(qn("w:rPr")):
            style.remove(old)
        _dress(style.get_or_add_rPr(), look)
    made.styles["Normal"].paragraph_format.line_spacing = 1.0  # Khmer fonts are high enough
    for border in made.styles["Title"].element.findall(f".//{qn('w:pBdr')}"):
        border.getparent().remove(border)
    made.settings.element.find(qn("w:themeFontLang")).attrib.update(
        {qn("w:val"): TONGUES["val"], qn("w:bidi"): TONGUES["bidi"]}
    )


def _set_page(made: Document, landscape: bool, margin: float) -> None:
    page = made.sections[0]
    sides = (Mm(297), Mm(210)) if landscape else (Mm(210), Mm(297))
    page.page_width, page.page_height = sides
    page.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    page.left_margin = page.right_margin = Mm(margin)
    page.top_margin, page.bottom_margin = Mm(15), Mm(17)
    page.header_distance = page.footer_distance = Mm(9)


def _draw_borders(made: Paragraph, lines: Sequence[BaseOxmlElement]) -> None:
    borders = OxmlElement("w:pBdr")
    for line in lines:
        borders.append(line)
    made._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _element(tag: str, **values: str) -> BaseOxmlElement:
    made = OxmlElement(tag)
    for name, value in values.items():
        made.set(qn(f"w:{name}"), value)
    return made


def _clean(text: str) -> str:
    """Without the signs that XML may not hold."""
    return NOT_IN_XML.sub("", text)


def _empty_in(place: Place) -> Paragraph | None:
    """The paragraph that a cell or footer is born with, as long as nothing stands in it."""
    if isinstance(place, Document) or len(place.paragraphs) != 1:
        return None
    only = place.paragraphs[0]
    return None if only.runs else only


def _table(made: Document, rows: int, widths: Sequence[float], style: str) -> Table:
    """An empty table; each cell has its width, which LibreOffice asks for."""
    grid: Table = made.add_table(rows, len(widths), style)
    grid.alignment, grid.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = Mm(width)
    for cells in _cells(grid):
        for cell, width in zip(cells, widths, strict=True):
            cell.width = Mm(width)
    if style == PLAIN_TABLE:
        _align_to_text(grid)
    return grid


def _align_to_text(grid: Table) -> None:
    """Let a table without borders begin where paragraphs do."""
    margins = OxmlElement("w:tblCellMar")
    margins.append(_element("w:left", w="0", type="dxa"))
    margins.append(_element("w:right", w="108", type="dxa"))
    properties = grid._tbl.tblPr
    properties.insert_element_before(margins, "w:tblLook", "w:tblCaption", "w:tblDescription")


def _cells(grid: Table) -> list[list[_Cell]]:
    """The cells row by row, found once: python-docx searches all of them for each row."""
    breadth, cells = len(grid.columns), grid._cells
    return [cells[at : at + breadth] for at in range(0, len(cells), breadth)]


def _fill(cell: _Cell, lines: Sequence[str], look: Look, align: str = "left") -> None:
    for line in lines or [""]:
        paragraph(cell, line, look, Shape(align, before=1, after=1))


def _keep_whole(grid: Table) -> None:
    """No row is torn between two pages."""
    for row in grid._tbl.tr_lst:
        row.get_or_add_trPr().insert(0, _element("w:cantSplit"))


def _add_field(made: Paragraph, name: str) -> None:
    """A number that Word counts itself."""
    run(made, "1", STYLES["Footer"])
    field = _element("w:fldSimple", instr=name)
    number = made.runs[-1]._r
    number.addprevious(field)
    field.append(number)
