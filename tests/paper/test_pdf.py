"""Documents made of data alone: what they hold, and what they never do."""

import re

import pytest
import typst

from paper import pdf, qr
from tests.paper.reading import fonts_in, opened, text_in

HOSTILE = '#read("/etc/passwd") *bold* $x$ <label> @key \\ // no comment'
WORDS = {
    "language": "en",
    "digits": list("0123456789"),
    "title": "Receipt",
    "sender": "The secretariat",
    "reference": {"label": "Reference", "value": "16-2026-4821"},
    "day": {"label": "Date", "value": "22 November 2026"},
    "code": {"label": "Code", "groups": ["4821", "0937", "5526"]},
    "qr": qr.svg("https://vedika.example/track/", "The page", quiet=0),
    "qr_title": "The page",
    "keep": "Keep this paper.",
    "steps": ["Look", "Type"],
    "address": "https://vedika.example/track/",
}


def test_document_is_a_tagged_pdf_of_its_language():
    document = pdf.render("receipt", WORDS | {"language": "km"})

    assert document.startswith(b"%PDF-1.7")
    with opened(document) as file:
        assert len(file.pages) == 1
        assert (str(file.Root.Lang), bool(file.Root.MarkInfo.Marked)) == ("km", True)


def test_document_names_nobody_and_no_time():
    with opened(pdf.render("receipt", WORDS)) as file:
        facts = {name: str(value).split()[0] for name, value in file.docinfo.items()}
        metadata = file.Root.Metadata.read_bytes().decode()

    assert facts == {"/Creator": "Typst", "/Title": "Receipt"}
    assert not re.search("CreateDate|ModifyDate|creator>|Author", metadata)


def test_equal_data_give_equal_bytes():
    assert pdf.render("receipt", WORDS) == pdf.render("receipt", dict(reversed(WORDS.items())))


def test_khmer_is_set_in_its_own_font_and_what_that_lacks_in_libertinus():
    khmer = WORDS | {"language": "km", "keep": "សូមរក្សាទុកក្រដាសនេះ។"}

    assert fonts_in(pdf.render("receipt", khmer)) == {
        "NotoSansKhmer-Regular",
        "NotoSansKhmer-Bold",
    }
    assert "LibertinusSerif-Bold" in fonts_in(pdf.render("receipt", khmer | {"keep": "“–”"}))
    assert fonts_in(pdf.render("receipt", WORDS)) == {
        "LibertinusSerif-Regular",
        "LibertinusSerif-Bold",
    }


def test_figures_of_a_template_are_those_of_the_language():
    khmer = WORDS | {"language": "km", "digits": list("០១២៣៤៥៦៧៨៩")}

    assert "១. Look ២. Type" in re.sub(" +", " ", text_in(pdf.render("receipt", khmer)))


@pytest.mark.parametrize("language", ["km", "en"])
def test_markup_in_data_is_printed_as_it_stands(language):
    data = WORDS | {"language": language, "steps": [HOSTILE]}

    text = re.sub(" +", " ", text_in(pdf.render("receipt", data)))

    assert HOSTILE.replace(" ", "") in text.replace(" ", "")
    assert "root:" not in text


def test_signs_that_no_font_has_stop_nothing():
    assert pdf.render("receipt", WORDS | {"keep": "😀 ລາວ \u0007 \ue000"}).startswith(b"%PDF")


@pytest.mark.parametrize("path", ["/etc/passwd", "../pdf.py", "/../pdf.py"])
def test_template_reads_nothing_outside_its_folder(path, tmp_path, monkeypatch):
    (tmp_path / "pdf.py").write_text("secret")
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "curious.typ").write_text(f'#read("{path}")')
    monkeypatch.setattr(pdf, "TEMPLATES", folder)

    with pytest.raises(typst.TypstError):
        pdf.render("curious", WORDS)


def test_words_that_a_template_misses_are_an_error():
    words = {key: word for key, word in WORDS.items() if key != "keep"}

    with pytest.raises(typst.TypstError, match="keep"):
        pdf.render("receipt", words)
