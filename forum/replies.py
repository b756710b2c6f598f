"""Answering without an account: the signed link, and the address a calendar answers to."""

import re
from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from forum.models import Invitation

SALT = "forum.replies.invitation"
SHORT = {"user": "u", "contact": "c", "organization": "o", "authority": "a"}
LONG = {short: long for long, short in SHORT.items()}
PLUS = re.compile(r"\+i(\d+)-([ucoa])(\d+)-([0-9a-f]{20})$")


@dataclass(frozen=True)
class Asked:
    """Whom a link asks, by which invitation; it may have been withdrawn since."""

    invitation: Invitation
    recipient: str


def link(invitation_id: int, recipient: str) -> str:
    """The whole address under which this recipient answers this invitation."""
    token = signing.dumps([invitation_id, recipient], salt=SALT, compress=False)
    return f"{settings.BASE_URL}{reverse('forum:reply', args=[token])}"


def read(token: str) -> Asked | None:
    """Whom the link asks; None where it was changed, or what it was about is gone."""
    try:
        invitation_id, recipient = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    return _asked(invitation_id, str(recipient))


def _asked(invitation_id: int, recipient: str) -> Asked | None:
    rows = Invitation.objects.select_related(
        "organization",
        "authority",
        "session__forum",
        "session__province",
        "session__venue",
        "session__announced__venue",
    )
    found = rows.filter(pk=invitation_id, released_at__isnull=False).first()
    return Asked(found, recipient) if found else None


# --- the address of a calendar's answer ---------------------------------------------------------
def address(invitation_id: int, recipient: str) -> str:
    """Where this recipient's calendar answers; the plain address where no mailbox is read.

    Short and in small letters: a local part has 64 characters, and servers fold its case.
    """
    mailbox = settings.REPLY_ADDRESS
    if not mailbox:
        return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    local, _at, domain = mailbox.partition("@")
    name, _colon, pk = recipient.partition(":")
    mark = f"i{invitation_id}-{SHORT[name]}{pk}"
    return f"{local}+{mark}-{_seal(mark)}@{domain}"


def read_address(address: str) -> Asked | None:
    """Whom an answer that came to this address is from; None where it is none of ours."""
    local = parseaddr(address)[1].partition("@")[0].lower()
    match = PLUS.search(local)
    if match is None:
        return None
    invitation_id, short, pk, seal = match.groups()
    if not constant_time_compare(seal, _seal(f"i{invitation_id}-{short}{pk}")):
        return None
    return _asked(int(invitation_id), f"{LONG[short]}:{pk}")


def _seal(mark: str) -> str:
    return salted_hmac(SALT, mark, algorithm="sha256").hexdigest()[:20]
