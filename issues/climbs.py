"""Escalated by hand, as the secretariat sees it on the referral's page."""

import datetime as dt

from accounts.models import User
from issues.actions import escalating
from issues.models import Climb, Referral
from issues.permissions import serves
from issues.workflow import Act


def of_referral(user: User, referral: Referral) -> list[Climb]:
    """Each way up and down by hand with its reason; nothing for who is no coordinator of it."""
    if not serves(user, referral.issue):
        return []
    return list(referral.climbs.select_related("by"))


def closed(referral: Referral, today: dt.date) -> frozenset[str]:
    """Of the two acts those that the referral, as it stands, does not allow."""
    acts = set()
    if escalating.cannot_climb(referral, today):
        acts.add(Act.ESCALATE)
    if escalating.stays_already(referral):
        acts.add(Act.DEESCALATE)
    return frozenset(acts)
