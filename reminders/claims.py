"""Claims that wait for the organization's word: when it is asked, and when nobody answers."""

import datetime as dt
from collections.abc import Iterator, Sequence

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_noop

from audit.errors import TransitionError
from issues import actions as issue_actions
from issues.actions.confirming import LAPSE_AFTER
from issues.models import Call, Issue
from outbox import recipients
from outbox.models import Notice
from provinces import workdays
from provinces.workdays import Calendar
from reminders import ladder

CONFIRMATION = "confirmation_asked"
SKIPPED = gettext_noop("A later notice took its place.")
# An ask that was tried; one without an address was tried as well, and a call has to replace it.
TRIED = ("sent", "delivered", "unknown", "failed", "dead")


def asked_about() -> QuerySet[Issue]:
    """Issues whose organization is asked; none that is frozen."""
    return Issue.objects.filter(status=Issue.Status.RESOLVED, pressured_at=None)


def confirmations(now: dt.datetime) -> Iterator[Notice]:
    """The question to each organization whose issue is reported resolved; the newest ask alone."""
    issues = list(asked_about())
    calendars = workdays.calendars({one.province_id for one in issues})
    told = recipients.representatives({one.organization_id for one in issues})
    asked = _asked(issues)
    for issue in issues:
        come = ladder.asks(issue, now)
        if not come or (f"issue:{issue.pk}", come[-1][0], issue.claims) in asked:
            continue
        for recipient in told[issue.organization_id]:
            yield from _asks(issue, recipient, come, calendars[issue.province_id], now)


def _asked(issues: list[Issue]) -> set[tuple[str, str, int]]:
    subjects = [f"issue:{one.pk}" for one in issues]
    rows = Notice.objects.filter(kind=CONFIRMATION, subject__in=subjects)
    return set(rows.values_list("subject", "rung", "version"))


def _asks(
    issue: Issue,
    recipient: str,
    come: list[tuple[str, dt.datetime]],
    calendar: Calendar,
    now: dt.datetime,
) -> Iterator[Notice]:
    newest = come[-1][0]
    for rung, moment in come:
        is_newest = rung == newest
        yield Notice(
            subject=f"issue:{issue.pk}",
            kind=CONFIRMATION,
            rung=rung,
            version=issue.claims,
            recipient=recipient,
            province_id=issue.province_id,
            due_at=ladder.in_hours(now, calendar) if rung else moment,
            urgency=1,
            state=Notice.State.PLANNED if is_newest else Notice.State.SKIPPED,
            reason="" if is_newest else SKIPPED,
        )


def lapse(*, now: dt.datetime) -> int:
    """Close as unconfirmed what nobody judged in its time; how many issues that were.

    An organization was asked as often as the ladder says, and called at least once besides; each
    ask that never left is replaced by one more call.
    """
    lapsed = 0
    for issue in _silent(now):
        try:
            issue_actions.lapse(issue, now=now)
        except TransitionError:  # somebody was faster, or it was neither called nor heard
            continue
        lapsed += 1
    return lapsed


def _silent(now: dt.datetime) -> list[Issue]:
    """Issues whose time is over and whose organization was sought often enough."""
    calls = Call.objects.filter(issue=OuterRef("pk"), called_at__gte=OuterRef("resolved_at"))
    counted = calls.order_by().values("issue").annotate(count=Count("pk")).values("count")
    old = asked_about().filter(resolved_at__lte=now - LAPSE_AFTER)
    issues = list(old.annotate(times_called=Coalesce(Subquery(counted), 0)))
    tried = _times_tried(issues)
    enough = len(ladder.ASKS)
    return [
        one
        for one in issues
        if tried.get((f"issue:{one.pk}", one.claims), 0) + max(one.times_called - 1, 0) >= enough
    ]


def _times_tried(issues: Sequence[Issue]) -> dict[tuple[str, int], int]:
    """By subject and claim: how many different asks were tried."""
    rows = Notice.objects.filter(
        kind=CONFIRMATION, subject__in=[f"issue:{one.pk}" for one in issues], state__in=TRIED
    )
    counted = (
        rows.order_by().values("subject", "version").annotate(times=Count("rung", distinct=True))
    )
    return {(one["subject"], one["version"]): one["times"] for one in counted}
