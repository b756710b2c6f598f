"""Making an upload fit to keep: known by its content, made anew, without any metadata."""

import hashlib
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from issues.models import Evidence

Kind = Evidence.Kind


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


def keep(upload: BinaryIO, size: int, *, recordings: bool = True) -> Kept:
    """The upload without metadata: photo and recording made anew, a document with its pages alone.

    ``recordings`` tells whether one is taken: what an office shows is never heard by it again.
    Raises ValidationError with a sentence for what is too large, damaged or of another kind.
    """
    _refuse_large(size)
    kept = _made(upload.read(), recordings)
    _refuse_large(len(kept.content))
    return kept


def _made(content: bytes, recordings: bool) -> Kept:
    if content[:1024].lstrip().startswith(b"%PDF-"):
        from issues import pdfs

        return Kept(Kind.PDF, pdfs.clean(content), None)
    from issues import documents, photos

    if photos.is_photo(content):
        return Kept(Kind.IMAGE, *photos.clean(content))
    if documents.is_document(content):
        return Kept(Kind.DOCX, documents.clean(content), None)
    from issues import audio

    if audio.is_recording(content):
        if not recordings:
            raise ValidationError(
                _("An answer holds no recording. Send photos or documents."), code="recording"
            )
        return Kept(Kind.AUDIO, audio.clean(content), None)
    raise ValidationError(
        _(
            "This is neither a photo (JPEG, PNG, WebP, HEIC) nor a document (PDF, Word .docx) nor"
            " a recording (M4A, MP3, AMR, OGG, WAV, WebM). Choose another file."
        ),
        code="unknown_kind",
    )


def _refuse_large(size: int) -> None:
    if size > settings.EVIDENCE_MAX_BYTES:
        raise ValidationError(
            _("The file is over 10 MB. Send a smaller one, or a photo of the page."),
            code="too_large",
        )
