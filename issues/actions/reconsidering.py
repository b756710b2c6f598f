"""An outcome set aside, so that another can stand in its place: what it moved is put back."""

import datetime as dt
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.models import User
from audit.errors import TransitionError
from audit.models import subject_of
from issues.actions.handing import due_from
from issues.actions.move import move_locked
from issues.actions.notify import LEFT
from issues.actions.raising import leave_agendas
from issues.actions.referring import tell_of_recall
from issues.models import Issue, Outcome, Redirection, Referral, Response
from issues.workflow import Act
from outbox.models import Notice

Kind, Ending = Outcome.Kind, Referral.Ending
FAREWELLS = ("referral_recalled", "referral_passed_on")  # what tells an office that it ended
LEADS_TO = {
    Kind.ADDRESSED: {Issue.Status.RESOLVED},
    Kind.REFERRED: {Issue.Status.REFERRED},
    Kind.STUDY: {Issue.Status.REFERRED},
    Kind.SUSPENDED: {Issue.Status.REFERRED},
    Kind.HIGHER: {Issue.Status.REFERRED},
    Kind.NOT_COMPETENT: {Issue.Status.REFERRED, Issue.Status.CLOSED},
    Kind.DEFERRED: {Issue.Status.ACCEPTED},
    Kind.WITHDRAWN: {Issue.Status.CLOSED},
    Kind.NOTED: {Issue.Status.ACCEPTED, Issue.Status.REFERRED},
}
DATES = ("review_on", "suspended_until", "due_on", "wanted_on")


def set_aside(outcome: Outcome, issue: Issue, *, by: User, now: dt.datetime) -> Issue:
    """Put the locked issue back to where it stood before the outcome, and its referrals with it.

    Raises TransitionError once the issue has gone on from there: its organization or an office
    has spoken, or somebody acted on it elsewhere.
    """
    referrals = _referrals_of(issue)
    if _has_gone_on(outcome, issue, referrals):
        raise TransitionError(
            _(
                "Meanwhile the issue has gone on: it is “%(state)s”. Of this outcome only the words"
                " can be corrected."
            )
            % {"state": issue.get_status_display()}
        )
    _recall([one for one in referrals if one.outcome_id == outcome.pk and one.is_open], issue, now)
    _put_back(outcome, issue, referrals)
    is_led = any(one.is_open and one.role == Referral.Role.LEAD for one in referrals)
    moved = move_locked(
        issue,
        Act.RECONSIDER,
        by=by,
        now=now,
        to=Issue.Status.REFERRED if is_led else Issue.Status.SCHEDULED,
        trace={"outcome": outcome.pk},
        **_columns_before(outcome, issue),
    )
    if not is_led:
        leave_agendas(moved)  # of later sessions, where it was up for review
    return moved


def _referrals_of(issue: Issue) -> list[Referral]:
    """All that the issue ever had, locked; ``has_spoken`` says whether the office did."""
    said = Response.objects.filter(referral=OuterRef("pk"))
    proposed = Redirection.objects.filter(referral=OuterRef("pk"))
    rows = Referral.objects.filter(issue=issue).select_for_update(of=("self",), no_key=True)
    return list(rows.annotate(has_spoken=Exists(said) | Exists(proposed)))


def _has_gone_on(outcome: Outcome, issue: Issue, referrals: list[Referral]) -> bool:
    """The issue, or a referral of it, is not as the outcome left it."""
    if issue.status not in LEADS_TO[Kind(outcome.kind)]:
        return True
    at = outcome.recorded_at
    if issue.status == Issue.Status.CLOSED and issue.closed_at != at:
        return True
    if issue.status == Issue.Status.RESOLVED and issue.resolved_at != at:
        return True
    later = issue.agenda_items.filter(outcome__recorded_at__gt=at).exclude(pk=outcome.item_id)
    return any(_is_touched(one, outcome) for one in referrals) or later.exists()


def _is_touched(referral: Referral, outcome: Outcome) -> bool:
    """Somebody did something with the referral since the outcome."""
    at = outcome.recorded_at
    if referral.outcome_id != outcome.pk:
        opened = referral.is_open and referral.referred_at > at
        return opened or bool(referral.ended_at and referral.ended_at > at)
    return bool(
        referral.acknowledged_at
        or referral.has_spoken  # type: ignore[attr-defined]
        or referral.ended_as in (Ending.RESOLVED, Ending.REDIRECTED)
    )


def _recall(standing: list[Referral], issue: Issue, now: dt.datetime) -> None:
    """End what the outcome opened; whoever was told of it is told that it is taken back."""
    for one in standing:
        one.ended_at, one.ended_as = now, Ending.RECALLED
    Referral.objects.bulk_update(standing, ["ended_at", "ended_as"])
    for one in standing:
        if one.released_at:  # else nobody outside was told of it
            tell_of_recall(issue, one, [one], now)


def _put_back(outcome: Outcome, issue: Issue, referrals: list[Referral]) -> None:
    """Restore what the outcome changed on older referrals, and what ended with the issue."""
    known = {one.pk: one for one in referrals}
    over = [
        one.pk
        for one in referrals
        if one.ended_as == Ending.OVER and one.ended_at == issue.closed_at
    ]
    for row in [*outcome.replaced, *({"referral": pk, "ended": True} for pk in over)]:
        held = known[row["referral"]]
        if row.get("ended"):
            _revive(held)
        elif held.is_open:
            _restore_dates(held, row)


def _revive(held: Referral) -> None:
    """The office has it again; where it was told that it had not, it is asked anew.

    A new version, so that it may be told once more, should it end again.
    """
    told = Notice.objects.filter(
        subject=subject_of(held), kind__in=FAREWELLS, version=held.due_version, state__in=LEFT
    )
    if told.exists():
        held.handed_over_on = held.due_on = None
    held.ended_at, held.ended_as = None, ""
    held.due_version += 1
    held.save()


def dates_of(referral: Referral) -> dict[str, object]:
    """The dates of a referral, as an outcome that changes them keeps them."""
    dates = {name: getattr(referral, name) for name in DATES}
    return {"referral": referral.pk} | {
        name: day.isoformat() if day else None for name, day in dates.items()
    }


def _restore_dates(held: Referral, row: dict[str, Any]) -> None:
    """The former dates; a new version of them, so that no notice of the others is wanted."""
    due_on = held.due_on
    for name in DATES:
        setattr(held, name, dt.date.fromisoformat(row[name]) if row[name] else None)
    if held.handed_over_on and held.due_on is None:  # the clock has started meanwhile
        held.due_on = due_from(held, held.handed_over_on)
    if held.due_on != due_on:
        held.due_version += 1
    held.save()


def _columns_before(outcome: Outcome, issue: Issue) -> dict[str, Any]:
    """The issue's columns as they were before the outcome."""
    if outcome.kind == Kind.ADDRESSED:
        return {"resolved_at": None}
    if outcome.kind == Kind.DEFERRED:
        return {"deferrals": max(0, issue.deferrals - 1)}
    if issue.status == Issue.Status.CLOSED:
        return {"closed_at": None, "closed_as": "", "reason": ""}
    return {}
