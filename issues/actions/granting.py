"""More time for several offices in one press."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from audit.errors import TransitionError
from issues.actions.extending import State, decide_extension
from issues.actions.move import lock_all
from issues.models import Extension
from issues.models.extension import MOST_DAYS


@dataclass(frozen=True)
class Granted:
    """How many were granted, and why not the others, by the issue's reference."""

    done: int
    left: list[tuple[str, str]]


@transaction.atomic
def grant_together(extension_ids: Collection[int], *, by: User, now: dt.datetime) -> Granted:
    """Give the time asked for: the first wishes of their referrals, thirty days at most.

    Each has its own entry in the trail. Where somebody was faster with one, the others are granted
    all the same and that one is named; what needs a decision of its own is left out.
    """
    rows = Extension.objects.filter(pk__in=extension_ids, days__lte=MOST_DAYS)
    decided = Extension.objects.filter(state__in=[State.GRANTED, State.REFUSED])
    rows = rows.exclude(referral__in=decided.values("referral"))
    found = list(rows.select_related("referral__issue").order_by("pk"))
    lock_all({one.referral.issue_id for one in found})
    left: list[tuple[str, str]] = []
    for one in found:
        try:
            with transaction.atomic():
                decide_extension(one, by=by, now=now, grants=True)
        except TransitionError as refusal:
            left.append((str(one.referral.issue.reference), str(refusal)))
    return Granted(len(found) - len(left), left)
