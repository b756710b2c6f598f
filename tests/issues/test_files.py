"""What is kept of an upload."""

import base64
import io
import struct
import zlib

import pikepdf
import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from PIL import Image, ImageCms, ImageOps

from issues import files, pdfs, photos
from issues.models import Evidence

GPS, MAKE = 0x8825, 0x010F


def photo(kind="JPEG", size=(64, 48), **options) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "green").save(out, kind, **options)
    return out.getvalue()


def geotagged(kind="JPEG") -> bytes:
    exif = Image.Exif()
    exif[MAKE] = "A telephone of Bousra"
    exif.get_ifd(GPS).update({1: "N", 2: (12.0, 30.0, 15.0), 3: "E", 4: (107.0, 25.0, 40.0)})
    comment = {"JPEG": {"comment": b"taken at the chief's house"}}
    return photo(kind, exif=exif, **comment.get(kind, {}))


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


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_keep_takes_every_trace_of_place_and_device_from_a_photo(kind):
    content = geotagged(kind)
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


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG", "HEIF"])
def test_keep_makes_a_jpeg_of_every_photo(kind):
    kept = keep(photo(kind))

    assert kept.kind == Evidence.Kind.IMAGE
    assert Image.open(io.BytesIO(kept.content)).format == "JPEG"


def test_keep_turns_a_heic_upright_once():
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.new("RGB", (64, 48), "white")
    image.paste("black", (0, 0, 32, 16))
    out = io.BytesIO()
    image.save(out, "HEIF", exif=exif.tobytes())

    kept = Image.open(io.BytesIO(keep(out.getvalue()).content)).convert("L")

    assert kept.size == (48, 64)
    assert [kept.getpixel(at) > 128 for at in ((8, 8), (40, 8), (8, 56))] == [True, False, True]


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


def test_keep_refuses_what_is_of_no_kind_that_is_kept_by_its_content():
    page = b"#EXTM3U\nhttp://127.0.0.1/"
    assert code_of(page) == "unknown_kind"
    assert code_of(b"\0\0\0\x18ftypavif" + bytes(99)) == "unknown_kind"
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


@pytest.mark.parametrize("kind", ["JPEG", "HEIF"])
def test_keep_refuses_a_photo_of_too_many_pixels(settings, kind):
    settings.EVIDENCE_MAX_PIXELS = 64 * 48 - 1

    assert code_of(photo(kind)) == "too_many_pixels"


def test_keep_refuses_a_heic_whose_picture_is_larger_than_it_says():
    content = photo("HEIF", size=(64, 64))
    size = b"ispe" + bytes(4) + struct.pack(">II", 64, 64)
    assert size in content

    lying = content.replace(size, b"ispe" + bytes(4) + struct.pack(">II", 8_000, 6_000))

    assert code_of(lying) in ("too_many_pixels", "bad_photo")


SECRET = b"Bousra"  # what no kept byte may tell
EXIF = b"Exif\0\0 a telephone of Bousra"


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


def telling_jpeg(**options) -> bytes:
    plain = photo(size=(160, 120), **options)
    told = segment(0xE1, EXIF) + segment(0xFE, b"Bousra") + segment(0xE2, b"FPXR\0Bousra")
    return plain[:2] + told + plain[2:] + EXIF


def picture(pdf, content=None, filters="/DCTDecode"):
    names = [pikepdf.Name(name) for name in filters.split()]
    stream = pdf.make_stream(content or telling_jpeg())
    stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    stream.Width, stream.Height, stream.BitsPerComponent = 160, 120, 8
    stream.ColorSpace = pikepdf.Name.DeviceRGB
    stream.Filter = pikepdf.Array(names) if len(names) > 1 else names[0]
    return stream


def saved(pdf, **options) -> bytes:
    out = io.BytesIO()
    pdf.save(out, **options)
    return out.getvalue()


def page_with(**resources) -> tuple[pikepdf.Pdf, pikepdf.Object]:
    pdf = pikepdf.new()
    page = pdf.add_blank_page().obj
    page.Resources = pikepdf.Dictionary(**resources)
    return pdf, page


