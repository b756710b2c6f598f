"""Reading a file of issues, and every fault of its lines in a sentence."""

import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from accounts.models import Organization
from issues.batch import reading, template
from issues.batch.checking import check
from issues.batch.lookups import Lookups
from issues.batch.reading import Row
from tests import factories as f
from tests.issues import sheets
from tests.issues.sheets import as_csv, as_xlsx, good

TODAY = dt.date(2026, 5, 8)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def refused(content):
    with pytest.raises(ValidationError) as caught:
        reading.read(content)
    return caught.value.messages


# --- reading --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "content",
    [
        as_xlsx(good()),
        as_csv(good()),
        as_csv(good(), encoding="utf-8-sig"),
        as_csv(good(), delimiter=";"),
        as_csv(good(), delimiter="\t", encoding="utf-16"),
        b"sep=;\r\n" + as_csv(good(), delimiter=";"),
    ],
    ids=["xlsx", "csv", "csv with its mark", "semicolons", "unicode text", "sep"],
)
def test_read_gives_the_same_rows_from_every_format(content):
    assert reading.read(content) == [Row(2, good())]


def test_read_counts_lines_as_the_spreadsheet_and_leaves_out_empty_ones_and_remarks():
    lines = [good(1, text="two\nlines"), {}, good(organization="# a remark"), good(2)]

    assert [row.line for row in reading.read(as_xlsx(*lines))] == [2, 5]
    assert [row.line for row in reading.read(as_csv(*lines))] == [2, 5]


def test_read_takes_what_a_sheet_holds_as_it_would_be_typed():
    line = good(people=120.0, women=64, came_on=dt.date(2026, 3, 28), interpreter=True)

    cells = reading.read(as_xlsx(line))[0].cells

    assert [cells[name] for name in ("people", "women", "came_on", "interpreter")] == [
        "120",
        "64",
        "2026-03-28",
        "yes",
    ]


def test_read_marks_formulas_and_errors():
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(good(people="=1+1"))))
    book.active.cell(2, sheets.NAMES.index("women") + 1).value = "#REF!"

    cells = reading.read(sheets.saved(book))[0].cells

    assert [name for name, cell in cells.items() if cell is None] == ["people", "women"]


@pytest.mark.parametrize("language", ["km", "en"])
def test_template_is_understood_and_its_example_is_not_an_issue(language):
    with translation.override(language):
        files = [template.csv_file(), template.xlsx_file([], [])]

    nothing = ["The file has no line with an issue. Write one issue on each line."]
    assert [refused(one) for one in files] == [nothing, nothing]


def test_template_says_the_words_of_themes_and_organizations():
    theme, organization = f.ThemeFactory.build(), Organization(slug="weavers", name_en="=1+1")

    book = openpyxl.load_workbook(io.BytesIO(template.xlsx_file([organization], [theme])))

    _issues, explanations, organizations = book.worksheets
    assert [cell.value for cell in organizations[2]][::2] == [organization.slug, "=1+1"]
    assert organizations["C2"].data_type == "s"
    assert explanations.cell(explanations.max_row, 1).value == theme.code


HEADINGS = [name for name in sheets.NAMES if name not in ("theme", "commune")]


@pytest.mark.parametrize(
    ("content", "sentences"),
    [
        (
            as_csv(good(), headings=["titel", *HEADINGS, "women"]),
            [
                "The heading of column A is not known. Take those of the template.",
                "The heading of column S stands twice. Keep one of them.",
                "The column “Theme” is missing. Add it, as in the template.",
                "The column “Commune or sangkat” is missing. Add it, as in the template.",
            ],
        ),
        (
            as_csv(*[good(number) for number in range(2_001)]),
            ["The file has more than 2000 lines. Divide it into several files."],
        ),
        (
            as_csv(good(), headings=["title"] * 41),
            ["The file has more than 40 columns. Use the template."],
        ),
        (b"x" * (5 * 1024 * 1024 + 1), ["The file is over 5 MB. Divide it into several files."]),
        (
            "ចំណងជើង".encode("utf-16-le"),
            ["The letters of the file cannot be read. Save it as “CSV UTF-8”, or as .xlsx."],
        ),
        (
            b"a\x00b",
            ["This is no table. Send a file of Excel (.xlsx) or a CSV file."],
        ),
        (
            b"\xd0\xcf\x11\xe0old",
            [
                "This is a file of an old Excel, or one with a password. Save it as “Excel "
                "workbook (.xlsx)” without a password."
            ],
        ),
        (
            b"PK\x03\x04damaged",
            ["The file cannot be read. Open it, save it again as .xlsx, and send that."],
        ),
        (
            as_csv(good()) + b'"' + b"x" * 140_000,
            ["The file cannot be read as CSV from line 3 on. Look for a missing quote."],
        ),
    ],
    ids=[
        "headings", "rows", "columns", "size", "letters", "no text", "old", "damaged", "quote",
    ],
)  # fmt: skip
def test_read_refuses_a_file_with_sentences(content, sentences):
    assert refused(content) == sentences


