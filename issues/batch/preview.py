"""What a checked file would become: its first issues, and who will see what of them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from issues.batch.checking import check
from issues.batch.lookups import Lookups
from issues.batch.reading import Row
from issues.models import Issue
from issues.permissions import Audience, Shown, disclosed

SHOWN = 20


@dataclass(frozen=True)
class Preview:
    """One issue as it will be taken in."""

    line: int
    issue: Issue
    inside: Shown
    office: Shown
    has_village: bool


def preview(rows: Sequence[Row], user: User, today: dt.date) -> list[Preview]:
    """The first issues of the file; none of them is saved."""
    found = []
    for line in check(rows[:SHOWN], Lookups(user), today=today).lines:
        issue = Issue(author=user, **line.content)
        inside, office = (disclosed(issue, one) for one in (Audience.SECRETARIAT, Audience.OFFICE))
        found.append(Preview(line.line, issue, inside, office, bool(line.village)))
    return found