def pdf_of_picture(*args, **options) -> bytes:
    pdf, page = page_with(XObject=pikepdf.Dictionary())
    page.Resources.XObject.Im0 = picture(pdf, *args, **options)
    page.Contents = pdf.make_stream(b"q 160 0 0 120 0 0 cm /Im0 Do Q")
    return saved(pdf)


def kept_picture(content: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return pdf.pages[0].Resources.XObject.Im0.read_raw_bytes()


def all_told(content: bytes) -> bytes:
    """The file's bytes, each object written out, and each stream as it is and unpacked."""
    told = [content]
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for each in [pdf.trailer, *pdf.objects]:
            told.append(repr(each).encode())
            if isinstance(each, pikepdf.Stream):
                told.append(each.read_raw_bytes())
                if each.get("/Filter") not in ("/DCTDecode", "/JPXDecode"):
                    told.append(each.read_bytes())
    return b"\n".join(told)


def told_by_every_key() -> bytes:
    pdf, page = page_with(XObject=pikepdf.Dictionary(), Font=pikepdf.Dictionary())
    xmp = pdf.make_stream(b"<x:xmpmeta>Bousra</x:xmpmeta>", Type=pikepdf.Name.Metadata)
    notes = pikepdf.Dictionary(Word=pikepdf.Dictionary(Private=pikepdf.String("Bousra")))
    attached = pikepdf.Dictionary(
        Type=pikepdf.Name.Filespec,
        F="Bousra.txt",
        EF=pikepdf.Dictionary(F=pdf.make_stream(b"Bousra", Type=pikepdf.Name.EmbeddedFile)),
    )
    image = picture(pdf)
    image.SMask = picture(pdf)
    form = pdf.make_stream(b"/Im0 Do", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form)
    form.BBox = [0, 0, 9, 9]
    form.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=picture(pdf)))
    # A font that its author happened to name as one of the keys that are taken out.
    page.Resources.Font.AF = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    page.Resources.XObject.Im0, page.Resources.XObject.Fm0 = image, form
    for each in (pdf.Root, page, image, form):
        each.Metadata, each.PieceInfo, each.LastModified = xmp, notes, "Bousra"
        each.AF = pikepdf.Array([pdf.make_indirect(attached)])
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert('Bousra')")
    page.Thumb, page.AA = picture(pdf), pikepdf.Dictionary(O=script)
    page.VP = pikepdf.Array([pikepdf.Dictionary(Name="Bousra")])
    root = pdf.Root
    root.OpenAction, root.Collection = script, pikepdf.Dictionary(D="Bousra")
    root.Names = pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary(Names=["Bousra", attached]))
    root.AcroForm = pikepdf.Dictionary(Fields=[pikepdf.Dictionary(T="Bousra", V="Bousra")])
    personal = {"/T": "Bousra", "/NM": "Bousra", "/M": "Bousra", "/Contents": "Bousra"}
    web = pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://example.org/", Next=script)
    link = pikepdf.Dictionary(Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=web)
    note = pikepdf.Dictionary(Subtype=pikepdf.Name.Text, Rect=[0, 0, 9, 9])
    for each in (link, note):
        for key, value in personal.items():
            each[key] = value
    page.Annots = pikepdf.Array([pdf.make_indirect(link), pdf.make_indirect(note)])
    root.StructTreeRoot = pikepdf.Dictionary(K=pikepdf.Dictionary(Obj=page.Annots[1]))
    gone = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Page, Secret="Bousra"))
    one = pikepdf.Dictionary(Title="One", Dest=[page, pikepdf.Name.Fit], A=script)
    two = pikepdf.Dictionary(Title="Two", Dest=[gone, pikepdf.Name.Fit])
    root.Outlines = pdf.make_indirect(pikepdf.Dictionary(First=pdf.make_indirect(one), Count=2))
    root.Outlines.First.Next = pdf.make_indirect(two)
    pdf.docinfo["/Author"] = "Bousra"
    pdf.trailer["/Maker"] = pikepdf.String("Bousra")
    return saved(pdf)


