"""The course of a long case: steps with dates, visits on the spot, what the community was told."""

import datetime as dt
import uuid

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit import once
from audit.errors import TransitionError
from issues.actions.move import check, lock, move
from issues.models import FieldCheck, Issue, Referral, ReportBack, Step
from issues.workflow import Act
from provinces.models import Authority

STEPS = 30  # of one issue


@transaction.atomic
def add_step(
    issue: Issue,
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    title: str,
    due_on: dt.date,
    authority: Authority | None = None,
    referral: Referral | None = None,
) -> Step:
    """Add a step to the way of a long case; by the secretariat, or the office that holds it.

    Raises TransitionError for a day before today and for too many steps, Conflict for a form that
    was sent before with other words.
    """
    locked = lock(issue)
    _check(locked, by, referral)
    said = {"issue_id": locked.pk, "title": title, "due_on": due_on}
    said |= {"authority_id": authority and authority.pk}
    sent: Step | None = once.made_before(Step.objects.all(), client_key, said)
    if sent:
        return sent
    if due_on < timezone.localdate(now):
        raise TransitionError(_("Choose today or a later day."))
    if locked.steps.filter(dropped_at=None).count() >= STEPS:
        raise TransitionError(_("An issue has at most %(count)d steps.") % {"count": STEPS})
    step = once.keep(Step(client_key=client_key, added_by=by, added_at=now, **said))
    _record(issue, Act.STEP, by, now, referral, {"step": step.pk, "did": "added"})
    return step


@transaction.atomic
def finish_step(
    step: Step,
    *,
    by: User,
    now: dt.datetime,
    done_on: dt.date,
    note: str = "",
    referral: Referral | None = None,
) -> Step:
    """A step was done on this day; said twice it stays as it was first said."""
    locked, held = _open(step, by, referral)
    if held.done_on:
        return held
    if done_on > timezone.localdate(now):
        raise TransitionError(_("It cannot have been done after today."))
    held.done_on, held.note = done_on, note
    held.save(update_fields=["done_on", "note"])
    _record(locked, Act.STEP, by, now, referral, {"step": held.pk, "did": "finished"})
    return held


@transaction.atomic
def drop_step(step: Step, *, by: User, now: dt.datetime, referral: Referral | None = None) -> Step:
    """A step is not needed any more; it stays in the history."""
    locked, held = _open(step, by, referral)
    if held.done_on:
        raise TransitionError(_("Meanwhile the step was done."))
    held.dropped_at = now
    held.save(update_fields=["dropped_at"])
    _record(locked, Act.STEP, by, now, referral, {"step": held.pk, "did": "dropped"})
    return held


@transaction.atomic
def record_field_check(
    issue: Issue,
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    on: dt.date,
    participants: str,
    people: int,
    women: int,
    findings: str,
) -> FieldCheck:
    """What was found on the spot, when, and who took part by title; the same form twice is one."""
    locked = lock(issue)
    check(locked, Act.FIELD_CHECK, by=by)
    said = {"issue_id": locked.pk, "on": on, "people": people, "women": women}
    said |= {"participants": participants, "findings": findings}
    sent: FieldCheck | None = once.made_before(FieldCheck.objects.all(), client_key, said)
    if sent:
        return sent
    _refuse_later(on, now)
    visit = once.keep(FieldCheck(client_key=client_key, recorded_by=by, recorded_at=now, **said))
    _record(issue, Act.FIELD_CHECK, by, now, None, {"field_check": visit.pk})
    return visit


@transaction.atomic
def report_back(
    issue: Issue,
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    on: dt.date,
    how: str,
    people: int,
    women: int,
) -> ReportBack:
    """When and how the answer was told to the community, and to how many."""
    locked = lock(issue)
    check(locked, Act.REPORT_BACK, by=by)
    said = {"issue_id": locked.pk, "on": on, "how": how, "people": people, "women": women}
    sent: ReportBack | None = once.made_before(ReportBack.objects.all(), client_key, said)
    if sent:
        return sent
    _refuse_later(on, now)
    told = once.keep(ReportBack(client_key=client_key, recorded_by=by, recorded_at=now, **said))
    _record(issue, Act.REPORT_BACK, by, now, None, {"report_back": told.pk})
    return told


def _open(step: Step, by: User, referral: Referral | None) -> tuple[Issue, Step]:
    """The issue and its step, both locked, for who may still change it."""
    issue = lock(step.issue)
    _check(issue, by, referral)
    held = Step.objects.select_for_update(of=("self",)).get(pk=step.pk)
    if held.dropped_at:
        raise TransitionError(_("Meanwhile the step was dropped."))
    return issue, held


def _check(locked: Issue, by: User, referral: Referral | None) -> None:
    """The secretariat may move steps, and the office of a referral that has not ended."""
    check(locked, Act.STEP, by=by, referral=referral)
    if referral is None:
        return
    held = Referral.objects.select_for_update(of=("self",), no_key=True).get(
        pk=referral.pk, issue=locked
    )
    if held.ended_at:
        raise TransitionError(_("Meanwhile this referral has ended."))


def _refuse_later(on: dt.date, now: dt.datetime) -> None:
    if on > timezone.localdate(now):
        raise TransitionError(_("Choose today or an earlier day."))


def _record(
    issue: Issue,
    act: Act,
    by: User,
    now: dt.datetime,
    referral: Referral | None,
    trace: dict[str, object],
) -> None:
    if referral is not None:
        trace |= {"referral": referral.pk, "authority": referral.authority_id}
    move(issue, act, by=by, now=now, referral=referral, trace=trace)
