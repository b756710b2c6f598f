"""The offices a referral climbs through, and those an issue must not reach."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from accounts.models import Role, RoleAssignment
from issues.models import Concern
from outbox import recipients
from provinces.models import Authority
from reminders.held import Placed, among


@dataclass
class Offices:
    """All authorities with their superiors, and whom each of some issues concerns."""

    superiors: dict[int, int | None]
    kinds: dict[int, str]
    concerned: dict[int, set[int]]
    told: dict[int, list[str]] = field(default_factory=dict)
    held: dict[str, set[int]] = field(default_factory=dict)
    climbs: dict[int, list[int]] = field(default_factory=dict)  # of offices nothing concerns

    @classmethod
    def read(cls, issue_ids: Iterable[int]) -> "Offices":
        """Two queries."""
        rows = list(Authority.objects.order_by().values_list("pk", "superior", "kind"))
        concerned: defaultdict[int, set[int]] = defaultdict(set)
        concerns = among(Concern.objects.all(), "issue_id", issue_ids)
        for issue, authority in concerns.values_list("issue", "authority"):
            concerned[issue].add(authority)
        return cls(
            superiors={pk: superior for pk, superior, _kind in rows},
            kinds={pk: kind for pk, _superior, kind in rows},
            concerned=dict(concerned),
        )

    def read_people(self, authority_ids: Iterable[int]) -> None:
        """Whom to tell of these authorities, and which offices those people hold; 3 queries."""
        self.told = recipients.officials(authority_ids)
        people = {one for group in self.told.values() for one in group if one.startswith("user:")}
        held: defaultdict[str, set[int]] = defaultdict(set)
        if self.concerned:
            roles = RoleAssignment.objects.current().filter(
                role=Role.OFFICIAL, user__in=[int(one.partition(":")[2]) for one in people]
            )
            for user, authority in roles.values_list("user", "authority"):
                held[f"user:{user}"].add(authority)
        self.held = dict(held)

    def line(self, authority_id: int) -> Iterator[int]:
        """The authority and all above it, the nearest first."""
        current: int | None = authority_id
        while current is not None:
            yield current
            current = self.superiors.get(current)

    def is_barred(self, authority_id: int, issue_id: int) -> bool:
        """Whether the issue concerns the authority or one above it."""
        concerned = self.concerned.get(issue_id, set())
        return bool(concerned) and any(one in concerned for one in self.line(authority_id))

    def climb(self, referral: Placed) -> list[int]:
        """The superiors to turn to, up to the provincial administration, without barred ones."""
        if referral.issue_id in self.concerned:
            return self._climb(referral)
        if referral.authority_id not in self.climbs:
            self.climbs[referral.authority_id] = self._climb(referral)
        return self.climbs[referral.authority_id]

    def _climb(self, referral: Placed) -> list[int]:
        found: list[int] = []
        for one in self.line(referral.authority_id):
            if self.kinds[one] == Authority.Kind.MINISTRY:
                break
            if one != referral.authority_id and not self.is_barred(one, referral.issue_id):
                found.append(one)
        return found

    def people(self, authority_id: int, issue_id: int) -> list[str]:
        """Whom to tell of an authority about an issue: nobody it concerns, in whichever office."""
        if issue_id not in self.concerned:
            return self.told.get(authority_id, [])
        if self.is_barred(authority_id, issue_id):
            return []
        return [
            one
            for one in self.told.get(authority_id, [])
            if not any(self.is_barred(office, issue_id) for office in self.held.get(one, ()))
        ]
