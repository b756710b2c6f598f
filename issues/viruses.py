"""Asking the virus scanner (clamd) about a file, where one is configured."""

from typing import BinaryIO
from urllib.parse import urlsplit

from clamav_client.clamd import ClamdError, ClamdNetworkSocket, ClamdUnixSocket
from django.conf import settings

PORT = 3310  # clamd's own
SECONDS = 30  # for one file


class ScannerError(Exception):
    """The scanner gave no answer about a file."""


class ScannerAway(ScannerError):
    """The scanner cannot be reached at all."""


def is_configured() -> bool:
    """Whether files are scanned before anybody may have them."""
    return bool(settings.CLAMD_URL)


def is_infected(content: BinaryIO) -> bool:
    """Whether clamd finds a virus in the content.

    Raises ScannerAway where clamd cannot be reached, ScannerError where it does not tell.
    """
    scanner = _scanner(settings.CLAMD_URL)
    _reach(scanner)
    try:
        status, _virus = scanner.instream(content)["stream"]
    except (ClamdError, OSError, LookupError, ValueError) as error:
        raise ScannerError from error
    if status not in ("OK", "FOUND"):
        raise ScannerError
    return status == "FOUND"


def _reach(scanner: ClamdNetworkSocket) -> None:
    try:
        scanner.ping()
    except (ClamdError, OSError, ValueError) as error:
        if opened := getattr(scanner, "clamd_socket", None):
            opened.close()  # the client leaves it open where nobody listens
        raise ScannerAway from error


def _scanner(url: str) -> ClamdNetworkSocket:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return ClamdUnixSocket(parts.path, timeout=SECONDS)
    return ClamdNetworkSocket(parts.hostname or "127.0.0.1", parts.port or PORT, timeout=SECONDS)
