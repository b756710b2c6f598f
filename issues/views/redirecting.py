"""Pages on which an office says that an issue is another's, and the secretariat decides."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from forum.views.shared import typed
from issues import actions, workflow
from issues.forms.redirecting import DecideForm, ProposeForm, RedirectForm
from issues.models import Redirection, Referral
from issues.permissions import answers, parts_in, serves
from issues.views import vanished
from issues.views.on_referral import answer
from issues.workflow import Act

LOADED = ("authority", "issue__province", "issue__theme", "issue__commune__parent")


@require_http_methods(["GET", "POST"])
@vanished.keeps_typed
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find(request, pk)
    if not answers(request.user, found):
        raise PermissionDenied
    form = ProposeForm(typed(request), referral=found)
    words = {
        "title": _("This is not for us"),
        "explanation": _("The secretariat decides. Until then it stays with your office."),
        "submit_label": _("Tell the secretariat"),
    }
    done = _("The secretariat was told and will decide.")

    def act() -> Redirection:
        facts = form.cleaned_data
        return actions.propose_redirect(found, by=request.user, now=clock.now(), **facts)

    return _answer(request, found, form, act, done, words)


@require_http_methods(["GET", "POST"])
@vanished.keeps_typed
def redirect_at_once(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find(request, pk)
    if not serves(request.user, found.issue):
        raise PermissionDenied
    form = RedirectForm(typed(request), referral=found, today=clock.today())
    words = {"title": _("Pass on to another office"), "submit_label": _("Pass it on")}

    def act() -> Referral:
        return actions.redirect(found, by=request.user, now=clock.now(), **form.cleaned_data)

    return _answer(request, found, form, act, _passed_on(), words)


@require_http_methods(["GET", "POST"])
@vanished.keeps_typed
def redirection(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Redirection.objects.visible_to(request.user).select_related("to", "referral")
    waiting = get_object_or_404(rows, pk=pk)
    found = _find(request, waiting.referral_id)
    if not serves(request.user, found.issue):
        raise PermissionDenied
    if waiting.decided_at and request.method == "GET":
        messages.info(request, _("Meanwhile somebody of the secretariat has decided on it."))
        return redirect("issues:referral", pk=found.pk)
    waiting.referral = found
    form = DecideForm(typed(request), redirection=waiting, today=clock.today())
    words = {
        "title": _("An office asks to pass it on"),
        "proposal": waiting,
        "submit_label": _("Save the decision"),
    }

    def act() -> Referral:
        facts = form.cleaned_data
        return actions.decide_redirect(waiting, by=request.user, now=clock.now(), **facts)

    done = _passed_on() if form.is_valid() and form.cleaned_data["accepts"] else _stays()
    return _answer(request, found, form, act, done, words)


def _passed_on() -> str:
    return _("It was passed on. The office that had it no longer sees it; the new one is told.")


def _stays() -> str:
    return _("It stays with the office, which is told your answer.")


def _find(request: HttpRequest, pk: int) -> Referral:
    rows = Referral.objects.visible_to(request.user).select_related(*LOADED)
    return vanished.find(request, rows, pk)


def _answer(
    request: HttpRequest,
    found: Referral,
    form: ProposeForm | RedirectForm,
    act: Callable[[], object],
    done: str,
    words: dict[str, object],
) -> HttpResponse:
    """The page of an act by which a referral goes to another office."""
    hops = SimpleLazyObject(found.passed_through) if serves(request.user, found.issue) else []
    return answer(
        request,
        found,
        form,
        act,
        template="issues/redirect.html",
        page={"hops": hops} | words,
        done=done,
        refusal=lambda: _refusal(request, found),
        after_refusal=lambda: _find(request, found.pk),
    )


def _refusal(request: HttpRequest, found: Referral) -> str:
    """Why the page is not opened now; empty where it is."""
    if not found.is_open:
        return _("Meanwhile this referral has ended.")
    if found.released_at is None:
        return _("The office was not told of it yet: the draft minutes are not agreed.")
    waits = found.redirections.undecided().exists()
    if waits and not serves(request.user, found.issue):
        return _("Your office has proposed it already; the secretariat will decide.")
    parts = parts_in(request.user, found.issue) | {"official"}
    return workflow.refusal(Act.REDIRECT, found.issue, parts)
