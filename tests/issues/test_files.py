"""What is kept of an upload."""

import io

import pikepdf
import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from PIL import Image

from issues import files
from issues.models import Evidence

GPS, MAKE = 0x8825, 0x010F


def photo(kind="JPEG", size=(64, 48), **options) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "green").save(out, kind, **options)
    return out.getvalue()


def geotagged() -> bytes:
    exif = Image.Exif()
    exif[MAKE] = "A telephone of Bousra"
    exif.get_ifd(GPS).update({1: "N", 2: (12.0, 30.0, 15.0), 3: "E", 4: (107.0, 25.0, 40.0)})
    return photo(exif=exif, comment=b"taken at the chief's house")


def document(**pages) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.docinfo["/Author"] = "Sok"
        pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        pdf.save(out, **pages)
    return out.getvalue()


def keep(content: bytes):
    return files.keep(io.BytesIO(content), len(content))


def code_of(content: bytes) -> str:
    with pytest.raises(ValidationError) as raised:
        keep(content)
    return raised.value.code


def test_keep_takes_every_trace_of_place_and_device_from_a_photo():
    content = geotagged()
    assert Image.open(io.BytesIO(content)).getexif().get_ifd(GPS)[1] == "N"

    kept = keep(content)

    for stored in (kept.content, kept.thumbnail):
        with Image.open(io.BytesIO(stored)) as opened:
            assert dict(opened.getexif()) == {}
            assert set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert b"Bousra" not in stored
        assert b"chief" not in stored
        assert b"Exif" not in stored


def test_keep_turns_a_photo_upright_before_its_direction_is_lost():
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side

    kept = keep(photo(size=(64, 48), exif=exif))

    assert Image.open(io.BytesIO(kept.content)).size == (48, 64)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_keep_makes_a_jpeg_of_every_photo(kind):
    kept = keep(photo(kind))

    assert kept.kind == Evidence.Kind.IMAGE
    assert Image.open(io.BytesIO(kept.content)).format == "JPEG"


def test_keep_makes_a_large_photo_smaller():
    kept = keep(photo(size=(4_000, 1_000)))

    assert Image.open(io.BytesIO(kept.content)).size == (settings.EVIDENCE_LONGEST_SIDE, 512)


def test_keep_takes_author_and_scripts_from_a_pdf():
    kept = keep(document())

    assert (kept.kind, kept.thumbnail) == (Evidence.Kind.PDF, None)
    with pikepdf.open(io.BytesIO(kept.content)) as pdf:
        assert len(pdf.pages) == 1
        assert "/OpenAction" not in pdf.Root
        assert dict(pdf.docinfo) == {}


def test_keep_refuses_what_is_no_photo_and_no_pdf_by_its_content():
    assert code_of(b"<html><script>alert(1)</script></html>") == "unknown_kind"
    assert code_of(photo("GIF")) == "unknown_kind"
    assert code_of(b"") == "unknown_kind"
    assert code_of(photo()[:200]) == "unknown_kind"


def test_keep_refuses_a_damaged_or_locked_pdf():
    locked = document(encryption=pikepdf.Encryption(owner="a", user="b"))

    assert code_of(b"%PDF-1.7 and nothing more") == "bad_pdf"
    assert code_of(locked) == "bad_pdf"


def test_keep_refuses_a_file_over_ten_megabytes_without_reading_it():
    with pytest.raises(ValidationError) as raised:
        files.keep(None, settings.EVIDENCE_MAX_BYTES + 1)

    assert raised.value.code == "too_large"


def test_keep_refuses_a_photo_of_too_many_pixels(settings):
    settings.EVIDENCE_MAX_PIXELS = 64 * 48 - 1

    assert code_of(photo()) == "too_many_pixels"
