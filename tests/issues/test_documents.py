"""What is kept of a Word document."""

import io
import re
import zipfile

import pytest
from defusedxml import ElementTree
from django.core.exceptions import ValidationError
from PIL import Image

from issues import documents, files, wordml
from issues.models import Evidence
from tests.issues.test_files import geotagged, photo

SECRET = "Bousra"  # what no kept byte may tell
OFFICE = documents.RELATIONSHIPS
MICROSOFT = "http://schemas.microsoft.com/office"
ALL = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in wordml.NAMESPACES.items())
ALL += f' xmlns:w14="{MICROSOFT}/word/2010/wordml"'
ALL += f' xmlns:wp14="{MICROSOFT}/word/2010/wordprocessingDrawing"'
EXTERNAL = 'TargetMode="External"'


def rows_of(*rows) -> str:
    """A part of relationships: id, kind, target, more."""
    told = "".join(
        f'<Relationship Id="{one}" Type="{OFFICE}/{kind}" Target="{target}" {" ".join(more)}/>'
        for one, kind, target, *more in rows
    )
    return f'<Relationships xmlns="{documents.PACKAGE}/relationships">{told}</Relationships>'


def body(inside: str, root: str = "w:document") -> str:
    words = f"<w:body>{inside}</w:body>" if root == "w:document" else inside
    return f'<{root} {ALL} mc:Ignorable="w14 wp14"><!-- Bousra -->{words}</{root}>'


def paragraph(words: str) -> str:
    return f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>"


