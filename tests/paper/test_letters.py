"""Letters as PDF and as Word document, from the same texts."""

import io
import re
import shutil
import subprocess

import docx
import pytest

from paper import letters
from tests.paper import reading
from tests.paper.samples import ADDRESS, ENGLISH, KHMER, LETTER

# The English letter as it is read, from head to foot.
READ = (
    "Kingdom of Cambodia Nation Religion King Provincial Administration Secretariat No. 0012/26 "
    "Letter of invitation Translation To: His Excellency Deputy Governor Subject: The third "
    "session References: The programme The secretariat invites you. Please name delegates. "
    "Day 26 March 2026 Seats 2 With respect. Scan to answer: "
    "vedika.example No. 0012/26 Copies: File 14th of Phalgun 2 March 2026 Head of secretariat"
)
SCAN = "Scan to answer: vedika.example No. 0012/26"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
HOSTILE = '#read("/etc/passwd") *bold* $x$ <label> @key'


def close(text):
    """Without spaces: a PDF has none where a line ends."""
    return "".join(text.split())


def pages_of(*some):
    return reading.pages_in(letters.pdf(some))


def words_in(document):
    """The paragraphs of a Word document in order, those of its tables too."""
    body = docx.Document(io.BytesIO(document)).element.body
    texts = ["".join(one.itertext(f"{W}t")) for one in body.iter(f"{W}p")]
    return [text for text in texts if text]


def test_letter_is_read_from_head_to_foot():
    english = close("".join(pages_of({"parts": [ENGLISH], "address": ADDRESS})))

    assert english == close(READ + "Page 1 of 1")


def test_letter_has_each_language_and_counts_its_pages_in_both():
    document = letters.pdf([LETTER])
    text = close(reading.text_in(document))

    assert text.index("០០១២/២៦") < text.index("KingdomofCambodia") < text.index("Headofsecretariat")
    assert "Page1of" in text
    assert reading.fonts_in(document) == {
        "NotoSansKhmer-Regular",
        "NotoSansKhmer-Bold",
        "LibertinusSerif-Regular",
        "LibertinusSerif-Bold",
    }


def test_address_of_the_code_can_be_pressed():
    with reading.opened(letters.pdf([LETTER])) as file:
        addresses = {str(one.A.URI) for page in file.pages for one in page.get("/Annots", [])}

    assert addresses == {ADDRESS}


def test_letter_without_an_address_has_no_code():
    text = close("".join(pages_of({"parts": [ENGLISH], "address": ""})))

    assert text == close(READ.replace(f"{SCAN} ", "") + "Page 1 of 1")


def test_letters_of_a_run_begin_on_new_sheets_and_count_for_themselves():
    short = {"parts": [ENGLISH], "address": ADDRESS}
    long = {"parts": [ENGLISH | {"paragraphs": ["Long."] * 35}], "address": ADDRESS}

    pages = pages_of(short, long, short)

    counts = [re.search(r"Page\d+of\d+", close(page)) for page in pages]
    assert [count and count.group() for count in counts] == [
        "Page1of1",
        None,  # the back of the first letter
        "Page1of2",
        "Page2of2",
        "Page1of1",
    ]


def test_same_texts_make_the_same_files():
    assert letters.pdf([LETTER]) == letters.pdf([LETTER])
    assert letters.docx(LETTER) == letters.docx(LETTER)


def test_markup_in_texts_is_printed_as_it_stands():
    hostile = {"parts": [ENGLISH | {"paragraphs": [HOSTILE]}], "address": ""}

    assert close(HOSTILE) in close("".join(pages_of(hostile)))
    assert HOSTILE in words_in(letters.docx(hostile))


def test_word_document_holds_the_same_texts_in_order():
    read = " ".join(words_in(letters.docx({"parts": [ENGLISH], "address": ADDRESS})))

    assert read == READ


def test_word_document_holds_each_language_in_order():
    texts = words_in(letters.docx(LETTER))

    order = [KHMER["head"]["kingdom"], KHMER["title"], KHMER["signature"]["role"]]
    order += [ENGLISH["head"]["kingdom"], ENGLISH["signature"]["role"]]
    places = [texts.index(text) for text in order]
    assert places == sorted(places)


def test_each_language_begins_on_a_page_of_its_own():
    english = pages_of(LETTER)[1]
    texts = docx.Document(io.BytesIO(letters.docx(LETTER))).paragraphs

    assert close(english).startswith("KingdomofCambodia")
    assert "Page2of2" in close(english)
    begun = [one.text for one in texts if one.paragraph_format.page_break_before]
    assert begun == [ENGLISH["head"]["kingdom"]]


def test_word_document_draws_the_code_and_says_what_it_is():
    made = docx.Document(io.BytesIO(letters.docx(LETTER)))

    titles = [shape._inline.docPr.get("descr") for shape in made.inline_shapes]
    assert titles == [KHMER["qr_title"], ENGLISH["qr_title"]]


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not on this machine")
def test_word_document_opens_in_libreoffice_with_every_khmer_letter(tmp_path):
    (tmp_path / "letter.docx").write_bytes(letters.docx(LETTER))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(
        [
            "soffice",
            profile,
            "--headless",
            "--convert-to",
            "txt:Text (encoded):UTF8",
            "letter.docx",
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=120,
    )

    text = (tmp_path / "letter.txt").read_text(encoding="utf-8-sig")
    assert KHMER["paragraphs"][0] in text
    assert KHMER["signature"]["role"] in text
