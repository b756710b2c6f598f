"""Claims that wait for the organization's word: when it is asked, and when nobody answers."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_noop

from audit.errors import TransitionError
from issues import actions as issue_actions
from issues.actions.confirming import LAPSE_AFTER
from issues.models import Call, Issue
from issues.models.issue import LONG
from outbox import actions as outbox_actions
from outbox import recipients
from outbox.models import Hours, Notice
from provinces import workdays
from reminders import ladder, looking
from reminders.looking import CLAIMS

AT_ONCE = 1000  # issues in memory, and in one transaction
CONFIRMATION = "confirmation_asked"
SKIPPED = gettext_noop("A later notice took its place.")
# An ask that was tried; one without an address was tried as well, and a call has to replace it.
TRIED = ("sent", "delivered", "unknown", "failed", "dead")


def asked_about() -> QuerySet[Issue]:
    """Issues whose organization is asked; none that is frozen."""
    return Issue.objects.filter(status=Issue.Status.RESOLVED, pressured_at=None)


def ask(*, now: dt.datetime) -> int:
    """Plan the question to each organization whose claim has come to one; how many were added."""
    due = looking.due(CLAIMS, now=now, at_once=AT_ONCE)
    return sum(_ask_some(some, now) for some in due)


@transaction.atomic
def _ask_some(due: Sequence[int], now: dt.datetime) -> int:
    taken = looking.take(CLAIMS, due, now=now)
    issues = list(asked_about().filter(pk__in=taken).defer(*LONG))
    hours = Hours.current()
    added = outbox_actions.tell_all(_confirmations(issues, now, hours))
    looks: defaultdict[dt.datetime, list[int]] = defaultdict(list)
    for one in issues:
        looks[_next_look(one, now, hours)].append(one.pk)
    looking.put_on(CLAIMS, taken, looks, now=now)
    return added


def _next_look(issue: Issue, now: dt.datetime, hours: Hours) -> dt.datetime:
    """When its next question comes, or its end; later day by day, since that asks for more."""
    assert issue.resolved_at is not None  # noqa: S101 - it is reported resolved
    moments = [moment for _rung, moment in ladder.all_asks(issue, hours)]
    ahead = [one for one in (*moments, issue.resolved_at + LAPSE_AFTER) if one > now]
    return min(ahead, default=now + dt.timedelta(days=1))


def _confirmations(issues: list[Issue], now: dt.datetime, hours: Hours) -> Iterator[Notice]:
    """The newest ask alone; the others that nobody was told of are skipped."""
    calendars = workdays.calendars({one.province_id for one in issues})
    told = recipients.representatives({one.organization_id for one in issues})
    asked = _asked(issues)
    in_hours = {one: ladder.in_hours(now, calendars[one], hours) for one in calendars}
    for issue in issues:
        come = ladder.asks(issue, now, hours)
        if not come or (f"issue:{issue.pk}", come[-1][0], issue.claims) in asked:
            continue
        for recipient in told[issue.organization_id]:
            yield from _asks(issue, recipient, come, in_hours[issue.province_id])


def _asked(issues: list[Issue]) -> set[tuple[str, str, int]]:
    subjects = [f"issue:{one.pk}" for one in issues]
    rows = Notice.objects.filter(kind=CONFIRMATION, subject__in=subjects)
    return set(rows.values_list("subject", "rung", "version"))


def _asks(
    issue: Issue,
    recipient: str,
    come: list[tuple[str, dt.datetime]],
    in_hours: dt.datetime,
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
            due_at=in_hours if rung else moment,
            urgency=1,
            state=Notice.State.PLANNED if is_newest else Notice.State.SKIPPED,
            reason="" if is_newest else SKIPPED,
        )


def lapse(*, now: dt.datetime) -> int:
    """Close as unconfirmed what nobody judged in its time; how many issues that were.

    An organization was asked as often as the ladder says, and called at least once besides; each
    ask that never left is replaced by one more call. Comes before ``ask``, which puts the look on.
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
    old = asked_about().filter(next_look__at__lte=now, resolved_at__lte=now - LAPSE_AFTER)
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
