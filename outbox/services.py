"""Other services than e-mail, Telegram and SMS, through apprise: a chat, a push message.

Of a failure apprise says only that it failed, so nobody knows whether the message left. Its own
retries and its short time-out, which deliver a message several times, are switched off.
"""

import re
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.utils.translation import gettext as _

from accounts import sealing
from audit.errors import TransitionError
from khmer import sms as cutting
from outbox import gateway, telegram
from outbox.models import Message
from outbox.outcomes import Outcome, Refused, Sent, TryLater, Unknown
from outbox.ways import ServiceAddress

if TYPE_CHECKING:
    from apprise import AppriseAsset, NotifyBase

READ, CONNECT = 30.0, 10.0  # seconds of one request; a message may need a few
NEAR = ("127.0.0.1", "localhost")
FILES = {"attach", "template", "templates"}  # options that read a file or another address
SCHEME = re.compile(r"([a-z][a-z0-9]{1,19})://\S+", re.IGNORECASE)


class Unfit(TransitionError):
    """An address nobody may be told at, with a sentence that says why."""


def is_set_up() -> bool:
    """Whether any other service is allowed here."""
    return bool(settings.OTHER_WAYS)


def allowed() -> str:
    """How an address may begin, for a sentence."""
    return ", ".join(f"{one}://" for one in sorted(settings.OTHER_WAYS))


def reference_of(kept: ServiceAddress) -> str:
    """How messages and pages name the address, without what is sealed; empty where not allowed."""
    return str(kept) if kept.scheme in settings.OTHER_WAYS else ""


def scheme_of(address: str) -> str:
    """Of which service it is; raises Unfit for what is not allowed or cannot be used."""
    found = SCHEME.fullmatch(address)
    scheme = found[1].lower() if found else ""
    if scheme not in settings.OTHER_WAYS:
        raise Unfit(
            _("Such an address is not allowed. It has to begin with one of these: %(allowed)s.")
            % {"allowed": allowed()}
        )
    _opened(address, scheme)
    return scheme


# --- out ----------------------------------------------------------------------------------------
def send(message: Message) -> Outcome:
    """Send the message to the service of its person, once; never raises for what that does."""
    user = int(message.recipient.removeprefix("user:"))
    scheme, _colon, pk = message.address.partition(":")
    kept = ServiceAddress.objects.filter(pk=pk, user=user, scheme=scheme).first()
    if kept is None or not reference_of(kept):  # after the words were made
        return Refused("removed", "The address is no longer kept.")
    try:
        service = _opened(sealing.unseal(bytes(kept.sealed))["address"], scheme)
    except InvalidToken:
        return TryLater("setup", "No key opens the address.", unreachable=True)
    except Unfit:
        return Refused("address", "The address cannot be read.", is_address=True)
    return _within(settings.OTHER_TIMEOUT, service, text_of(message, service.body_maxlen))


def text_of(message: Message, most: int) -> str:
    """The words as for Telegram; where the service takes fewer, the first link is kept."""
    text = telegram.text_of(message)
    link = gateway.LINK.search(message.body)
    if cutting.utf16(text) <= most or link is None:
        return cutting.cut(text, most)
    return f"{cutting.cut(text, most - cutting.utf16(link[0]) - 1)}\n{link[0]}"


def _within(limit: float, service: "NotifyBase", text: str) -> Outcome:
    """Send within so many seconds, however slowly the service talks; what is later is silence."""
    found: list[Outcome] = []
    trial = threading.Thread(target=lambda: found.append(_tried(service, text)), daemon=True)
    trial.start()
    trial.join(limit)
    return found[0] if found else Unknown("silence", "No answer in time.")


def _tried(service: "NotifyBase", text: str) -> Outcome:
    apprise = _library()
    sender = apprise.Apprise(asset=service.asset)
    sender.add(service)
    try:
        is_sent = sender.notify(body=text, body_format=apprise.NotifyFormat.TEXT)
    except Exception as error:  # whatever a plugin runs into; its words may hold the address
        return Unknown("error", type(error).__name__)
    return Sent("ok", "") if is_sent else Unknown("failed", "The service did not take it.")


# --- the address --------------------------------------------------------------------------------
def _opened(address: str, scheme: str) -> "NotifyBase":
    """The service behind an address, made to ask once; raises Unfit where it cannot be used."""
    apprise = _library()
    service: NotifyBase | None = None
    if not _is_bare(address):
        service = apprise.Apprise.instantiate(address, asset=_asset())
    if service is None:
        raise Unfit(_("The address cannot be read. Please copy it whole."))
    if scheme in _names(service.protocol) and service.host not in NEAR:
        raise Unfit(_("Messages may leave only encrypted: the address has to begin with its “s”."))
    if _names_a_file(address):
        raise Unfit(_("The address may name no file and no template."))
    if len(service) != 1:  # counted before its own retries are switched off
        raise Unfit(_("The address has to lead to exactly one recipient, and without retries."))
    service.retry = 0
    service.socket_read_timeout, service.socket_connect_timeout = READ, CONNECT
    service.verify_certificate, service.redirects = True, False
    service.overflow_mode = apprise.OverflowMode.TRUNCATE  # never as several messages
    return service


def _library() -> Any:
    """apprise, loaded only where it is used: 25 MB and a fifth of a second."""
    import apprise

    return apprise


def _asset() -> "AppriseAsset":
    """One request after the other, nothing written to the disk, no redirects."""
    made: AppriseAsset = _library().AppriseAsset(
        app_id="Vedika",
        app_desc="Vedika",
        async_mode=False,
        http_redirects=False,
        secure_logging=True,
        storage_mode="memory",
        result_log_disk_size=0,
    )
    return made


def _is_bare(address: str) -> bool:
    """Whether nothing but options follows the scheme, which apprise may take for an address."""
    try:
        return not urlsplit(address).netloc
    except ValueError:
        return True


def _names_a_file(address: str) -> bool:
    options = parse_qsl(urlsplit(address).query, keep_blank_values=True)
    return any(name.strip().lower() in FILES for name, _value in options)


def _names(protocol: object) -> tuple[str, ...]:
    """apprise's names of a protocol: one, several or none."""
    if isinstance(protocol, str):
        return (protocol,)
    return tuple(protocol) if isinstance(protocol, tuple | list) else ()