def test_keep_takes_what_tells_of_people_from_every_part_of_a_pdf():
    content = told_by_every_key()
    assert all_told(content).count(SECRET) > 30

    kept = keep(content).content

    told = all_told(kept)
    for forbidden in (SECRET, b"Exif", b"xmpmeta", b"/Metadata", b"/PieceInfo", b"app.alert"):
        assert forbidden not in told
    for forbidden in (b"/Producer", b"/CreationDate", b"/ModDate", b"/Info", b"/AcroForm"):
        assert forbidden not in told


def test_keep_leaves_pages_pictures_fonts_links_and_bookmarks_of_a_pdf():
    with pikepdf.open(io.BytesIO(keep(told_by_every_key()).content)) as pdf:
        page = pdf.pages[0]
        assert page.Resources.Font.AF.BaseFont == "/Helvetica"
        assert set(page.Resources.XObject.keys()) == {"/Im0", "/Fm0"}
        assert [str(link.A.URI) for link in page.Annots] == ["https://example.org/"]
        assert set(page.Annots[0].A.keys()) == {"/S", "/URI"}
        first = pdf.Root.Outlines.First
        assert (str(first.Title), first.Dest[0].objgen) == ("One", page.obj.objgen)
        assert "/Dest" not in first.Next


def test_keep_gives_the_same_bytes_for_the_same_pdf():
    content = told_by_every_key()

    assert keep(content).digest == keep(content).digest


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 100}])
def test_keep_leaves_the_pixels_of_a_photo_in_a_pdf_as_they_are(options):
    content = telling_jpeg(**options)

    bare = kept_picture(keep(pdf_of_picture(content)).content)

    assert SECRET not in bare
    with Image.open(io.BytesIO(bare)) as after, Image.open(io.BytesIO(content)) as before:
        assert after.tobytes() == before.tobytes()
        assert bare.endswith(b"\xff\xd9")


@pytest.mark.parametrize(
    ("pack", "filters"),
    [
        (zlib.compress, "/FlateDecode /DCTDecode"),
        (lambda content: base64.a85encode(content) + b"~>", "/ASCII85Decode /DCTDecode"),
        (lambda content: content.hex().encode() + b">", "/ASCIIHexDecode /DCTDecode"),
    ],
)
def test_keep_cleans_a_photo_packed_twice_in_a_pdf(pack, filters):
    kept = keep(pdf_of_picture(pack(telling_jpeg()), filters=filters)).content

    bare = kept_picture(kept)
    assert bare.startswith(b"\xff\xd8")
    assert SECRET not in bare


def jpeg_2000(**options) -> bytes:
    return photo("JPEG2000", size=(160, 120), **options)


def box(kind: bytes, inside: bytes) -> bytes:
    return (len(inside) + 8).to_bytes(4, "big") + kind + inside


def test_keep_cleans_a_jpeg_2000_in_a_pdf():
    content = jpeg_2000(comment="Bousra") + box(b"uuid", EXIF) + box(b"xml ", b"<Bousra/>")

    bare = kept_picture(keep(pdf_of_picture(content, filters="/JPXDecode")).content)

    assert SECRET in content
    assert SECRET not in bare
    with Image.open(io.BytesIO(bare)) as after, Image.open(io.BytesIO(content)) as before:
        assert after.tobytes() == before.tobytes()


@pytest.mark.parametrize(
    "content",
    [
        b"Bousra",
        b"\xff\xd8",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe1\xff\xff short",
        b"\xff\xd8\xff\xe1\x00\x01",
        b"\xff\xd8 no marker",
        telling_jpeg()[:200],
    ],
)
def test_keep_refuses_a_pdf_with_a_photo_whose_segments_lie(content):
    assert code_of(pdf_of_picture(content)) == "bad_pdf"


@pytest.mark.parametrize("content", [b"\xff\x4f\xff\x51\x00", b"\0\0\0\x07jP  ", b"\0\0\0\x99jp2c"])
def test_keep_refuses_a_pdf_with_a_jpeg_2000_whose_boxes_lie(content):
    assert code_of(pdf_of_picture(content, filters="/JPXDecode")) == "bad_pdf"


