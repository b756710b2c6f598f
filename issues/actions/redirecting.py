"""An office says that the issue is another's; a coordinator passes it on, or leaves it there."""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.errors import TransitionError
from issues.actions import notify
from issues.actions.move import check, concerned, lock, move
from issues.actions.offices import check_offices
from issues.actions.referring import open_referral
from issues.models import Issue, Redirection, Referral
from issues.permissions import answers, serves
from issues.workflow import Act
from provinces import workdays
from provinces.models import Authority


@transaction.atomic
def propose_redirect(
    referral: Referral,
    *,
    by: User,
    now: dt.datetime,
    reason: str,
    to: Authority | None = None,
) -> Redirection:
    """An official says why another office should have it, and which one if they know.

    The same words sent twice are one proposal. Raises TransitionError while one waits.
    """
    issue = lock(referral.issue)
    held = open_referral(referral, Act.REDIRECT, issue, by)
    if not answers(by, held) or concerned(issue, by) or issue.pressured_at:
        raise PermissionDenied
    check(issue, Act.REDIRECT, by=by, referral=held)
    if waiting := held.redirections.undecided().first():
        return _proposed_before(waiting, by, reason, to)
    if to is not None and (
        to.pk == held.authority_id or to.ended_on or to.province_id not in (None, issue.province_id)
    ):
        raise TransitionError(_("Choose another office of the province, or none."))
    made = Redirection.objects.create(
        referral=held, to=to, reason=reason, proposed_by=by, proposed_at=now
    )
    trace = {"referral": held.pk, "authority": held.authority_id, "redirect": "proposed"}
    move(issue, Act.REDIRECT, by=by, now=now, referral=held, trace=trace)
    told = notify.coordinators(issue)
    notify.tell("redirect_proposed", issue, told, now=now, version=made.pk, about=held)
    return made


def _proposed_before(
    waiting: Redirection, by: User, reason: str, to: Authority | None
) -> Redirection:
    if (waiting.proposed_by_id, waiting.reason, waiting.to) == (by.pk, reason, to):
        return waiting
    raise TransitionError(_("Your office has proposed it already; the secretariat will decide."))


@transaction.atomic
def decide_redirect(
    redirection: Redirection,
    *,
    by: User,
    now: dt.datetime,
    accepts: bool,
    authority: Authority | None = None,
    due_on: dt.date | None = None,
    answer: str = "",
) -> Referral:
    """A coordinator passes the referral on to ``authority``, or says why it stays.

    The referral that is open afterwards. Raises TransitionError where it was decided meanwhile,
    or the office chosen cannot have it.
    """
    issue, held = _held(redirection.referral, by)
    made = Redirection.objects.select_for_update(of=("self",)).get(pk=redirection.pk)
    if made.decided_at:
        raise TransitionError(_("Meanwhile somebody of the secretariat has decided on it."))
    if accepts:
        if authority is None:
            raise TransitionError(_("Choose the office that is to have it."))
        return _pass_on(issue, held, made, by, now, authority, due_on, answer)
    if not answer:
        raise TransitionError(_("Tell the office why it should keep the issue."))
    _decide(made, by, now, False, answer)
    trace = _trace(held, made) | {"redirect": "refused"}
    move(issue, Act.REDIRECT, by=by, now=now, trace=trace)
    told = notify.offices(issue, [held.authority_id]).get(held.authority_id, [])
    proposer = [one for one in told if one == f"user:{made.proposed_by_id}"]
    notify.tell("redirect_decided", issue, proposer or told, now=now, version=made.pk, about=held)
    return held


@transaction.atomic
def redirect(
    referral: Referral,
    *,
    by: User,
    now: dt.datetime,
    authority: Authority,
    reason: str,
    due_on: dt.date | None = None,
) -> Referral:
    """A coordinator passes a referral on at once; a proposal that waits is accepted with it."""
    issue, held = _held(referral, by)
    made = held.redirections.undecided().first()
    if made is None:
        made = Redirection(
            referral=held, to=authority, reason=reason, proposed_by=by, proposed_at=now
        )
        reason = ""
    return _pass_on(issue, held, made, by, now, authority, due_on, reason)


def _held(referral: Referral, by: User) -> tuple[Issue, Referral]:
    """The issue and its open referral, locked, for who coordinates the province."""
    issue = lock(referral.issue)
    held = open_referral(referral, Act.REDIRECT, issue, by)
    if not serves(by, issue):
        raise PermissionDenied
    check(issue, Act.REDIRECT, by=by)
    return issue, held


def _pass_on(
    issue: Issue,
    held: Referral,
    made: Redirection,
    by: User,
    now: dt.datetime,
    authority: Authority,
    due_on: dt.date | None,
    answer: str,
) -> Referral:
    """End the referral and open the next one in the same part, with all that was asked."""
    today, calendar = timezone.localdate(now), workdays.calendar_of(issue.province_id)
    due_on = calendar.open_from(due_on) if due_on else calendar.add(today, held.days)
    if due_on <= today:
        raise TransitionError(_("Choose a due date after today."))
    check_offices(issue, [(authority.pk, held.role)])
    is_known = bool(notify.known(issue, [held]))
    held.ended_at, held.ended_as = now, Referral.Ending.REDIRECTED
    held.save(update_fields=["ended_at", "ended_as"])
    following = Referral.objects.create(
        issue=issue,
        authority=authority,
        role=held.role,
        outcome=held.outcome,
        referred_at=now,
        referred_by=by,
        note=held.note,
        wanted_on=due_on,
        days=calendar.between(today, due_on),
        released_at=now,
        redirected_from=held,
    )
    _decide(made, by, now, True, answer)
    trace = _trace(held, made) | {
        "redirect": "passed_on", "following": following.pk, "authority": authority.pk,
    }  # fmt: skip
    move(issue, Act.REDIRECT, by=by, now=now, trace=trace)
    _tell(issue, is_known, made, following, now)
    return following


def _decide(made: Redirection, by: User, now: dt.datetime, accepted: bool, answer: str) -> None:
    made.decided_by, made.decided_at = by, now
    made.is_accepted, made.answer = accepted, answer
    made.save()


def _trace(held: Referral, made: Redirection) -> dict[str, object]:
    return {"referral": held.pk, "authority": held.authority_id, "redirection": made.pk}


def _tell(
    issue: Issue, is_known: bool, made: Redirection, following: Referral, now: dt.datetime
) -> None:
    """Tell the organization, who proposed it, and the others of the office that knew of it.

    The new office gets its first notice by the ladder, as always.
    """
    told = notify.representatives(issue)
    notify.tell("issue_passed_on", issue, told, now=now, about=following)
    held = made.referral
    people = notify.offices(issue, [held.authority_id]).get(held.authority_id, [])
    proposer = [one for one in people if one == f"user:{made.proposed_by_id}"]
    others = [one for one in people if one not in proposer] if is_known else []
    notify.tell("redirect_decided", issue, proposer, now=now, version=made.pk, about=held)
    version = held.due_version
    notify.tell("referral_passed_on", issue, others, now=now, version=version, about=held)
