"""Answering without an account: the signed link, and the address a calendar answers to."""

import datetime as dt
import re
from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from accounts.models import User
from forum import parties, permissions
from forum.models import Invitation, Session
from provinces.models import ContactPoint

SALT = "forum.replies.invitation"
LASTS = dt.timedelta(days=30)  # after the session's end; mails and letters lie about for longer
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
    path = reverse("forum:reply", args=[token_of(invitation_id, recipient)])
    return f"{settings.BASE_URL}{path}"


def read(token: str, now: dt.datetime) -> Asked | None:
    """Whom the link asks; None where it was changed, has ended, or who it was for has left."""
    try:
        invitation_id, recipient = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    return _asked(invitation_id, str(recipient), now)


def _asked(invitation_id: int, recipient: str, now: dt.datetime) -> Asked | None:
    rows = Invitation.objects.with_party_and_session()
    rows = rows.select_related("session__announced__programme")
    found = rows.filter(pk=invitation_id, released_at__isnull=False).first()
    if found is None or _has_ended(found.session, now) or not _is_of_party(recipient, found):
        return None
    return Asked(found, recipient)


def _has_ended(session: Session, now: dt.datetime) -> bool:
    """The session is long over; one that was postponed has no end yet."""
    ends_at = _end_of(session)
    return ends_at is not None and ends_at + LASTS <= now


def _end_of(session: Session) -> dt.datetime | None:
    """When it ends as published; where nothing is, as it stands."""
    return session.announced.ends_at if session.announced else session.ends_at


def _is_of_party(recipient: str, invitation: Invitation) -> bool:
    """Whom it was made for still speaks for the invited; who has left does so no more."""
    name, _colon, pk = recipient.partition(":")
    if name == "user":
        person = User.objects.filter(pk=pk, is_active=True).first()
        return person is not None and permissions.is_of_party(person, invitation)
    if name == "contact":
        office = invitation.authority_id
        return ContactPoint.objects.filter(pk=pk, authority=office, is_active=True).exists()
    return (name, int(pk)) == parties.key_of(invitation)


def token_of(invitation_id: int, recipient: str) -> str:
    """What makes a link by which this recipient answers this invitation, and does nothing else."""
    return signing.dumps([invitation_id, recipient], salt=SALT, compress=False)


def closed_because(invitation: Invitation, now: dt.datetime) -> str:
    """Why nothing can be answered any more, as published; empty while it can.

    The invitation comes with its session and what is published of it; where nothing is, the
    session counts as it stands.
    """
    session, entry = invitation.session, invitation.session.announced
    is_off = session.status == Session.Status.CANCELLED
    ends_at = _end_of(session)
    if invitation.withdrawn_at is not None:
        return _("The invitation has been taken back.")
    if entry.is_cancelled if entry else is_off:
        return _("The session has been cancelled.")
    if ends_at is None:
        return _("The session was postponed. You will be told its new date.")
    if ends_at <= now or session.status == Session.Status.RELEASED:
        return _("The session is over.")
    if is_off:  # in the draft alone: nobody has been told yet
        return _("Nothing can be answered here just now. Please ask the secretariat.")
    return ""


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


def read_address(address: str, now: dt.datetime) -> Asked | None:
    """Whom an answer that came to this address is from; None where it is none of ours, or ended."""
    local = parseaddr(address)[1].partition("@")[0].lower()
    match = PLUS.search(local)
    if match is None:
        return None
    invitation_id, short, pk, seal = match.groups()
    if not constant_time_compare(seal, _seal(f"i{invitation_id}-{short}{pk}")):
        return None
    return _asked(int(invitation_id), f"{LONG[short]}:{pk}", now)


def _seal(mark: str) -> str:
    return salted_hmac(SALT, mark, algorithm="sha256").hexdigest()[:20]
