"""Who stands how towards an issue, and what of it each reader is shown."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from accounts.models import Organization, Role, User
from issues.models import AgendaItem, Issue, Referral
from issues.models.issue import Reader
from provinces.models import Authority


def serves(user: User, issue: Issue) -> bool:
    """The user is of the secretariat of the issue's province."""
    return user.serves(issue.province_id)


def raised(user: User, issue: Issue) -> bool:
    """The user speaks for the organization that raised the issue."""
    return issue.organization_id in user.organization_ids


def typed_by(user: User, issue: Issue) -> bool:
    """The user may know the village: of the raising organization, or who wrote it on its behalf."""
    return raised(user, issue) or issue.author_id == user.pk


def answers(user: User, referral: Referral) -> bool:
    """The user is an official of the very authority the issue was referred to."""
    return referral.authority_id in user.office_ids and referral.released_at is not None


def directs(user: User, referral: Referral) -> bool:
    """The user approves what the office says on the referral: its director.

    Any of its officials does, once the office wants no approval any more.
    """
    if not answers(user, referral):
        return False
    return referral.authority_id in user.directed_ids or not referral.authority.needs_approval


def needs_approval(user: User, referral: Referral) -> bool:
    """What the user answers for the office leaves only after its director's approval."""
    return answers(user, referral) and not directs(user, referral)


def cosigned(user: User, issue: Issue) -> bool:
    """An organization of the user has made another's issue its own as well."""
    return issue.cosigns.agreed().filter(organization__in=user.organization_ids).exists()


def parts_in(user: User, issue: Issue) -> frozenset[str]:
    """The roles in which the user stands towards the issue, without those of offices."""
    parts = set()
    if serves(user, issue):
        parts.add(Role.COORDINATOR.value)
    if raised(user, issue):
        parts.add(Role.REPRESENTATIVE.value)
    return frozenset(parts)


class Audience(StrEnum):
    """From where somebody looks at an issue, from the nearest to the farthest."""

    ORGANIZATION = "organization"
    SECRETARIAT = "secretariat"
    COSIGNER = "cosigner"
    OFFICE = "office"
    ROOM = "room"
    PUBLIC = "public"


@dataclass(frozen=True)
class Shown:
    """What one audience is shown of an issue besides its title and text."""

    audience: Audience
    organization: str
    place: str
    evidence: bool
    history: bool


def audience_of(
    user: Reader, issue: Issue, *, is_referred: bool = False, is_cosigner: bool = False
) -> Audience:
    """From where the user looks; ``is_referred`` says that a referral to them was found.

    ``is_cosigner`` says the same of an organization of theirs that co-signs the issue.
    """
    if not user.is_authenticated:
        return Audience.PUBLIC
    if raised(user, issue):
        return Audience.ORGANIZATION
    if serves(user, issue):
        return Audience.SECRETARIAT
    if is_cosigner:
        return Audience.COSIGNER
    return Audience.OFFICE if is_referred else Audience.PUBLIC


def names_its_organization(issue: Issue) -> bool:
    """The raising organization chose to be named, and the issue is not confidential."""
    return issue.is_named and issue.disclosure != Issue.Disclosure.CONFIDENTIAL


def presenter_of(item: AgendaItem) -> Organization | None:
    """Who presents the item, for the room: nobody who raised the issue and is not to be named."""
    issue, presenter = item.issue, item.presenter
    if issue is None or presenter is None or presenter.pk != issue.organization_id:
        return presenter
    return presenter if names_its_organization(issue) else None


def disclosed(issue: Issue, audience: Audience, *, is_known: bool = False) -> Shown:
    """The fields of the issue that the audience may see.

    ``is_known`` says that the reader's organization and the raising one know each other, as an
    issue of the one was merged into that of the other. Needs ``organization``, ``province`` and
    ``commune__parent`` loaded.
    """
    inside = audience in (Audience.ORGANIZATION, Audience.SECRETARIAT)
    confidential = issue.disclosure == Issue.Disclosure.CONFIDENTIAL
    named = inside or is_known or names_its_organization(issue)
    return Shown(
        audience=audience,
        organization=issue.organization.name if named else _("The raising organization"),
        place=issue.province.name if confidential and not inside else place_of(issue),
        evidence=audience not in (Audience.COSIGNER, Audience.ROOM, Audience.PUBLIC),
        history=audience != Audience.ROOM,
    )


def place_of(issue: Issue) -> str:
    """Commune, district and province in words, as far as they are known; never the village."""
    if issue.commune is None:  # a draft
        return issue.province.name
    units = [issue.commune.full_name]
    if issue.commune.parent:
        units.append(issue.commune.parent.full_name)
    return ", ".join([*units, issue.province.name])


def is_late(referral: Referral, today: dt.date) -> bool:
    """The referral is open after its date; the date's own day is still in time.

    None is late that waits for the organization.
    """
    if not referral.is_open or referral.is_paused:
        return False
    return referral.due_on is not None and referral.due_on < today


def listeners(issue: Issue, referrals: Iterable[Referral] | None = None) -> list[Authority]:
    """The offices that hold the issue and are not concerned by it; none while it is frozen.

    ``referrals`` are all of the issue with their authorities, where they were read already.
    """
    if issue.pressured_at:
        return []
    if referrals is None:
        referrals = Referral.objects.open().filter(issue=issue).select_related("authority")
    held = {one.authority_id: one.authority for one in referrals if one.is_open and one.released_at}
    is_free = getattr(issue, "kept_from", None) == []  # read with its page
    if held and not is_free:
        concerned = list(issue.concerns.values_list("authority", flat=True))
        for pk in Authority.objects.below(concerned).values_list("pk", flat=True):
            held.pop(pk, None)
    return list(held.values())
