"""Certificates: a landscape page for each person, however long the texts."""

from paper import certificates
from tests.paper import reading
from tests.paper.samples import CERTIFICATE, KHMER


def close(text):
    return "".join(text.split())


def test_certificate_is_read_from_head_to_foot():
    text = close(reading.text_in(certificates.pdf([CERTIFICATE])))

    assert text == close(
        "Kingdom of Cambodia Nation Religion King Provincial Administration Secretariat "
        "No. 0012/26 Certificate of participation The secretariat certifies that Ms Director "
        "Network took part in the third session. To check: https://vedika.example/reply/3f9c2a7b/ "
        "14th of Phalgun 2 March 2026 Head of secretariat"
    )


def test_each_person_has_one_landscape_page():
    khmer = {key: KHMER[key] for key in ("language", "digits", "head", "signature")}
    long = CERTIFICATE | {"office": "A very long name of an office " * 25, "address": ""}

    document = certificates.pdf([CERTIFICATE, CERTIFICATE | khmer, long])

    with reading.opened(document) as file:
        sides = [tuple(round(float(side)) for side in page.MediaBox[2:]) for page in file.pages]
    assert sides == [(842, 595)] * 3
    assert "NotoSansKhmer-Bold" in reading.fonts_in(document)
