"""What the secretariat does with what comes in."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.errors import TransitionError
from issues.actions import notify
from issues.actions.move import move, turn_of
from issues.actions.raising import end_referrals, leave_agendas
from issues.models import Issue, Referral
from issues.workflow import Act
from provinces.models import Theme


@transaction.atomic
def accept(
    issue: Issue,
    *,
    by: User,
    now: dt.datetime,
    theme: Theme | None = None,
    priority: int | None = None,
) -> Issue:
    """Take the issue in, with the theme and priority the secretariat gives it."""
    moved = move(
        issue,
        Act.ACCEPT,
        by=by,
        now=now,
        theme=theme or issue.theme,
        priority=issue.priority if priority is None else priority,
    )
    notify.tell("issue_accepted", moved, notify.representatives(moved), now=now)
    return moved


@transaction.atomic
def return_(issue: Issue, *, by: User, now: dt.datetime, question: str) -> Issue:
    """Send the issue back with a question."""
    moved = move(issue, Act.RETURN, by=by, now=now, question=question, reply="")
    notify.tell(
        "issue_returned", moved, notify.representatives(moved), now=now, version=turn_of(moved)
    )
    return moved


@transaction.atomic
def decline(issue: Issue, *, by: User, now: dt.datetime, reason: str) -> Issue:
    """Close the issue with a reason that the organization is told."""
    moved = move(
        issue,
        Act.DECLINE,
        by=by,
        now=now,
        closed_at=now,
        closed_as=Issue.Closing.DECLINED,
        reason=reason,
        published_at=None,
    )
    leave_agendas(moved)
    end_referrals(moved, Referral.Ending.OVER, now)
    times = moved.intervals.filter(status=Issue.Status.CLOSED).count()
    notify.tell("issue_declined", moved, notify.representatives(moved), now=now, version=times)
    return moved


@transaction.atomic
def publish(issue: Issue, *, by: User, now: dt.datetime) -> Issue:
    """Put the issue before the public, where its organization allowed that."""
    if issue.disclosure != Issue.Disclosure.PUBLIC:
        raise TransitionError(_("Its organization did not allow this issue to be published."))
    return move(issue, Act.PUBLISH, by=by, now=now, published_at=now)


@transaction.atomic
def unpublish(issue: Issue, *, by: User, now: dt.datetime) -> Issue:
    """Take the issue from the public again."""
    return move(issue, Act.UNPUBLISH, by=by, now=now, published_at=None)