def zipped(**parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def test_read_refuses_what_unpacks_to_very_much_and_what_is_no_sheet():
    bomb = zipped(**{"xl/workbook.xml": b"0" * (50 * 1024 * 1024 + 1)})

    assert len(bomb) < 100_000
    assert refused(bomb) == [
        "The file unpacks to far more than issues need. Copy the lines into the template."
    ]
    assert refused(zipped(text="a document")) == [
        "This is no table of Excel. Save it as “Excel workbook (.xlsx)” or CSV."
    ]


def test_read_refuses_entities_that_grow():
    sheet = as_xlsx(good())
    with zipfile.ZipFile(io.BytesIO(sheet)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    parts[name] = b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 1_000 + b'">]>' + parts[name]

    assert refused(zipped(**parts)) == [
        "The file cannot be read. Open it, save it again as .xlsx, and send that."
    ]


def test_read_is_not_kept_busy_by_a_line_far_below():
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(good())))
    book.active.cell(1_048_576, 1).value = "red-hills"

    assert [row.line for row in reading.read(sheets.saved(book))] == [2, 1_048_576]


# --- checking -------------------------------------------------------------------------------------
@pytest.fixture
def world(db):
    """An organization and a commune with a village in Mondulkiri, and their coordinator."""
    f.ThemeFactory(code="land", name_en="Land", name_km="ដី")
    f.LocalityFactory(code="1101", name_en="Kaev Seima", name_km="កែវសីមា")
    f.LocalityFactory(code="110101", name_en="Srae Chhuk", name_km="ស្រែឈូក")
    f.LocalityFactory(code="11010101", name_en="Pu Char", name_km="ពូចារ")
    f.LocalityFactory(code="160101", name_en="Srae Chhuk", name_km="ស្រែឈូក")
    f.OrganizationFactory(slug="red-hills", name_en="Red hills", name_km="ភ្នំក្រហម")
    return f.coordinator_of(f.ProvinceFactory())


def checked(user, *lines):
    rows = [Row(number, line) for number, line in enumerate(lines, start=2)]
    return check(rows, Lookups(user), today=TODAY)


def faults(user, *lines):
    return [(one.line, one.column, one.sentence) for one in checked(user, *lines).faults]


def test_check_understands_khmer_words_names_and_figures(world):
    line = good(
        organization="ភ្នំក្រហម",
        kind="សំណូមពរ",
        text="ផ្លូវដាច់",
        theme="ដី",
        commune="ឃុំស្រែឈូក",
        province="ខេត្តមណ្ឌលគិរី",
        district="កែវសីមា",
        village="ភូមិពូចារ",
        people="១ ២០០",
        women="៦៤",
        disclosure="សាធារណៈ",
        came_on="២៨/០៣/២០២៦",
        interpreter="បាទ",
        named="yes",
        source="paper",
    )

    found = checked(world, line)

    assert found.faults == []
    content = found.lines[0].content
    assert {name: str(getattr(value, "pk", value)) for name, value in content.items()} == {
        "title": "The road is cut at kilometre 1",
        "text": "ផ្លូវដាច់",
        "asked": "",
        "people": "1200",
        "women": "64",
        "organization": str(content["organization"].pk),
        "kind": "request",
        "language": "km",
        "theme": "land",
        "province": "11",
        "commune": "110101",
        "spoken": "khmer",
        "needs_interpreter": "True",
        "disclosure": "public",
        "source": "paper",
        "came_on": "2026-03-28",
        "is_named": "True",
    }
    assert found.lines[0].village == "11010101"


