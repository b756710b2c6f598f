"""The agenda pack: the order of the day, then each item in full, in both files the same."""

import io

import docx

from paper import agenda
from tests.paper import reading
from tests.paper.samples import AGENDA
from tests.paper.test_docx import assert_speaks_khmer, properties_in
from tests.paper.test_minutes import close, words_in

PACK = AGENDA | {"mark": "", "footer": "Pack"}
COLUMNS = "No. Time Item Place Presenter Minutes"
ORDER = (
    "Kingdom of Cambodia Nation Religion King Provincial Administration Secretariat No. 0012/26 "
    "Agenda of the session in Mondulkiri Forum 2026 3rd waxing day 26 March 2026 "
    "Venue Provincial hall Chair Deputy Governor of Mondulkiri "
    f"Land {COLUMNS} 08:10–08:20 Anthem 10 "
    "1 08:10–08:20 Road to the market Sen Monorom Farmers of the hills 10 "
    "2 08:10–08:20 This item is confidential. 10 30 minutes Together 30 minutes "
)
FULL = (
    "The items 1. Road to the market 11-2026-0012 Offices expected Public Works Rural Development "
    "The road is closed in the rains. Raised 3 times since 2018 12 organizations co-sign"
)


def test_pack_is_read_from_head_to_foot_and_word_holds_the_same():
    pages = [close(page) for page in reading.pages_in(agenda.pdf(PACK))]

    assert pages == [close(f"{ORDER} Pack Page 1 of 2"), close(f"{FULL} Pack Page 2 of 2")]
    assert words_in(agenda.docx(PACK)) == close(ORDER + FULL)


def test_an_agenda_of_points_alone_has_no_second_part():
    point = PACK["sections"][0]["items"][0]
    points = PACK | {"sections": [{"heading": "Opening", "sum": "10 minutes", "items": [point]}]}

    assert close(reading.text_in(agenda.pdf(points))).endswith(
        close("Anthem 10 10 minutes Together 30 minutes Pack Page 1 of 1")
    )
    assert words_in(agenda.docx(points)).endswith("Together30minutes")


def test_a_matter_of_4000_characters_goes_on_over_pages():
    item = PACK["sections"][0]["items"][1] | {"matter": ["The road is closed. " * 200]}
    section = {"heading": "Land", "sum": "", "items": [item] * 2}

    pages = reading.pages_in(agenda.pdf(PACK | {"sections": [section]}))
    assert len(pages) == 3
    assert close("".join(pages)).count("Theroadisclosed.") == 400


def test_same_texts_make_the_same_files_whose_runs_speak_khmer():
    assert agenda.pdf(AGENDA) == agenda.pdf(AGENDA)
    assert agenda.docx(AGENDA) == agenda.docx(AGENDA)
    for properties in properties_in(docx.Document(io.BytesIO(agenda.docx(AGENDA)))):
        assert_speaks_khmer(properties)
