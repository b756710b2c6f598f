"""What one press on everything that is prepared will do: to how many people, in which offices."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import Role, RoleAssignment
from outbox.models import Notice
from provinces.models import Authority, ContactPoint


@dataclass(frozen=True)
class Press:
    """``matters`` counts what is told of; ``others`` the people of no office."""

    notices: int
    people: int
    matters: int
    offices: list[Authority]
    others: int


def press(notices: Iterable[Notice]) -> Press:
    """Three queries, however many notices."""
    rows = list(notices)
    told = {one.recipient for one in rows}
    places = _offices_of(told)
    ids = {office for held in places.values() for office in held}
    return Press(
        notices=len(rows),
        people=len(told),
        matters=len({one.subject for one in rows}),
        offices=list(Authority.objects.filter(pk__in=ids).order_by("name_km", "pk")),
        others=len(told - places.keys()),
    )


def _offices_of(told: Iterable[str]) -> dict[str, set[int]]:
    """The offices of those who belong to one."""
    ids: defaultdict[str, set[int]] = defaultdict(set)
    for name, _colon, pk in (one.partition(":") for one in told):
        ids[name].add(int(pk))
    found: defaultdict[str, set[int]] = defaultdict(set)
    roles = RoleAssignment.objects.current().filter(role=Role.OFFICIAL, user__in=ids["user"])
    for user, office in roles.values_list("user", "authority"):
        found[f"user:{user}"].add(office)
    contacts = ContactPoint.objects.filter(pk__in=ids["contact"])
    for contact, office in contacts.values_list("pk", "authority"):
        found[f"contact:{contact}"].add(office)
    for office in ids["authority"]:
        found[f"authority:{office}"].add(office)
    return dict(found)
