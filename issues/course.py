"""The course of a long case as its reader sees it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from issues.models import FieldCheck, Issue, ReportBack, Step
from issues.models.issue import Reader


@dataclass(frozen=True)
class StepRow:
    """A step, and whether its date has passed without it."""

    step: Step
    is_late: bool


@dataclass(frozen=True)
class Course:
    """Steps, visits, and what the community was told; ``changes`` says the reader moves steps."""

    steps: Sequence[StepRow]
    visits: Sequence[FieldCheck]
    told: Sequence[ReportBack]
    changes: bool

    def __bool__(self) -> bool:
        return bool(self.steps or self.visits or self.told)


def course_of(issue: Issue, user: Reader, *, today: dt.date, changes: bool) -> Course:
    """What the reader may see of the issue's course; three queries for who has an account."""
    if not isinstance(user, User):
        return Course((), (), (), changes=False)
    steps = Step.objects.visible_to(user).filter(issue=issue, dropped_at=None)
    rows = [
        StepRow(one, one.done_on is None and one.due_on < today)
        for one in steps.select_related("authority")
    ]
    visits = FieldCheck.objects.visible_to(user).filter(issue=issue)
    told = ReportBack.objects.visible_to(user).filter(issue=issue)
    return Course(rows, list(visits), list(told), changes=changes)
