"""An issue in an authority's hands: referred, handed over, answered, resolved, recalled."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit import once
from audit.errors import TransitionError
from issues.actions import notify, pausing
from issues.actions.evidence import add_evidence
from issues.actions.move import check, lock, lock_referral, move, move_locked, permit
from issues.actions.offices import Charge, charge_offices
from issues.actions.raising import end_referrals, leave_agendas
from issues.files import Kept
from issues.models import Issue, Pause, Referral, Response
from issues.permissions import answers, raised
from issues.workflow import Act
from provinces.models import Authority


@transaction.atomic
def refer(
    issue: Issue,
    *,
    by: User,
    now: dt.datetime,
    authority: Authority,
    due_on: dt.date,
    role: str = Referral.Role.LEAD,
    note: str = "",
) -> Referral:
    """Hand the issue to an authority, to be solved by ``due_on`` or the next working day.

    It is released at once, so that its first notice leaves; the clock starts with that. Raises
    TransitionError for an office of another province, one that the issue concerns, one that holds
    it already, or a first referral that is not a leading one.
    """
    locked = lock(issue)
    was_referred = locked.status == Issue.Status.REFERRED
    trace: dict[str, object] = {"authority": authority.pk, "part": role}
    moved = move_locked(locked, Act.REFER, by=by, now=now, trace=trace)
    charges = [Charge(authority.pk, due_on, role)]
    (referral,) = charge_offices(moved, charges, by=by, now=now, note=note, released_at=now)
    if not was_referred:  # one more office changes nothing of a review
        leave_agendas(moved)
    notify.tell("issue_referred", moved, notify.representatives(moved), now=now, about=referral)
    return referral


@transaction.atomic
def recall(
    referral: Referral,
    *,
    by: User,
    now: dt.datetime,
    reason: str = "",
    within: Act = Act.RECALL,
) -> Referral:
    """Take a referral back from a wrong office; its access ends at once.

    The reason is for the secretariat and the organization, never for an office. ``within`` is the
    act that brings the recall with it.
    """
    issue = lock(referral.issue)
    held = open_referral(referral, within, issue, by)
    others = Referral.objects.open().leading().filter(issue=issue).exclude(pk=held.pk)
    stays = held.role != Referral.Role.LEAD or others.exists()
    move(
        issue,
        Act.RECALL,
        by=by,
        now=now,
        to=Issue.Status.REFERRED if stays else Issue.Status.ACCEPTED,
        within=within,
        trace={"referral": held.pk, "authority": held.authority_id},
    )
    held.ended_at, held.ended_as = now, Referral.Ending.RECALLED
    held.ended_because = reason
    held.save(update_fields=["ended_at", "ended_as", "ended_because"])
    ended = [held]
    if not stays:
        leave_agendas(issue)  # it was up for review there, and there is nothing to review
        ended += end_referrals(issue, Referral.Ending.OVER, now)
    tell_of_recall(issue, held, ended, now)
    return held


def tell_of_recall(issue: Issue, held: Referral, ended: list[Referral], now: dt.datetime) -> None:
    """Tell the offices that knew of it, in neutral words, and the organization of its own office.

    Of what was not released yet nobody outside had been told.
    """
    notify.tell_offices("referral_recalled", issue, notify.known(issue, ended), now=now)
    if held.released_at:
        told, version = notify.representatives(issue), held.due_version
        notify.tell("referral_taken_back", issue, told, now=now, version=version, about=held)


def open_referral(referral: Referral, act: Act, issue: Issue, by: User) -> Referral:
    """The referral, locked, for who may do the act; to them a sentence where it ended meanwhile."""
    locked = lock_referral(referral.pk)
    permit(issue, act, by=by, referral=locked)
    if act == Act.RESOLVE and locked.role == Referral.Role.INFORMATION:
        raise PermissionDenied
    if locked.ended_at:
        raise TransitionError(_("Meanwhile this referral has ended."))
    if locked.released_at is None and act not in (Act.RECALL, Act.CONCERN):
        raise TransitionError(
            _("The office was not told of it yet: the draft minutes are not agreed.")
        )
    return locked


@transaction.atomic
def acknowledge(
    referral: Referral, *, by: User, now: dt.datetime, expected_on: dt.date | None = None
) -> Referral:
    """Say that the referral was received, and when an answer is expected.

    A second press changes nothing, and the day expected moves no date.
    """
    if expected_on and expected_on < timezone.localdate(now):
        raise TransitionError(_("Choose today or a later day."))
    issue = lock(referral.issue)
    held = open_referral(referral, Act.ACKNOWLEDGE, issue, by)
    check(issue, Act.ACKNOWLEDGE, by=by, referral=held)
    if held.acknowledged_at:
        return held
    move(referral.issue, Act.ACKNOWLEDGE, by=by, now=now, referral=held, trace=_trace(held))
    held.acknowledged_at, held.acknowledged_by, held.expected_on = now, by, expected_on
    held.save(update_fields=["acknowledged_at", "acknowledged_by", "expected_on"])
    notify.tell(
        "referral_acknowledged",
        referral.issue,
        notify.representatives(referral.issue),
        now=now,
        about=held,
    )
    return held


def _trace(referral: Referral) -> dict[str, object]:
    return {"referral": referral.pk, "authority": referral.authority_id}


@dataclass(frozen=True)
class Author:
    """Whose words they are, where somebody else of the office lets them leave."""

    person: User
    title: str


@transaction.atomic
def respond(
    referral: Referral,
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    text: str,
    files: Sequence[Kept] = (),
    author: Author | None = None,
) -> Response:
    """Answer without claiming that it is solved; the reminders go on."""
    kind = Response.Kind.ANSWER
    return _say(Act.RESPOND, kind, referral, by, now, client_key, text, files, author)


@transaction.atomic
def ask(
    referral: Referral, *, by: User, now: dt.datetime, client_key: uuid.UUID, text: str
) -> Response:
    """Ask the secretariat and the organization something about the issue.

    The first questions stop the clock until the reply.
    """
    return _say(Act.ASK, Response.Kind.QUESTION, referral, by, now, client_key, text)


@transaction.atomic
def answer(
    referral: Referral, *, by: User, now: dt.datetime, client_key: uuid.UUID, text: str
) -> Response:
    """The organization, or a coordinator for it, replies to the office's question."""
    issue = lock(referral.issue)
    if said := _said_before(client_key, referral, Response.Kind.REPLY, text):
        return said
    held = open_referral(referral, Act.ANSWER, issue, by)
    check(issue, Act.ANSWER, by=by)
    if not held.responses.unanswered().exists():
        raise TransitionError(_("The office has no open question."))
    move(issue, Act.ANSWER, by=by, now=now, trace=_trace(held))
    said = _keep(held, Response.Kind.REPLY, by, now, client_key, text)
    pausing.end_pause(held, why=Pause.Why.ANSWERED, now=now, by=by)
    office = notify.officials(held.authority_id)
    notify.tell("question_answered", issue, office, now=now, version=said.pk, about=held)
    return said


