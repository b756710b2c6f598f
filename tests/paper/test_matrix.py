"""The issue matrix: a landscape table whose head stands on each page."""

from paper import matrix
from tests.paper import reading
from tests.paper.samples import MATRIX
from tests.paper.test_minutes import close

HEADS = "Reference Place Issue Outcome Authority Due"
ROW = "11-2026-0012 Sen Monorom Road to the market Referred Public Works 9 April 2026"


def test_matrix_is_read_row_by_row():
    text = close(reading.text_in(matrix.pdf(MATRIX | {"mark": ""})))

    assert text == close(
        "Kingdom of Cambodia Nation Religion King Provincial Administration Secretariat "
        "No. 0012/26 Issue matrix of the session in Mondulkiri Forum 2026 3rd waxing day "
        "26 March 2026 Venue Provincial hall Chair Deputy Governor of Mondulkiri "
        f"{HEADS} {ROW} Minutes, Mondulkiri Page 1 of 1"
    )


def test_long_matrix_is_landscape_and_repeats_its_head():
    document = matrix.pdf(MATRIX | {"rows": MATRIX["rows"] * 60})

    with reading.opened(document) as file:
        sides = {tuple(round(float(side)) for side in page.MediaBox[2:]) for page in file.pages}
    pages = [close(page) for page in reading.pages_in(document)]
    assert sides == {(842, 595)}
    assert len(pages) > 1
    assert all(close(f"{HEADS} {ROW}") in page for page in pages)
    assert sum(page.count(close(ROW)) for page in pages) == 60
    assert document == matrix.pdf(MATRIX | {"rows": MATRIX["rows"] * 60})
