"""Spares a provider that cannot be reached: one probe a minute until it answers."""

import datetime as dt

from django.db.models import DateTimeField, F, Value
from django.db.models.functions import Coalesce

from outbox.models import Breaker
from outbox.outcomes import Outcome, TryLater, Unknown

FAILURES = 5  # connection failures in a row that open it
PROBE = dt.timedelta(minutes=1)


def room(channel: str, now: dt.datetime, limit: int) -> int:
    """How many messages may be tried now: ``limit``, or while open one a minute, then none."""
    open_ones = Breaker.objects.filter(channel=channel, opened_at__isnull=False)
    if not open_ones.exists():
        return limit
    return open_ones.filter(probe_at__lte=now).update(probe_at=now + PROBE)


def open_ones() -> list[str]:
    """The channels whose provider counts as unreachable, or asked us to be silent."""
    return list(Breaker.objects.filter(opened_at__isnull=False).values_list("channel", flat=True))


def is_open(channel: str) -> bool:
    """Whether the provider counts as unreachable."""
    return Breaker.objects.filter(channel=channel, opened_at__isnull=False).exists()


def note(channel: str, outcome: Outcome, now: dt.datetime) -> None:
    """Learn from an outcome: any answer closes it, silence after the body says nothing.

    A provider that asked us to wait is spared as long, with all that would go to it.
    """
    if isinstance(outcome, TryLater) and outcome.wait:
        _rest(channel, now, now + outcome.wait)
    elif isinstance(outcome, TryLater) and outcome.unreachable:
        _note_failure(channel, now)
    elif not isinstance(outcome, Unknown):
        _close(channel)


def _note_failure(channel: str, now: dt.datetime) -> None:
    Breaker.objects.get_or_create(channel=channel)
    Breaker.objects.filter(channel=channel).update(failures=F("failures") + 1)
    Breaker.objects.filter(channel=channel, failures__gte=FAILURES, opened_at=None).update(
        opened_at=now, probe_at=now + PROBE
    )


def _rest(channel: str, now: dt.datetime, until: dt.datetime) -> None:
    Breaker.objects.get_or_create(channel=channel)
    Breaker.objects.filter(channel=channel).update(
        opened_at=Coalesce("opened_at", Value(now, DateTimeField())), probe_at=until
    )


def _close(channel: str) -> None:
    Breaker.objects.filter(channel=channel).exclude(failures=0, opened_at=None).update(
        failures=0, opened_at=None, probe_at=None
    )