@pytest.mark.parametrize("filters", ["/DCTDecode /FlateDecode", "/Unheard /DCTDecode"])
def test_keep_refuses_a_photo_in_a_pdf_that_it_cannot_reach(filters):
    assert code_of(pdf_of_picture(filters=filters)) == "unclean_pdf"


def pdf_of_contents(content: bytes, *filters: str) -> bytes:
    pdf, page = page_with()
    page.Contents = pdf.make_stream(content)
    page.Contents.Filter = pikepdf.Array([pikepdf.Name(name) for name in filters])
    return saved(pdf, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)


@pytest.mark.parametrize("name", [b"/DCT", b"/DCTDecode"])
def test_keep_refuses_a_photo_inside_the_commands_of_a_page(name):
    commands = zlib.compress(b"BI /W 1 /H 1 /F [" + name + b"] ID " + telling_jpeg() + b" EI")

    assert code_of(pdf_of_contents(commands, "/FlateDecode")) == "unclean_pdf"


def test_keep_refuses_a_pdf_that_swells():
    bomb = zlib.compress(b" " * (pdfs.MAX_UNPACKED * 2))

    assert code_of(pdf_of_contents(bomb, "/FlateDecode")) == "unclean_pdf"
    twice = pdf_of_contents(zlib.compress(bomb), "/FlateDecode", "/FlateDecode")
    assert code_of(twice) == "unclean_pdf"
    assert code_of(pdf_of_picture(bomb, filters="/FlateDecode /DCTDecode")) == "unclean_pdf"
    assert code_of(pdf_of_contents(b"0" * (pdfs.MAX_LZW + 1), "/LZWDecode")) == "unclean_pdf"


def test_keep_counts_all_that_a_pdf_unpacks_to(monkeypatch):
    monkeypatch.setattr(pdfs, "MAX_UNPACKED_ALTOGETHER", 9)

    assert code_of(pdf_of_contents(b"q 1 0 0 1 0 0 cm Q")) == "unclean_pdf"


def test_keep_refuses_a_pdf_of_too_many_pages_or_objects(monkeypatch):
    with pikepdf.new() as pdf:
        for _page in range(pdfs.MAX_PAGES + 1):
            pdf.add_blank_page()
        long = saved(pdf)
    assert code_of(long) == "too_many_pages"

    monkeypatch.setattr(pdfs, "MAX_OBJECTS", 3)
    assert code_of(document()) == "unclean_pdf"


def test_keep_measures_a_pdf_again_once_it_is_clean(monkeypatch, settings):
    content = document()
    settings.EVIDENCE_MAX_BYTES = len(content)
    monkeypatch.setattr(pdfs, "clean", lambda content: content + b" ")

    assert code_of(content) == "too_large"


def test_keep_opens_a_pdf_that_only_its_owner_may_change():
    content = document(encryption=pikepdf.Encryption(owner="a", user=""))

    with pikepdf.open(io.BytesIO(keep(content).content)) as pdf:
        assert not pdf.is_encrypted


def drawn(mode: str, color, kind="PNG", **options) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (32, 32), color).save(out, kind, **options)
    return out.getvalue()


def kept_color(content: bytes) -> tuple[int, ...]:
    return Image.open(io.BytesIO(keep(content).content)).getpixel((16, 16))


def near(color, *expected) -> bool:
    return all(abs(one - other) < 12 for one, other in zip(color, expected, strict=True))


