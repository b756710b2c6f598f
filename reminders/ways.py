"""Who can be told by the way a rung asks for; everybody else is told as they have chosen."""

from collections.abc import Collection, Iterable

from django.conf import settings
from django.db.models import Q

from accounts.models import User
from outbox import gateway, telegram
from outbox.models import Channel


def reached(recipients: Iterable[str], channels: Collection[str]) -> set[tuple[str, str]]:
    """Which of these recipients have an address for which of the ways; one query a way."""
    asked = set(recipients)
    found = {(one, Channel.EMAIL.value) for one in asked if not one.startswith("user:")}
    people = [int(one.partition(":")[2]) for one in asked if one.startswith("user:")]
    for channel in channels:
        has_address = _has_address(channel)
        if has_address is not None:
            rows = User.objects.filter(has_address, pk__in=people, is_active=True)
            found |= {(f"user:{pk}", channel) for pk in rows.values_list("pk", flat=True)}
    return found


def _has_address(channel: str) -> Q | None:
    """Who has one; None where nobody can be told by this way."""
    if channel == Channel.EMAIL:
        return Q(email__isnull=False) & ~Q(email="")
    if channel == Channel.TELEGRAM and telegram.is_set_up():
        return Q(telegram_chat__isnull=False)
    if channel == Channel.SMS and gateway.is_set_up():
        return Q(phone__isnull=False) & ~Q(phone="")
    if channel == Channel.OTHER:
        return Q(service_address__scheme__in=settings.OTHER_WAYS)
    return None
