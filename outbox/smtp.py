"""How a mail leaves by SMTP, phase by phase, so that a failure says what it means.

Before the last dot of the body a failure surely left nothing; after it nobody knows.
"""

import re
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from email.utils import parseaddr
from functools import cache, partial
from typing import Any

from django.conf import settings
from django.core.mail.utils import DNS_NAME

from outbox import bounces
from outbox.models import Message
from outbox.outcomes import Outcome, Refused, Sent, TryLater, Unknown

LIMIT = 60.0  # seconds one message may take from the connection to the answer; below the lease
BAD_MAILBOX = (550, 551, 553)  # at RCPT, where the server gives no enhanced code
ENHANCED = re.compile(r"(5\.\d{1,3}\.\d{1,3})\b")
PARTING = 2.0  # seconds we wait for the answer to QUIT, when all is already known


class _Stop(Exception):
    """The conversation ended early, with this outcome."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


# --- the connection -------------------------------------------------------------------------------
class _Watchdog(threading.Thread):
    """Cuts a connection off when a mail takes too long, however busily the server talks."""

    def __init__(self, cut: Callable[[], None], until: float) -> None:
        super().__init__(daemon=True)
        self._cut = cut
        self._over = threading.Event()
        self.until = until  # the mail after this one sets it anew

    def run(self) -> None:
        while not self._over.wait(max(self.until - time.monotonic(), 0)):
            if time.monotonic() >= self.until:
                return self._cut()
        return None

    def stop(self) -> None:
        self._over.set()


class _Client(smtplib.SMTP):
    """smtplib's client under a watchdog, which knows until when the mail of now may take."""

    def __init__(self, *args: Any, until: float, **kwargs: Any) -> None:
        self.watchdog = _Watchdog(self._cut, until)
        super().__init__(*args, **kwargs)

    def connect(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        self.watchdog.start()
        try:
            greeting: tuple[int, bytes] = super().connect(*args, **kwargs)
            # Else the last dot waits until the server has confirmed the body: 40 ms a mail.
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # type: ignore[union-attr]
            if not self.watchdog.is_alive():  # it had nothing to cut while names were looked up
                raise TimeoutError("too slow to connect")
        except BaseException:
            self.watchdog.stop()
            raise
        return greeting

    def watch(self, until: float) -> None:
        """Give what comes now its own time."""
        if self.watchdog.is_alive() and until >= self.watchdog.until:
            self.watchdog.until = until
            return
        self.watchdog.stop()
        self.watchdog = _Watchdog(self._cut, until)
        self.watchdog.start()

    def close(self) -> None:
        self.watchdog.stop()
        super().close()

    def _cut(self) -> None:
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]


