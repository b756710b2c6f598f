"""A mailbox read by IMAP: what came since the mail that was kept last, and nothing is changed.

Every wait has its end, and the whole visit too, however busily a server talks.
"""

import datetime as dt
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError

from inbox.actions import Fetched

SCHEMES = ("imaps", "imap+tls", "imap")
WAIT = SocketTimeout(connect=10, read=30)  # seconds
VISIT = 150.0  # seconds from the sign-in to the end
MOST = 100  # mails in one visit
Error = (IMAPClientError, OSError, ssl.SSLError, ValueError)


@dataclass(frozen=True)
class Place:
    """Where a mailbox lies; its name says nothing that opens it."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    folder: str

    @property
    def name(self) -> str:
        """What its mails are kept under."""
        return f"{self.user}@{self.host}/{self.folder}"[:254]


def place_of(url: str) -> Place:
    """``imaps://user:password@host:993/INBOX``; raises ValueError for what is none."""
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES or not parts.hostname or not parts.username:
        raise ValueError("IMAP_URL is no address of a mailbox.")
    return Place(
        parts.scheme,
        parts.hostname,
        parts.port or (993 if parts.scheme == "imaps" else 143),
        unquote(parts.username),
        unquote(parts.password or ""),
        unquote(parts.path.strip("/")) or "INBOX",
    )


def fetch(place: Place, *, uidvalidity: int, latest_uid: int, most_bytes: int) -> Iterator[Fetched]:
    """The mails behind ``latest_uid``, the oldest first; all of a mailbox that counts anew.

    Of one larger than ``most_bytes`` the headers alone. Raises one of ``Error``.
    """
    until = time.monotonic() + VISIT
    with _opened(place) as client:
        validity = int(client.select_folder(place.folder, readonly=True)[b"UIDVALIDITY"])
        after = latest_uid if validity == uidvalidity else 0
        # A server answers with its last mail where none is behind: RFC 3501, 6.4.8.
        found = sorted(one for one in client.search(["UID", f"{after + 1}:*"]) if one > after)
        for uid in found[:MOST]:
            if time.monotonic() > until:
                return
            if (fetched := _fetch(client, validity, uid, most_bytes)) is not None:
                yield fetched


def _fetch(client: IMAPClient, validity: int, uid: int, most_bytes: int) -> Fetched | None:
    """One mail; None where somebody took it away meanwhile."""
    facts = client.fetch([uid], ["RFC822.SIZE", "INTERNALDATE"]).get(uid)
    if facts is None:
        return None
    size, is_whole = int(facts[b"RFC822.SIZE"]), int(facts[b"RFC822.SIZE"]) <= most_bytes
    section = b"BODY[]" if is_whole else b"BODY[HEADER]"
    asked = section.decode().replace("BODY", "BODY.PEEK")
    content = client.fetch([uid], [asked]).get(uid, {}).get(section)
    if content is None:
        return None
    content = content if is_whole else content[:most_bytes]
    return Fetched(validity, uid, content, size, _aware(facts[b"INTERNALDATE"]), is_whole)


def _aware(moment: dt.datetime) -> dt.datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


@contextmanager
def _opened(place: Place) -> Iterator[IMAPClient]:
    """Signed in; cut off when the visit takes too long."""
    client = IMAPClient(
        place.host, place.port, ssl=place.scheme == "imaps", use_uid=True, timeout=WAIT
    )
    client.normalise_times = False
    watchdog = threading.Timer(VISIT + WAIT.read, _cut, [client])
    watchdog.daemon = True
    watchdog.start()
    try:
        if place.scheme == "imap+tls":
            client.starttls(ssl.create_default_context())
        client.login(place.user, place.password)
        yield client
        with suppress(*Error):  # all is fetched: how we part changes nothing
            client.logout()
    finally:
        watchdog.cancel()
        with suppress(*Error):
            client.shutdown()


def _cut(client: IMAPClient) -> None:
    with suppress(OSError, AttributeError):
        client.socket().shutdown(socket.SHUT_RDWR)
