"""Taking in many issues at once: the same rows as for one of them, in a few statements."""

import datetime as dt
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.errors import TransitionError
from audit.models import AuditEntry, subject_of
from issues import sealing
from issues.actions.numbers import CODES
from issues.actions.raising import digest
from issues.batch.checking import Line
from issues.models import Interval, Issue, ProtectedPart
from issues.sealing import Protected

NUMBERS = range(1, 10_000)  # of a province and year
DRAWS = 3  # whole sets of numbers; another one is drawn only where an issue took one meanwhile
AT_ONCE = 250  # rows in a statement
COORDINATOR = AuditEntry.Role.COORDINATOR
Status = Issue.Status


def submit_all(
    lines: Sequence[Line],
    *,
    by: User,
    now: dt.datetime,
    tick: Callable[[int], None] = lambda done: None,
) -> list[Issue]:
    """Submit an issue for each line, in their order, as if each was drafted and sent by itself.

    Runs inside its caller's transaction. Raises TransitionError where no numbers are left.
    """
    issues = [_issue(line, by, now) for line in lines]
    villages = [line.village for line in lines]
    _save_numbered(issues, now, tick)
    Interval.objects.bulk_create(_intervals(issues, now), batch_size=AT_ONCE)
    ProtectedPart.objects.bulk_create(
        [
            ProtectedPart(issue=issue, sealed=sealing.sealed(Protected(village)))
            for issue, village in zip(issues, villages, strict=True)
        ],
        batch_size=AT_ONCE,
    )
    AuditEntry.objects.bulk_create(_entries(issues, by, now), batch_size=AT_ONCE)
    return issues


def _issue(line: Line, by: User, now: dt.datetime) -> Issue:
    """The issue of a line without its numbers; its key is the line's, so it cannot come twice."""
    issue = Issue(
        client_key=line.key,
        author=by,
        status=Status.SUBMITTED,
        created_at=now,
        submitted_at=now,
        **line.content,
    )
    issue.content_digest = digest(issue, line.village, [])
    return issue


def _intervals(issues: Sequence[Issue], now: dt.datetime) -> Iterator[Interval]:
    for issue in issues:
        yield Interval(issue=issue, status=Status.DRAFT, entered_at=now, left_at=now)
        yield Interval(issue=issue, status=Status.SUBMITTED, entered_at=now)


def _entries(issues: Sequence[Issue], by: User, now: dt.datetime) -> Iterator[AuditEntry]:
    steps = [Status.DRAFT.value, Status.SUBMITTED.value]
    for issue in issues:
        submitted = {"reference": issue.reference, "status": steps}
        for action, change in (("issue.draft", {}), ("issue.submit", submitted)):
            yield AuditEntry(
                action=action,
                subject=subject_of(issue),
                actor=by,
                role=COORDINATOR,
                at=now,
                change=change,
            )


# --- numbers --------------------------------------------------------------------------------------
def _save_numbered(issues: Sequence[Issue], now: dt.datetime, tick: Callable[[int], None]) -> None:
    """Save all with free references and tracking codes, drawn together.

    What takes long is done before the first row is written: who submits an issue meanwhile waits
    for a reference of ours only as long as the rows are.
    """
    for _draw in range(DRAWS):
        _draw_numbers(issues, now)
        for done, issue in enumerate(issues, start=1):
            issue.write_index()
            tick(done)
        try:
            with transaction.atomic():
                Issue.objects.bulk_create(issues, batch_size=AT_ONCE)
        except IntegrityError:
            if not _is_overtaken(issues):
                raise  # another rule was broken
            for issue in issues:
                issue.pk, issue._state.adding = None, True
        else:
            return
    raise _no_number()


def _draw_numbers(issues: Sequence[Issue], now: dt.datetime) -> None:
    by_province: dict[str, list[Issue]] = defaultdict(list)
    for issue in issues:
        by_province[issue.province_id].append(issue)
    for code, rows in by_province.items():
        start = f"{code}-{timezone.localdate(now).year}-"
        for issue, number in zip(rows, _free(start, len(rows)), strict=True):
            issue.reference = f"{start}{number:04d}"
    for issue, tracking_code in zip(issues, _codes(len(issues)), strict=True):
        issue.tracking_code = tracking_code


def _free(start: str, count: int) -> list[int]:
    """So many numbers that nobody has, at random."""
    taken = Issue.objects.filter(reference__startswith=start).values_list("reference", flat=True)
    used = {int(reference.removeprefix(start)) for reference in taken if reference}
    free = [number for number in NUMBERS if number not in used]
    if len(free) < count:
        raise _no_number()
    return secrets.SystemRandom().sample(free, count)


def _codes(count: int) -> list[str]:
    drawn: set[int] = set()
    while len(drawn) < count:
        drawn.add(secrets.randbelow(CODES))
    return [f"{one:012d}" for one in drawn]


def _is_overtaken(issues: Sequence[Issue]) -> bool:
    """Whether somebody drew one of these numbers first."""
    references = [issue.reference for issue in issues]
    codes = [issue.tracking_code for issue in issues]
    return (
        Issue.objects.filter(reference__in=references).exists()
        or Issue.objects.filter(tracking_code__in=codes).exists()
    )


def _no_number() -> TransitionError:
    return TransitionError(
        _("Not enough numbers are free in a province this year. Tell the administrator.")
    )