class _SecureClient(_Client, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


class _Line:
    """A connection that goes on from one mail to the next; none before the first."""

    client: _Client | None = None

    def hang_up(self) -> None:
        """Say good-bye; what happens now changes nothing."""
        client, self.client = self.client, None
        if client is None:
            return
        with suppress(smtplib.SMTPException, OSError):
            if client.sock is not None:
                client.watch(time.monotonic() + PARTING)
                client.sock.settimeout(PARTING)
                client.quit()
        client.close()


_kept: ContextVar[_Line | None] = ContextVar("_kept", default=None)


@contextmanager
def line() -> Iterator[None]:
    """Within the block one connection serves all mails, as far as its server likes that."""
    with _line() as kept:
        token = _kept.set(kept)
        try:
            yield
        finally:
            _kept.reset(token)


@contextmanager
def _line() -> Iterator[_Line]:
    """The line that is kept, or one for a single mail."""
    if (kept := _kept.get()) is not None:
        yield kept
        return
    own = _Line()
    try:
        yield own
    finally:
        own.hang_up()


@cache
def _trust() -> ssl.SSLContext:
    """Which certificates are believed; reading them takes longer than a whole mail."""
    return ssl.create_default_context()


def _open(until: float) -> _Client:
    """A connection that greeted us, encrypted and signed in as the settings say."""
    make: Any = partial(_SecureClient, context=_trust()) if settings.EMAIL_USE_SSL else _Client
    client: _Client = make(
        settings.EMAIL_HOST,
        settings.EMAIL_PORT,
        local_hostname=DNS_NAME.get_fqdn(),
        timeout=settings.EMAIL_TIMEOUT,
        until=until,
    )
    try:
        client.ehlo_or_helo_if_needed()
        if settings.EMAIL_USE_TLS:
            client.starttls(context=_trust())
        if settings.EMAIL_HOST_USER:
            client.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
    except BaseException:
        client.close()
        raise
    return client


# --- a mail ---------------------------------------------------------------------------------------
def send(message: Message, content: bytes) -> Outcome:
    """Hand a mail in for its one recipient; never raises for what the server does."""
    with _line() as on:
        try:
            outcome = _hand_in(_announced(on, message), message, content)
        except _Stop as stop:
            outcome = stop.outcome
        if not isinstance(outcome, Sent):  # who knows what the server still waits for
            on.hang_up()
        return outcome


def _announced(on: _Line, message: Message) -> _Client:
    """A connection whose server takes a mail from us; nothing of the mail has left yet.

    One that was kept may have been closed meanwhile, or had enough of us: then a fresh one says.
    """
    until = time.monotonic() + LIMIT
    sender = bounces.return_path(message) or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    if on.client is not None:
        on.client.watch(until)
        try:
            _announce(on.client, sender)
        except _Stop:
            on.hang_up()
        else:
            return on.client
    on.client = _connected(until)
    _announce(on.client, sender)
    return on.client


def _connected(until: float) -> _Client:
    try:
        return _open(until)
    except smtplib.SMTPResponseException as error:  # a greeting, EHLO or sign-in refused
        code, text = str(error.smtp_code), one_line(error.smtp_error)
        raise _Stop(TryLater(code, text, unreachable=True)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise _Stop(TryLater("connection", one_line(error), unreachable=True)) from error


def _announce(client: _Client, sender: str) -> None:
    eight_bits = ["body=8bitmime"] if client.has_extn("8bitmime") else []
    _ask(partial(client.mail, sender, eight_bits), is_ours=True)


def _hand_in(client: _Client, message: Message, content: bytes) -> Outcome:
    """RCPT, DATA and the body, for one recipient."""
    _ask(partial(client.rcpt, message.address), is_address=True)
    _ask(partial(client.docmd, "DATA"), expected=354)
    body = smtplib._quote_periods(content)  # type: ignore[attr-defined]
    try:
        client.send(body if body.endswith(b"\r\n") else body + b"\r\n")
    except (smtplib.SMTPException, OSError) as error:
        return TryLater("connection", one_line(error), unreachable=True)
    try:
        client.send(b".\r\n")
        code, text = client.getreply()
    except (smtplib.SMTPException, OSError) as error:
        return Unknown("silence", one_line(error))
    if code == 250:
        return Sent(str(code), one_line(text))
    # No code of refusal, or none at all, proves that it did not take the mail.
    return _read(code, text) if 400 <= code < 600 else Unknown(str(code), one_line(text))


def _ask(
    command: Callable[[], tuple[int, bytes]],
    *,
    expected: int = 0,
    is_ours: bool = False,
    is_address: bool = False,
) -> None:
    """Give a command; any answer but the expected ends the conversation.

    ``is_ours``: the command says nothing of the recipient, so a refusal is our own trouble;
    ``is_address``: it names the address, so a refusal may mean the address itself.
    """
    try:
        code, text = command()
    except (smtplib.SMTPException, OSError) as error:
        raise _Stop(TryLater("connection", one_line(error), unreachable=True)) from error
    if code == expected or (not expected and code in (250, 251)):
        return
    if is_ours:
        raise _Stop(TryLater(str(code), one_line(text), unreachable=code == 421))
    raise _Stop(_read(code, text, is_address=is_address))


def _read(code: int, text: bytes, *, is_address: bool = False) -> Outcome:
    """A refusal that is for good (5xx), or for now."""
    if 500 <= code < 600:
        said = one_line(text)
        return Refused(str(code), said, is_address=is_address and _means_address(code, said))
    return TryLater(str(code), one_line(text), unreachable=code == 421)


def _means_address(code: int, said: str) -> bool:
    """Whether the mailbox itself is refused, not the sender or this mail (RFC 3463, RFC 5321)."""
    if enhanced := ENHANCED.match(said):
        return enhanced[1].startswith("5.1.") or enhanced[1] == "5.2.1"
    return code in BAD_MAILBOX


def one_line(said: object) -> str:
    """What a server or an error said, as one line that fits."""
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    return " ".join((text or type(said).__name__).replace("\0", "").split())[:500]
