"""Reading a file of issues, XLSX or CSV, into rows; nothing in it is understood yet."""

import csv
import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from issues.batch.columns import BY_NAME, COLUMNS, heading_of, headings, plain

MAX_BYTES = 5 * 1024 * 1024
MAX_UNPACKED = 50 * 1024 * 1024
MAX_PARTS = 1_000  # files inside an XLSX
MAX_ROWS, MAX_COLUMNS = 2_000, 40
LAST_LINE = 1_048_576  # of a sheet
REMARK = "#"
BEYOND = ""  # the column of what stands behind the last heading
# Signs that no text needs and no database keeps.
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
UTF16 = (b"\xff\xfe", b"\xfe\xff")
DELIMITERS = ",;\t"
# All that openpyxl and what it reads with are known to raise for a damaged file.
DAMAGED = (
    OSError, ValueError, TypeError, LookupError, AttributeError, EOFError, RuntimeError,
    NotImplementedError, ParseError, SyntaxError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


# A cell's text; None where a formula or an error stands in it.
Cell = str | None


@dataclass(frozen=True)
class Row:
    """One line of the file: its number there, and its filled cells by their column's name."""

    line: int
    cells: dict[str, Cell]


def read(content: bytes) -> list[Row]:
    """The rows below the headings, without empty ones and remarks.

    Raises ValidationError with every sentence about the file as a whole.
    """
    if len(content) > MAX_BYTES:
        raise _refused(_("The file is over 5 MB. Divide it into several files."))
    lines = _filled(_lines(content))
    _first, header = next(lines, (0, []))
    names = _columns(header)
    rows = list(_rows(lines, names))
    if not rows:
        raise _refused(_("The file has no line with an issue. Write one issue on each line."))
    return rows


def _refused(*sentences: str) -> ValidationError:
    return ValidationError(list(sentences), code="unreadable")


def _filled(lines: Iterable[tuple[int, list[Cell]]]) -> Iterator[tuple[int, list[Cell]]]:
    return ((line, cells) for line, cells in lines if any(cell != "" for cell in cells))


def _rows(lines: Iterable[tuple[int, list[Cell]]], names: list[str]) -> Iterator[Row]:
    count = 0
    for line, cells in lines:
        pairs = zip(names, cells, strict=False)
        row = Row(line, {name: cell for name, cell in pairs if name and cell != ""})
        if any(cell != "" for cell in _unheaded(cells, names)):
            row.cells[BEYOND] = None
        if (row.cells.get("organization") or "").startswith(REMARK):
            continue
        count += 1
        if count > MAX_ROWS:
            raise _refused(
                _("The file has more than %(limit)s lines. Divide it into several files.")
                % {"limit": MAX_ROWS}
            )
        yield row


def _unheaded(cells: list[Cell], names: list[str]) -> list[Cell]:
    """Cells under an empty heading or behind the last one."""
    headed = [cell for cell, name in zip(cells, names, strict=False) if not name]
    return headed + cells[len(names) :]


# --- headings -------------------------------------------------------------------------------------
def _columns(header: list[Cell]) -> list[str]:
    """The name of each column, "" for one without a heading."""
    if len(header) > MAX_COLUMNS:
        raise _refused(
            _("The file has more than %(limit)s columns. Use the template.")
            % {"limit": MAX_COLUMNS}
        )
    known = headings()
    names = [known.get(plain(cell), cell) if cell else cell for cell in header]
    faults = list(_heading_faults(names))
    if faults:
        raise _refused(*faults)
    return [name or "" for name in names]


def _heading_faults(names: list[Cell]) -> Iterator[str]:
    from openpyxl.utils import get_column_letter

    seen: set[Cell] = set()
    for position, name in enumerate(names, start=1):
        letter = {"column": get_column_letter(position)}
        if name == "":
            continue
        if name not in BY_NAME:
            yield (
                _("The heading of column %(column)s is not known. Take those of the template.")
                % letter
            )
        elif name in seen:
            yield _("The heading of column %(column)s stands twice. Keep one of them.") % letter
        seen.add(name)
    for name in [one.name for one in COLUMNS if one.is_required and one.name not in seen]:
        yield _("The column “%(heading)s” is missing. Add it, as in the template.") % {
            "heading": heading_of(name)
        }


# --- the two formats ------------------------------------------------------------------------------
def _lines(content: bytes) -> Iterator[tuple[int, list[Cell]]]:
    """Each line with its number, as a spreadsheet counts them."""
    if content.startswith(OLD_EXCEL):
        raise _refused(
            _(
                "This is a file of an old Excel, or one with a password. Save it as “Excel "
                "workbook (.xlsx)” without a password."
            )
        )
    return _sheet(content) if content.startswith(ZIP) else _csv(content)


def _sheet(content: bytes) -> Iterator[tuple[int, list[Cell]]]:
    """The lines of the first sheet of an XLSX."""
    from openpyxl import load_workbook

    _refuse_bomb(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        yield from _sheet_lines(sheet)
    except DAMAGED as error:
        raise _damaged() from error


def _sheet_lines(sheet) -> Iterator[tuple[int, list[Cell]]]:  # type: ignore[no-untyped-def]
    """Each line that has cells; a gap of a million lines is one and the same row to openpyxl."""
    before: object = None
    rows = sheet.iter_rows(max_row=LAST_LINE, max_col=MAX_COLUMNS + 1)
    for line, row in enumerate(rows, start=1):
        if row is before:
            continue
        before = row
        cells = [_of_sheet(cell) for cell in row]
        while cells and cells[-1] == "":
            cells.pop()
        yield line, cells


def _refuse_bomb(content: bytes) -> None:
    """Refuse what would fill the memory: the sizes it states are all that is ever unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except DAMAGED as error:
        raise _damaged() from error
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise _refused(
            _("The file unpacks to far more than issues need. Copy the lines into the template.")
        )
    if "xl/workbook.xml" not in {part.filename for part in parts}:
        raise _refused(_("This is no table of Excel. Save it as “Excel workbook (.xlsx)” or CSV."))


def _damaged() -> ValidationError:
    return _refused(_("The file cannot be read. Open it, save it again as .xlsx, and send that."))


def _of_sheet(cell) -> Cell:  # type: ignore[no-untyped-def]
    return None if cell.data_type in ("f", "e") else _text(cell.value)


def _text(value: object) -> str:
    """A cell's value as somebody would have typed it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _clean(str(value))


def _clean(text: str) -> str:
    return CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _csv(content: bytes) -> Iterator[tuple[int, list[Cell]]]:
    text = _decoded(content)
    first, _newline, rest = text.partition("\n")
    if first.strip().lower().startswith("sep="):  # Excel's own mark, which it counts as no line
        first, text = first.strip()[4:], rest
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for line, cells in enumerate(reader, start=1):
            yield line, [_clean(cell) for cell in cells[: MAX_COLUMNS + 1]]
    except csv.Error as error:
        raise _refused(
            _("The file cannot be read as CSV from line %(line)s on. Look for a missing quote.")
            % {"line": reader.line_num}
        ) from error


def _decoded(content: bytes) -> str:
    """The text of a CSV file: UTF-8, or UTF-16 as Excel writes “Unicode text”."""
    encoding = "utf-16" if content.startswith(UTF16) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _refused(
            _("The letters of the file cannot be read. Save it as “CSV UTF-8”, or as .xlsx.")
        ) from error
    if "\x00" in text:
        raise _refused(_("This is no table. Send a file of Excel (.xlsx) or a CSV file."))
    return text
