"""Making an upload fit to keep: known by its content, re-encoded, without any metadata."""

import hashlib
import io
from dataclasses import dataclass
from typing import BinaryIO

import pikepdf
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from issues.models import Evidence

FORMATS = ("JPEG", "PNG", "WEBP")
THUMBNAIL_SIDE = 240  # pixels
# Who wrote it and with what, scripts, and attached files.
PDF_EXTRAS = ("/Metadata", "/OpenAction", "/AA", "/Names")


@dataclass(frozen=True)
class Kept:
    """An upload as it will be stored."""

    kind: str
    content: bytes
    thumbnail: bytes | None

    @property
    def digest(self) -> str:
        """SHA-256 of the stored content, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


def keep(upload: BinaryIO, size: int) -> Kept:
    """The upload without metadata: a photo re-encoded, a PDF without its document data.

    Raises ValidationError with a sentence for what is too large, damaged or of another kind.
    """
    if size > settings.EVIDENCE_MAX_BYTES:
        raise ValidationError(
            _("The file is over 10 MB. Send a smaller one, or a photo of the page."),
            code="too_large",
        )
    content = upload.read()
    if content[:1024].lstrip().startswith(b"%PDF-"):
        return _keep_pdf(content)
    return _keep_photo(content)


def _keep_photo(content: bytes) -> Kept:
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as photo:
            _refuse_giant(photo)
            upright = ImageOps.exif_transpose(photo).convert("RGB")
    except ValidationError:
        raise
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValidationError(
            _("This is neither a photo (JPEG, PNG, WebP) nor a PDF. Choose another file."),
            code="unknown_kind",
        ) from error
    longest = settings.EVIDENCE_LONGEST_SIDE
    return Kept(
        Evidence.Kind.IMAGE,
        _jpeg(upright, longest, quality=82),
        _jpeg(upright, THUMBNAIL_SIDE, quality=70),
    )


def _refuse_giant(photo: Image.Image) -> None:
    if photo.width * photo.height > settings.EVIDENCE_MAX_PIXELS:
        raise ValidationError(
            _("The photo has over 40 megapixels. Send it in a smaller size."),
            code="too_many_pixels",
        )


def _jpeg(photo: Image.Image, longest: int, quality: int) -> bytes:
    """A fresh JPEG of the pixels alone, no side longer than ``longest``."""
    scaled = photo.copy()
    scaled.thumbnail((longest, longest))
    bare = Image.new("RGB", scaled.size)
    bare.paste(scaled)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def _keep_pdf(content: bytes) -> Kept:
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            for key in PDF_EXTRAS:
                if key in pdf.Root:
                    del pdf.Root[key]
            del pdf.docinfo
            out = io.BytesIO()
            pdf.save(out)
    except (pikepdf.PasswordError, pikepdf.PdfError, ValueError) as error:
        raise ValidationError(
            _("The PDF is damaged or locked by a password. Send an open copy."), code="bad_pdf"
        ) from error
    return Kept(Evidence.Kind.PDF, out.getvalue(), None)