def test_check_names_all_that_is_wrong_with_a_line(world):
    line = good(
        organization="unknown",
        kind="wish",
        title="x" * 121,
        text="\u200b",
        theme="weather",
        village="Nowhere",
        people="a few",
        women="65",
        disclosure="secret",
        came_on="soon",
    )

    assert faults(world, line) == [
        (
            2,
            "organization",
            "No organization of your provinces has this name. Take its short name from the "
            "template, or register it first.",
        ),
        (2, "village", "The commune has no such village. Correct its name, or leave it empty."),
        (2, "title", "The text has 121 characters. Shorten it to 120."),
        (2, "text", "“Text” is empty. Fill it in."),
        (2, "people", "This is no whole number. Write figures alone, as 120."),
        (2, "kind", "This word is not known here. Write one of: Challenge, Request."),
        (2, "theme", "No theme has this name. Take one from the second sheet of the template."),
        (
            2,
            "disclosure",
            "This word is not known here. Write one of: Public, Restricted, Confidential.",
        ),
        (2, "came_on", "This is no day. Write it as 2026-03-28 or 28/03/2026."),
    ]


NO_COMMUNE = (
    "No such commune is there. Correct its name, district or province, or write its code of six "
    "figures."
)
FAULTS = {
    "more women": (
        {"people": "5", "women": "6"},
        ("women", "There cannot be more women than people. Correct one of the numbers."),
    ),
    "nobody": ({"people": "0", "women": "0"}, ("people", "Write a number from 1 to 20000000.")),
    "no women": ({"women": ""}, ("women", "“of whom women” is empty. Fill it in.")),
    "a formula": (
        {"people": None},
        (
            "people",
            "This cell holds a formula or an error. Copy the cell and paste it as a value.",
        ),
    ),
    "no heading": (
        {"": None},
        (
            "",
            "Something stands under no heading. Move it under the right one; in CSV, put a text "
            "with the separating sign between quotes.",
        ),
    ),
    "to come": (
        {"came_on": "9/5/2026"},
        ("came_on", "This day is still to come. Write the day on which it came."),
    ),
    "no commune": ({"commune": "119999"}, ("commune", NO_COMMUNE)),
    "another district": ({"district": "Elsewhere"}, ("commune", NO_COMMUNE)),
    "not served": (
        {"commune": "160101"},
        (
            "commune",
            "This commune does not lie in a province you serve. Correct it, or leave the line to "
            "the coordinator there.",
        ),
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_check_says_what_is_wrong_and_how_to_mend_it(case, world):
    changes, fault = FAULTS[case]

    assert faults(world, good(**changes)) == [(2, *fault)]


def test_check_names_the_other_line_of_a_line_that_stands_twice(world):
    again = good(title="THE road is cut at  kilometre 1", commune="Srae Chhuk", women="៦៤")

    assert faults(world, good(), good(2), again) == [
        (4, "", "This line is the same as line 2. Remove one of them.")
    ]


def test_check_refuses_an_organization_that_does_not_work_there(world):
    everywhere = f.coordinator_of(None)

    assert faults(everywhere, good(commune="160101")) == [
        (
            2,
            "organization",
            "The organization does not work in this province. Correct the commune, or add the "
            "province to the organization.",
        )
    ]
    assert faults(everywhere, good(commune="Srae Chhuk")) == [
        (2, "commune", "Several communes have this name. Write the code of six figures.")
    ]


def test_check_never_names_the_organization_of_a_confidential_issue(world):
    line = checked(world, good(disclosure="confidential", named="yes")).lines[0]

    assert line.content["is_named"] is False


def test_check_asks_the_database_the_same_for_many_lines(world, django_assert_max_num_queries):
    lines = [good(number, village="Pu Char") for number in range(50)]

    with django_assert_max_num_queries(7):
        assert len(checked(world, *lines).lines) == 50
