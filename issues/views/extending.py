"""Pages on which an office asks for more time, and the secretariat decides."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from forum.views.shared import typed
from issues import actions, extensions, workflow
from issues.forms.extending import AskForm, DecideForm, GiveForm
from issues.models import Extension, Referral
from issues.permissions import answers, parts_in, serves
from issues.views import vanished
from issues.views.on_referral import answer
from issues.workflow import Act

LOADED = ("authority", "issue__province")


@require_http_methods(["GET", "POST"])
@vanished.keeps_typed
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """An official asks; a coordinator gives the time at once."""
    found = _find(request, pk)
    if found.role == Referral.Role.INFORMATION:
        raise PermissionDenied
    if answers(request.user, found):
        return _ask(request, found)
    if serves(request.user, found.issue):
        return _give(request, found)
    raise PermissionDenied


def _ask(request: HttpRequest, found: Referral) -> HttpResponse:
    is_first = not found.extensions.granted().exists()
    form = AskForm(typed(request), referral=found, today=clock.today(), is_first=is_first)
    words = {
        "title": _("Ask for more time"),
        "explanation": extensions.who_decides(found, clock.today()),
        "submit_label": _("Ask for more time"),
    }

    def act() -> Extension:
        facts = form.cleaned_data
        return actions.ask_extension(found, by=request.user, now=clock.now(), **facts)

    return _answer(request, found, form, act, _("The secretariat was told and will decide."), words)


def _give(request: HttpRequest, found: Referral) -> HttpResponse:
    form = GiveForm(typed(request), referral=found, today=clock.today())
    words = {
        "title": _("Give more time"),
        "explanation": _("The office, the organization and the other coordinators are told."),
        "submit_label": _("Move the date"),
    }

    def act() -> Extension:
        facts = form.cleaned_data
        return actions.extend(found, by=request.user, now=clock.now(), **facts)

    return _answer(request, found, form, act, _moved(), words)


@require_http_methods(["GET", "POST"])
@vanished.keeps_typed
def extension(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Extension.objects.visible_to(request.user)
    asked = get_object_or_404(rows, pk=pk)
    found = _find(request, asked.referral_id)
    if not serves(request.user, found.issue):
        raise PermissionDenied
    if not asked.is_waiting and request.method == "GET":
        messages.info(request, _("Meanwhile it was decided on."))
        return redirect("issues:referral", pk=found.pk)
    asked.referral = found
    form = DecideForm(typed(request), referral=found, today=clock.today(), extension=asked)
    words = {
        "title": _("An office asks for more time"),
        "extension": asked,
        "explanation": extensions.by_silence(asked),
        "submit_label": _("Save the decision"),
    }

    def act() -> Extension:
        facts = form.cleaned_data
        return actions.decide_extension(asked, by=request.user, now=clock.now(), **facts)

    done = _moved() if form.is_valid() and form.cleaned_data["grants"] else _("The office is told.")
    return _answer(request, found, form, act, done, words)


def _moved() -> str:
    return _("The date was moved. The reminders begin anew with it.")


def _find(request: HttpRequest, pk: int) -> Referral:
    rows = Referral.objects.visible_to(request.user).select_related(*LOADED)
    return vanished.find(request, rows, pk)


def _answer(
    request: HttpRequest,
    found: Referral,
    form: AskForm | GiveForm | DecideForm,
    act: Callable[[], object],
    done: str,
    words: dict[str, object],
) -> HttpResponse:
    """The page of an act on the date of a referral."""
    return answer(
        request,
        found,
        form,
        act,
        template="issues/extend.html",
        page=words,
        done=done,
        refusal=lambda: _refusal(request, found, "extension" in words),
        after_refusal=lambda: _find(request, found.pk),
    )


def _refusal(request: HttpRequest, found: Referral, is_deciding: bool) -> str:
    """Why the page is not opened now; empty where it is."""
    parts = parts_in(request.user, found.issue) | {"official"}
    refusal = extensions.refusal(found, is_deciding=is_deciding)
    return refusal or workflow.refusal(Act.EXTEND, found.issue, parts)
