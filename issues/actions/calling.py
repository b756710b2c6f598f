"""Calls the secretariat logs: to an office about what it holds, to an organization."""

import datetime as dt
import uuid

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.errors import Conflict, TransitionError
from issues.actions.move import check, lock, move, permit
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
) -> Call:
    """A coordinator called the office; the same form twice is one call.

    Raises TransitionError for a referral that ended or that the office was not told of, Conflict
    for a form that was sent before with other words.
    """
    issue = lock(referral.issue)
    permit(issue, Act.RECORD_CALL, by=by, referral=referral)
    words = {"outcome": outcome, "spoke_to": spoke_to, "note": note}
    if logged := _logged_before(client_key, words, referral=referral):
        return logged
    held = Referral.objects.select_for_update(of=("self",)).get(pk=referral.pk)
    _check_held(held)
    trace = {"referral": held.pk, "outcome": outcome}
    move(issue, Act.RECORD_CALL, by=by, now=now, trace=trace)
    call = Call(client_key=client_key, referral=held, by=by, called_at=now, **words)
    return _keep(call)


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
) -> Call:
    """A coordinator called the organization that raised the issue; the same form twice is one call.

    Raises Conflict for a form that was sent before with other words.
    """
    locked = lock(issue)
    check(locked, Act.RECORD_CALL, by=by)
    words = {"outcome": outcome, "spoke_to": spoke_to, "note": note}
    if logged := _logged_before(client_key, words, issue=locked):
        return logged
    move(issue, Act.RECORD_CALL, by=by, now=now, trace={"outcome": outcome, "did": "home"})
    return _keep(Call(client_key=client_key, issue=locked, by=by, called_at=now, **words))


def _logged_before(
    client_key: uuid.UUID, words: dict[str, str], **about: Referral | Issue
) -> Call | None:
    logged = Call.objects.filter(client_key=client_key, **about).first()
    if logged and any(getattr(logged, name) != word for name, word in words.items()):
        raise Conflict(_("This form was sent before with other words. Open the page again."))
    return logged


def _check_held(referral: Referral) -> None:
    if referral.ended_at:
        raise TransitionError(_("Meanwhile this referral has ended."))
    if referral.released_at is None:
        raise TransitionError(
            _("The office was not told of it yet: the draft minutes are not agreed.")
        )


def _keep(call: Call) -> Call:
    try:
        with transaction.atomic():
            call.save()
    except IntegrityError as error:
        raise Conflict(_("This form was sent before. Open the page again.")) from error
    return call
