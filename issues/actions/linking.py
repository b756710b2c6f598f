"""Keeping the thread of a matter over the years: this issue was raised before."""

import datetime as dt

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.errors import TransitionError
from issues.actions.move import check, lock, lock_all, move
from issues.models import Issue
from issues.workflow import Act

BELOW = """
    WITH RECURSIVE below(id) AS (
        SELECT id FROM issues_issue WHERE follows_id = %s
        UNION SELECT one.id FROM issues_issue one JOIN below ON one.follows_id = below.id
    ) SELECT id FROM below
"""


@transaction.atomic
def link(issue: Issue, *, by: User, now: dt.datetime, earlier: Issue | None) -> Issue:
    """Say which earlier issue this one raises again, or with None that it raises none.

    A draft is linked by who may edit it, a submitted issue by a coordinator. Raises
    TransitionError where the earlier one is later, a draft or itself, or the link has another
    ground (what remained, a split, another province).
    """
    lock_all([issue.pk, *_below(issue), *([earlier.pk] if earlier else [])])
    locked, earlier = lock(issue), lock(earlier) if earlier else None
    act = Act.EDIT if locked.status == Issue.Status.DRAFT else Act.LINK
    check(locked, act, by=by)
    _refuse(locked, earlier)
    root_id = (earlier.root_id or earlier.pk) if earlier else None
    moved = move(
        issue,
        act,
        by=by,
        now=now,
        trace={"follows": [locked.follows_id, earlier and earlier.pk]},
        follows=earlier,
        link=Issue.Link.AGAIN if earlier else "",
        root_id=root_id,
    )
    _lead_followers(moved)
    return moved


def _refuse(issue: Issue, earlier: Issue | None) -> None:
    if issue.link not in ("", Issue.Link.AGAIN):
        raise TransitionError(_("It follows another issue already, and stays with it."))
    if earlier is None:
        return
    if earlier.status == Issue.Status.DRAFT:
        raise TransitionError(_("The earlier issue has not been submitted yet."))
    if earlier.pk in (issue.pk, *_below(issue)):
        raise TransitionError(_("The issue you chose is this one, or was raised after it."))
    if issue.submitted_at and earlier.submitted_at > issue.submitted_at:  # type: ignore[operator]
        raise TransitionError(_("The issue you chose is this one, or was raised after it."))


def _below(issue: Issue) -> list[int]:
    """All that follows the issue, near or far."""
    with connection.cursor() as cursor:
        cursor.execute(BELOW, [issue.pk])
        return [pk for (pk,) in cursor.fetchall()]


def _lead_followers(issue: Issue) -> None:
    """All that follows this issue belongs to the same thread as it does now."""
    Issue.objects.filter(pk__in=_below(issue)).update(root=issue.root_id or issue.pk)
