"""The minutes ready to print: words, figures, days in both languages, and the files of it."""

import io

import pytest
from docx import Document

from issues.permissions import Audience
from minutes import content, editions, papers
from minutes.actions import of_session
from minutes.models import Minutes
from tests.minutes.story import Story

pytestmark = pytest.mark.django_db


@pytest.fixture
def story():
    return Story()


def paper(story, language="en", audience=Audience.ROOM, minutes=None, kind=""):
    minutes = minutes or of_session(story.session)
    edition = editions.edition(minutes, content.of_minutes(minutes), audience, story.coordinator)
    if kind:
        return papers.file(minutes, edition, language, kind)
    return papers.paper_of(minutes, edition, language)


def test_a_draft_says_what_it_is_and_leaves_room_to_sign(story):
    found = paper(story)

    assert (found["title"], found["mark"]) == (
        f"Minutes of the session in {story.province.name_en} province",
        "Draft",
    )
    assert found["dates"] == [f"{story.province.name_en}, 26 March 2026"]
    assert found["facts"] == [
        {"label": "Day", "lines": ["Thursday 26 March 2026"]},
        {"label": "Time", "lines": ["08:00–12:00"]},
        {"label": "Venue", "lines": ["Provincial hall"]},
        {"label": "Who presides", "lines": ["Chair (Chair)", "Deputy governor (Co-presider)"]},
    ]
    assert found["attendance"]["rows"] == [
        ["Works", "2", "1"],
        ["Organizations and communities", "5", "3"],
    ]
    assert found["attendance"]["total"] == ["Altogether", "7", "4"]
    assert found["figures"] == [
        {"label": "Issues heard", "lines": ["5"]},
        {"label": "Referred", "lines": ["1"]},
        {"label": "Noted", "lines": ["1"]},
        {"label": "Outcome not shown", "lines": ["3"]},
    ]
    assert found["signatures"] == [
        {"role": "Chair", "title": "Chair", "name": papers.DOTS, "dates": [papers.DOTS]},
        {
            "role": "Co-presider",
            "title": "Deputy governor",
            "name": papers.DOTS,
            "dates": [papers.DOTS],
        },
    ]
    assert found["verification"] == {"address": "", "title": "", "lines": []}


def test_an_item_is_told_whole_and_a_hidden_one_by_its_number(story):
    story.write("They spoke.\n\nAt length.", kind="discussion", item=story.items["restricted"])
    items = paper(story, audience=Audience.ROOM)["sections"][0]["items"]
    restricted, confidential = items[1], items[2]

    assert restricted["discussion"] == {
        "label": "Discussion",
        "lines": ["They spoke.", "At length."],
    }
    assert restricted["outcome"] == {"label": "Outcome", "lines": ["Referred"]}
    assert restricted["text"] == ["Said of restricted"]
    assert restricted["commitment"] == [{"label": "Said by", "lines": ["Deputy governor"]}]
    assert restricted["offices"]["rows"] == [["Works", "Lead", "Friday 8 May 2026"]]
    assert (confidential["number"], confidential["title"], confidential["hidden"]) == (
        "3",
        "",
        "Confidential item",
    )
    assert items[5]["outcome"]["lines"] == []  # a titled point need not have one


def test_khmer_has_its_own_figures_days_and_the_other_languages_passages(story):
    story.write("We opened.")
    found = paper(story, "km")

    assert found["language"] == "km"
    assert len(found["dates"]) == 2
    assert found["facts"][0]["lines"] == ["ថ្ងៃព្រហស្បតិ៍ ទី២៦ ខែមីនា ឆ្នាំ២០២៦"]
    assert found["attendance"]["total"][1:] == ["៧", "៤"]
    assert found["opening"][0]["paragraphs"] == ["We opened."]


def test_approved_minutes_bear_signatures_checksum_and_amendments(story, settings):
    story.settled()
    story.amend(item=story.items["public"])
    minutes = Minutes.objects.select_related("session__province").get()
    found = paper(story, minutes=minutes)

    assert found["mark"] == ""
    assert [one["label"] for one in found["figures"]] == [
        "Issues heard", "Referred", "Noted", "Outcome not shown",
    ]  # fmt: skip
    assert [(one["name"], one["dates"]) for one in found["signatures"]] == [
        ("Chair Name", [f"{story.province.name_en}, 8 April 2026"]),
        ("Governor Name", [f"{story.province.name_en}, 9 April 2026"]),
    ]
    assert found["verification"]["address"] == f"{settings.BASE_URL}/minutes/{minutes.code}/"
    assert minutes.checksum[:16] in found["verification"]["lines"][0]
    assert found["amendments"]["rows"] == [
        ["1", "Friday 10 April 2026", "Item 1: It was ten.", "A slip."]
    ]


@pytest.mark.parametrize("language", ["km", "en"])
def test_files_hold_what_is_shown_and_nothing_that_is_hidden(story, language):
    story.settled(published=True)
    pdf = paper(story, language, Audience.PUBLIC, kind="pdf")
    text = _text(paper(story, language, Audience.PUBLIC, kind="docx"))

    assert pdf.startswith(b"%PDF-")
    assert "Issue public" in text
    for name in ("restricted", "confidential", "frozen", "concerning"):
        assert f"Issue {name}" not in text
        assert f"Said of {name}" not in text
    assert "The weavers" not in text


def _text(made):
    document = Document(io.BytesIO(made))
    return "".join(document.element.body.itertext())
