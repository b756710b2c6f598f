"""The minutes: what is read in them, in both files the same, and nothing of a hidden item."""

import io
import json
import subprocess
import sys
import time

import docx
from docx.oxml.ns import qn

from paper import docx as word
from paper import minutes
from tests.paper import reading
from tests.paper.samples import ADDRESS, HIDDEN, ITEM, KHMER, MINUTES, grid
from tests.paper.test_docx import assert_speaks_khmer, properties_in

FINAL = MINUTES | {"mark": ""}
# The minutes as they are read, from head to foot.
READ = (
    "Kingdom of Cambodia Nation Religion King Provincial Administration Secretariat No. 0012/26 "
    "Minutes of the session in Mondulkiri Forum 2026 3rd waxing day 26 March 2026 "
    "Venue Provincial hall Chair Deputy Governor of Mondulkiri "
    "Attendance Party Total Of whom women Province 7 2 Together 12 5 "
    "The session in figures Addressed Referred 4 3 "
    "Opening The chair opened the session. Land "
    "1. Road to the market 11-2026-0012 Place Sen Monorom Officials who spoke Director "
    "Discussion The road is closed in the rains. It was so in 2024. "
    "Outcome Referred The department inspects the road. "
    "By whom Director, Department of Public Works "
    "Office Part Due Public Works Answers 9 April 2026 "
    "2. This item is confidential. "
    "Closing The chair closed the session. "
    "1 April 2026 Chair Deputy Governor … Co-presider Network director … "
    "Amendments No. Day Text Reason 1 2 May Answers by 16 April. Error "
    "Scan to check: SHA-256 0f9aSHA-256 0f9aSHA-256 0f9a"
)
# The peak of resource.getrusage is inherited from the tests: the status knows this process alone.
PEAK = """
import json, pathlib, sys
from paper import fonts, minutes
fonts.lie_in(*map(pathlib.Path, sys.argv[1:3]))
minutes.pdf(json.load(sys.stdin))
print(pathlib.Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""


def close(text):
    return "".join(text.split())


def body_of(document):
    """The text of a PDF without the feet of its pages."""
    pages = reading.pages_in(document)
    feet = [f"{MINUTES['footer']}Page{at}of{len(pages)}" for at in range(1, len(pages) + 1)]
    closed = [close(page) for page in pages]
    assert all(close(foot) in page for foot, page in zip(feet, closed, strict=True))
    return "".join(page.replace(close(foot), "") for foot, page in zip(feet, closed, strict=True))


def words_in(document):
    """The texts of a Word document in order."""
    body = docx.Document(io.BytesIO(document)).element.body
    return "".join(close(one) for one in body.itertext(qn("w:t")))


def test_minutes_are_read_from_head_to_foot_and_word_holds_the_same():
    assert body_of(minutes.pdf(FINAL)) == close(READ)
    assert words_in(minutes.docx(FINAL)) == close(READ)


def test_a_hidden_item_shows_its_number_and_a_sentence_alone():
    only = {"heading": "", "items": [ITEM | {"hidden": HIDDEN}]}
    bare = {"heading": "", "items": [minutes.hidden("1", HIDDEN)]}

    for make in (minutes.pdf, minutes.docx):
        assert make(FINAL | {"sections": [only]}) == make(FINAL | {"sections": [bare]})
    assert b"Road" not in minutes.pdf(FINAL | {"sections": [only]})
    assert "2.Thisitemisconfidential.Closing" in close(READ)


def test_a_draft_is_marked_on_each_page_of_both_files():
    pages = reading.pages_in(minutes.pdf(MINUTES))
    made = docx.Document(io.BytesIO(minutes.docx(MINUTES)))

    assert len(pages) > 1
    assert all(close(page).startswith("Draft") for page in pages)
    assert made.sections[0].header.paragraphs[0].text == "Draft"
    assert "Draft" not in reading.text_in(minutes.pdf(FINAL))


def test_without_an_address_nothing_is_to_be_checked():
    draft = MINUTES | {"verification": MINUTES["verification"] | {"address": ""}}

    with reading.opened(minutes.pdf(MINUTES)) as file:
        links = {str(one.A.URI) for page in file.pages for one in page.get("/Annots", [])}
    assert links == {ADDRESS}
    assert "SHA" not in reading.text_in(minutes.pdf(draft))
    assert words_in(minutes.docx(draft)).endswith("Answersby16April.Error")


def test_same_texts_make_the_same_files():
    assert minutes.pdf(MINUTES) == minutes.pdf(dict(reversed(MINUTES.items())))
    assert minutes.docx(MINUTES) == minutes.docx(MINUTES)


def test_figures_stand_side_by_side_five_at_most():
    figures = [{"label": f"L{at}", "lines": [f"{at}"]} for at in range(9)]

    text = words_in(minutes.docx(FINAL | {"figures": figures}))
    assert "L0L1L2L3L401234L5L6L7L85678" in text
    assert "L0L1L2L3L401234L5L6L7L85678" in body_of(minutes.pdf(FINAL | {"figures": figures}))


def test_every_run_of_the_word_document_speaks_khmer():
    khmer = MINUTES | {key: KHMER[key] for key in ("language", "digits", "page_of", "head")}
    made = docx.Document(io.BytesIO(minutes.docx(khmer)))
    header = [run.rPr for run in made.sections[0].header._element.iter(qn("w:r"))]

    for properties in [*properties_in(made), *header]:
        assert_speaks_khmer(properties)
    assert made.element.body.find(f".//{qn('w:rFonts')}").get(qn("w:cs")) == word.KHMER_HEAD


def test_a_table_over_pages_repeats_its_head():
    many = grid("Amendments", ["No.", "Day", "Text", "Reason"], *[("1", "2", "3", "4")] * 80)

    pages = reading.pages_in(minutes.pdf(FINAL | {"amendments": many}))
    with_rows = [close(page) for page in pages if "1234" * 3 in close(page)]
    assert len(with_rows) > 1
    assert all("No.DayTextReason1234" in page for page in with_rows)


def test_texts_longer_than_a_page_are_whole():
    long = "Fields " * 1500
    fact = {"label": "What", "lines": [long]}
    item = ITEM | {"commitment": [fact], "facts": [fact, {"label": "Place", "lines": []}]}
    changed = grid("Amendments", ["No.", "Day", "Text", "Reason"], ("1", "2", long, ""))

    section = {"heading": "", "items": [item]}
    made = minutes.pdf(FINAL | {"sections": [section], "amendments": changed})
    assert body_of(made).count("Fields") == 4500


def test_no_page_bears_signatures_alone():
    """However long the closing passage is, some of it stays with who signs."""
    for count in range(1, 60, 4):
        closing = [{"heading": "Closing", "paragraphs": ["The chair closed it."] * count}]
        plain = FINAL | {"closing": closing, "amendments": grid("", [])}
        last = [page for page in reading.pages_in(minutes.pdf(plain)) if "Co-presider" in page]
        assert "closed it." in last[0]


def test_sixty_items_are_made_in_two_seconds_and_little_memory(settings, tmp_path):
    items = [ITEM | {"discussion": ITEM["discussion"] | {"lines": KHMER["paragraphs"] * 6}}]
    khmer = {key: KHMER[key] for key in ("language", "digits", "page_of", "head")}
    full = FINAL | khmer | {"sections": [{"heading": "ដីធ្លី", "items": items * 60}]}
    minutes.pdf(FINAL)

    begun = time.process_time()
    minutes.pdf(full)
    taken = time.process_time() - begun
    peak = subprocess.run(
        [sys.executable, "-c", PEAK, settings.FONTS_SOURCE, tmp_path],
        input=json.dumps(full),
        capture_output=True,
        text=True,
        check=True,
    )
    assert taken < 2
    assert int(peak.stdout) < 250 * 1024
