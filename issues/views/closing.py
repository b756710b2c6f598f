"""The end of a session: its release once the draft minutes are agreed, or its cancellation."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from audit.models import subject_of
from forum.models import Session
from forum.views.shared import after_change, typed
from issues import actions, closed
from issues.forms.closing import CancelForm, ReleaseForm
from issues.models import Referral
from issues.views.sitting import served, tried
from outbox.models import Notice
from provinces.models import Authority

State = Notice.State
GONE = (State.SENT, State.DELIVERED)
LOST = (State.FAILED, State.DEAD, State.UNKNOWN)
SPARED = (State.CANCELLED, State.SKIPPED)


@dataclass(frozen=True)
class Left:
    """An item without outcome: its number on the agenda, and the issue's reference."""

    number: int
    reference: str


# --- the end ------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def session_release(request: HttpRequest, pk: int) -> HttpResponse:
    session = served(request, pk)
    form = ReleaseForm(typed(request))
    if form.is_valid():
        release = partial(
            actions.release, session, by=request.user, now=clock.now(), **form.cleaned_data
        )
        if tried(release, form):
            messages.success(request, _("The draft minutes are agreed; the offices are told."))
            return redirect("issues:session_release", session.pk)
    is_released = session.status == Session.Status.RELEASED
    page = _left_the_room(session) if is_released else _leaving(session)
    return render(request, "issues/session_release.html", {"session": session, "form": form} | page)


def _leaving(session: Session) -> dict[str, Any]:
    """What would leave for which offices, whom it tells, and what has no outcome yet."""
    waiting = Referral.objects.open().filter(outcome__item__session=session, released_at=None)
    offices = _offices(waiting)
    told = closed.told_of(session)
    return {
        "offices": offices,
        "referrals": sum(one.number for one in offices),
        "told": told,
        "unreached": closed.labels(told),
        "left": _left(session),
    }


def _offices(referrals: Iterable[Referral]) -> list[Authority]:
    """The offices with the ``number`` of these referrals each."""
    numbers = Counter(one.authority_id for one in referrals)
    found = list(Authority.objects.filter(pk__in=numbers))
    for one in found:
        one.number = numbers[one.pk]
    return found


def _left(session: Session) -> list[Left]:
    rows = session.agenda_items.turns().values_list("issue", "issue__reference", "outcome")
    return [
        Left(number, reference)
        for number, (issue, reference, outcome) in enumerate(rows, start=1)
        if issue and not outcome
    ]


def _left_the_room(session: Session) -> dict[str, Any]:
    """What was sent, and to which offices letters can be printed."""
    notices = Notice.objects.filter(
        subject=subject_of(session), kind__in=(closed.OFFICE, closed.ORGANIZATION)
    )
    states = Counter(notices.values_list("state", flat=True))
    gone, lost = (sum(states[state] for state in some) for some in (GONE, LOST))
    spared = sum(states[state] for state in SPARED)
    sent = {"gone": gone, "lost": lost, "waiting": states.total() - gone - lost - spared}
    released = closed.referrals_of(session).filter(released_at__isnull=False)
    return {"sent": sent, "offices": _offices(closed.told_to_offices(session, released))}


# --- it does not take place ---------------------------------------------------------------------
def _cancelled(request: HttpRequest, session: Session) -> HttpResponse:
    messages.success(request, _("The session is cancelled in the draft."))
    if session.announced_id:
        messages.info(request, _("Nobody has been told yet: publish it when it is right."))
    return after_change(session)


@require_http_methods(["GET", "POST"])
def session_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    session = served(request, pk)
    form = CancelForm(typed(request))
    if form.is_valid():
        cancel = partial(
            actions.cancel_session, session, by=request.user, now=clock.now(), **form.cleaned_data
        )
        if tried(cancel, form):
            return _cancelled(request, session)
    context = {
        "session": session,
        "form": form,
        "invited": session.invitations.count(),
        "waiting": session.agenda_items.filter(issue__isnull=False, outcome=None).count(),
    }
    return render(request, "issues/session_cancel.html", context)
