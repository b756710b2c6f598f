"""Files of issues, as a coordinator would fill them in."""

import csv
import io

from openpyxl import Workbook

from issues.batch.columns import COLUMNS

GOOD = {
    "organization": "red-hills",
    "title": "The road is cut",
    "text": "Since July nobody can pass.",
    "theme": "land",
    "commune": "110101",
    "people": "120",
    "women": "64",
}
NAMES = [column.name for column in COLUMNS]


def good(number=1, **changes):
    """A line without faults, other than those of other numbers."""
    return GOOD | {"title": f"The road is cut at kilometre {number}"} | changes


def table(*lines, headings=NAMES):
    """The cells of a file with these lines below the headings."""
    return [list(headings), *([line.get(name, "") for name in headings] for line in lines)]


def as_csv(*lines, delimiter=",", encoding="utf-8", headings=NAMES):
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(table(*lines, headings=headings))
    return file.getvalue().encode(encoding)


def as_xlsx(*lines, headings=NAMES):
    book = Workbook()
    for cells in table(*lines, headings=headings):
        book.active.append(cells)
    return saved(book)


def saved(book):
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
