"""Attendance sheets: who is expected, room to sign, and totals to fill by hand."""

import pikepdf
import pytest

from paper import sheets
from tests.paper import reading
from tests.paper.samples import KHMER, SHEET


def close(text):
    return "".join(text.split())


def text_of(sheet):
    return close(reading.text_in(sheets.pdf(sheet)))


def test_sheet_is_read_row_by_row_blank_ones_too():
    assert text_of(SHEET) == close(
        "Kingdom of Cambodia Nation Religion King Provincial Administration Secretariat "
        "No. 0012/26 Attendance sheet Forum 2026 Third session Day 26 March 2026 "
        "No. Person Office Sex Signature QR 1 Deputy Governor Province m 2 Director Network f 3 4 "
        "Altogether total of whom women 14th of Phalgun 2 March 2026 Head of secretariat "
        "Sheet of the third session Page 1 of 1"
    )


@pytest.mark.parametrize(("landscape", "sides"), [(False, (595, 842)), (True, (842, 595))])
def test_long_sheet_repeats_its_head_on_each_page(landscape, sides):
    row = SHEET["rows"][0]
    document = sheets.pdf(SHEET | {"rows": [row] * 30, "landscape": landscape})

    pages = [close(page) for page in reading.pages_in(document)]
    with reading.opened(document) as file:
        shapes = {tuple(round(float(side)) for side in page.MediaBox[2:]) for page in file.pages}
    assert shapes == {sides}
    # The last page may hold the totals alone.
    assert all("SignatureQR" in page for page in pages[:-1])
    assert f"Page{len(pages)}of{len(pages)}" in pages[-1]


def test_only_a_row_with_an_address_has_a_code():
    with reading.opened(sheets.pdf(SHEET)) as file:
        objects = [one for one in file.objects if isinstance(one, pikepdf.Dictionary)]
        codes = [str(one.Alt) for one in objects if "/Alt" in one]

    assert codes == [SHEET["qr_title"]]


def test_khmer_sheet_counts_in_khmer_figures():
    khmer = {key: KHMER[key] for key in ("language", "digits", "page_of", "head")}

    text = text_of(SHEET | khmer)
    assert "២DirectorNetworkf៣៤" in text
    assert not {"1", "3", "4"} & set(text.replace("14th", ""))


def test_markup_in_rows_is_printed_as_it_stands():
    row = {"person": "*Bold* #x", "office": "$y$", "sex": "<a>", "address": ""}

    assert "1*Bold*#x$y$<a>" in text_of(SHEET | {"rows": [row]})
