"""Claims that wait for the organization's word, and the link by which it can give it."""

import datetime as dt
from dataclasses import dataclass

from django.core import signing
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from issues.models import Call, Issue
from issues.permissions import raised

SALT = "issues.claims.answer"
LASTS = dt.timedelta(days=180)  # longer than a claim waits
CALLED_AFTER = dt.timedelta(days=45)  # when writing was not enough


@dataclass(frozen=True)
class Asked:
    """Whom a link asks about which claim; ``issue`` waits for this very answer or for none."""

    issue: Issue
    user: User
    is_open: bool


def token(issue_id: int, claim: int, user_id: int) -> str:
    """What makes a link that lets this person answer for this claim, and nothing else."""
    return signing.dumps([issue_id, claim, user_id], salt=SALT, compress=False)


def read(text: str) -> Asked | None:
    """Whom the link asks; None where it was changed, is too old, or who it was for has left.

    None also while the issue is frozen: whoever pressures the organization may hold its mail.
    """
    try:
        issue_id, claim, user_id = signing.loads(text, salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=user_id, is_active=True).first()
    rows = Issue.objects.select_related("organization", "province")
    issue = rows.filter(pk=issue_id, pressured_at=None).first()
    if user is None or issue is None or not raised(user, issue):
        return None
    is_open = issue.status == Issue.Status.RESOLVED and issue.claims == claim
    return Asked(issue, user, is_open)


def silent(issues: QuerySet[Issue], now: dt.datetime) -> QuerySet[Issue]:
    """Those reported resolved long ago whose organization was written to and not called yet."""
    calls = Call.objects.filter(issue=OuterRef("pk"), called_at__gte=OuterRef("resolved_at"))
    return unheard(issues, now).exclude(Exists(calls)).order_by("resolved_at", "pk")


def unheard(issues: QuerySet[Issue], now: dt.datetime) -> QuerySet[Issue]:
    """Those reported resolved long ago whose organization said nothing yet, called or not."""
    return issues.filter(status=Issue.Status.RESOLVED, resolved_at__lte=now - CALLED_AFTER)
