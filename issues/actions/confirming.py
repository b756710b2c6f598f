"""The organization's word on a claim: solved, partly, not; or silence."""

import datetime as dt
import uuid

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.actions import record
from issues.actions import notify, numbers
from issues.actions.move import enter, lock, move, role_of
from issues.models import Concern, Confirmation, Issue, ProtectedPart, Referral
from issues.workflow import Act
from provinces import workdays
from provinces.models import Authority

GRACE_DAYS = 10  # working days an office gets after a dispute


def _judge(
    issue: Issue, verdict: Confirmation.Verdict, by: User, now: dt.datetime, **fields: str
) -> None:
    Confirmation.objects.create(
        issue=issue, claim=issue.claims, verdict=verdict, by=by, created_at=now, **fields
    )


@transaction.atomic
def confirm(issue: Issue, *, by: User, now: dt.datetime, how_told: str = "") -> Issue:
    """The organization says that it is solved: the issue is closed."""
    moved = move(
        issue, Act.CONFIRM, by=by, now=now, closed_at=now, closed_as=Issue.Closing.CONFIRMED
    )
    _judge(moved, Confirmation.Verdict.SOLVED, by, now, how_told=how_told)
    return moved


@transaction.atomic
def dispute(issue: Issue, *, by: User, now: dt.datetime, reason: str, how_told: str = "") -> Issue:
    """The organization says that it is not solved: the offices get it back with a new date.

    An issue that was addressed in a session and never referred is accepted again.
    """
    locked = lock(issue)
    reopened = _reopen_referrals(locked, now) if locked.status == Issue.Status.RESOLVED else []
    moved = move(
        issue,
        Act.DISPUTE,
        by=by,
        now=now,
        to=Issue.Status.REFERRED if reopened else Issue.Status.ACCEPTED,
        resolved_at=None,
    )
    _judge(moved, Confirmation.Verdict.NOT_SOLVED, by, now, reason=reason, how_told=how_told)
    for referral in reopened:
        notify.tell(
            "issue_disputed",
            moved,
            notify.officials(referral.authority_id),
            now=now,
            version=referral.due_version,
            about=referral,
        )
    notify.tell("issue_disputed", moved, notify.coordinators(moved), now=now, version=moved.claims)
    return moved


def _reopen_referrals(issue: Issue, now: dt.datetime) -> list[Referral]:
    """Open the leading referrals that were resolved with the latest claim again."""
    today = timezone.localdate(now)
    due_on = workdays.calendar_of(issue.province_id).add(today, GRACE_DAYS)
    reopened = _claimed(issue)
    for referral in reopened:
        referral.ended_at, referral.ended_as = None, ""
        referral.wanted_on, referral.days = due_on, GRACE_DAYS
        if referral.released_at:  # before that no clock may run
            referral.handed_over_on, referral.due_on = today, due_on
        referral.due_version += 1
        referral.save()
    return reopened


def _claimed(issue: Issue) -> list[Referral]:
    """The latest leading referral of each office that led to the present claim, locked.

    None for a claim that was made in a session; what offices resolved before the issue was
    closed or recalled once is not asked of them again, nor is anything of an office it concerns.
    """
    before = issue.intervals.filter(left_at__isnull=False).order_by("-entered_at", "-pk").first()
    if before is None or before.status != Issue.Status.REFERRED:
        return []
    ended = Referral.objects.select_for_update(of=("self",)).filter(
        issue=issue,
        role=Referral.Role.LEAD,
        ended_as=Referral.Ending.RESOLVED,
        ended_at__gte=before.entered_at,
    )
    barred = Authority.objects.below(issue.concerns.values_list("authority", flat=True))
    ended = ended.exclude(authority__in=barred)
    latest = {one.authority_id: one for one in ended.order_by("ended_at", "pk")}
    return list(latest.values())


@transaction.atomic
def partly(issue: Issue, *, by: User, now: dt.datetime, reason: str, how_told: str = "") -> Issue:
    """Partly solved: this issue is closed, a linked one is submitted for what remains."""
    moved = move(issue, Act.PARTLY, by=by, now=now, closed_at=now, closed_as=Issue.Closing.PARTLY)
    _judge(moved, Confirmation.Verdict.PARTLY, by, now, reason=reason, how_told=how_told)
    rest = _remainder(moved, by, now, reason)
    notify.tell("issue_submitted", rest, notify.coordinators(rest), now=now)
    return rest


def _remainder(issue: Issue, by: User, now: dt.datetime, reason: str) -> Issue:
    """A new submitted issue with the same matter, for what is not solved yet."""
    rest = Issue(
        client_key=uuid.uuid4(),
        author=by,
        follows=issue,
        root_id=issue.root_id or issue.pk,
        link=Issue.Link.REMAINDER,
        text=reason,
        created_at=now,
        submitted_at=now,
        **{name: getattr(issue, name) for name in COPIED},
    )
    rest.status = Issue.Status.SUBMITTED
    numbers.save_numbered(rest, now, lambda: rest.save(force_insert=True))
    enter(rest, Issue.Status.SUBMITTED, now)
    role = role_of(by, rest)
    record(
        "issue.submit", rest, by=by, role=role, at=now, reference=rest.reference, follows=issue.pk
    )
    part = ProtectedPart.objects.filter(issue=issue).first()
    if part:
        ProtectedPart.objects.create(issue=rest, sealed=bytes(part.sealed))
    Concern.objects.bulk_create(
        [Concern(issue=rest, authority_id=one.authority_id) for one in issue.concerns.all()]
    )
    return rest


COPIED = (
    "kind", "title", "language", "spoken", "needs_interpreter", "theme", "province", "commune",
    "organization",
    "people", "women", "disclosure", "is_named", "priority",
)  # fmt: skip


@transaction.atomic
def lapse(issue: Issue, *, now: dt.datetime) -> Issue:
    """Close an issue nobody answered for: unconfirmed, never counted as confirmed."""
    return move(
        issue, Act.LAPSE, by=None, now=now, closed_at=now, closed_as=Issue.Closing.UNCONFIRMED
    )


@transaction.atomic
def reopen(issue: Issue, *, by: User, now: dt.datetime, reason: str) -> Issue:
    """Take a closed issue up again."""
    return move(
        issue,
        Act.REOPEN,
        by=by,
        now=now,
        closed_at=None,
        closed_as="",
        resolved_at=None,
        reason=reason,
    )
