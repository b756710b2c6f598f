"""Who is told: ``user:3``, ``contact:9``, or an office or organization nobody of which is known.

An office or organization without any address still gets its notice, to ``authority:4`` or
``organization:7``: it fails at once and so stands before the coordinators.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q

from accounts.models import Organization, Role, RoleAssignment, User
from provinces.models import Authority, ContactPoint, Province

HAS_ADDRESS = Q(user__is_active=True, user__email__isnull=False) & ~Q(user__email="")
EMAIL = Q(channel=ContactPoint.Channel.EMAIL, is_active=True)


@dataclass(frozen=True)
class Recipient:
    """Where and in which language somebody is told."""

    address: str
    language: str
    label: str


def resolve(recipient: str) -> Recipient | None:
    """The recipient's present address; None for who is inactive or has none."""
    name, pk = _split(recipient)
    if name == "user":
        person = User.objects.filter(pk=pk, is_active=True).first()
        return _of_user(person) if person and person.email else None
    if name in ("contact", "authority"):
        return _of_contact(name, pk)
    return None


def _of_user(person: User) -> Recipient:
    return Recipient(person.email or "", person.language or settings.LANGUAGE_CODE, str(person))


def _of_contact(name: str, pk: int) -> Recipient | None:
    """A contact point; for an authority the first that came into use since."""
    which = {"pk": pk} if name == "contact" else {"authority": pk}
    contact = ContactPoint.objects.filter(EMAIL, **which).first()
    if contact is None:
        return None
    return Recipient(contact.value, contact.language, contact.label or contact.value)


# --- the people of an office, an organization, a province ---------------------------------------
def officials(authority_ids: Iterable[int]) -> dict[int, list[str]]:
    """Whom to tell of each authority, in two queries: its officials, else its own addresses."""
    ids = set(authority_ids)
    found = _people(Q(role=Role.OFFICIAL, authority__in=ids), "authority")
    silent = ids - found.keys()
    contacts = ContactPoint.objects.filter(EMAIL, authority__in=silent)
    for pk, authority in contacts.values_list("pk", "authority"):
        found[authority].append(f"contact:{pk}")
    return {one: found.get(one) or [f"authority:{one}"] for one in ids}


def representatives(organization_ids: Iterable[int]) -> dict[int, list[str]]:
    """Whom to tell of each organization, in one query: its representatives with an address."""
    ids = set(organization_ids)
    found = _people(Q(role=Role.REPRESENTATIVE, organization__in=ids), "organization")
    return {one: found.get(one) or [f"organization:{one}"] for one in ids}


def coordinators(province_ids: Iterable[str]) -> dict[str, list[str]]:
    """Whom to tell of each province, in one query: its coordinators, else those of all.

    Where nobody of them has an address it is ``province:24``, which fails visibly.
    """
    ids = set(province_ids)
    found = _people(Q(role=Role.COORDINATOR) & (Q(province__in=ids) | Q(province=None)), "province")
    return {one: found.get(one) or found.get(None) or [f"province:{one}"] for one in ids}


def _people(which: Q, place: str) -> defaultdict[int | str | None, list[str]]:
    """Current holders of these roles who have an address, by the place they hold it for."""
    found: defaultdict[int | str | None, list[str]] = defaultdict(list)
    rows = RoleAssignment.objects.current().filter(which, HAS_ADDRESS)
    for key, user in rows.order_by("user").values_list(place, "user"):
        found[key].append(f"user:{user}")
    return found


# --- for the pages ------------------------------------------------------------------------------
def labels(recipients: Iterable[str]) -> dict[str, str]:
    """The name of each recipient in the reader's language; one query for each kind of them."""
    ids: defaultdict[str, set[int]] = defaultdict(set)
    for name, pk in map(_split, set(recipients)):
        ids[name].add(pk)
    return {
        f"{name}:{pk:02}" if name == "province" else f"{name}:{pk}": label
        for name, pks in ids.items()
        for pk, label in _labels_of(name, pks).items()
    }


def _labels_of(name: str, ids: set[int]) -> dict[int, str]:
    if name == "contact":
        contacts = ContactPoint.objects.filter(pk__in=ids).select_related("authority")
        return {one.pk: f"{one.authority} ({one.value})" for one in contacts}
    models: dict[str, Any] = {
        "user": User,
        "authority": Authority,
        "organization": Organization,
    }
    if name == "province":
        codes = [f"{one:02}" for one in ids]
        return {int(one.pk): str(one) for one in Province.objects.filter(pk__in=codes)}
    if name not in models:
        return {}
    return {one.pk: str(one) for one in models[name].objects.filter(pk__in=ids)}


def _split(recipient: str) -> tuple[str, int]:
    name, _colon, pk = recipient.partition(":")
    return name, int(pk)