def packed(entries: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in entries.items():
            target.writestr(name, content)
    return out.getvalue()


def docx(
    inside: str = "", *rows, main: str = documents.PARTS["officeDocument"][1], **more
) -> bytes:
    """A document with this body and these relationships; ``more`` are parts, ``__`` for ``/``."""
    types = (
        f'<Types xmlns="{documents.PACKAGE}/content-types">'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
    )
    entries = {
        "[Content_Types].xml": types,
        "_rels/.rels": rows_of(
            ("rId1", "officeDocument", "word/document.xml"),
            ("rId2", "extended-properties", "docProps/app.xml"),
        ),
        "docProps/app.xml": "<Properties><Company>Bousra</Company></Properties>",
        "docProps/core.xml": "<coreProperties><creator>Bousra</creator></coreProperties>",
        "word/document.xml": body(inside),
        "word/_rels/document.xml.rels": rows_of(*rows),
    }
    parts = {name.replace("__", "/").replace("_dot_", "."): part for name, part in more.items()}
    return packed(entries | parts)


def keep(content: bytes) -> files.Kept:
    return files.keep(io.BytesIO(content), len(content))


def code_of(content: bytes) -> str:
    with pytest.raises(ValidationError) as raised:
        keep(content)
    return raised.value.code


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def kept_body(inside: str, *rows, **more) -> str:
    """The body as it is kept, without the declarations of its root."""
    kept = parts_of(keep(docx(inside, *rows, **more)).content)["word/document.xml"].decode()
    return re.search(r"<w:body>(.*)</w:body>|<w:body />", kept, re.DOTALL)[1] or ""


PICTURE = (
    '<w:p><w:r><w:drawing><wp:inline><wp:docPr id="1" name="Bousra.jpg" descr="C:\\Bousra.jpg"/>'
    '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
    '<pic:pic><pic:nvPicPr><pic:cNvPr id="1" name="Bousra.jpg" descr="Bousra"/></pic:nvPicPr>'
    '<pic:blipFill><a:blip r:embed="rId7"><a:extLst><a:ext uri="{Bousra}"/></a:extLst></a:blip>'
    "</pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
)
TELLING = (
    '<w:p w:rsidR="00B0054A" w14:paraId="Bousra"><w:pPr><w:rPr>'
    '<w:ins w:id="1" w:author="Bousra" w:date="2026-03-01T00:00:00Z"/></w:rPr>'
    '<w:pPrChange w:author="Bousra"><w:pPr/></w:pPrChange></w:pPr>'
    '<w:ins w:id="2" w:author="Bousra"><w:r><w:t xml:space="preserve">The road </w:t></w:r></w:ins>'
    '<w:del w:author="Bousra"><w:r><w:delText>of Bousra </w:delText></w:r></w:del>'
    '<w:commentRangeStart w:id="1"/><w:r><w:t>is broken.</w:t></w:r><w:commentRangeEnd w:id="1"/>'
    '<w:r><w:commentReference w:id="1"/></w:r>'
    '<w:smartTag w:uri="Bousra" w:element="place"><w:smartTagPr/><w:r><w:t> Long</w:t></w:r>'
    "</w:smartTag></w:p>"
    '<w:sdt><w:sdtPr><w:alias w:val="Bousra"/><w:dataBinding w:xpath="Bousra"/></w:sdtPr>'
    f"<w:sdtContent>{paragraph('ago.')}</w:sdtContent></w:sdt>"
    '<w:p><w:hyperlink r:id="rId8"><w:r><w:t>a page</w:t></w:r></w:hyperlink>'
    '<w:hyperlink r:id="rId9"><w:r><w:t>a file</w:t></w:r></w:hyperlink></w:p>'
    f"{PICTURE}"
    '<w:sectPr w:rsidR="00B0054A"><w:headerReference w:type="default" r:id="rId10"/>'
    '<w:footerReference w:type="default" r:id="rId11"/><w:printerSettings r:id="rId12"/>'
    '<w:pgSz w:w="11906" w:h="16838"/></w:sectPr>'
)
ROWS = (
    ("rId1", "styles", "styles.xml"),
    ("rId2", "settings", "/word/settings.xml"),
    ("rId3", "comments", "comments.xml"),
    ("rId4", "people", "people.xml"),
    ("rId5", "customXml", "../customXml/item1.xml"),
    ("rId6", "fontTable", "fontTable.xml"),
    ("rId7", "image", "media/Bousra.jpg"),
    ("rId8", "hyperlink", "https://example.org/?a=1&amp;b=2", EXTERNAL),
    ("rId9", "hyperlink", "file:///C:/Bousra/letter.docx", EXTERNAL),
    ("rId10", "header", "header1.xml"),
    ("rId12", "printerSettings", "printerSettings/Bousra.bin"),
)


def telling() -> bytes:
    settings = (
        '<w:attachedTemplate r:id="rId1"/><w:rsids><w:rsidRoot w:val="00B0054A"/></w:rsids>'
        '<w:docVars><w:docVar w:name="a" w:val="Bousra"/></w:docVars><w:trackRevisions/>'
        '<w:defaultTabStop w:val="720"/>'
    )
    fonts = '<w:font w:name="Khmer OS"><w:embedRegular r:id="rId1"/></w:font>'
    return docx(
        TELLING,
        *ROWS,
        **{
            "word/styles.xml": body(
                '<w:style w:type="paragraph"><w:rsid w:val="1"/></w:style>', "w:styles"
            ),
            "word/settings.xml": body(settings, "w:settings"),
            "word/_rels/settings.xml.rels": rows_of(
                ("rId1", "attachedTemplate", "file:///C:/Bousra.dotx", EXTERNAL)
            ),
            "word/fontTable.xml": body(fonts, "w:fonts"),
            "word/comments.xml": "<w>Bousra</w>",
            "word/people.xml": "<w>Bousra</w>",
            "customXml/item1.xml": "<w>Bousra</w>",
            "word/printerSettings/Bousra.bin": b"Bousra",
            "word/media/Bousra.jpg": geotagged(),
            "word/header1.xml": body(PICTURE + paragraph("Header"), "w:hdr"),
            "word/_rels/header1.xml.rels": rows_of(("rId7", "image", "media/Bousra.jpg")),
        },
    )


def test_keep_takes_what_tells_of_people_from_every_part_of_a_word_document():
    content = telling()
    assert sum(part.count(SECRET.encode()) for part in parts_of(content).values()) > 25

    kept = keep(content)

    parts = parts_of(kept.content)
    assert (kept.kind, kept.thumbnail) == (Evidence.Kind.DOCX, None)
    assert list(parts) == [
        "[Content_Types].xml",
        "_rels/.rels",
        "word/fontTable1.xml",
        "word/settings2.xml",
        "word/styles3.xml",
        "word/media/image1.jpg",
        "word/header4.xml",
        "word/_rels/header4.xml.rels",
        "word/document.xml",
        "word/_rels/document.xml.rels",
    ]
    for name, part in parts.items():
        for forbidden in (b"Bousra", b"rsid", b"author", b"file:", b"delText", b"2026", b"w14"):
            assert forbidden not in part, (name, forbidden)
    with zipfile.ZipFile(io.BytesIO(kept.content)) as opened:
        assert {one.date_time for one in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_keep_leaves_words_links_pages_and_photos_of_a_word_document():
    parts = parts_of(keep(telling()).content)
    tree = ElementTree.fromstring(parts["word/document.xml"])

    assert "".join(tree.itertext()) == "The road is broken. Longago.a pagea file"
    links = ElementTree.fromstring(parts["word/_rels/document.xml.rels"])
    assert [
        (
            one.get("Id"),
            one.get("Type").rpartition("/")[2],
            one.get("Target"),
            one.get("TargetMode"),
        )
        for one in links
    ] == [
        ("rId1", "fontTable", "fontTable1.xml", None),
        ("rId2", "settings", "settings2.xml", None),
        ("rId3", "styles", "styles3.xml", None),
        ("rId4", "hyperlink", "https://example.org/?a=1&b=2", "External"),
        ("rId5", "image", "media/image1.jpg", None),
        ("rId6", "header", "header4.xml", None),
    ]
    asked = re.findall(rb'r:(?:id|embed)="(\w+)"', parts["word/document.xml"])
    assert asked == [b"rId4", b"rId5", b"rId6"]
    assert b"<w:footerReference" not in parts["word/document.xml"]
    with Image.open(io.BytesIO(parts["word/media/image1.jpg"])) as picture:
        assert (picture.format, picture.size, dict(picture.getexif())) == ("JPEG", (64, 48), {})
    assert b'<w:defaultTabStop w:val="720"' in parts["word/settings2.xml"]


def test_keep_names_the_type_of_every_part_of_a_word_document():
    parts = parts_of(keep(telling()).content)
    types = ElementTree.fromstring(parts["[Content_Types].xml"])

    named = {
        one.get("PartName", one.get("Extension")): one.get("ContentType").rpartition(".")[2]
        for one in types
    }
    assert named == {
        "rels": "relationships+xml",
        "jpg": "image/jpeg",
        "/word/fontTable1.xml": "fontTable+xml",
        "/word/settings2.xml": "settings+xml",
        "/word/styles3.xml": "styles+xml",
        "/word/header4.xml": "header+xml",
        "/word/document.xml": "main+xml",
    }
    for name, part in parts.items():
        if not name.endswith(".jpg"):
            ElementTree.fromstring(part)


def test_keep_gives_the_same_bytes_for_the_same_word_document():
    assert keep(telling()).digest == keep(telling()).digest


def test_keep_cleans_a_word_document_that_is_clean_already():
    once = keep(telling()).content

    assert keep(once).content == once


def test_keep_accepts_the_changes_that_were_tracked_in_a_table():
    cell = "<w:tc>" + paragraph("{}") + "</w:tc>"
    rows = (
        "<w:tbl><w:tr><w:trPr><w:del w:author='Bousra'/></w:trPr>" + cell.format("gone") + "</w:tr>"
        "<w:tr><w:trPr><w:ins w:author='Bousra'/></w:trPr>" + cell.format("new") + "</w:tr></w:tbl>"
        "<w:tbl><w:tr><w:trPr><w:del/></w:trPr>" + cell.format("gone") + "</w:tr></w:tbl>"
        "<w:p><w:moveFrom w:author='Bousra'><w:r><w:t>gone</w:t></w:r></w:moveFrom>"
        "<w:moveTo w:author='Bousra'><w:r><w:t>moved</w:t></w:r></w:moveTo></w:p>"
    )

    assert kept_body(rows) == (
        "<w:tbl><w:tr><w:trPr /><w:tc>"
        + paragraph("new")
        + "</w:tc></w:tr></w:tbl>"
        + paragraph("moved")
    )


def field(words: str, result: str = "result") -> str:
    half = len(words) // 2
    return (
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData/></w:fldChar></w:r>'
        f"<w:r><w:instrText>{words[:half]}</w:instrText></w:r>"
        f"<w:r><w:instrText>{words[half:]}</w:instrText></w:r>"
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        f'<w:r><w:t>{result}</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


@pytest.mark.parametrize(
    "words",
    [
        ' INCLUDEPICTURE "http://example.org/Bousra.png" ',
        " DDEAUTO cmd Bousra ",
        " FILENAME \\p ",
        " AUTHOR ",
        ' HYPERLINK "file:///C:/Bousra" ',
        " MACROBUTTON Bousra ",
        "",
    ],
)
def test_keep_leaves_only_the_result_of_a_field_that_asks_for_something_outside(words):
    inside = field(words, "")
    simple = f"<w:p><w:fldSimple w:instr='{words}'><w:r><w:t>result</w:t></w:r></w:fldSimple></w:p>"

    kept = kept_body(f"<w:p>{field(words, 'result')}</w:p>{simple}<w:p>{inside}</w:p>")

    assert "instr" not in kept
    assert "fldChar" not in kept
    assert kept.count("<w:t>result</w:t>") == 2


@pytest.mark.parametrize(
    "words", [" PAGE ", ' TOC \\o "1-3" ', ' HYPERLINK "https://example.org" ']
)
def test_keep_leaves_fields_that_ask_for_nothing_outside(words):
    inner = field(" AUTHOR ", field(words))

    kept = kept_body(f"<w:p>{inner}</w:p>")

    assert "".join(re.findall("<w:instrText>(.*?)</w:instrText>", kept)) == words
    assert re.findall('fldCharType="(.*?)"', kept) == ["begin", "separate", "end"]


def test_keep_takes_out_a_field_that_never_ends():
    kept = kept_body(
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>PAGE</w:instrText></w:r></w:p>'
    )

    assert kept == "<w:p><w:r /></w:p>"


def text_box(extra: str = "") -> str:
    words = f"<w:txbxContent>{paragraph('new')}</w:txbxContent>"
    shape = f"<wps:wsp>{extra}<wps:txbx>{words}</wps:txbx></wps:wsp>"
    old = (
        '<w:pict><v:shape id="Bousra" alt="Bousra" style="width:9pt" o:gfxdata="Bousra">'
        f"<v:textbox><w:txbxContent>{paragraph('old')}</w:txbxContent></v:textbox></v:shape></w:pict>"
    )
    return (
        '<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>'
        f"<wp:anchor><wp14:sizeRelH/>{shape}</wp:anchor></w:drawing></mc:Choice>"
        f"<mc:Fallback>{old}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )


def test_keep_leaves_the_newest_known_of_two_ways_to_draw_a_box():
    assert kept_body(text_box()) == (
        '<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><wps:wsp>'
        f"<wps:txbx><w:txbxContent>{paragraph('new')}</w:txbxContent></wps:txbx></wps:wsp></wp:anchor>"
        "</w:drawing></mc:Choice></mc:AlternateContent></w:r></w:p>"
    )
    assert kept_body(text_box('<x:ink xmlns:x="urn:x"/>')) == (
        '<w:p><w:r><w:pict><v:shape style="width:9pt"><v:textbox><w:txbxContent>'
        f"{paragraph('old')}</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
    )


OLD_PICTURE = (
    '<w:p><w:r><w:pict><v:shape><v:imagedata r:id="rId7" o:href="Bousra"/></v:shape></w:pict>'
    "</w:r></w:p>"
)


@pytest.mark.parametrize("inside", [PICTURE, OLD_PICTURE])
@pytest.mark.parametrize(
    ("row", "content"),
    [
        (("rId7", "image", "media/a.emf"), b"\x01\0\0\0 Bousra"),
        (("rId7", "image", "media/a.emf"), photo("GIF")),
        (("rId7", "image", "http://example.org/Bousra.png", EXTERNAL), b""),
        (("rId9", "image", "media/a.emf"), b""),
    ],
)
def test_keep_shows_nothing_where_a_picture_cannot_be_cleaned(inside, row, content):
    parts = parts_of(keep(docx(inside, row, **{"word/media/a.emf": content})).content)

    with Image.open(io.BytesIO(parts["word/media/image1.jpg"])) as picture:
        assert (picture.format, picture.size) == ("JPEG", (1, 1))
    assert b'="rId1"' in parts["word/document.xml"]
    assert all(SECRET.encode() not in part for part in parts.values())


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (documents.OLE + b"Bousra", "old_docx"),
        (documents.ZIP + b"Bousra", "bad_docx"),
        (telling()[:2_000], "bad_docx"),
        (packed({"a.txt": "Bousra"}), "bad_docx"),
        (docx(main="application/vnd.ms-word.document.macroEnabled.main+xml"), "macros"),
        (docx(**{"word/vbaProject.bin": b""}), "macros"),
        (docx(main=f"{documents.TYPES}spreadsheetml.sheet.main+xml"), "unknown_kind"),
        (docx(**{"_rels/.rels": rows_of()}), "unknown_kind"),
        (docx(**{"word/embeddings/a.bin": b""}), "unclean_docx"),
        (docx(**{"word/activeX/activeX1.xml": b""}), "unclean_docx"),
        (docx("", ("rId1", "oleObject", "file:///C:/a.xlsx", EXTERNAL)), "unclean_docx"),
        (docx("", ("rId1", "chart", "charts/chart1.xml")), "unclean_docx"),
        (docx("", ("rId1", "aFChunk", "a.html")), "unclean_docx"),
        (docx("", ("rId1", "styles", "styles.xml")), "bad_docx"),
        (docx("", ("rId1", "styles", "document.xml")), "bad_docx"),
        (docx("<w:p>"), "bad_docx"),
        (docx("<w:r>" * 200 + "</w:r>" * 200), "bad_docx"),
        (docx(**{"word/Document.xml": "another of this name"}), "bad_docx"),
        (docx(**{"word/zeros.bin": b"\0" * (2 * documents.SMALL)}), "swollen"),
    ],
)
def test_keep_refuses_a_word_document_that_it_cannot_clean(content, code):
    assert code_of(content) == code


def test_keep_refuses_a_word_document_that_defines_its_own_words():
    bomb = '<!DOCTYPE w [<!ENTITY a "Bousra"><!ENTITY b SYSTEM "file:///etc/passwd">]>' + body(
        "&a;"
    )

    assert code_of(docx(**{"word/document.xml": bomb})) == "bad_docx"


def test_keep_refuses_a_word_document_with_a_password():
    content = bytearray(docx())
    at = content.find(b"PK\x01\x02")
    content[at + 8] |= 1

    assert code_of(bytes(content)) == "old_docx"


def test_keep_counts_all_that_a_word_document_holds(monkeypatch):
    content = telling()
    for name, most in (
        ("MAX_ENTRIES", 5),
        ("MAX_UNPACKED", 1_000),
        ("MAX_XML", 1_000),
        ("MAX_PIXELS", 64 * 48 - 1),
    ):
        with monkeypatch.context() as limited:
            limited.setattr(documents, name, most)
            assert code_of(content) == "swollen"


def test_keep_refuses_a_word_document_with_a_photo_of_too_many_pixels(settings):
    settings.EVIDENCE_MAX_PIXELS = 64 * 48 - 1

    assert code_of(telling()) == "too_many_pixels"