def _say(
    act: Act,
    kind: Response.Kind,
    referral: Referral,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    text: str,
    files: Sequence[Kept] = (),
    author: Author | None = None,
) -> Response:
    issue = lock(referral.issue)
    if said := _said_before(client_key, referral, kind, text):
        return said
    held = open_referral(referral, act, issue, by)
    move(issue, act, by=by, now=now, referral=held, trace=_trace(held))
    response = _keep(held, kind, by, now, client_key, text, author=author)
    if kind == Response.Kind.QUESTION:
        pausing.begin_pause(held, response, on=timezone.localdate(now))
    add_evidence(issue, by=by, now=now, files=files, response=response)
    told = "question_asked" if kind == Response.Kind.QUESTION else "response_given"
    people = [*notify.representatives(issue), *notify.coordinators(issue)]
    notify.tell(told, issue, people, now=now, version=response.pk, about=held)
    return response


def _said_before(
    client_key: uuid.UUID,
    referral: Referral,
    kind: Response.Kind,
    text: str,
    done_on: dt.date | None = None,
) -> Response | None:
    """What the same form said when it was sent before; Conflict if it says something else."""
    rows = Response.objects.filter(referral=referral)
    return once.made_before(rows, client_key, {"kind": kind, "text": text, "done_on": done_on})


def _keep(
    referral: Referral,
    kind: Response.Kind,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    text: str,
    done_on: dt.date | None = None,
    author: Author | None = None,
) -> Response:
    whose = author or Author(by, str(by))
    said = Response(
        client_key=client_key,
        referral=referral,
        kind=kind,
        text=text,
        by=whose.person,
        title=whose.title[:200],
        on_behalf=_on_behalf(referral, kind, by),
        done_on=done_on,
        created_at=now,
    )
    return once.keep(said)


def _on_behalf(referral: Referral, kind: Response.Kind, by: User) -> bool:
    """Somebody of the secretariat writes it down for the office, or for the organization."""
    own = raised(by, referral.issue) if kind == Response.Kind.REPLY else answers(by, referral)
    return not own


@transaction.atomic
def resolve(
    referral: Referral,
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    text: str,
    done_on: dt.date,
    files: Sequence[Kept] = (),
    author: Author | None = None,
) -> Response:
    """Report the referral resolved: what was done and when.

    The issue is resolved once every leading referral is; then its organization is asked
    whether it is really solved.
    """
    if done_on > timezone.localdate(now):
        raise TransitionError(_("It cannot have been done after today."))
    issue = lock(referral.issue)
    if said := _said_before(client_key, referral, Response.Kind.CLAIM, text, done_on):
        return said
    held = open_referral(referral, Act.RESOLVE, issue, by)
    check(issue, Act.RESOLVE, by=by, referral=held)
    done = not Referral.objects.open().leading().filter(issue=issue).exclude(pk=held.pk).exists()
    done = done and held.role == Referral.Role.LEAD
    pausing.end_pause(held, why=Pause.Why.OVER, now=now)
    held.ended_at, held.ended_as = now, Referral.Ending.RESOLVED
    held.save(update_fields=["ended_at", "ended_as"])
    _move_on(issue, held, by, now, done)
    claim = _keep(held, Response.Kind.CLAIM, by, now, client_key, text, done_on, author)
    add_evidence(issue, by=by, now=now, files=files, response=claim)
    return claim


def _move_on(issue: Issue, referral: Referral, by: User, now: dt.datetime, done: bool) -> None:
    """Record the claim; with the last leading one the whole issue is resolved."""
    fields: dict[str, Any] = {}
    if done:
        fields = {"resolved_at": now, "claims": issue.claims + 1}
        leave_agendas(issue)
        end_referrals(issue, Referral.Ending.OVER, now)
    moved = move(
        issue,
        Act.RESOLVE,
        by=by,
        now=now,
        to=Issue.Status.RESOLVED if done else Issue.Status.REFERRED,
        referral=referral,
        trace=_trace(referral),
        **fields,
    )
    if done:
        notify.tell(
            "issue_resolved", moved, notify.coordinators(moved), now=now, version=moved.claims
        )
        told, version = notify.cosigners(moved), moved.claims
        notify.tell("cosigned_resolved", moved, told, now=now, version=version)
