"""A mail taken apart: who wrote, to whom, what, and with which files. Knows no model.

Whatever a stranger sends is read as far as it can be: a header nobody can parse counts as none.
"""

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses

from inbox import plain
from outbox.masking import masked

MOST_PARTS = 100
MOST_FILES = 20
MOST_TEXT = 200_000  # characters of text that are looked into
MOST_HEADER = 10_000  # characters of a header
SMALL_PICTURE = 20_000  # bytes; what stands in the text and is smaller is a logo
TO = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To")
MESSAGE_ID = re.compile(r"<[^<>\s]{1,198}>")
AUTOMATIC = re.compile(
    r"\s*(?:auto(?:matic)?[ -]?(?:reply|response)|out of (?:the )?office)\b", re.IGNORECASE
)
MACHINES = {"mailer-daemon", "postmaster", "no-reply", "noreply", "do-not-reply", "donotreply"}
DAEMONS = {"mailer-daemon", "postmaster"}
LISTS = {"bulk", "junk", "list", "auto_reply"}


@dataclass(frozen=True)
class Attachment:
    """A file that came with a mail."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class Bounce:
    """What a server says of a mail that it could not deliver; ``failed``: for good."""

    message_ids: list[str]
    failed: bool


@dataclass(frozen=True)
class Mail:
    """A mail; addresses in small letters, ``answers`` the mails it answers, the nearest first."""

    message_id: str
    sender: str
    name: str
    recipients: list[str]
    subject: str
    answers: list[str]
    text: str
    attachments: list[Attachment]
    is_auto: bool
    bounce: Bounce | None
    authentication: list[str]


def read(raw: bytes) -> Mail:
    """The mail in these bytes."""
    mail = _parsed(raw)
    parts = list(_parts(mail))
    name, sender = _sender(mail)
    return Mail(
        message_id=next(iter(_ids(_header(mail, "Message-ID"))), ""),
        sender=sender,
        name=name,
        recipients=[one for name in TO for one in _addresses(mail, name)],
        subject=_in_words(_header(mail, "Subject"))[:300],
        answers=[*_ids(_header(mail, "In-Reply-To")), *reversed(_ids(_header(mail, "References")))],
        text=masked(_text(parts)),  # who quotes our message quotes the link in it
        attachments=_attachments(parts),
        is_auto=_is_auto(mail, sender),
        bounce=_bounce(mail, sender),
        authentication=_headers(mail, "Authentication-Results"),
    )


def _parsed(raw: bytes) -> EmailMessage:
    mail = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)  # noqa: S101 - the policy says so
    return mail


# --- headers --------------------------------------------------------------------------------------
def _headers(mail: EmailMessage, name: str) -> list[str]:
    """Every header of this name as it was written, on one line each, its words still encoded."""
    found = [str(value) for key, value in mail.raw_items() if key.lower() == name.lower()]
    whole = [one.encode("utf-8", "surrogateescape").decode(errors="replace") for one in found]
    return [plain.visible(re.sub(r"[\r\n]+", "", one[:MOST_HEADER])) for one in whole]


def _header(mail: EmailMessage, name: str) -> str:
    return next(iter(_headers(mail, name)), "")


def _in_words(written: str) -> str:
    """Encoded words (RFC 2047) as words; what cannot be decoded stays as it was written."""
    try:
        return plain.line(str(make_header(decode_header(written))))
    except Exception:  # whatever the library runs into in what a stranger wrote
        return plain.line(written)


def _ids(value: str) -> list[str]:
    return MESSAGE_ID.findall(value)[-50:]


def _pairs(mail: EmailMessage, name: str) -> list[tuple[str, str]]:
    """Names and addresses; told apart before a name is decoded, which may look like an address."""
    pairs = getaddresses(_headers(mail, name)[:50])
    return [(_in_words(said)[:200], one.lower()[:254]) for said, one in pairs if "@" in one]


def _addresses(mail: EmailMessage, name: str) -> list[str]:
    return [address for _name, address in _pairs(mail, name)]


def _sender(mail: EmailMessage) -> tuple[str, str]:
    """Name and address; nothing where several say that they wrote."""
    pairs = _pairs(mail, "From")
    return pairs[0] if len(pairs) == 1 else ("", "")


def _is_auto(mail: EmailMessage, sender: str) -> bool:
    """A machine wrote it: answering it, or telling anybody of it, might go on for ever."""
    submitted = _header(mail, "Auto-Submitted").partition(";")[0].strip().lower()
    return (
        submitted not in ("", "no")
        or _header(mail, "Precedence").strip().lower() in LISTS
        or any(_header(mail, one) for one in ("X-Autoreply", "X-Autorespond", "List-Id"))
        or _is_from_nobody(mail)
        or sender.partition("@")[0] in MACHINES
        or bool(AUTOMATIC.match(_in_words(_header(mail, "Subject"))))
    )


def _is_from_nobody(mail: EmailMessage) -> bool:
    return _header(mail, "Return-Path").strip() == "<>"


# --- what came back -------------------------------------------------------------------------------
def _bounce(mail: EmailMessage, sender: str) -> Bounce | None:
    """What a server reports of a mail of somebody's; None for any other mail."""
    reports = [one for one in mail.walk() if one.get_content_type() == "message/delivery-status"]
    is_report = mail.get_content_type() == "multipart/report" and bool(reports)
    if not (is_report or (sender.partition("@")[0] in DAEMONS and _is_from_nobody(mail))):
        return None
    said = "\n".join(one.as_string() for one in reports).lower()
    failed = re.search(r"^action:\s*failed\b", said, re.MULTILINE) is not None
    return Bounce(_returned(mail), failed)


