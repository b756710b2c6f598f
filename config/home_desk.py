"""What waits at the coordinator's desk, in numbers, each with a page of its own."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Count, F, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from accounts.models import User
from inbox.models import Incoming
from issues import calls, drafted, no_one
from issues.models import Issue
from outbox.models import Notice

FIRST = 5
FAILED = (Notice.State.FAILED, Notice.State.UNKNOWN, Notice.State.DEAD)


@dataclass(frozen=True)
class Desk:
    """How many are to be called today, cannot be told at all, and mails that wait to be placed.

    And the first answers that wait for a director where an office has none, and how many notices
    wait for a press or could not be sent, by ``states``.
    """

    calls: int
    no_one: int
    held_mail: int
    stuck: drafted.Waiting
    states: dict[str, int]


def desk(user: User, now: dt.datetime) -> Desk:
    """The very numbers of those pages; a constant number of queries."""
    served = Issue.objects.visible_to(user) & Issue.objects.served_by(user)
    numbers = _numbers(user)
    return Desk(
        calls=len(calls.today(user, now, has_phones=False)),
        no_one=numbers.pop("no_one", 0),
        held_mail=numbers.pop("held_mail", 0),
        stuck=drafted.stuck(served, FIRST),
        states=numbers,
    )


def _numbers(user: User) -> dict[str, int]:
    """Everything that is only counted, in one query."""
    notices = Notice.objects.visible_to(user).filter(state__in=[Notice.State.PREPARED, *FAILED])
    mails = Incoming.objects.visible_to(user).held()
    parts: list[Any] = [_count(one, Value("no_one")) for one in no_one.counted(user)]
    parts += [_count(mails, Value("held_mail")), _count(notices.unsettled(), F("state"))]
    found: dict[str, int] = {}
    for name, number in parts[0].union(*parts[1:], all=True):
        found[name] = found.get(name, 0) + number
    return found


def _count(rows: QuerySet[Any], name: Combinable) -> Any:
    """How many rows there are of each name."""
    named = rows.order_by().annotate(name_of_row=Cast(name, CharField()))
    return named.values("name_of_row").annotate(n=Count("pk")).values_list("name_of_row", "n")
