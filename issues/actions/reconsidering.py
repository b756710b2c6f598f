"""An outcome set aside, so that another can stand in its place: what it moved is put back."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from audit.errors import TransitionError
from issues.actions.move import move_locked
from issues.actions.referring import tell_of_recall
from issues.models import Issue, Outcome, Referral
from issues.workflow import Act

Kind = Outcome.Kind
LEADS_TO = {
    Kind.ADDRESSED: {Issue.Status.RESOLVED},
    Kind.REFERRED: {Issue.Status.REFERRED},
    Kind.STUDY: {Issue.Status.REFERRED},
    Kind.SUSPENDED: {Issue.Status.REFERRED},
    Kind.HIGHER: {Issue.Status.REFERRED},
    Kind.NOT_COMPETENT: {Issue.Status.REFERRED, Issue.Status.CLOSED},
    Kind.DEFERRED: {Issue.Status.ACCEPTED},
    Kind.WITHDRAWN: {Issue.Status.CLOSED},
    Kind.NOTED: {Issue.Status.ACCEPTED, Issue.Status.REFERRED},
}
DATES = ("review_on", "suspended_until", "due_on", "wanted_on")


def set_aside(outcome: Outcome, issue: Issue, *, by: User, now: dt.datetime) -> Issue:
    """Put the locked issue back to where it stood before the outcome, and its referrals with it.

    Raises TransitionError once the issue has gone on from there: its organization or an office
    has spoken, or somebody acted on it elsewhere.
    """
    opened = list(Referral.objects.filter(outcome=outcome).select_for_update(of=("self",)))
    _refuse_gone_on(outcome, issue, opened)
    standing = [one for one in opened if one.is_open]
    _recall(standing, issue, now)
    revived = _put_back(outcome, issue)
    is_led = revived or Referral.objects.open().leading().filter(issue=issue).exists()
    return move_locked(
        issue,
        Act.RECONSIDER,
        by=by,
        now=now,
        to=Issue.Status.REFERRED if is_led else Issue.Status.SCHEDULED,
        trace={"outcome": outcome.pk},
        **_columns_before(outcome, issue),
    )


def _refuse_gone_on(outcome: Outcome, issue: Issue, opened: list[Referral]) -> None:
    moved = issue.status not in LEADS_TO[Kind(outcome.kind)]
    closed = issue.status == Issue.Status.CLOSED and issue.closed_at != outcome.recorded_at
    resolved = issue.status == Issue.Status.RESOLVED and issue.resolved_at != outcome.recorded_at
    spoken = any(
        one.acknowledged_at or one.responses.exists() or one.ended_as == Referral.Ending.RESOLVED
        for one in opened
    )
    passed_on = any(one.ended_as == Referral.Ending.REDIRECTED for one in opened)
    if moved or closed or resolved or spoken or passed_on:
        raise TransitionError(
            _(
                "Meanwhile the issue has gone on: it is “%(state)s”. Of this outcome only the words"
                " can be corrected."
            )
            % {"state": issue.get_status_display()}
        )


def _recall(standing: list[Referral], issue: Issue, now: dt.datetime) -> None:
    """End what the outcome opened; whoever was told of it is told that it is taken back."""
    for one in standing:
        one.ended_at, one.ended_as = now, Referral.Ending.RECALLED
        one.save(update_fields=["ended_at", "ended_as"])
        tell_of_recall(issue, one, [one], now)


def _put_back(outcome: Outcome, issue: Issue) -> bool:
    """Restore what the outcome changed on older referrals; whether one of them came back to life.

    What ended together with an issue that the outcome closed comes back as well.
    """
    ended = [row["referral"] for row in outcome.replaced if row.get("ended")]
    revived = Referral.objects.filter(pk__in=ended)
    if issue.status == Issue.Status.CLOSED:
        over = Referral.Ending.OVER
        revived |= issue.referrals.filter(ended_as=over, ended_at=outcome.recorded_at)
    count = revived.update(ended_at=None, ended_as="")
    for row in outcome.replaced:
        if not row.get("ended"):
            _restore_dates(row)
    return bool(count)


def _restore_dates(row: dict[str, Any]) -> None:
    """The former dates; a new version of them, so that no notice of the others is wanted."""
    held = (
        Referral.objects.open().select_for_update(of=("self",)).filter(pk=row["referral"]).first()
    )
    if held is None:
        return
    due_on = held.due_on
    for name in DATES:
        setattr(held, name, dt.date.fromisoformat(row[name]) if row[name] else None)
    if held.due_on != due_on:
        held.due_version += 1
    held.save()


def _columns_before(outcome: Outcome, issue: Issue) -> dict[str, Any]:
    """The issue's columns as they were before the outcome."""
    if outcome.kind == Kind.ADDRESSED:
        return {"resolved_at": None}
    if outcome.kind == Kind.DEFERRED:
        return {"deferrals": max(0, issue.deferrals - 1)}
    if issue.status == Issue.Status.CLOSED:
        return {"closed_at": None, "closed_as": "", "reason": ""}
    return {}
