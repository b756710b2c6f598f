"""The one way an issue changes its state."""

import datetime as dt
from collections.abc import Iterable

from accounts.models import Role, User
from audit.actions import record
from audit.models import AuditEntry
from issues import workflow
from issues.models import Interval, Issue, Referral
from issues.permissions import answers, parts_in, raised
from issues.workflow import Act

ORDER = (Role.REPRESENTATIVE.value, Role.OFFICIAL.value, Role.COORDINATOR.value)


def lock(issue: Issue) -> Issue:
    """The issue as it stands now, locked until the transaction ends.

    Its key stays free: a new row may point to it while somebody else acts on it.
    """
    return Issue.objects.select_for_update(of=("self",), no_key=True).get(pk=issue.pk)


def lock_all(issue_ids: Iterable[int]) -> None:
    """Lock these issues in one order for everybody, so that no two acts wait for each other."""
    rows = Issue.objects.filter(pk__in=list(issue_ids)).order_by("pk")
    list(rows.select_for_update(of=("self",), no_key=True).values_list("pk"))


def lock_referral(pk: int) -> Referral:
    """The referral as it stands now, locked until the transaction ends; after its issue, always."""
    return Referral.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)


def lock_with_its_issue(referral_id: int) -> None:
    """Lock a referral in the order in which every act does: its issue first."""
    lock_all(Issue.objects.filter(referrals=referral_id).values_list("pk", flat=True))
    list(Referral.objects.select_for_update(of=("self",), no_key=True).filter(pk=referral_id))


def check(
    locked: Issue, act: Act, *, by: User | None, referral: Referral | None = None
) -> tuple[workflow.Transition, str]:
    """The table's row for the act and the role in which ``by`` does it; None is the system."""
    parts = _parts(locked, by, referral)
    transition = workflow.check(act, locked, parts)
    return transition, next((one for one in ORDER if one in transition.who & parts), "system")


def permit(locked: Issue, act: Act, *, by: User, referral: Referral) -> None:
    """PermissionDenied for who may never do the act, whatever the states are."""
    workflow.permit(act, _parts(locked, by, referral))


def _parts(locked: Issue, by: User | None, referral: Referral | None) -> frozenset[str]:
    if by is None:
        return frozenset({workflow.SYSTEM})
    parts = parts_in(by, locked)
    if by.organization_ids - {locked.organization_id}:
        parts |= {workflow.COSIGNER}
    if referral is not None and answers(by, referral) and not concerned(locked, by):
        parts |= {Role.OFFICIAL.value}
    return parts


def role_of(by: User, issue: Issue) -> AuditEntry.Role:
    """In which role somebody inside acts; who is of both sides speaks for the organization."""
    return AuditEntry.Role.REPRESENTATIVE if raised(by, issue) else AuditEntry.Role.COORDINATOR


def turn_of(issue: Issue) -> int:
    """How often the issue has been submitted: the version of notices about questions."""
    return issue.intervals.filter(status=Issue.Status.SUBMITTED).count()


def concerned(issue: Issue, user: User) -> bool:
    """The issue concerns the user's office or one above it."""
    return issue.concerns.filter(authority__in=user.commanding_ids).exists()


def move(
    issue: Issue,
    act: Act,
    *,
    by: User | None,
    now: dt.datetime,
    to: Issue.Status | None = None,
    referral: Referral | None = None,
    within: Act | None = None,
    trace: dict[str, object] | None = None,
    **fields: object,
) -> Issue:
    """Lock the issue and do as ``move_locked``."""
    return move_locked(
        lock(issue),
        act,
        by=by,
        now=now,
        to=to,
        referral=referral,
        within=within,
        trace=trace,
        **fields,
    )


def move_locked(
    locked: Issue,
    act: Act,
    *,
    by: User | None,
    now: dt.datetime,
    to: Issue.Status | None = None,
    referral: Referral | None = None,
    within: Act | None = None,
    trace: dict[str, object] | None = None,
    **fields: object,
) -> Issue:
    """Check the act, save the fields and the state, record one entry.

    Runs inside its caller's transaction, which holds the issue's lock. ``to`` must be one of the
    table's targets; without it the only target is taken, or the state stays. ``trace`` joins the
    audit entry. ``within`` is the act that brings this one with it: who may do that one needs no
    right to this.
    """
    _transition, role = check(locked, within or act, by=by, referral=referral)
    target = _target(locked, workflow.TRANSITIONS[act], to)
    change = dict(trace or {})
    if target != locked.status:
        change["status"] = [locked.status, target]
        enter(locked, target, now)
    for name, value in fields.items():
        setattr(locked, name, value)
    locked.save()
    record(f"issue.{act}", locked, by=by, role=AuditEntry.Role(role), at=now, **change)
    return locked


def enter(issue: Issue, status: Issue.Status, now: dt.datetime) -> None:
    """Set the state; its former interval ends with the new one's begin. The caller saves."""
    Interval.objects.create(issue=issue, status=status, entered_at=now)
    issue.status = status


def _target(issue: Issue, transition: workflow.Transition, to: Issue.Status | None) -> Issue.Status:
    if to is None:
        (to,) = transition.targets or {Issue.Status(issue.status)}
    if transition.targets and to not in transition.targets:
        raise ValueError(f"{to} is no target of this act")
    return to
