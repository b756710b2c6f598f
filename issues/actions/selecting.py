"""One act done with a selection of issues at once."""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.errors import TransitionError
from issues.actions.correcting import correct
from issues.actions.move import lock_all
from issues.actions.protecting import tighten
from issues.actions.triage import accept, decline
from issues.models import Issue

MOST = 100  # issues at once


class Bulk(StrEnum):
    """What can be done with a selection."""

    ACCEPT = "accept"
    DECLINE = "decline"
    THEME = "theme"
    PRIORITY = "priority"
    DISCLOSURE = "disclosure"


DO: dict[Bulk, Callable[..., object]] = {
    Bulk.ACCEPT: accept,
    Bulk.DECLINE: decline,
    Bulk.THEME: correct,
    Bulk.PRIORITY: correct,
    Bulk.DISCLOSURE: tighten,
}


@dataclass(frozen=True)
class Each:
    """With how many issues the act was done, and why not with the others, by reference."""

    done: int
    left: list[tuple[str, str]]


@transaction.atomic
def each(
    issue_ids: Collection[int],
    bulk: Bulk,
    *,
    by: User,
    now: dt.datetime,
    expected: int,
    **content: object,
) -> Each:
    """Do the act with each of these issues, every one with its own entry in the trail.

    Where somebody was faster with one of them, the others are done all the same and that one is
    named: who pressed for thirty need not press again for twenty-nine. Nothing at all is done,
    with a TransitionError, where their number is not the ``expected`` one that was confirmed,
    and with PermissionDenied where one of them is not theirs to decide.
    """
    lock_all(issue_ids)
    issues = list(Issue.objects.filter(pk__in=issue_ids).order_by("pk"))
    _refuse_number(len(issues), expected)
    left: list[tuple[str, str]] = []
    for issue in issues:
        try:
            with transaction.atomic():
                DO[bulk](issue, by=by, now=now, **content)
        except TransitionError as refusal:
            left.append((str(issue.reference), str(refusal)))
    return Each(len(issues) - len(left), left)


def _refuse_number(found: int, expected: int) -> None:
    if found != expected:
        raise TransitionError(
            _("Nothing was done: your selection has changed meanwhile. Look at it once more.")
        )
    if found > MOST:
        raise TransitionError(_("Nothing was done: choose fewer issues at once."))
