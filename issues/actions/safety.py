""" "We were pressured": the issue is frozen at one press, and a coordinator alone lifts that."""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from audit.actions import record
from audit.errors import TransitionError
from audit.models import subject_of
from issues import closed, workflow
from issues.actions import notify, pausing
from issues.actions.carriers import lock_with_carriers
from issues.actions.move import check, lock, move, role_of
from issues.models import Issue, Pressure, Referral
from issues.permissions import parts_in
from issues.workflow import Act
from outbox import actions as outbox_actions
from provinces import workdays

AT_ONCE = 9  # before everything else that waits to be sent
HELD = gettext_noop("It waits until a coordinator has called an organization.")


@transaction.atomic
def pressured(issue: Issue, *, by: User, now: dt.datetime) -> Issue:
    """Freeze the issue: the organization was pressured. A second press changes nothing.

    From now on nobody outside the organization and the secretariat reads it or is told of it;
    what was planned to be told waits. The coordinators are told at once. What tells the same
    matter (parts in other provinces, the issue it was merged into) is frozen with it, and each
    of them is lifted for itself.
    """
    carriers = lock_with_carriers(issue)
    locked = lock(issue)
    workflow.permit(Act.PRESSURED, parts_in(by, locked))
    if locked.pressured_at:
        return locked
    moved = move(issue, Act.PRESSURED, by=by, now=now, pressured_at=now, version=locked.version + 1)
    _note(moved, by, now)
    for one in carriers:
        if one.pressured_at is None:
            _freeze_with(moved, one, by, now)
    return moved


def _freeze_with(issue: Issue, carrier: Issue, by: User, now: dt.datetime) -> None:
    """Freeze what tells the same matter; whoever pressed need not be of its organization."""
    carrier.pressured_at, carrier.version = now, carrier.version + 1
    carrier.save(update_fields=["pressured_at", "version"])
    role = role_of(by, issue)
    record("issue.pressured", carrier, by=by, role=role, at=now, with_issue=issue.pk)
    _note(carrier, by, now)


def _note(moved: Issue, by: User, now: dt.datetime) -> None:
    """Keep since when it is frozen, and tell the coordinators before anything else."""
    Pressure.objects.create(issue=moved, told_by=by, told_at=now)
    notify.tell(
        "issue_pressured",
        moved,
        notify.coordinators(moved),
        now=now,
        version=moved.pressures.count(),
        urgency=AT_ONCE,
    )


@transaction.atomic
def lift(
    issue: Issue, *, by: User, now: dt.datetime, reason: str, publish_again: bool = False
) -> Issue:
    """End the freeze: readers get their access back and what waited is told.

    Open referrals get the working days that the freeze took. What was published stays with the
    secretariat unless ``publish_again``. Raises TransitionError for an issue that is not frozen.
    """
    locked = lock(issue)
    check(locked, Act.LIFT, by=by)
    if not locked.pressured_at:
        raise TransitionError(_("Meanwhile this was done already."))
    moved = move(
        issue,
        Act.LIFT,
        by=by,
        now=now,
        resolved_at=_claim_after(locked, now),
        pressured_at=None,
        published_at=locked.published_at if publish_again else None,
        version=locked.version + 1,
    )
    Pressure.objects.filter(issue=moved, lifted_at=None).update(
        lifted_at=now, lifted_by=by, lifted_because=reason
    )
    _give_back_days(moved, timezone.localdate(locked.pressured_at), timezone.localdate(now))
    outbox_actions.resume(subjects_of(moved), now=now, reason=HELD)
    _tell_what_ended(moved, locked.pressured_at, now)
    return moved


def _tell_what_ended(issue: Issue, since: dt.datetime, now: dt.datetime) -> None:
    """Tell those behind the issue what sessions decided of it that ended while it was frozen."""
    sessions = list(closed.ended_while_frozen(issue, since))
    if not sessions:
        return
    told = dict.fromkeys([*notify.representatives(issue), *notify.cosigners(issue)])
    freeze = issue.pressures.latest("told_at")
    for session in sessions:
        outbox_actions.tell(
            closed.ORGANIZATION,
            subject_of(session),
            recipients=list(told),
            due_at=now,
            version=1 + freeze.pk,  # the first one told of the session without this issue
            province_id=issue.province_id,
        )


def _claim_after(issue: Issue, now: dt.datetime) -> dt.datetime | None:
    """When it counts as reported: the organization gets the time that the freeze took back."""
    if issue.status != Issue.Status.RESOLVED or not (issue.resolved_at and issue.pressured_at):
        return issue.resolved_at
    return issue.resolved_at + (now - issue.pressured_at)


def _give_back_days(issue: Issue, since: dt.date, today: dt.date) -> None:
    """Move the dates of open referrals on; what had passed of them before stays passed.

    Days on which a clock stood still anyway, as its office waited, are not given back twice.
    """
    calendar = workdays.calendar_of(issue.province_id)
    held = Referral.objects.open().filter(issue=issue).order_by("pk")
    for referral in held.select_for_update(of=("self",), no_key=True):
        lost = pausing.give_back(referral, since=since, today=today)
        if lost <= 0:
            continue
        pausing.move_on(referral, lost, calendar)
        if referral.handed_over_on:  # else its first notice still waits, and would be told twice
            referral.due_version += 1
        referral.save(update_fields=["wanted_on", "due_on", "ladder_since", "due_version"])


def subjects_of(issue: Issue) -> list[str]:
    """Everything about the issue that anybody may have to be told of."""
    parts = [
        issue.referrals, issue.agenda_items, issue.comments, issue.cosigns, issue.merges,
        issue.merges_in, issue.steps, issue.field_checks, issue.report_backs,
    ]  # fmt: skip
    rows = [one for part in parts for one in part.all()]
    for referral in issue.referrals.prefetch_related("redirections", "responses", "drafts"):
        rows += [*referral.redirections.all(), *referral.responses.all(), *referral.drafts.all()]
    return [subject_of(issue), *map(subject_of, rows)]
