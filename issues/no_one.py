"""Offices and organizations nobody of which can be told: no address, or one that failed."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Organization, User
from issues.models import Issue, Referral
from issues.models.issue import LONG, LONG_OF_ISSUE
from outbox import recipients
from outbox.models import Channel, FailedAddress, Notice
from provinces.models import Authority, ContactPoint

LOST = (Notice.State.FAILED, Notice.State.DEAD)
MOST = 500  # referrals and issues that are shown


@dataclass(frozen=True)
class Waits:
    """A referral whose office cannot be told, and the latest notice of it that did not arrive."""

    referral: Referral
    notice: Notice | None


@dataclass(frozen=True)
class Failed:
    """Whose address failed, and the row that says so."""

    label: str
    pk: int


@dataclass(frozen=True)
class Unreached:
    """An office or organization, why nobody there can be told, and what waits there."""

    party: Authority | Organization
    reason: str
    people: list[Failed]
    phones: list[str]
    referrals: list[Waits]
    issues: list[Issue]

    @property
    def is_organization(self) -> bool:
        return isinstance(self.party, Organization)


def no_one(user: User) -> list[Unreached]:
    """Offices first, then organizations; a constant number of queries."""
    return [*_offices(user), *_organizations(user)]


def counted(user: User) -> tuple[QuerySet[Authority], QuerySet[Organization]]:
    """Whom the page shows, for those who only count them."""
    served = Issue.objects.visible_to(user) & Issue.objects.served_by(user)
    issues = served.exclude(status__in=[Issue.Status.DRAFT, Issue.Status.CLOSED])
    awaited = Referral.objects.awaited_by(user).order_by()
    offices = Authority.objects.filter(pk__in=awaited.values("authority"))
    organizations = Organization.objects.filter(pk__in=issues.order_by().values("organization"))
    return (
        offices.filter(recipients.unreached("authority")),
        organizations.filter(recipients.unreached("organization")),
    )


def failed_of(user: User) -> set[int]:
    """The failed addresses that the page shows to the user."""
    return {person.pk for row in no_one(user) for person in row.people}


def _offices(user: User) -> list[Unreached]:
    by_office: defaultdict[int, list[Referral]] = defaultdict(list)
    for one in _open(user)[:MOST]:
        by_office[one.authority_id].append(one)
    silent = _Silent.read(recipients.officials(by_office))
    lost = _lost(one for pk, rows in by_office.items() if silent.why(pk) for one in rows)
    return [
        Unreached(
            rows[0].authority,
            silent.why(pk),
            silent.names(pk),
            [each.value for each in rows[0].authority.phones],  # type: ignore[attr-defined]
            [Waits(one, lost.get(one.pk)) for one in rows],
            [],
        )
        for pk, rows in by_office.items()
        if silent.why(pk)
    ]


def _lost(referrals: Iterable[Referral]) -> dict[int, Notice]:
    """The latest notice of each that did not arrive and that nobody told by telephone."""
    subjects = {f"referral:{one.pk}": one.pk for one in referrals}
    rows = Notice.objects.filter(subject__in=subjects, state__in=LOST, by_phone=None)
    return {subjects[one.subject]: one for one in rows.order_by("due_at", "pk")}


def _open(user: User) -> QuerySet[Referral]:
    """Open referrals of the user's provinces that their office should know of."""
    phones = ContactPoint.objects.visible_to(user).phones()
    rows = Referral.objects.awaited_by(user).select_related("authority", "issue")
    rows = rows.defer(*LONG_OF_ISSUE)
    rows = rows.prefetch_related(Prefetch("authority__contacts", phones, to_attr="phones"))
    return rows.order_by("authority", "due_on", "pk")


def _organizations(user: User) -> list[Unreached]:
    rows = Issue.objects.visible_to(user) & Issue.objects.served_by(user)
    rows = rows.exclude(status__in=[Issue.Status.DRAFT, Issue.Status.CLOSED])
    rows = rows.select_related("organization").defer(*LONG).order_by("organization", "pk")
    by_organization: defaultdict[int, list[Issue]] = defaultdict(list)
    for one in rows[:MOST]:
        by_organization[one.organization_id].append(one)
    silent = _Silent.read(recipients.representatives(by_organization))
    return [
        Unreached(issues[0].organization, silent.why(pk), silent.names(pk), [], [], issues)
        for pk, issues in by_organization.items()
        if silent.why(pk)
    ]


@dataclass(frozen=True)
class _Silent:
    """Whom one would tell of each place, and whose address takes nothing of ours."""

    told: dict[int, list[str]]
    failed: dict[str, int]
    labels: dict[str, str]

    @classmethod
    def read(cls, told: dict[int, list[str]]) -> "_Silent":
        """A query for the failed addresses, two for the present ones, two for their names."""
        people = {one for group in told.values() for one in group}
        failed = _failed(people)
        return cls(told, failed, recipients.labels(failed))

    def why(self, pk: int) -> str:
        """Why nobody there can be told; empty where somebody can."""
        told = self.told[pk]
        if [one.partition(":")[0] for one in told] in (["authority"], ["organization"]):
            return _("Nobody is known there, and no address.")
        if all(one in self.failed for one in told):
            return _("The e-mail address we have takes no mail.")
        return ""

    def names(self, pk: int) -> list[Failed]:
        """Whose addresses failed."""
        return [
            Failed(self.labels.get(one, one), self.failed[one])
            for one in self.told[pk]
            if one in self.failed
        ]


def _failed(people: Iterable[str]) -> dict[str, int]:
    """Those of these whose present e-mail address failed, with its row, and have no other way."""
    rows = FailedAddress.objects.filter(channel=Channel.EMAIL)
    marked = dict(rows.values_list("address", "pk"))
    if not marked:
        return {}
    ids: defaultdict[str, set[int]] = defaultdict(set)
    for name, _colon, pk in (one.partition(":") for one in people):
        ids[name].add(int(pk))
    users = User.objects.filter(pk__in=ids["user"], email__in=marked, telegram_chat=None)
    contacts = ContactPoint.objects.filter(pk__in=ids["contact"], value__in=marked)
    return {f"user:{pk}": marked[str(at)] for pk, at in users.values_list("pk", "email")} | {
        f"contact:{pk}": marked[at] for pk, at in contacts.values_list("pk", "value")
    }
