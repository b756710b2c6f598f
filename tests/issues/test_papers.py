import datetime as dt
import io

import pikepdf
import pytest
from django.urls import reverse

from issues import papers
from provinces.models import Theme

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 22)
ADDRESS = "https://vedika.example/track/"
POINTS = 72 / 25.4  # a millimetre


def sheets(document):
    """Width and height of each page in millimetres, the title, and the language."""
    with pikepdf.open(io.BytesIO(document)) as file:
        sizes = [
            tuple(round(float(side) / POINTS) for side in page.MediaBox[2:]) for page in file.pages
        ]
        return sizes, str(file.docinfo["/Title"]), str(file.Root.Lang)


@pytest.fixture
def themes():
    for place in range(14):
        Theme.objects.update_or_create(
            code=f"theme-{place}",
            defaults={
                "position": place,
                "name_km": "ទឹកស្អាត អនាម័យ និងធារាសាស្ត្រ",
                "name_en": "Environment, waste, mining, disasters",
            },
        )


@pytest.mark.parametrize("language", ["km", "en"])
def test_blank_form_is_one_sheet_front_and_back(language, themes):
    sizes, title, spoken = sheets(papers.blank_intake(language))

    assert (sizes, spoken) == ([(210, 297)] * 2, language)
    assert language == "km" or title == "Form to raise an issue"


@pytest.mark.parametrize("language", ["km", "en"])
def test_receipt_is_one_slip(language):
    sizes, title, spoken = sheets(
        papers.receipt(language, "16-2026-4821", "482109375526", ADDRESS, DAY)
    )

    assert (sizes, spoken) == ([(105, 148)], language)
    assert language == "km" or title == "Receipt"


def test_receipt_groups_its_code_however_it_is_typed():
    typed = ("482109375526", "4821 0937 5526", "៤៨២១០៩៣៧៥៥២៦")
    made = {papers.receipt("km", "16-2026-4821", code, ADDRESS, DAY) for code in typed}

    assert len(made) == 1


def test_receipt_words_hold_nothing_of_the_issue_but_its_number():
    words = papers._receipt("16-2026-4821", "482109375526", ADDRESS, "22 November 2026")

    assert words["code"]["groups"] == ["4821", "0937", "5526"]
    assert set(words) == {
        "reference", "day", "code", "qr", "qr_title", "address", "keep", "steps",
    }  # fmt: skip


def test_intake_form_is_for_everybody_and_kept_for_an_hour(client, themes):
    response = client.get(reverse("issues:intake_form"), headers={"Accept-Language": "km"})

    assert response.status_code == 200
    assert response.content == papers.blank_intake("km")
    assert {
        name: response[name]
        for name in ("Content-Type", "Content-Language", "Cache-Control", "Content-Disposition")
    } == {
        "Content-Type": "application/pdf",
        "Content-Language": "km",
        "Cache-Control": "max-age=3600",
        "Content-Disposition": 'inline; filename="vedika-form-km.pdf"',
    }


@pytest.mark.parametrize(("wished", "got"), [("en", "en"), ("fr", "km"), ("", "km")])
def test_intake_form_comes_in_the_language_wished(client, wished, got):
    address = reverse("issues:intake_form")

    response = client.get(address, {"language": wished}, headers={"Accept-Language": "km"})

    assert response["Content-Language"] == got
