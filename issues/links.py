"""The link by which an office reads and answers without an account: whom it opens what to."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from issues import extensions, workflow
from issues.models import Concern, Issue, Link, LinkUse, Referral
from issues.permissions import serves
from outbox import recipients
from provinces.models import Authority, ContactPoint

LASTS = dt.timedelta(days=30)
BLANK = "0" * 43  # stands for the key where words are only looked at, as long as a real one
Act = LinkUse.Act
ANSWERING = {Act.RESPOND.value, Act.RESOLVE.value}
NOT_FOR_INFORMATION = {Act.RESOLVE.value, Act.EXTEND.value}
LOADED = (
    "referral__authority", "referral__issue__province", "referral__issue__organization",
    "referral__issue__commune__parent", "referral__issue__theme",
)  # fmt: skip


@dataclass(frozen=True)
class Opened:
    """What a link opens now: the acts it allows, or what was reported resolved through it."""

    link: Link
    acts: frozenset[str]
    done: LinkUse | None = None


def address(key: str) -> str:
    """The whole address of a link."""
    return f"{settings.BASE_URL}{reverse('issues:link', args=[key])}"


def digest_of(key: str) -> str:
    """What is kept of a key; 256 random bits need no salt."""
    return hashlib.sha256(key.encode()).hexdigest()


def read(key: str, now: dt.datetime) -> Opened | None:
    """What the key opens; None for every reason for which it opens nothing."""
    found = Link.objects.select_related(*LOADED).filter(digest=digest_of(key)).first()
    return opened(found, now) if found else None


def opened(link: Link, now: dt.datetime) -> Opened | None:
    """What the link opens; None where it has ended, is frozen, or is no longer its recipient's.

    A date that moved a little ends no link; one that was set afresh, as by an extension, does.
    """
    referral, issue = link.referral, link.referral.issue
    is_over = link.revoked_at is not None or now >= link.expires_at
    if is_over or issue.pressured_at or not referral.released_at or not _is_for(link):
        return None
    if referral.ended_as == Referral.Ending.RESOLVED:
        done = link.uses.filter(act=Act.RESOLVE).last()
        return Opened(link, frozenset(), done) if done else None
    stands = referral.is_open and issue.status == Issue.Status.REFERRED
    if not stands or referral.ladder_version > link.version:
        return None
    return Opened(link, _acts(link))


def is_closed_to_links(issue: Issue) -> bool:
    """Its words stand on no page that opens without signing in."""
    return issue.disclosure == Issue.Disclosure.CONFIDENTIAL


def _acts(link: Link) -> frozenset[str]:
    referral = link.referral
    if not link.may_act or is_closed_to_links(referral.issue):
        return frozenset()
    found = {str(one) for one in workflow.open_acts(referral.issue, OFFICE)} & set(Act.values)
    if referral.role == Referral.Role.INFORMATION:
        found -= NOT_FOR_INFORMATION
    if referral.acknowledged_at:
        found -= {Act.ACKNOWLEDGE.value}
    if extensions.refusal(referral):
        found -= {Act.EXTEND.value}
    if ANSWERING & found and referral.drafts.standing().exists():
        found -= ANSWERING
    if referral.redirections.undecided().exists():
        found -= {Act.REDIRECT.value}
    return frozenset(found)


OFFICE = frozenset({workflow.OFFICE})


# --- for whom -----------------------------------------------------------------------------------
def _is_for(link: Link) -> bool:
    """The recipient still is of the office, or of one above it, and the issue no concern of it."""
    name, _colon, pk = link.recipient.partition(":")
    if name == "user":
        return _is_persons(link, int(pk))
    if name == "authority":
        return _is_offices(link, int(pk))
    contact = ContactPoint.objects.filter(pk=pk, is_active=True).first()
    return contact is not None and _is_offices(link, contact.authority_id)


def _is_persons(link: Link, pk: int) -> bool:
    person = User.objects.filter(pk=pk, is_active=True).first()
    if person is None:
        return False
    offices = person.office_ids if link.may_act else person.answerable_ids
    readable = Referral.objects.visible_to(person).filter(pk=link.referral_id)
    return link.referral.authority_id in offices and readable.exists()


def _is_offices(link: Link, office: int) -> bool:
    asked = link.referral.authority_id
    above = Authority.objects.above([asked]).values_list("pk", flat=True)
    if office != asked and (link.may_act or office not in above):
        return False
    line = Authority.objects.above([office])
    return not Concern.objects.filter(issue=link.referral.issue_id, authority__in=line).exists()


# --- for the secretariat ------------------------------------------------------------------------
@dataclass(frozen=True)
class Row:
    """A link as coordinators see it, with what was done through it."""

    link: Link
    recipient: str
    is_open: bool
    uses: Sequence[LinkUse]


def of_referral(user: User, referral: Referral, now: dt.datetime) -> list[Row]:
    """The links about a referral; none for who is no coordinator of its province."""
    if not serves(user, referral.issue):
        return []
    rows = list(Link.objects.visible_to(user).filter(referral=referral).prefetch_related("uses"))
    names = recipients.labels(one.recipient for one in rows)
    return [
        Row(
            link=one,
            recipient=names.get(one.recipient, one.recipient),
            is_open=_may_open(one, referral, now),
            uses=list(one.uses.all()),
        )
        for one in rows
    ]


def _may_open(link: Link, referral: Referral, now: dt.datetime) -> bool:
    """Nothing of the link itself or its referral has ended it; asks nothing of the database."""
    stands = referral.is_open and referral.ladder_version <= link.version
    return stands and link.revoked_at is None and now < link.expires_at
