"""Letters to offices and from them: to whom a notice goes on paper, and what the register holds."""

import base64
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.crypto import salted_hmac

from accounts.models import Role, RoleAssignment, User
from audit.models import subject_of
from issues import links
from issues.models import Letter, Link, Referral
from issues.permissions import serves
from outbox import registry
from outbox.models import Notice
from provinces.models import Authority, ContactPoint

SALT = "issues.letters.key"
OFFERED = 4  # letters that a referral's page offers to make, the newest notices first


# --- the office of a notice ---------------------------------------------------------------------
def referral_of(notice: Notice) -> Referral | None:
    """The referral a notice is about; None where it is about something else."""
    name, _colon, pk = notice.subject.partition(":")
    if name != "referral":
        return None
    rows = Referral.objects.select_related("authority", "issue__province")
    return rows.filter(pk=int(pk)).first()


def offices_of(notices: Iterable[Notice], referral: Referral) -> dict[int, Authority]:
    """The office each of these notices goes to, by the notice's key: that asked, or one above.

    Notices to anybody else are left out. Three queries at most.
    """
    own = referral.authority_id
    line = {one.pk: one for one in Authority.objects.above([own])} | {own: referral.authority}
    by_recipient = _by_recipient([one.recipient for one in notices], list(line), own)
    return {
        one.pk: line[by_recipient[one.recipient]]
        for one in notices
        if by_recipient.get(one.recipient) in line
    }


def _by_recipient(recipients: list[str], line: list[int], own: int) -> dict[str, int]:
    """The office of ``authority:4``, of ``contact:9`` and of ``user:3``; their own one first."""
    ids: dict[str, set[int]] = {}
    for name, _colon, pk in (one.partition(":") for one in recipients):
        ids.setdefault(name, set()).add(int(pk))
    found = {f"authority:{pk}": pk for pk in ids.get("authority", ())}
    contacts = ContactPoint.objects.filter(pk__in=ids.get("contact", ()))
    found |= {f"contact:{pk}": office for pk, office in contacts.values_list("pk", "authority")}
    roles = RoleAssignment.objects.current().filter(
        role=Role.OFFICIAL, user__in=ids.get("user", ()), authority__in=line
    )
    for user, office in roles.order_by("authority").values_list("user", "authority"):
        if office == own or f"user:{user}" not in found:
            found[f"user:{user}"] = office
    return found


def group_of(notice: Notice, office: Authority, referral: Referral) -> list[Notice]:
    """Every notice that tells the same to the same office, whoever of it is told."""
    rows = list(
        Notice.objects.filter(
            subject=notice.subject, kind=notice.kind, rung=notice.rung, version=notice.version
        )
    )
    offices = offices_of(rows, referral)
    return [one for one in rows if offices.get(one.pk) == office]


def standing_of(notice: Notice, office: Authority, referral: Referral) -> Letter | None:
    """The letter that tells this to this office, if there is one that was not cancelled."""
    return (
        Letter.objects.standing()
        .filter(
            referral=referral,
            kind=notice.kind,
            rung=notice.rung,
            version=notice.version,
            authority=office,
        )
        .first()
    )


# --- its link -----------------------------------------------------------------------------------
def key_of(letter: Letter) -> str:
    """The key of its link: the same each time it is printed, and nothing the database tells."""
    digest = salted_hmac(SALT, letter.nonce, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def address_of(letter: Letter) -> str:
    """Where its code leads; empty where it has no link, or one that opens nothing any more."""
    if letter.issue is None or links.is_closed_to_links(letter.issue):
        return ""
    link = Link.objects.filter(letter=letter, revoked_at=None).first()
    key = key_of(letter)
    if link is None or link.digest != links.digest_of(key):  # made under a former secret
        return ""
    return links.address(key)


# --- on the pages -------------------------------------------------------------------------------
@dataclass(frozen=True)
class Offer:
    """What a notice can become: a letter to this office, or the one that it is already."""

    notice: Notice
    office: Authority
    letter: Letter | None = None

    @property
    def label(self) -> str:
        """What the notice tells."""
        return registry.label(self.notice.kind)


@dataclass(frozen=True)
class Desk:
    """The letters about a referral, and what could be had as one."""

    letters: Sequence[Letter]
    offers: Sequence[Offer]


def offer_of(user: User, notice: Notice) -> Offer | None:
    """The letter that a notice is or may become; None for who is no coordinator of it."""
    referral = referral_of(notice)
    if referral is None or not serves(user, referral.issue):
        return None
    office = offices_of([notice], referral).get(notice.pk)
    if office is None:
        return None
    letter = standing_of(notice, office, referral)
    may_be_made = referral.is_open and referral.released_at is not None
    return Offer(notice, office, letter) if letter or may_be_made else None


def desk_of(user: User, referral: Referral, now: dt.datetime) -> Desk | None:
    """What its page shows of letters; None for who is no coordinator of the issue."""
    if not serves(user, referral.issue):
        return None
    rows = Letter.objects.visible_to(user).filter(referral=referral)
    letters = list(rows.select_related("authority", "organization", "issue"))
    return Desk(letters, _offers(referral, letters, now) if referral.is_open else [])


def _offers(referral: Referral, letters: list[Letter], now: dt.datetime) -> list[Offer]:
    """The newest of what was told, or is to be told now, to an office by no letter yet."""
    notices = list(
        Notice.objects.filter(
            subject=subject_of(referral), due_at__lte=now, version__gte=referral.ladder_version
        )
        .exclude(state=Notice.State.SKIPPED)
        .order_by("-due_at", "pk")
    )
    offices = offices_of(notices, referral)
    made = {
        (one.kind, one.rung, one.version, one.authority_id)
        for one in letters
        if one.cancelled_at is None
    }
    offers: dict[tuple[str, str, int, int], Offer] = {}
    for one in notices:
        if one.pk in offices:
            key = (one.kind, one.rung, one.version, offices[one.pk].pk)
            if key not in made:
                offers.setdefault(key, Offer(one, offices[one.pk]))
    return list(offers.values())[:OFFERED]


def subject_line(letter: Letter) -> str:
    """What it is about, without a word of the issue: what was typed, or the kind of notice."""
    return registry.label(letter.kind) if letter.is_of_notice else letter.subject
