"""By which ways each recipient can be told, and where; a few queries for however many."""

from collections import defaultdict
from collections.abc import Iterable

from accounts.models import User
from outbox import recipients
from outbox.models import Channel
from provinces.models import ContactPoint

WAYS = (Channel.EMAIL, Channel.TELEGRAM, Channel.SMS, Channel.OTHER)


def addresses(asked: Iterable[str]) -> dict[str, dict[str, str]]:
    """The present addresses of each of these recipients by way, as ``recipients.resolve`` knows."""
    ids: defaultdict[str, dict[int, str]] = defaultdict(dict)
    for one in set(asked):
        name, _colon, pk = one.partition(":")
        ids[name][int(pk)] = one
    found = _of_people(ids["user"])
    points = ContactPoint.objects.filter(recipients.EMAIL)
    for point in points.filter(pk__in=ids["contact"]):
        found[ids["contact"][point.pk]] = {Channel.EMAIL.value: point.value}
    for point in points.filter(authority__in=ids["authority"]).order_by("-pk"):
        found[ids["authority"][point.authority_id]] = {Channel.EMAIL.value: point.value}
    return found


def _of_people(ids: dict[int, str]) -> dict[str, dict[str, str]]:
    people = User.objects.filter(pk__in=ids, is_active=True)
    return {
        ids[person.pk]: {
            way.value: address for way in WAYS if (address := recipients.address_of(person, way))
        }
        for person in people.select_related("telling", "telegram_chat", "service_address")
    }
