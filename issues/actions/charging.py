"""What a session decides on an item that puts it into an office's hands, or keeps it there."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.errors import TransitionError
from issues.actions import notify
from issues.actions.deciding import (
    FIRST,
    NOTHING_SAID,
    Decision,
    Kind,
    Press,
    Said,
    move_on,
    plain,
    take,
)
from issues.actions.raising import end_referrals, leave_agendas
from issues.actions.referring import Charge, charge_office
from issues.models import AgendaItem, Issue, Outcome, Referral
from issues.workflow import Act
from provinces import workdays


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
    decision = Decision(take(item, by), Kind.REFERRED, said, press, by, now)
    return _charge(decision, Act.REFER, charges)


def _charge(decision: Decision, act: Act, charges: Sequence[Charge]) -> Outcome:
    """Record the outcome and open its referrals."""
    decision.turn.required  # noqa: B018
    if standing := decision.recorded():
        return standing
    outcome = decision.keep()
    offices = [one.authority_id for one in charges]
    moved = move_on(
        decision, act, outcome, to=Issue.Status.REFERRED, trace={"authorities": offices}
    )
    for charge in charges:
        _open(decision, outcome, moved, charge)
    return outcome


def _open(
    decision: Decision,
    outcome: Outcome,
    issue: Issue,
    charge: Charge,
    redirected_from: Referral | None = None,
) -> Referral:
    referral = charge_office(
        issue,
        charge,
        by=decision.by,
        now=decision.now,
        note=decision.said.text,
        released_at=decision.released_at,
        outcome=outcome,
        redirected_from=redirected_from,
    )
    if referral.released_at:  # a correction after the draft minutes were agreed
        told = notify.representatives(issue)
        notify.tell("issue_referred", issue, told, now=decision.now, about=referral)
    return referral


# --- what stays under review ------------------------------------------------------------------------
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

    Whoever leads it goes on; without ``charges`` somebody must. Raises TransitionError else.
    """
    _refuse_past(review_on, now)
    decision = Decision(take(item, by), Kind.STUDY, said, press, by, now, review_on=review_on)
    return _review(decision, Act.STUDY, charges)


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
    _refuse_past(until, now)
    decision = Decision(take(item, by), Kind.SUSPENDED, said, press, by, now, review_on=until)
    return _review(decision, Act.SUSPEND, charges)


def _refuse_past(day: dt.date, now: dt.datetime) -> None:
    if day <= timezone.localdate(now):
        raise TransitionError(_("Choose a day after today."))


def _review(decision: Decision, act: Act, charges: Sequence[Charge]) -> Outcome:
    """Open the referrals, or where none are given keep those that lead the issue already."""
    if charges:
        rests = decision.review_on if decision.kind == Kind.SUSPENDED else None
        put_off = {"review_on": decision.review_on, "suspended_until": rests}
        return _charge(decision, act, [replace(one, **put_off) for one in charges])
    decision.turn.required  # noqa: B018
    if standing := decision.recorded():
        return standing
    outcome = decision.keep()
    held = list(Referral.objects.open().filter(issue=decision.turn.required).select_for_update())
    if not any(one.role == Referral.Role.LEAD for one in held):
        raise TransitionError(_("Name the office that leads it meanwhile."))
    moved = move_on(decision, act, outcome, to=Issue.Status.REFERRED)
    outcome.replaced = [_dates(one) for one in held]
    outcome.save(update_fields=["replaced"])
    for one in held:
        _put_off(one, moved, decision)
    return outcome


def _dates(referral: Referral) -> dict[str, object]:
    names = ("review_on", "suspended_until", "due_on", "wanted_on")
    return {"referral": referral.pk} | {name: plain(getattr(referral, name)) for name in names}


def _put_off(referral: Referral, issue: Issue, decision: Decision) -> None:
    """Set the next review; under a suspension the working days left count from its end."""
    until = referral.review_on = decision.review_on
    if decision.kind == Kind.SUSPENDED and until is not None:
        calendar, today = workdays.calendar_of(issue.province_id), timezone.localdate(decision.now)
        referral.suspended_until = until
        referral.wanted_on = calendar.add(until, referral.days)
        if referral.due_on:
            left = calendar.between(today, referral.due_on)
            referral.due_on = referral.wanted_on = calendar.add(until, max(left, 1))
            referral.due_version += 1
            if left < 1:  # it was late: with a date of its own it is reminded anew
                referral.begin_ladder()
    referral.save()


# --- what another level decides -----------------------------------------------------------------------
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
    decision = Decision(take(item, by), Kind.HIGHER, said, press, by, now)
    return _pass_on(decision, Act.SEND_HIGHER, charges)


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
    decision = Decision(take(item, by), Kind.NOT_COMPETENT, said, press, by, now)
    if charges:
        return _pass_on(decision, Act.NOT_COMPETENT, charges)
    decision.turn.required  # noqa: B018
    if standing := decision.recorded():
        return standing
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


def _pass_on(decision: Decision, act: Act, charges: Sequence[Charge]) -> Outcome:
    """Open the referrals in the place of those that lead the issue now."""
    decision.turn.required  # noqa: B018
    if standing := decision.recorded():
        return standing
    leading = Referral.objects.open().leading().filter(issue=decision.turn.required)
    outcome = decision.keep()
    held = list(leading.select_for_update(of=("self",)))
    offices = [one.authority_id for one in charges]
    trace = {"authorities": offices, "passed_on": [one.pk for one in held]}
    moved = move_on(decision, act, outcome, to=Issue.Status.REFERRED, trace=trace)
    first, *others = charges
    _open(decision, outcome, moved, first, redirected_from=held[0] if held else None)
    outcome.replaced = [{"referral": one.pk, "ended": True} for one in held]
    outcome.save(update_fields=["replaced"])
    Referral.objects.filter(pk__in=[one.pk for one in held]).update(
        ended_at=decision.now, ended_as=Referral.Ending.REDIRECTED
    )
    for charge in others:
        _open(decision, outcome, moved, charge)
    return outcome
