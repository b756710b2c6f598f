"""What waits on first pages because of time: offices that ask for more, and unconfirmed years."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, QuerySet, Window
from django.utils import timezone

from issues.models import Extension, Issue
from issues.models.issue import LONG_OF_ISSUE
from provinces.models import Holiday

WARNS_FROM = 11  # the month from which next year has to be confirmed


@dataclass(frozen=True)
class Asked:
    """The first wishes for more time, and how many there are in all."""

    rows: list[Extension]
    total: int


def extensions(served: QuerySet[Issue], limit: int) -> Asked:
    """Offices of these issues that wait for a decision on more time, the oldest first."""
    rows = Extension.objects.undecided().filter(
        referral__issue__in=served.order_by().values("pk"),
        referral__issue__status=Issue.Status.REFERRED,
    )
    rows = rows.select_related("referral__authority", "referral__issue")
    rows = rows.defer(*(f"referral__{name}" for name in LONG_OF_ISSUE))
    found = list(rows.annotate(total=Window(Count("pk"))).order_by("asked_at", "pk")[:limit])
    return Asked(found, found[0].total if found else 0)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Administrator:
    """The year at hand, and the next one where its holidays have to be confirmed by now."""

    year: int
    unconfirmed: int | None


def administrator(now: dt.datetime) -> Administrator:
    """What waits for an administrator; one query, before November none."""
    today = timezone.localdate(now)
    following = today.year + 1
    waits = today.month >= WARNS_FROM and Holiday.objects.awaits_confirmation(following)
    return Administrator(today.year, following if waits else None)
