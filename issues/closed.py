"""What a session that ends leaves to each office and each organization, and who is told of it."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from forum import parties, reached
from forum.models import Session
from issues.models import AgendaItem, Concern, Cosign, Issue, Referral
from outbox import recipients
from provinces.models import Authority

OFFICE, ORGANIZATION = "session_closed_office", "session_closed_organization"


def referrals_of(session: Session) -> QuerySet[Referral]:
    """The open referrals that the session made, without those of frozen issues."""
    rows = Referral.objects.open().filter(outcome__item__session=session, issue__pressured_at=None)
    return rows.order_by("authority", F("due_on").asc(nulls_last=True), "wanted_on", "pk")


def for_offices(
    session: Session, offices: Collection[int], commanding: Collection[int]
) -> QuerySet[Referral]:
    """The session's referrals to these offices; ``commanding`` are they and all above them."""
    rows = referrals_of(session).filter(authority__in=offices, released_at__isnull=False)
    barred = Concern.objects.filter(authority__in=commanding)
    return rows.exclude(issue__in=barred.values("issue")).select_related("authority", "issue")


def for_organizations(
    session: Session, organizations: Collection[int], commanding: Collection[int] = ()
) -> QuerySet[AgendaItem]:
    """The items that had an issue of these organizations, or one that they co-sign.

    Not what concerns an office that the reader holds, whatever else they are, unless it is
    their own.
    """
    own = Q(issue__organization__in=organizations)
    agreed = Cosign.objects.agreed().filter(organization__in=organizations)
    rows = AgendaItem.objects.filter(own | Q(issue__in=agreed.values("issue")), session=session)
    rows = rows.filter(issue__pressured_at=None, outcome__isnull=False)
    barred = Concern.objects.filter(authority__in=commanding)
    return rows.exclude(~own, issue__in=barred.values("issue")).select_related("outcome", "issue")


# --- who is told --------------------------------------------------------------------------------
@dataclass(frozen=True)
class Told:
    """The recipients of each office and each organization that is told of the session's end."""

    offices: dict[int, list[str]]
    organizations: dict[int, list[str]]

    def notices(self) -> Iterator[tuple[str, str]]:
        """Each kind with each recipient, once."""
        for kind, groups in ((OFFICE, self.offices), (ORGANIZATION, self.organizations)):
            for one in dict.fromkeys(one for group in groups.values() for one in group):
                yield kind, one

    @property
    def messages(self) -> int:
        """How many messages go out."""
        return sum(not reached.is_party(one) for _kind, one in self.notices())

    @property
    def unreached(self) -> list[str]:
        """Offices and organizations nobody of whom has an address."""
        return [one for _kind, one in self.notices() if reached.is_party(one)]


def ended_while_frozen(issue: Issue, since: dt.datetime) -> QuerySet[Session]:
    """Sessions with an outcome on the issue that ended while it was frozen: none was told."""
    return Session.objects.filter(
        status=Session.Status.RELEASED,
        released_at__gte=since,
        agenda_items__in=issue.agenda_items.filter(outcome__isnull=False),
    )


def told_of(session: Session) -> Told:
    """Who has a referral or an outcome from the session, and who was invited; nine queries."""
    invited = list(session.invitations.left())
    offices = _offices_with_referrals(session)
    offices |= {one.authority_id for one in invited if one.authority_id}
    organizations = _organizations_with_outcomes(session)
    organizations |= {one.organization_id for one in invited if one.organization_id}
    people = parties.people_of(organizations, offices)
    return Told(
        {pk: people["authority", pk] for pk in sorted(offices)},
        {pk: people["organization", pk] for pk in sorted(organizations)},
    )


def _offices_with_referrals(session: Session) -> set[int]:
    """Those with a referral that they may know of."""
    return {one.authority_id for one in told_to_offices(session, referrals_of(session))}


def told_to_offices(session: Session, referrals: Iterable[Referral]) -> list[Referral]:
    """Those of the session's referrals whose issue does not concern their own office."""
    concerns = Concern.objects.filter(issue__agenda_items__session=session)
    concerned: dict[int, set[int]] = {}
    for issue, authority in concerns.values_list("issue", "authority"):
        concerned.setdefault(issue, set()).add(authority)
    superiors = _superiors() if concerned else {}
    return [
        one
        for one in referrals
        if concerned.get(one.issue_id, set()).isdisjoint(_line(one.authority_id, superiors))
    ]


def _superiors() -> dict[int, int | None]:
    return dict(Authority.objects.order_by().values_list("pk", "superior"))


def _line(office: int | None, superiors: dict[int, int | None]) -> Iterator[int]:
    while office is not None:
        yield office
        office = superiors.get(office)


def _organizations_with_outcomes(session: Session) -> set[int]:
    """Those with an issue in the session, and those that co-sign one; frozen ones aside."""
    items = session.agenda_items.filter(issue__isnull=False, issue__pressured_at=None).order_by()
    raised = set(items.values_list("issue__organization", flat=True))
    agreed = Cosign.objects.agreed().filter(issue__in=items.values("issue"))
    return raised | set(agreed.values_list("organization", flat=True))


def labels(told: Told) -> list[str]:
    """The names of those nobody of whom has an address."""
    return sorted(recipients.labels(told.unreached).values())
