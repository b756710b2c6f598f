"""The issue matrix as a workbook, in one language."""

import datetime as dt
import io
from collections.abc import Sequence

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from issues.export import guarded
from issues.matrix import Row, columns

FONTS = {"km": "Khmer OS Siemreap", "en": "Calibri"}  # what offices write in
WIDTHS = (6, 15, 34, 46, 24, 40, 14)  # of the columns, in signs
LINES = Side(style="thin", color="999999")
WRAPPED = Alignment(wrap_text=True, vertical="top")
HEAD = 3  # the line of the headings, below the title and a line of white
DAY = "yyyy-mm-dd"


def cells_of(row: Row) -> list[str | int | dt.date]:
    """One line below ``columns``; a day stays a day, so that it can be sorted."""
    return [
        row.number,
        row.reference,
        row.place,
        row.title,
        row.outcome,
        row.authority,
        row.due or "",
    ]


def workbook(title: str, rows: Sequence[Row]) -> bytes:
    """The rows below their headings and a title; nothing in it becomes a formula."""
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet(_("Issue matrix")[:31])
    font = FONTS.get(get_language() or "", FONTS["km"])
    _write(sheet.cell(1, 1), title, Font(name=font, bold=True, size=13))
    sheet.cell(1, 1).alignment = Alignment(wrap_text=False)
    _write_line(sheet, HEAD, columns(), Font(name=font, bold=True))
    for line, row in enumerate(rows, start=HEAD + 1):
        _write_line(sheet, line, cells_of(row), Font(name=font))
    _set_up(sheet, HEAD + len(rows))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _write_line(
    sheet: Worksheet, line: int, cells: Sequence[str | int | dt.date], font: Font
) -> None:
    for position, value in enumerate(cells, start=1):
        cell = sheet.cell(line, position)
        _write(cell, value, font)
        cell.border = Border(LINES, LINES, LINES, LINES)


def _write(cell: Cell, value: str | int | dt.date, font: Font) -> None:
    """The value as text, number or day, none for an empty text; no text becomes a formula."""
    if value and isinstance(value, str):
        cell.value, cell.data_type = guarded(value), "s"
    elif value:
        cell.value = value
    if isinstance(value, dt.date):
        cell.number_format = DAY
    cell.font = font
    cell.alignment = WRAPPED


def _set_up(sheet: Worksheet, end: int) -> None:
    """Widths, headings that stay in view, a filter, and how it is printed."""
    for position, width in enumerate(WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = width
    sheet.freeze_panes = sheet.cell(HEAD + 1, 1)
    sheet.auto_filter.ref = f"A{HEAD}:{get_column_letter(len(WIDTHS))}{end}"
    sheet.print_title_rows = f"{HEAD}:{HEAD}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
