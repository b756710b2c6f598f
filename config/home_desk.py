"""What waits at the coordinator's desk, in numbers, each with a page of its own."""

import datetime as dt
from dataclasses import dataclass

from accounts.models import User
from inbox.models import Incoming
from issues import calls, drafted, no_one
from issues.models import Issue

FIRST = 5


@dataclass(frozen=True)
class Desk:
    """How many are to be called today, cannot be told at all, and mails that wait to be placed.

    And the first answers that wait for a director where an office has none.
    """

    calls: int
    no_one: int
    held_mail: int
    stuck: drafted.Waiting


def desk(user: User, now: dt.datetime) -> Desk:
    """The very numbers of those pages; a constant number of queries."""
    served = Issue.objects.visible_to(user) & Issue.objects.served_by(user)
    return Desk(
        calls=len(calls.today(user, now, has_phones=False)),
        no_one=no_one.how_many(user),
        held_mail=Incoming.objects.visible_to(user).held().count(),
        stuck=drafted.stuck(served, FIRST),
    )