def _returned(mail: EmailMessage) -> list[str]:
    """The Message-IDs of the mails that are sent back, whole or their headers alone."""
    found = []
    for part in mail.walk():
        if part is not mail and part.get("Message-ID"):
            found += _ids(_header(part, "Message-ID"))
        if part.get_content_type() == "text/rfc822-headers":
            found += _ids(_header(_parsed(_decoded(part).encode()), "Message-ID"))
    return found


# --- words and files ------------------------------------------------------------------------------
def _parts(mail: EmailMessage) -> Iterator[EmailMessage]:
    """The parts that hold something; a mail within the mail is one file, and is left shut."""
    waiting, seen = [mail], 0
    while waiting and seen < MOST_PARTS:
        part, seen = waiting.pop(0), seen + 1
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting = [*payload, *waiting]
        else:
            yield part


def _text(parts: list[EmailMessage]) -> str:
    """The plain text; where a mail has none, that of its HTML."""
    for kind, made in (("text/plain", str), ("text/html", plain.text_of_html)):
        found = [one for one in parts if one.get_content_type() == kind and not _is_file(one)]
        words = "\n\n".join(made(_decoded(one)[:MOST_TEXT]) for one in found)
        if words.strip():
            return plain.visible(words)
    return ""


def _is_file(part: EmailMessage) -> bool:
    return part.get_content_disposition() == "attachment" or bool(_name(part))


def _name(part: EmailMessage) -> str:
    try:
        return plain.line(part.get_filename() or "")[:200]
    except Exception:  # as for headers
        return ""


def _decoded(part: EmailMessage) -> str:
    """As the part says it is written; where that is unknown or wrong as UTF-8, as far as it is."""
    content = _content(part)
    try:
        return content.decode(part.get_content_charset() or "utf-8")
    except (LookupError, ValueError):
        return content.decode("utf-8", errors="replace")


def _content(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _attachments(parts: list[EmailMessage]) -> list[Attachment]:
    """The files, without texts and calendars that belong to the mail, and without logos."""
    files = [one for one in parts if _counts(one)][:MOST_FILES]
    return [Attachment(_name(one), one.get_content_type(), _content(one)) for one in files]


def _counts(part: EmailMessage) -> bool:
    kind = part.get_content_type()
    if not _is_file(part) and (kind.startswith("text/") or kind == "application/ics"):
        return False
    if part.get_content_maintype() in ("multipart", "message"):
        return False
    is_shown = part.get_content_disposition() != "attachment" and part.get("Content-ID")
    is_logo = is_shown and kind.startswith("image/") and len(_content(part)) < SMALL_PICTURE
    return not is_logo


# --- who sent it ----------------------------------------------------------------------------------
METHOD = re.compile(r"\b(dmarc|spf|dkim)\s*=\s*([a-z]+)", re.IGNORECASE)
NOTE = re.compile(r"\([^()]*\)")


def is_faked(mail: Mail, trusted: list[str]) -> bool:
    """A server of ours says that the mail may not come from its sender.

    ``trusted`` are the names by which our servers sign their results (RFC 8601); what others say
    is not heard. A result that somebody else put in under that name cannot outweigh ours: any
    one that fails counts.
    """
    return any(_fails(one, trusted) for one in mail.authentication)


def is_proven(mail: Mail, trusted: list[str]) -> bool:
    """A server of ours says that the mail comes from its sender's domain.

    Only the topmost header is heard, which the server that took the mail in put there: one below
    may have been written by anybody, also under its name.
    """
    first = next(iter(mail.authentication), "")
    return not is_faked(mail, trusted) and ("dmarc", "pass") in _said(first, trusted)


def _said(header: str, trusted: list[str]) -> list[tuple[str, str]]:
    """Methods and their results; nothing where another server says so."""
    name, _semicolon, results = NOTE.sub(" ", header).partition(";")
    if (name.split() or [""])[0].lower() not in {one.lower() for one in trusted}:
        return []
    return [(method.lower(), result.lower()) for method, result in METHOD.findall(results)]


def _fails(header: str, trusted: list[str]) -> bool:
    said = _said(header, trusted)
    if ("dmarc", "fail") in said:
        return True
    return ("dmarc", "pass") not in said and any(result == "fail" for _method, result in said)
