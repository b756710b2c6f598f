"""Handing out the scan of a signed or stamped paper."""

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404

TYPES = {"image": ("image/jpeg", "jpg"), "pdf": ("application/pdf", "pdf")}


def scanned(scan: FieldFile, kind: str, name: str) -> FileResponse:
    """The scan as a download of this name, which no browser opens as a page; 404 without one."""
    if not scan:
        raise Http404
    content_type, ending = TYPES[kind]
    try:
        opened = scan.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(
        opened, as_attachment=True, filename=f"{name}.{ending}", content_type=content_type
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response
