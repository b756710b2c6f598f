"""Calls the secretariat logs: to an office about what it holds, to an organization."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from accounts.models import User
from audit import once
from audit.errors import Conflict, TransitionError
from issues.actions.move import check, lock, lock_all, move, permit
from issues.actions.referring import open_referral
from issues.models import Call, Issue, Referral
from issues.workflow import Act


@transaction.atomic
def record_call(
    referral: Referral,
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    outcome: str,
    spoke_to: str = "",
    note: str = "",
    again_on: dt.date | None = None,
) -> Call:
    """A coordinator called the office; the same form twice is one call.

    Raises TransitionError for a referral that ended or that the office was not told of, Conflict
    for a form that was sent before with other words.
    """
    issue = lock(referral.issue)
    permit(issue, Act.RECORD_CALL, by=by, referral=referral)
    words = _words(outcome, spoke_to, note, again_on)
    if logged := once.made_before(Call.objects.filter(referral=referral), client_key, words):
        return logged
    held = open_referral(referral, Act.RECORD_CALL, issue, by)
    trace = {"referral": held.pk, "outcome": outcome}
    move(issue, Act.RECORD_CALL, by=by, now=now, trace=trace)
    call = Call(client_key=client_key, referral=held, by=by, called_at=now, **words)
    return once.keep(call)


@transaction.atomic
def record_call_once(
    referrals: Sequence[Referral],
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    **words: Any,
) -> list[Call]:
    """One call to an office about several of its referrals; the same form twice is one call.

    What ended meanwhile is left out; raises TransitionError where that is all of it.
    """
    lock_all({one.issue_id for one in referrals})
    made: list[Call] = []
    refusal: TransitionError | None = None
    for one in sorted(referrals, key=lambda each: each.pk):
        key = uuid.uuid5(client_key, str(one.pk))
        try:
            with transaction.atomic():
                made.append(record_call(one, by=by, now=now, client_key=key, **words))
        except Conflict:
            raise
        except TransitionError as error:
            refusal = error
    if refusal and not made:
        raise refusal
    return made


@transaction.atomic
def record_call_home(
    issue: Issue,
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    outcome: str,
    spoke_to: str = "",
    note: str = "",
    again_on: dt.date | None = None,
) -> Call:
    """A coordinator called the organization that raised the issue; the same form twice is one call.

    Raises Conflict for a form that was sent before with other words.
    """
    locked = lock(issue)
    check(locked, Act.RECORD_CALL, by=by)
    words = _words(outcome, spoke_to, note, again_on)
    if logged := once.made_before(Call.objects.filter(issue=locked), client_key, words):
        return logged
    move(issue, Act.RECORD_CALL, by=by, now=now, trace={"outcome": outcome, "did": "home"})
    return once.keep(Call(client_key=client_key, issue=locked, by=by, called_at=now, **words))


@transaction.atomic
def record_call_home_once(
    issues: Sequence[Issue], *, by: User, now: dt.datetime, client_key: uuid.UUID, **words: Any
) -> list[Call]:
    """One call to an organization about several of its issues; the same form twice is one call."""
    lock_all({one.pk for one in issues})
    return [
        record_call_home(
            one, by=by, now=now, client_key=uuid.uuid5(client_key, str(one.pk)), **words
        )
        for one in sorted(issues, key=lambda each: each.pk)
    ]


def _words(outcome: str, spoke_to: str, note: str, again_on: dt.date | None) -> dict[str, Any]:
    """What is kept of a call; a day only where they asked to be called again."""
    is_asked = outcome == Call.Outcome.CALL_BACK
    kept = again_on if is_asked else None
    return {"outcome": outcome, "spoke_to": spoke_to, "note": note, "again_on": kept}
