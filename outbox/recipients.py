"""Who is told: ``user:3``, ``contact:9``, or an office or organization nobody of which is known.

An office or organization without any address still gets its notice, to ``authority:4`` or
``organization:7``: it fails at once and so stands before the coordinators.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from accounts.models import Organization, Role, RoleAssignment, User
from outbox import gateway, services, telegram
from outbox.models import Channel, FailedAddress, Preference
from provinces.models import Authority, ContactPoint, Province

HAS_EMAIL = Q(user__email__isnull=False) & ~Q(user__email="")
HAS_CHAT = Q(user__telegram_chat__isnull=False)
WANTS_SMS = Q(user__telling__channel=Channel.SMS, user__phone__isnull=False)
WANTS_OTHER = Q(user__telling__channel=Channel.OTHER, user__service_address__isnull=False)
HAS_ADDRESS = Q(user__is_active=True) & (HAS_EMAIL | HAS_CHAT | WANTS_SMS | WANTS_OTHER)
EMAIL = Q(channel=ContactPoint.Channel.EMAIL, is_active=True)


@dataclass(frozen=True)
class Recipient:
    """Where, by which way and in which language somebody is told."""

    address: str
    language: str
    label: str
    channel: str = Channel.EMAIL


def people(recipients: Iterable[str]) -> dict[str, User]:
    """The active persons among these, with what ``resolve`` reads of them; one query."""
    rows = User.objects.select_related("telling", "telegram_chat", "service_address")
    active = rows.filter(pk__in=_people_of(recipients), is_active=True)
    return {f"user:{one.pk}": one for one in active}


def resolve(
    recipient: str, channel: str = Channel.USUAL, known: Mapping[str, User] | None = None
) -> Recipient | None:
    """The recipient's present address; None for who is inactive or has none.

    By the way they chose, where it works, else by e-mail; or by the one ``channel`` asked for.
    ``known`` are all of some ``people``, where they were read before.
    """
    name, pk = _split(recipient)
    if name == "user":
        person = (people([recipient]) if known is None else known).get(recipient)
        return _of_user(person, channel) if person else None
    if name in ("contact", "authority") and channel in (Channel.USUAL, Channel.EMAIL):
        return _of_contact(name, pk)
    return None


def _of_user(person: User, channel: str) -> Recipient | None:
    for way in [channel] if channel != Channel.USUAL else _ways(person):
        address = address_of(person, way)
        if address and (way == channel or works(way, address)):
            language = person.language or settings.LANGUAGE_CODE
            return Recipient(address, language, str(person), way)
    return None


def _ways(person: User) -> list[str]:
    """What to try, the chosen way first; nobody gets an SMS who did not ask for it."""
    return list(dict.fromkeys([chosen(person), Channel.EMAIL, Channel.TELEGRAM]))


def chosen(person: User) -> str:
    """The way the person chose; without a choice e-mail."""
    return person.telling.channel if hasattr(person, "telling") else Channel.EMAIL.value


def chosen_often(person: User) -> bool | None:
    """Whether the person chose one message a day of what can wait; None without a choice."""
    return person.telling.is_digest if hasattr(person, "telling") else None


def address_of(person: User, channel: str) -> str:
    """Where the person is told by this way; empty where there is no address, or no such way."""
    if channel == Channel.TELEGRAM and telegram.is_set_up():
        return str(person.telegram_chat.chat_id) if hasattr(person, "telegram_chat") else ""
    if channel == Channel.SMS and gateway.is_set_up():
        return person.phone or ""
    if channel == Channel.OTHER and hasattr(person, "service_address"):
        return services.reference_of(person.service_address)
    return (person.email or "") if channel == Channel.EMAIL else ""


def works(channel: str, address: str) -> bool:
    """Whether the address never failed, or was mended; mail servers may change their mind."""
    return channel == Channel.EMAIL or not FailedAddress.objects.covers(channel, address)


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


def unreached(place: str) -> Q:
    """Of authorities or organizations: nobody is to be told there whose address did not fail.

    ``officials`` and ``representatives`` said in the database.
    """
    held = RoleAssignment.objects.current().filter(**{place: OuterRef("pk")})
    role = Role.OFFICIAL if place == "authority" else Role.REPRESENTATIVE
    people = held.filter(HAS_ADDRESS, role=role).order_by()
    failed = FailedAddress.objects.filter(channel=Channel.EMAIL).values("address")
    works = people.exclude(user__email__in=failed, user__telegram_chat=None)
    reached = Q(Exists(works))
    if place == "authority":
        contacts = ContactPoint.objects.filter(EMAIL, authority=OuterRef("pk"))
        contacts = contacts.exclude(value__in=failed)
        reached |= ~Exists(people) & Exists(contacts)
    return ~reached


def administrators() -> list[str]:
    """Every administrator with an address, in one query."""
    return _people(Q(role=Role.ADMINISTRATOR), "role")[Role.ADMINISTRATOR.value]


def _people(which: Q, place: str) -> defaultdict[int | str | None, list[str]]:
    """Current holders of these roles who have an address, by the place they hold it for."""
    found: defaultdict[int | str | None, list[str]] = defaultdict(list)
    rows = RoleAssignment.objects.current().filter(which, HAS_ADDRESS)
    for key, user in rows.order_by("user").values_list(place, "user"):
        found[key].append(f"user:{user}")
    return found


# --- how often ------------------------------------------------------------------------------------
def digest_takers(recipients: Iterable[str]) -> set[str]:
    """Those of these who get one message a day of what can wait; in two queries.

    As they chose; without a choice officials do, and the addresses of offices, and nobody else.
    """
    asked = set(recipients)
    people = _people_of(asked)
    chose = dict(Preference.objects.filter(user__in=people).values_list("user", "is_digest"))
    roles = RoleAssignment.objects.current().filter(role=Role.OFFICIAL, user__in=people)
    officials = set(roles.values_list("user", flat=True))
    takers = {one for one in asked if one.partition(":")[0] in ("contact", "authority")}
    for pk in people:
        own = chose.get(pk)
        if own or (own is None and pk in officials):
            takers.add(f"user:{pk}")
    return takers


def mutes(recipients: Iterable[str], today: dt.date) -> dict[str, dt.date]:
    """Until which day, that one included, those of these get no early reminder; one query."""
    people = _people_of(recipients)
    rows = Preference.objects.filter(user__in=people, muted_until__gte=today)
    return {f"user:{pk}": day for pk, day in rows.values_list("user", "muted_until") if day}


def _people_of(recipients: Iterable[str]) -> set[int]:
    return {int(one.partition(":")[2]) for one in recipients if one.startswith("user:")}


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
