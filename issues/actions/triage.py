"""What the secretariat does with what comes in."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.errors import TransitionError
from issues.actions import notify
from issues.actions.correcting import Wanted, correction, forget_village
from issues.actions.move import check, lock, move, turn_of
from issues.actions.raising import end_referrals, leave_agendas
from issues.models import Issue, Referral
from issues.workflow import Act
from provinces.models import Locality, Theme


@transaction.atomic
def accept(
    issue: Issue,
    *,
    by: User,
    now: dt.datetime,
    theme: Theme | None = None,
    priority: int | None = None,
    commune: Locality | None = None,
    disclosure: str = "",
    seen: int | None = None,
) -> Issue:
    """Take the issue in, with the theme, place and priority the secretariat gives it.

    Also who may see it, towards stricter only; the village is forgotten if its commune is left.
    What is not given stays. Raises TransitionError where somebody has changed the issue since
    version ``seen``.
    """
    locked = lock(issue)
    check(locked, Act.ACCEPT, by=by)
    wanted = Wanted(theme, commune, priority, disclosure, seen)
    found = correction(locked, wanted)
    moved = move(issue, Act.ACCEPT, by=by, now=now, trace=found.trace, **found.columns)
    if "commune" in found.columns:
        forget_village(moved)
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
    ended = end_referrals(moved, Referral.Ending.OVER, now)
    told = notify.representatives(moved)
    notify.tell_of_closing("issue_declined", moved, told, ended, by=by, now=now)
    return moved


@transaction.atomic
def publish(issue: Issue, *, by: User, now: dt.datetime) -> Issue:
    """Put the issue before the public, where its organization allowed that."""
    if lock(issue).disclosure != Issue.Disclosure.PUBLIC:
        raise TransitionError(_("Its organization did not allow this issue to be published."))
    return move(issue, Act.PUBLISH, by=by, now=now, published_at=now)


@transaction.atomic
def unpublish(issue: Issue, *, by: User, now: dt.datetime) -> Issue:
    """Take the issue from the public again."""
    return move(issue, Act.UNPUBLISH, by=by, now=now, published_at=None)
