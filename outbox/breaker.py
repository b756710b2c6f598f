"""Spares a provider that cannot be reached: one probe a minute until it answers, then a few more.

Five failures to connect in a row open it, or fifty errors of whatever kind within a minute.
"""

import datetime as dt

from django.db.models import DateTimeField, F, Q, Value
from django.db.models.functions import Coalesce

from outbox.models import Attempt, Breaker
from outbox.outcomes import Outcome, Refused, Sent, TryLater

FAILURES = 5  # connection failures in a row that open it
ERRORS = 50  # tries within the window that did not end well, and open it too
WINDOW = dt.timedelta(seconds=60)
PROBE = dt.timedelta(minutes=1)
FIRST = 4  # messages let through at once when it closes
DOUBLES = dt.timedelta(seconds=10)  # until twice as many have been
SLOW = dt.timedelta(minutes=1)  # after that as many as there are


def rooms(now: dt.datetime, limit: int) -> dict[str, int]:
    """How many may be tried now of each channel that is spared: one a minute while it is open.

    Inside the transaction that claims them.
    """
    spared = Breaker.objects.filter(Q(opened_at__isnull=False) | Q(closed_at__gt=now - SLOW))
    rows = spared.select_for_update().order_by("channel")  # until the claim is counted
    return {one.channel: _room(one, now, limit) for one in rows}


def _room(breaker: Breaker, now: dt.datetime, limit: int) -> int:
    if breaker.closed_at is None:
        due = Breaker.objects.filter(channel=breaker.channel, probe_at__lte=now)
        return due.update(probe_at=now + PROBE)
    waited = max(now - breaker.closed_at, dt.timedelta())
    most = int(FIRST * 2 ** (waited / DOUBLES)) - breaker.let_through
    return min(max(most, 0), limit)


def let_through(channel: str, number: int) -> None:
    """Count what was claimed of a channel that is spared."""
    Breaker.objects.filter(channel=channel).update(let_through=F("let_through") + number)


def is_open(channel: str) -> bool:
    """Whether the provider counts as unreachable, or asked us to be silent."""
    return Breaker.objects.filter(channel=channel, opened_at__isnull=False).exists()


def note(channel: str, outcome: Outcome, now: dt.datetime) -> None:
    """Learn from an outcome, once its attempt is written: an answer that ends a message closes it.

    A provider that asked us to wait is spared as long, with all that would go to it.
    """
    if isinstance(outcome, TryLater) and outcome.wait:
        return _rest(channel, now, now + outcome.wait)
    if isinstance(outcome, Sent | Refused):
        _close(channel, now)
    if isinstance(outcome, TryLater) and outcome.unreachable:
        _note_failure(channel, now)
    elif isinstance(outcome, TryLater):  # busy, yet it answers
        Breaker.objects.filter(channel=channel).update(failures=0)
    if not isinstance(outcome, Sent):
        _note_errors(channel, now)
    return None


def _note_failure(channel: str, now: dt.datetime) -> None:
    Breaker.objects.get_or_create(channel=channel)
    Breaker.objects.filter(channel=channel).update(failures=F("failures") + 1)
    _open(channel, now, failures__gte=FAILURES)


def _note_errors(channel: str, now: dt.datetime) -> None:
    """Open it where too much went wrong lately; what did before it closed last counts no more."""
    known = Breaker.objects.filter(channel=channel).first()
    since = max(now - WINDOW, known.closed_at) if known and known.closed_at else now - WINDOW
    errors = Attempt.objects.errors().filter(message__channel=channel, ended_at__gt=since)
    if errors[:ERRORS].count() == ERRORS:
        Breaker.objects.get_or_create(channel=channel)
        _open(channel, now)


def _open(channel: str, now: dt.datetime, **conditions: int) -> None:
    Breaker.objects.filter(channel=channel, opened_at=None, **conditions).update(
        opened_at=now, probe_at=now + PROBE, closed_at=None, let_through=0
    )


def _rest(channel: str, now: dt.datetime, until: dt.datetime) -> None:
    Breaker.objects.get_or_create(channel=channel)
    Breaker.objects.filter(channel=channel).update(
        opened_at=Coalesce("opened_at", Value(now, DateTimeField())),
        probe_at=until,
        closed_at=None,
        let_through=0,
    )


def _close(channel: str, now: dt.datetime) -> None:
    Breaker.objects.filter(channel=channel, opened_at__isnull=False).update(
        opened_at=None, probe_at=None, closed_at=now, let_through=0
    )
    Breaker.objects.filter(channel=channel).exclude(failures=0).update(failures=0)
