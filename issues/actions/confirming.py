"""The organization's word on a claim: solved, partly, not; or silence."""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.actions import record
from audit.errors import TransitionError
from issues.actions import merging, notify
from issues.actions.deriving import derive
from issues.actions.move import check, lock, move, role_of
from issues.models import Confirmation, Issue, Referral
from issues.workflow import Act
from provinces import workdays
from provinces.models import Authority

GRACE_DAYS = 10  # working days an office gets after a dispute
LAPSE_AFTER = dt.timedelta(days=90)  # from the claim


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
    _tell_cosigners(moved, now)
    return moved


def _tell_cosigners(issue: Issue, now: dt.datetime) -> None:
    """Tell the organizations that made the issue their own that it is closed."""
    told = notify.cosigners(issue)
    notify.tell("cosigned_ended", issue, told, now=now, version=issue.claims)


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
        referral.expected_on = None  # it was said of the date before
        if referral.released_at:  # before that no clock may run
            referral.handed_over_on, referral.due_on = today, due_on
        referral.due_version += 1
        referral.begin_ladder()
        referral.save()
    return reopened


def _claimed(issue: Issue) -> list[Referral]:
    """The latest leading referral of each office that led to the present claim, locked.

    None for a claim that was made in a session; what offices resolved before the issue was
    closed or recalled once is not asked of them again, nor is anything of an office it concerns
    or of one that has ended.
    """
    before = issue.intervals.filter(left_at__isnull=False).order_by("-entered_at", "-pk").first()
    if before is None or before.status != Issue.Status.REFERRED:
        return []
    ended = Referral.objects.select_for_update(of=("self",), no_key=True).filter(
        issue=issue,
        role=Referral.Role.LEAD,
        ended_as=Referral.Ending.RESOLVED,
        ended_at__gte=before.entered_at,
        authority__ended_on=None,
    )
    barred = Authority.objects.below(issue.concerns.values_list("authority", flat=True))
    ended = ended.exclude(authority__in=barred)
    latest = {one.authority_id: one for one in ended.order_by("ended_at", "pk")}
    return list(latest.values())


@transaction.atomic
def partly(issue: Issue, *, by: User, now: dt.datetime, reason: str, how_told: str = "") -> Issue:
    """Partly solved: this issue is closed; what remains is an issue of its own.

    That is with the same offices at once, or accepted where none had the first one.
    """
    locked = lock(issue)
    held = _claimed(locked) if locked.status == Issue.Status.RESOLVED else []
    moved = move(issue, Act.PARTLY, by=by, now=now, closed_at=now, closed_as=Issue.Closing.PARTLY)
    _judge(moved, Confirmation.Verdict.PARTLY, by, now, reason=reason, how_told=how_told)
    rest = derive(
        moved,
        by=by,
        now=now,
        link=Issue.Link.REMAINDER,
        status=Issue.Status.REFERRED if held else Issue.Status.ACCEPTED,
        text=reason,
        asked="",
    )
    _refer_again(rest, held, by, now)
    notify.tell("issue_partly", rest, notify.coordinators(rest), now=now)
    _tell_cosigners(moved, now)
    return rest


def _refer_again(rest: Issue, held: list[Referral], by: User, now: dt.datetime) -> None:
    """Hand what remains to the offices that reported it; the clock starts when they are told."""
    today = timezone.localdate(now)
    wanted_on = workdays.calendar_of(rest.province_id).add(today, GRACE_DAYS)
    for one in held:
        referral = Referral.objects.create(
            issue=rest,
            authority_id=one.authority_id,
            referred_at=now,
            referred_by=by,
            wanted_on=wanted_on,
            days=GRACE_DAYS,
            released_at=now,
        )
        trace = {"referral": referral.pk, "authority": one.authority_id}
        record("issue.refer", rest, by=by, role=role_of(by, rest), at=now, **trace)


@transaction.atomic
def lapse(issue: Issue, *, now: dt.datetime) -> Issue:
    """Close a claim that nobody judged: unconfirmed, never counted as confirmed.

    Raises TransitionError before its time, and where the organization was neither called since
    the claim nor heard in a session.
    """
    locked = lock(issue)
    check(locked, Act.LAPSE, by=None)
    if not locked.resolved_at or now < locked.resolved_at + LAPSE_AFTER:
        raise TransitionError(_("The organization still has time to answer."))
    if not _was_sought(locked, locked.resolved_at):
        raise TransitionError(_("Call the organization first, and log the call."))
    moved = move(
        issue, Act.LAPSE, by=None, now=now, closed_at=now, closed_as=Issue.Closing.UNCONFIRMED
    )
    _tell_cosigners(moved, now)
    return moved


def _was_sought(issue: Issue, since: dt.datetime) -> bool:
    """Somebody called the organization since the claim, or it was on the agenda of a session."""
    called = issue.calls.filter(called_at__gte=since)  # a freeze moves the claim on: see lift
    heard = issue.agenda_items.filter(outcome__recorded_at__gt=since)
    return called.exists() or heard.exists()


@transaction.atomic
def reopen(issue: Issue, *, by: User, now: dt.datetime, reason: str) -> Issue:
    """Take a closed issue up again; not while it goes on in another one that is open."""
    locked = lock(issue)
    check(locked, Act.REOPEN, by=by)
    merging.come_apart(locked, by=by, now=now, because=reason)
    return move(
        issue,
        Act.REOPEN,
        by=by,
        now=now,
        closed_at=None,
        closed_as="",
        merged_into=None,
        resolved_at=None,
        reason=reason,
    )
