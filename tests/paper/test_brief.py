"""The brief for who presides: one page, however much there is to say."""

import pytest

from paper import brief
from tests.paper import reading
from tests.paper.samples import BRIEF, KHMER, grid
from tests.paper.test_minutes import close

NAME = "ហេដ្ឋារចនាសម្ព័ន្ធជនបទ និងសេវាសាធារណៈ"
KHMER_WORDS = {key: KHMER[key] for key in ("language", "digits", "page_of", "head")}


def test_brief_is_read_from_head_to_foot():
    text = close(reading.text_in(brief.pdf(BRIEF | {"mark": ""})))

    assert text == close(
        "Kingdom of Cambodia Nation Religion King Provincial Administration Secretariat "
        "No. 0012/26 Brief for the session in Mondulkiri Forum 2026 3rd waxing day 26 March 2026 "
        "Venue Provincial hall Chair Deputy Governor of Mondulkiri "
        "Raised Addressed Referred Resolved Confirmed Overdue Together 61 20 31 14 9 8 "
        "By district Sen Monorom 9 3 5 2 1 7 By theme Land 8 2 6 1 0 4 "
        "Overdue longest Reference Place Office Days 11-2025-0007 Sen Monorom Public Works 74 "
        "Minutes, Mondulkiri Page 1 of 1"
    )


@pytest.mark.parametrize("words", [{}, KHMER_WORDS])
def test_twelve_districts_and_fourteen_themes_have_one_page(words):
    groups = [{"heading": "By", "rows": [[NAME, *"123456"]] * count} for count in (12, 14)]
    overdue = grid("Overdue longest", ["No.", "Place", "Office", "Days"], *[(NAME,) * 4] * 8)
    facts = BRIEF["facts"] * 3

    pages = reading.pages_in(
        brief.pdf(BRIEF | words | {"groups": groups, "overdue": overdue, "facts": facts})
    )
    assert len(pages) == 1
    assert close(pages[0]).count("123456") == 26


def test_a_brief_without_figures_says_what_there_is():
    bare = BRIEF | {"total": [], "groups": [], "overdue": grid("", []), "mark": ""}

    text = close(reading.text_in(brief.pdf(bare)))
    assert text.endswith(close("Deputy Governor of Mondulkiri Minutes, Mondulkiri Page 1 of 1"))
    assert brief.pdf(bare) == brief.pdf(bare)
