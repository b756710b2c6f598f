"""Making the scan of a signed or stamped paper fit to keep."""

import io
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from issues import files, viruses
from issues.files import Kept
from issues.models import Letter


def keep(upload: BinaryIO, size: int) -> Kept:
    """The photo or PDF without metadata, looked at by the virus scanner where there is one.

    Raises ValidationError with a sentence for what is too large, damaged, infected or no scan.
    """
    kept = files.keep(upload, size, recordings=False)
    if kept.kind not in Letter.ScanKind.values:
        raise ValidationError(_("Send the signed page as a photo or as a PDF."), code="no_scan")
    if viruses.is_configured():
        _refuse_infected(kept.content)
    return kept


def _refuse_infected(content: bytes) -> None:
    try:
        infected = viruses.is_infected(io.BytesIO(content))
    except viruses.ScannerError as error:
        raise ValidationError(
            _("The file could not be checked for viruses. Try again later."), code="not_scanned"
        ) from error
    if infected:
        raise ValidationError(_("The file carries a virus. Send another one."), code="infected")
