"""The blocks of Word documents: what Khmer needs stands on every style and run."""

import io
import zipfile

import docx
import pytest
import segno
from docx.oxml.ns import qn

from paper import docx as word
from paper import letters
from tests.paper.samples import LETTER

FONTS = {"ascii", "hAnsi", "eastAsia", "cs"}


def reopened(made):
    return docx.Document(io.BytesIO(word.to_bytes(made)))


def every_block():
    """A document with each block in it."""
    made = word.document("កំណត់ហេតុ")
    word.heading(made, "កំណត់ហេតុ", 0)
    for level in (1, 2, 3):
        word.heading(made, "ចំណុចទី១", level)
    word.paragraph(made, "សេចក្ដី", word.Look(12, bold=True), word.Shape(indent=10))
    word.right(made, ["ថ្ងៃចន្ទ", "Monday"])
    word.rule(made, inset=60)
    word.labelled(made, [("ទីកន្លែង", ["សាលាខេត្ត", "បានលុង"])], bordered=True)
    word.table(made, ["ល.រ", "ឈ្មោះ"], [["១", "ក"], ["២", "ខ"]], [20, 100])
    word.code(word.columns(made, [60, 60])[0], "https://vedika.example/", "QR")
    word.page_count(made, ["ទំព័រ {page} នៃ {pages}", "Page {page} of {pages}"])
    return made


def properties_in(made):
    """What each run says of its look, in body and footer."""
    roots = [made.element.body, made.sections[0].footer._element]
    return [run.rPr for root in roots for run in root.iter(qn("w:r"))]


def value(properties, tag, name="val"):
    found = properties.find(qn(f"w:{tag}"))
    return None if found is None else found.get(qn(f"w:{name}"), "on")


def assert_speaks_khmer(properties):
    """Fonts and language of complex scripts are named; size and weight come in pairs."""
    fonts = properties.find(qn("w:rFonts"))
    assert {name.split("}")[1] for name in fonts.attrib} == FONTS
    assert fonts.get(qn("w:cs")) in {word.KHMER, word.KHMER_HEAD}
    assert fonts.get(qn("w:ascii")) == fonts.get(qn("w:hAnsi")) == word.LATIN
    assert value(properties, "lang", "bidi") == "km-KH"
    assert value(properties, "sz") == value(properties, "szCs")
    is_head = fonts.get(qn("w:cs")) == word.KHMER_HEAD  # heavy by itself
    assert value(properties, "bCs") == ("0" if is_head else value(properties, "b"))


@pytest.mark.parametrize(
    "make", [lambda: word.to_bytes(every_block()), lambda: letters.docx(LETTER)]
)
def test_every_run_speaks_khmer(make):
    runs = properties_in(docx.Document(io.BytesIO(make())))

    assert len(runs) > 20
    for properties in runs:
        assert_speaks_khmer(properties)


def test_every_style_speaks_khmer_and_none_asks_the_theme():
    made = reopened(word.document("Minutes"))
    defaults = next(made.styles.element.iter(qn("w:rPrDefault")))

    for properties in [defaults[0], *(made.styles[name].element.rPr for name in word.STYLES)]:
        assert_speaks_khmer(properties)
    fonts = [set(one.attrib) for one in made.styles.element.iter(qn("w:rFonts"))]
    assert all(names == {qn(f"w:{name}") for name in FONTS} for names in fonts)
    assert made.settings.element.find(qn("w:themeFontLang")).get(qn("w:bidi")) == "km-KH"


def test_properties_stand_in_the_order_of_the_schema():
    order = [qn(f"w:{tag}") for tag in ("rFonts", "b", "bCs", "sz", "szCs", "lang")]

    for properties in properties_in(every_block()):
        tags = [part.tag for part in properties]
        assert tags == sorted(tags, key=order.index)


def test_document_names_nobody_and_no_time():
    made = every_block()
    with zipfile.ZipFile(io.BytesIO(word.to_bytes(made))) as file:
        assert {one.date_time for one in file.infolist()} == {word.STAMP}

    facts = reopened(made).core_properties
    assert [(one.tag.split("}")[1], one.text) for one in facts._element] == [("title", "កំណត់ហេតុ")]
    assert word.to_bytes(made) == word.to_bytes(every_block())


def test_table_repeats_its_head_and_tears_no_row():
    made = word.document("Table")
    word.table(made, ["No.", "Name"], [["1", "A"], ["2", "B"]], [20, 100])

    grid = reopened(made).tables[0]
    marks = [[mark.tag.split("}")[1] for mark in row._tr.trPr] for row in grid.rows]
    assert marks == [["cantSplit", "tblHeader"], ["cantSplit"], ["cantSplit"]]
    assert [[cell.text for cell in row.cells] for row in grid.rows] == [
        ["No.", "Name"],
        ["1", "A"],
        ["2", "B"],
    ]
    assert (grid.style.name, [round(cell.width.mm) for cell in grid.rows[1].cells]) == (
        "Table Grid",
        [20, 100],
    )


def test_facts_stand_line_by_line_beside_their_label():
    made = word.document("Facts")
    word.labelled(made, [("Venue", ["Hall", "Ban Lung"]), ("Seats", [])])

    cells = [[cell.text for cell in row.cells] for row in reopened(made).tables[0].rows]
    assert cells == [["Venue", "Hall\nBan Lung"], ["Seats", ""]]


def test_footer_counts_pages_in_each_language():
    made = word.document("Minutes")
    word.page_count(made, ["ទំព័រ {page} នៃ {pages}", "Page {page} of {pages}"])

    foot = reopened(made).sections[0].footer._element
    fields = [one.get(qn("w:instr")) for one in foot.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES", "PAGE", "NUMPAGES"]
    assert "".join(foot.itertext(qn("w:t"))) == "ទំព័រ 1 នៃ 1    Page 1 of 1"


@pytest.mark.parametrize(("landscape", "sides"), [(False, (210, 297)), (True, (297, 210))])
def test_document_is_on_a4(landscape, sides):
    made = word.document("Minutes", landscape=landscape)

    page = reopened(made).sections[0]
    assert (round(page.page_width.mm), round(page.page_height.mm)) == sides
    assert round(word.width_of(made)) == sides[0] - 44


def test_code_is_a_picture_read_aloud_by_its_title():
    made = word.document("Code")
    word.code(made, "https://vedika.example/", "The page", width=20)

    drawn = reopened(made).inline_shapes[0]
    size = segno.make_qr("https://vedika.example/", error="m").symbol_size(border=0)
    picture = drawn._inline.graphic.graphicData.pic.blipFill.blip.embed
    made_of = made.part.related_parts[picture].image
    assert (made_of.px_width, made_of.px_height) == (size[0] * 8, size[1] * 8)
    assert (drawn._inline.docPr.get("descr"), round(drawn.width.mm)) == ("The page", 20)


def test_signs_that_xml_may_not_hold_are_left_out():
    made = word.document("Bell\u0007")
    word.paragraph(made, "A\u0007B\ud800C")

    again = reopened(made)
    assert (again.core_properties.title, again.paragraphs[0].text) == ("Bell", "ABC")
