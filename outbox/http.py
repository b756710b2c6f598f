"""One request to a provider, phase by phase, so that a failure says what it means.

Before the last byte of the request has left, a failure surely brought nothing; after it nobody
knows. No library between: they try again by themselves, which would tell somebody twice.
"""

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

MOST = 1_000_000  # bytes of an answer


class NeverLeft(Exception):
    """The request did not reach the provider whole."""


class Silent(Exception):
    """The request left, and no whole answer came."""


@dataclass(frozen=True)
class Answer:
    """What the provider answered; ``said`` is the JSON object, or nothing where it was none."""

    status: int
    said: dict[str, Any]
    retry_after: str
    text: str


def post(url: str, body: bytes, headers: Mapping[str, str], *, limit: float) -> Answer:
    """Send the body once and read the answer, in so many seconds from the first to the last byte.

    Raises NeverLeft or Silent; no other error of the network. Redirects are answers, too.
    """
    connection = _connection(url, limit)
    watchdog = threading.Timer(limit, _cut, [connection])
    watchdog.daemon = True
    watchdog.start()
    try:
        return _ask(connection, _target(url), body, headers)
    finally:
        watchdog.cancel()
        connection.close()


def _ask(
    connection: http.client.HTTPConnection, target: str, body: bytes, headers: Mapping[str, str]
) -> Answer:
    try:
        connection.connect()
        connection.request("POST", target, body=body, headers=dict(headers))
    except (http.client.HTTPException, OSError, ValueError) as error:
        raise NeverLeft(_name(error)) from error
    try:
        response = connection.getresponse()
        content = response.read(MOST)
    except (http.client.HTTPException, OSError, ValueError) as error:
        raise Silent(_name(error)) from error
    text = " ".join(content.decode(errors="replace").replace("\0", "").split())
    retry_after = response.headers.get("Retry-After", "")
    return Answer(response.status, _object(content), retry_after, text[:300])


def _connection(url: str, limit: float) -> http.client.HTTPConnection:
    found = urlsplit(url)
    host, port = found.hostname or "", found.port
    if found.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=limit, context=context)
    return http.client.HTTPConnection(host, port, timeout=limit)


def _target(url: str) -> str:
    found = urlsplit(url)
    return (found.path or "/") + (f"?{found.query}" if found.query else "")


def _object(content: bytes) -> dict[str, Any]:
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _cut(connection: http.client.HTTPConnection) -> None:
    """End the conversation, however slowly the provider keeps it alive."""
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def _name(error: Exception) -> str:
    """What went wrong, without the address: a token stands in it."""
    return error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
