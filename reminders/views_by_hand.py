"""Pages on which a coordinator turns to the next superior, or keeps it at the office's level."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from forum.views.shared import typed
from issues import workflow
from issues.actions import escalating
from issues.models import Climb, Referral
from issues.permissions import parts_in, serves
from issues.views.on_referral import answer
from issues.workflow import Act
from reminders import by_hand
from reminders.forms_by_hand import ClimbForm


@require_http_methods(["GET", "POST"])
def escalate(request: HttpRequest, pk: int) -> HttpResponse:
    """A coordinator turns to the next superior of a referral's office, which is named first."""
    found = _served(request, pk)
    above = by_hand.next_of(found)
    words = {
        "title": _("Turn to the superior office now"),
        "submit_label": _("Tell the superior office"),
        "above": above and above.authority,
    }
    refusal = _refusal(request, found, Act.ESCALATE)
    if not refusal and above is None:
        refusal = by_hand.nobody_above(found)
    done = _("The superior office is told, and with it the office and the organization.")
    return _answer(request, found, by_hand.escalate, refusal, done, words)


@require_http_methods(["GET", "POST"])
def deescalate(request: HttpRequest, pk: int) -> HttpResponse:
    """A coordinator keeps a referral at its office's own level."""
    found = _served(request, pk)
    words = {
        "title": _("Keep it at the office's own level"),
        "submit_label": _("Keep it at this level"),
    }
    done = _("No superior office is turned to until you escalate it again.")
    refusal = _refusal(request, found, Act.DEESCALATE)
    return _answer(request, found, by_hand.deescalate, refusal, done, words)


def _served(request: HttpRequest, pk: int) -> Referral:
    rows = Referral.objects.visible_to(request.user).select_related("authority", "issue__province")
    found = get_object_or_404(rows, pk=pk)
    if not serves(request.user, found.issue):
        raise PermissionDenied
    return found


def _refusal(request: HttpRequest, found: Referral, act: Act) -> str:
    """Why the page is not opened now; empty where it is."""
    if closed := workflow.refusal(act, found.issue, parts_in(request.user, found.issue)):
        return closed
    if act == Act.ESCALATE:
        return escalating.cannot_climb(found, clock.today())
    return escalating.stays_already(found)


def _answer(
    request: HttpRequest,
    found: Referral,
    act: Callable[..., Climb],
    refusal: str,
    done: str,
    words: dict[str, object],
) -> HttpResponse:
    """The page of an act on the way up of a referral."""
    form = ClimbForm(typed(request))

    def climb() -> Climb:
        return act(found, by=request.user, now=clock.now(), **form.cleaned_data)

    return answer(
        request,
        found,
        form,
        climb,
        template="reminders/climb.html",
        page=words,
        done=done,
        refusal=lambda: refusal,
    )
