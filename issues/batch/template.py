"""The file to begin with: headings, one example, and what may be written in each column."""

import csv
import io
from collections.abc import Iterable

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from accounts.models import Organization
from issues.batch.columns import COLUMNS, LANGUAGES, Column, note_of, short
from issues.batch.reading import MAX_ROWS, REMARK
from issues.models import Issue
from provinces.models import Theme

FIRST = 2  # the line below the headings
AS_TEXT = "@"  # so that a code keeps its first zero
LONGEST_LIST = 255  # signs of a list of words that Excel takes
WRAPPED = Alignment(wrap_text=True, vertical="top")


def csv_file() -> bytes:
    """The template as CSV in UTF-8, with the mark by which Excel knows it."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows([_headings(), _example()])
    return file.getvalue().encode("utf-8-sig")


def xlsx_file(organizations: Iterable[Organization], themes: Iterable[Theme]) -> bytes:
    """The template as a workbook: issues, explanations, and the organizations' short names."""
    book = Workbook()
    book.remove(book.worksheets[0])
    _fill_issues(book.create_sheet(_("Issues")))
    _fill_explanations(book.create_sheet(_("Explanations")), themes)
    _fill_organizations(book.create_sheet(_("Organizations")), organizations)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _headings() -> list[str]:
    return [str(column.heading) for column in COLUMNS]


def _example() -> list[str]:
    """A line as it may look; its first sign says that it is not read."""
    said = {
        "organization": f"{REMARK} " + _("Example: this line is not read"),
        "title": _("The bridge on the way to the school is broken"),
        "text": _("Since the rains of July nobody can pass with a cart."),
        "asked": _("That the bridge be mended before the next rains."),
        "theme": _("Roads"),
        "commune": "110101",
        "people": "120",
        "women": "64",
        "language": str(dict(LANGUAGES)[get_language() or "km"]),
        "disclosure": short(Issue.Disclosure.RESTRICTED.label),
        "came_on": "2026-03-28",
    }
    return [
        said.get(column.name) or (short(column.choices[0][1]) if column.choices else "")
        for column in COLUMNS
    ]


def _write(sheet: Worksheet, line: int, cells: Iterable[object], *, bold: bool = False) -> None:
    """Write a line of plain text: nothing in it becomes a formula."""
    for position, value in enumerate(cells, start=1):
        cell = sheet.cell(line, position, str(value))
        cell.data_type = "s"
        cell.alignment = WRAPPED
        if bold:
            cell.font = Font(bold=True)


def _fill_issues(sheet: Worksheet) -> None:
    _write(sheet, 1, _headings(), bold=True)
    _write(sheet, FIRST, _example())
    sheet.freeze_panes = sheet.cell(FIRST, 1)
    for position, column in enumerate(COLUMNS, start=1):
        letter = get_column_letter(position)
        sheet.column_dimensions[letter].width = column.width
        sheet.column_dimensions[letter].number_format = AS_TEXT
        _offer(sheet, letter, column)


def _offer(sheet: Worksheet, letter: str, column: Column) -> None:
    """A list of the words that the column takes, where Excel can hold it."""
    words = ",".join(short(label) for _value, label in column.choices)
    if words and len(words) + 2 <= LONGEST_LIST:
        offered = DataValidation("list", formula1=f'"{words}"', allow_blank=True)
        offered.add(f"{letter}{FIRST}:{letter}{MAX_ROWS + FIRST}")
        sheet.add_data_validation(offered)


def _fill_explanations(sheet: Worksheet, themes: Iterable[Theme]) -> None:
    lines = [
        (
            str(column.heading),
            _("has to be filled in") if column.is_required else "",
            note_of(column),
            ", ".join(short(label) for _value, label in column.choices),
        )
        for column in COLUMNS
    ]
    heading = (_("Column"), "", _("What to write"), _("Words it takes"))
    themes_heading = (_("Code of the theme"), "", _("Khmer name"), _("Latin name"))
    _write(sheet, 1, heading, bold=True)
    for number, line in enumerate(lines, start=2):
        _write(sheet, number, line)
    below = len(lines) + 3
    _write(sheet, below, themes_heading, bold=True)
    for number, one in enumerate(themes, start=below + 1):
        _write(sheet, number, (one.code, "", one.name_km, one.name_en))
    for letter, width in (("A", 28), ("B", 18), ("C", 60), ("D", 60)):
        sheet.column_dimensions[letter].width = width


def _fill_organizations(sheet: Worksheet, organizations: Iterable[Organization]) -> None:
    _write(sheet, 1, (_("Short name"), _("Khmer name"), _("Latin name")), bold=True)
    for number, one in enumerate(organizations, start=2):
        _write(sheet, number, (one.slug, one.name_km, one.name_en))
    for letter in "ABC":
        sheet.column_dimensions[letter].width = 36
