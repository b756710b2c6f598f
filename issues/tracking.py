"""What anybody with the code of a receipt learns of that one issue: its state, nothing else."""

import datetime as dt
from dataclasses import dataclass

from issues import history
from issues.models import Issue
from issues.models.issue import LONG
from issues.page import done_of

GROUP = 4


@dataclass(frozen=True)
class Tracked:
    """The state of an issue, since when, and the public answer where there is one."""

    stands: str
    since: dt.datetime | None
    answer: str
    language: str


def tracked(code: str) -> Tracked | None:
    """What the code opens; None for a code that no issue has."""
    issue = Issue.objects.defer(*LONG).filter(tracking_code=code).first()
    if issue is None:
        return None
    since = issue.intervals.filter(left_at=None).values_list("entered_at", flat=True).first()
    return Tracked(history.stands(issue), since, _public_answer(issue), issue.language)


def _public_answer(issue: Issue) -> str:
    """What was done, once a coordinator has published the issue with these words."""
    if issue.published_at is None or issue.pressured_at:
        return ""
    done = done_of(issue)
    return (done.claim or done.said) if done.is_published(issue) else ""


def grouped(code: str) -> str:
    """The code as it is read aloud: figures in groups of four."""
    return " ".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))
