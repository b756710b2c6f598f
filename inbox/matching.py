"""What a mail is about, and whether its sender is one who may say something there."""

import re
from dataclasses import dataclass

from accounts.models import User
from forum import permissions
from forum.models import Invitation
from inbox import addresses
from inbox.models import Incoming
from inbox.reading import Mail
from issues.actions.move import concerned
from issues.models import Issue, Referral
from issues.permissions import answers, raised
from outbox.models import Message, Notice
from provinces.models import ContactPoint

Why = Incoming.Why
REFERENCE = re.compile(r"(?<![\w-])(\d{2}-\d{4}-\d{4})(?![\w-])")
KHMER_DIGITS = str.maketrans("០១២៣៤៥៦៧៨៩", "0123456789")
EMAIL = ContactPoint.Channel.EMAIL


@dataclass(frozen=True)
class About:
    """What a mail answers, as far as that is known; ``message`` is the one of ours it answers.

    ``told`` is whom we wrote to, where the mail names what only they were given.
    """

    issue: Issue | None = None
    referral: Referral | None = None
    message: Message | None = None
    province_id: str | None = None
    told: str = ""


@dataclass(frozen=True)
class Part:
    """Who may say something about what: an office on its referral, an organization on its issue.

    Where ``why`` says something nobody may, and a person has to look.
    """

    why: str = ""
    user: User | None = None
    referral: Referral | None = None


# --- about what -----------------------------------------------------------------------------------
def about(mail: Mail) -> About:
    """By the signed address, then by the mail it answers, then by the reference in its subject."""
    notice = addresses.read(mail.recipients)
    if notice is not None:
        return _of(notice)
    message = answered(mail)
    told = list(message.notices.all()[:2]) if message else []
    if len(told) == 1:  # a digest of several things says not which of them is answered
        return _of(told[0])
    issue = _named(mail.subject)
    return About(issue, province_id=issue.province_id if issue else None)


def answered(mail: Mail) -> Message | None:
    """The mail of ours that this one answers, the nearest first."""
    known = {one.message_id: one for one in Message.objects.filter(message_id__in=mail.answers)}
    return next((known[one] for one in mail.answers if one in known), None)


def _of(notice: Notice) -> About:
    """What the notice told of."""
    name, _colon, pk = notice.subject.partition(":")
    referral = None
    if name == "referral":
        referral = Referral.objects.select_related("issue", "authority").filter(pk=pk).first()
    issue = referral.issue if referral else _issue_of(name, pk)
    province = issue.province_id if issue else notice.province_id
    return About(issue, referral, notice.message, province, notice.recipient)


def _issue_of(name: str, pk: str) -> Issue | None:
    if name == "comment":
        return Issue.objects.filter(comments=int(pk)).first()
    if name == "agendaitem":
        return Issue.objects.filter(agenda_items=int(pk)).first()
    return Issue.objects.filter(pk=pk).first() if name == "issue" else None


def _named(subject: str) -> Issue | None:
    """The issue whose reference stands in the subject; None where there are several."""
    found = set(REFERENCE.findall(subject.translate(KHMER_DIGITS)))
    return Issue.objects.filter(reference=found.pop()).first() if len(found) == 1 else None


# --- by whom --------------------------------------------------------------------------------------
def person(sender: str) -> User | None:
    """The one person who has this address."""
    return User.objects.filter(email__iexact=sender, is_active=True).first() if sender else None


def part_of(sender: str, found: About) -> Part:
    """In which part the sender may say something about it, or why a person has to look."""
    issue = found.issue
    if issue is None:
        return Part(Why.NO_MATCH)
    if issue.pressured_at:
        return Part(Why.FROZEN)
    user = person(sender)
    if user is None:
        return Part(_why_unknown(sender, issue))
    part = _as_office(user, issue, found.referral)
    if part is None and raised(user, issue):
        part = Part(user=user)
    if part is None:
        return Part(Why.OTHER_PARTY)
    return part if issue.is_open or part.why else Part(Why.CLOSED)


def _as_office(user: User, issue: Issue, referral: Referral | None) -> Part | None:
    """The user's part as an official; None for who is none of an office that was asked."""
    asked = [referral] if referral else Referral.objects.filter(issue=issue)
    own = [one for one in asked if answers(user, one)]
    if not own or concerned(issue, user):
        return None
    held = [one for one in own if one.is_open]
    if len(held) == 1:
        return Part(user=user, referral=held[0])
    return Part(Why.SEVERAL if held else Why.ENDED, referral=referral)


def _why_unknown(sender: str, issue: Issue) -> str:
    """An office's own address is known, but it is no person who could answer for what is said."""
    offices = issue.referrals.filter(released_at__isnull=False).values("authority")
    own = ContactPoint.objects.filter(authority__in=offices, channel=EMAIL, is_active=True)
    return Why.NO_ACCOUNT if own.filter(value__iexact=sender).exists() else Why.UNKNOWN_SENDER


def province_of(sender: str) -> str | None:
    """The province in whose secretariat somebody may know the sender, where there is but one."""
    user = person(sender)
    codes: set[str | None] = set()
    if user is None and sender:
        offices = ContactPoint.objects.filter(channel=EMAIL, is_active=True, value__iexact=sender)
        codes = set(offices.values_list("authority__province", flat=True))
    for one in user.held if user else []:
        if one.authority:
            codes.add(one.authority.province_id)
        if one.organization:
            codes |= set(one.organization.provinces.values_list("pk", flat=True))
    return codes.pop() if len(codes) == 1 else None


def is_of_party(sender: str, invitation: Invitation) -> bool:
    """The sender is one of the invited office or organization, by a person's or its own address."""
    user = person(sender)
    if user is not None:
        return permissions.is_of_party(user, invitation)
    own = ContactPoint.objects.filter(authority=invitation.authority_id, channel=EMAIL)
    return bool(sender) and own.filter(is_active=True, value__iexact=sender).exists()
