"""What a session decides on an item that puts it into an office's hands, or keeps it there."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.errors import TransitionError
from issues.actions import notify, pausing
from issues.actions.deciding import (
    FIRST,
    NOTHING_SAID,
    Decision,
    Kind,
    Press,
    Said,
    move_on,
    take,
)
from issues.actions.offices import Charge, charge_offices
from issues.actions.raising import end_referrals, leave_agendas
from issues.actions.reconsidering import dates_of
from issues.models import AgendaItem, Issue, Outcome, Pause, Referral
from issues.workflow import Act
from provinces import workdays
from provinces.workdays import Calendar

LEAD = Referral.Role.LEAD


@transaction.atomic
def refer_in_session(
    item: AgendaItem,
    *,
    by: User,
    now: dt.datetime,
    charges: Sequence[Charge],
    said: Said = NOTHING_SAID,
    press: Press = FIRST,
) -> Outcome:
    """The session referred the issue to one office or several, the leading one first.

    The referrals leave when the draft minutes are agreed.
    """
    decision = Decision(take(item, by), Kind.REFERRED, said, press, by, now, charges=charges)
    if standing := decision.recorded():
        return standing
    if not charges:
        raise _nobody_leads()
    outcome = decision.keep()
    moved = _move(decision, Act.REFER, outcome)
    _open(decision, outcome, moved, charges)
    return outcome


def _nobody_leads() -> TransitionError:
    return TransitionError(_("Name the leading office first."))


def _move(decision: Decision, act: Act, outcome: Outcome, **trace: object) -> Issue:
    """The issue is with offices, or stays there; the trace names those that it was given to."""
    trace["authorities"] = [one.authority_id for one in decision.charges or ()]
    return move_on(decision, act, outcome, to=Issue.Status.REFERRED, trace=trace)


def _open(
    decision: Decision,
    outcome: Outcome,
    issue: Issue,
    charges: Sequence[Charge],
    redirected_from: Referral | None = None,
) -> None:
    opened = charge_offices(
        issue,
        charges,
        by=decision.by,
        now=decision.now,
        note=decision.said.text,
        released_at=decision.released_at,
        outcome=outcome,
        redirected_from=redirected_from,
    )
    if opened and decision.released_at:  # a correction after the draft minutes were agreed
        told = notify.representatives(issue)
        for referral in opened:
            notify.tell("issue_referred", issue, told, now=decision.now, about=referral)


# --- what stays under review ----------------------------------------------------------------------
@transaction.atomic
def study(
    item: AgendaItem,
    *,
    by: User,
    now: dt.datetime,
    review_on: dt.date,
    charges: Sequence[Charge] = (),
    said: Said = NOTHING_SAID,
    press: Press = FIRST,
) -> Outcome:
    """An office studies the issue, on the spot where needed; it comes back on ``review_on``.

    Whoever leads it goes on; where nobody does, ``charges`` name somebody, else TransitionError.
    """
    turn = take(item, by)
    return _review(
        Decision(turn, Kind.STUDY, said, press, by, now, review_on=review_on, charges=charges),
        Act.STUDY,
    )


@transaction.atomic
def suspend(
    item: AgendaItem,
    *,
    by: User,
    now: dt.datetime,
    until: dt.date,
    charges: Sequence[Charge] = (),
    said: Said,
    press: Press = FIRST,
) -> Outcome:
    """The issue rests until a day, for the reason that was said; the clocks stand still."""
    turn = take(item, by)
    return _review(
        Decision(turn, Kind.SUSPENDED, said, press, by, now, review_on=until, charges=charges),
        Act.SUSPEND,
    )


def _review(decision: Decision, act: Act) -> Outcome:
    """Put off what offices hold already, and open the referrals to those that are charged."""
    if standing := decision.recorded():
        return standing
    until, charges = decision.review_on, decision.charges or ()
    if until is None or until <= timezone.localdate(decision.now):
        raise TransitionError(_("Choose a day after today."))
    outcome = decision.keep()
    held = _held(decision.issue)
    if LEAD not in {one.role for one in held} | {one.role for one in charges}:
        raise TransitionError(_("Name the office that leads it meanwhile."))
    moved = _move(decision, act, outcome)
    for one in held if decision.kind == Kind.SUSPENDED else ():  # else it stood still twice
        pausing.end_pause(one, why=Pause.Why.OVER, now=decision.now)
    if held:
        outcome.replaced = [dates_of(one) for one in held]
        outcome.save(update_fields=["replaced"])
    rests = until if decision.kind == Kind.SUSPENDED else None
    calendar = workdays.calendar_of(moved.province_id) if held and rests else None
    for one in held:
        one.review_on = until
        if calendar:
            _suspend(one, until, calendar, timezone.localdate(decision.now))
        one.save()
    put_off = [replace(one, review_on=until, suspended_until=rests) for one in charges]
    _open(decision, outcome, moved, put_off)
    return outcome


def _held(issue: Issue) -> list[Referral]:
    """What offices hold of a locked issue, locked: nothing unless it is referred."""
    if issue.status != Issue.Status.REFERRED:
        return []
    open_ones = Referral.objects.open().filter(issue=issue)
    return list(open_ones.select_for_update(of=("self",), no_key=True))


def _suspend(held: Referral, until: dt.date, calendar: Calendar, today: dt.date) -> None:
    """The working days left count from the end of the rest; no date comes nearer by it."""
    left = held.days
    if held.due_on:
        left = calendar.between(max(today, held.suspended_until or today), held.due_on)
    was_late, left = left < 1, max(1, left)
    held.suspended_until, held.wanted_on = until, max(held.date, calendar.add(until, left))
    if held.due_on:
        held.due_on = held.wanted_on
        held.due_version += 1
        if was_late:  # with a date of its own it is reminded anew
            held.begin_ladder()


# --- what another level decides -------------------------------------------------------------------
@transaction.atomic
def send_higher(
    item: AgendaItem,
    *,
    by: User,
    now: dt.datetime,
    charges: Sequence[Charge],
    said: Said = NOTHING_SAID,
    press: Press = FIRST,
) -> Outcome:
    """A higher office has to decide; whoever led the issue passes it on to there."""
    decision = Decision(take(item, by), Kind.HIGHER, said, press, by, now, charges=charges)
    if standing := decision.recorded():
        return standing
    return _pass_on(decision, Act.SEND_HIGHER)


@transaction.atomic
def not_competent(
    item: AgendaItem,
    *,
    by: User,
    now: dt.datetime,
    charges: Sequence[Charge] = (),
    said: Said,
    press: Press = FIRST,
) -> Outcome:
    """It is not for those asked: another office gets it, or the issue is declined with a reason."""
    decision = Decision(take(item, by), Kind.NOT_COMPETENT, said, press, by, now, charges=charges)
    if standing := decision.recorded():
        return standing
    if charges:
        return _pass_on(decision, Act.NOT_COMPETENT)
    outcome = decision.keep()
    moved = move_on(
        decision,
        Act.NOT_COMPETENT,
        outcome,
        to=Issue.Status.CLOSED,
        closed_at=now,
        closed_as=Issue.Closing.DECLINED,
        reason=said.text,
        published_at=None,
    )
    leave_agendas(moved)
    ended = end_referrals(moved, Referral.Ending.OVER, now)
    told = notify.representatives(moved)
    notify.tell_of_closing("issue_declined", moved, told, ended, by=by, now=now)
    return outcome


def _pass_on(decision: Decision, act: Act) -> Outcome:
    """Open the referrals in the place of those that lead the issue now."""
    charges = sorted(decision.charges or (), key=lambda one: one.role != LEAD)
    if not charges or charges[0].role != LEAD:
        raise _nobody_leads()
    first, *others = charges
    outcome = decision.keep()
    held = [one for one in _held(decision.issue) if one.role == LEAD]
    moved = _move(decision, act, outcome, passed_on=[one.pk for one in held])
    _open(decision, outcome, moved, [first], redirected_from=held[0] if held else None)
    if held:
        outcome.replaced = [{"referral": one.pk, "ended": True} for one in held]
        outcome.save(update_fields=["replaced"])
        _end_as_passed_on(held, moved, decision)
    _open(decision, outcome, moved, others)  # who led it until now may support it
    return outcome


def _end_as_passed_on(held: Sequence[Referral], issue: Issue, decision: Decision) -> None:
    Referral.objects.filter(pk__in=[one.pk for one in held]).update(
        ended_at=decision.now, ended_as=Referral.Ending.REDIRECTED
    )
    if decision.released_at:
        tell_passed_on(issue, held, now=decision.now)


def tell_passed_on(issue: Issue, held: Sequence[Referral], *, now: dt.datetime) -> None:
    """Tell the offices that had it and knew of it that it was passed on: with the release."""
    notify.tell_offices("referral_passed_on", issue, notify.known(issue, held), now=now)