@pytest.mark.parametrize(
    "content",
    [
        drawn("RGBA", (0, 0, 0, 0)),
        drawn("LA", (0, 0)),
        drawn("P", 0, transparency=0),
        drawn("P", 0, transparency=b"\0"),
        drawn("L", 0, transparency=0),
        drawn("RGB", (0, 0, 0), transparency=(0, 0, 0)),
        drawn("RGBA", (0, 0, 0, 0), "WEBP", lossless=True, exact=True),
    ],
)
def test_keep_lays_a_transparent_photo_on_white(content):
    assert near(kept_color(content), 255, 255, 255)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (drawn("RGBA", (0, 0, 0, 128)), (127, 127, 127)),
        (drawn("CMYK", (0, 255, 255, 0), "JPEG"), (255, 0, 0)),
        (drawn("L", 90, "JPEG"), (90, 90, 90)),
        (drawn("1", 1), (255, 255, 255)),
        (drawn("I;16", 40_000), (156, 156, 156)),
    ],
)
def test_keep_shows_the_colors_of_every_mode(content, expected):
    assert near(kept_color(content), *expected)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_keep_takes_the_first_frame_of_a_moving_picture(kind):
    frames = [Image.new("RGB", (32, 32), color) for color in ("red", "blue", "green")]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=40)

    assert near(kept_color(out.getvalue()), 255, 0, 0)


def test_keep_takes_the_first_of_two_photos_a_telephone_wrote_as_one():
    frames = [Image.new("RGB", (32, 32), color) for color in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "MPO", save_all=True, append_images=frames[1:])
    assert Image.open(io.BytesIO(out.getvalue())).format == "MPO"

    kept = keep(out.getvalue())

    assert near(kept_color(out.getvalue()), 255, 0, 0)
    assert b"MPF" not in kept.content


def test_keep_turns_the_colors_of_a_profile_into_srgb():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # Red and blue change places in this profile.
    swapped = srgb.replace(b"rXYZ", b"?XYZ").replace(b"bXYZ", b"rXYZ").replace(b"?XYZ", b"bXYZ")
    content = drawn("RGB", (200, 40, 40), icc_profile=swapped)

    assert near(kept_color(content), 40, 40, 200)
    assert b"ICC_PROFILE" not in keep(content).content


@pytest.mark.parametrize("profile", [b"no profile", b"\0" * 200])
def test_keep_takes_a_photo_as_it_is_when_its_profile_is_not_for_it(profile):
    assert near(kept_color(drawn("RGB", (40, 80, 120), icc_profile=profile)), 40, 80, 120)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_keep_refuses_a_photo_that_breaks_off(kind):
    noise = Image.effect_noise((200, 200), 80)
    out = io.BytesIO()
    noise.save(out, kind)

    assert code_of(out.getvalue()[: len(out.getvalue()) // 2]) in ("bad_photo", "unknown_kind")


def with_size(png: bytes, width: int, height: int) -> bytes:
    """The PNG with a header that says another size."""
    header = b"IHDR" + struct.pack(">II", width, height) + png[24:29]
    return png[:12] + header + struct.pack(">I", zlib.crc32(header)) + png[33:]


@pytest.mark.parametrize("side", [7_000, 10_000, 12_000, 20_000, 200_000])
def test_keep_refuses_a_header_that_says_too_many_pixels_before_decoding(side):
    assert code_of(with_size(photo("PNG"), side, side)) == "too_many_pixels"


def test_keep_refuses_a_header_that_lies_within_the_limit():
    assert code_of(with_size(photo("PNG"), 3_000, 3_000)) == "bad_photo"


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_keep_takes_a_photo_with_damaged_exif():
    damaged = segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\xff\xff Bousra")
    content = photo()

    kept = keep(content[:2] + damaged + content[2:])

    assert SECRET not in kept.content


@pytest.mark.parametrize("orientation", range(1, 9))
def test_keep_turns_as_pillow_does(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.new("RGB", (64, 48), "white")
    image.paste("black", (0, 0, 32, 16))
    out = io.BytesIO()
    image.save(out, "PNG", exif=exif)

    kept = Image.open(io.BytesIO(keep(out.getvalue()).content)).convert("L")

    right = ImageOps.exif_transpose(Image.open(io.BytesIO(out.getvalue()))).convert("L")
    assert kept.size == right.size
    for at in ((8, 8), (8, right.height - 8), (right.width - 8, 8)):
        assert abs(kept.getpixel(at) - right.getpixel(at)) < 20


def test_keep_makes_a_thumbnail():
    kept = keep(photo(size=(4_000, 1_000)))

    assert Image.open(io.BytesIO(kept.thumbnail)).size == (photos.THUMBNAIL_SIDE, 60)
