"""Making of a photo a fresh JPEG: upright, in sRGB, no larger than kept, without any metadata."""

import io
import struct
import zlib

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, ImageCms
from pillow_heif import register_heif_opener

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
# Of a HEIC the picture itself is read, never the small one beside it that may show another.
register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
HEIF_BRANDS = {
    b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1",
}  # fmt: skip
THUMBNAIL_SIDE = 240  # pixels
ORIENTATION = 0x0112  # the EXIF tag
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
GIANT = (Image.DecompressionBombError, Image.DecompressionBombWarning)
# All that Pillow's readers are known to raise for content that is not as it should be.
FAULTS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    EOFError,
    LookupError,
    ArithmeticError,
    RuntimeError,
    struct.error,
    zlib.error,
)


def is_photo(content: bytes) -> bool:
    """The content begins like a photo of one of the kinds that are read."""
    head = content[:12]
    if head[4:8] == b"ftyp":
        return head[8:12] in HEIF_BRANDS
    if head[:4] == b"RIFF":
        return head[8:12] == b"WEBP"
    return head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))


def clean(content: bytes) -> tuple[bytes, bytes]:
    """The photo's pixels alone as a JPEG, and its thumbnail.

    Raises ValidationError with a sentence for what is no photo, damaged or too large.
    """
    with _opened(content) as photo:
        _refuse_giant(photo)
        try:
            pixels = _pixels(photo)
        except FAULTS as error:
            raise ValidationError(
                _("The photo is damaged. Send another copy of it."), code="bad_photo"
            ) from error
    return (
        _jpeg(pixels, settings.EVIDENCE_LONGEST_SIDE, quality=82),
        _jpeg(pixels, THUMBNAIL_SIDE, quality=70),
    )


def pixels_of(content: bytes) -> int:
    """How many pixels the photo's header says it has; raises ValidationError like ``clean``."""
    with _opened(content) as photo:
        _refuse_giant(photo)
        return photo.width * photo.height


def _opened(content: bytes) -> Image.Image:
    """The photo with its header read, its pixels not yet.

    Two JPEGs in one file (MPO), as some telephones write, open as the first of them.
    """
    try:
        return Image.open(io.BytesIO(content), formats=FORMATS)
    except GIANT as error:
        raise _giant() from error
    except FAULTS as error:
        raise ValidationError(
            _("The photo is damaged. Send another copy of it."), code="unknown_kind"
        ) from error


def _refuse_giant(photo: Image.Image) -> None:
    if photo.width * photo.height > settings.EVIDENCE_MAX_PIXELS:
        raise _giant()


def _giant() -> ValidationError:
    return ValidationError(
        _("The photo has over 40 megapixels. Send it in a smaller size."),
        code="too_many_pixels",
    )


def _pixels(photo: Image.Image) -> Image.Image:
    """The first frame upright, in sRGB, on white where it was transparent, and no larger than kept.

    It is made small first, so that no later step holds all of a large photo's pixels.
    """
    longest = settings.EVIDENCE_LONGEST_SIDE
    photo.draft(None, (longest, longest))  # a JPEG is then decoded at a fraction of its size
    photo.load()
    _refuse_giant(photo)  # some formats tell their true size only now
    profile = photo.info.get("icc_profile")
    turn = UPRIGHT.get(_orientation(photo))
    small = _smooth(photo)
    small.thumbnail((longest, longest))
    plain = _in_srgb(_on_white(small), profile)
    return plain if turn is None else plain.transpose(turn)


def _orientation(photo: Image.Image) -> int:
    try:
        return int(photo.getexif().get(ORIENTATION, 1))
    except (*FAULTS, UserWarning):  # damaged EXIF does not make a damaged photo
        return 1


def _smooth(photo: Image.Image) -> Image.Image:
    """The photo in a mode that can be scaled: not of 16 bits, not of a palette, not of 1 bit."""
    if photo.mode.startswith("I"):
        deep = photo.convert("I").point(lambda value: value * (1 / 256))
        return deep.convert("L")
    if photo.has_transparency_data:
        return photo.convert("RGBA")
    if photo.mode in ("L", "RGB", "CMYK"):
        return photo.copy()
    return photo.convert("L" if photo.mode == "1" else "RGB")


def _on_white(photo: Image.Image) -> Image.Image:
    if photo.mode != "RGBA":
        return photo
    paper = Image.new("RGBA", photo.size, "white")
    paper.alpha_composite(photo)
    return paper.convert("RGB")


def _in_srgb(photo: Image.Image, profile: bytes | None) -> Image.Image:
    """The photo in sRGB by its color profile; as it is when the profile is none or not for it."""
    if not profile:
        return photo.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(photo, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, *FAULTS):
        converted = None
    return converted or photo.convert("RGB")


def _jpeg(photo: Image.Image, longest: int, quality: int) -> bytes:
    """A fresh JPEG of the pixels alone, no side longer than ``longest``."""
    scaled = photo.copy()
    scaled.thumbnail((longest, longest))
    bare = Image.new("RGB", scaled.size)
    bare.paste(scaled)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
