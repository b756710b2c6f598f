"""Writing an issue down, one short form on a screen, each kept as soon as it is sent."""

import uuid

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from audit.errors import TransitionError
from forum.views.shared import key_in
from issues import actions, disclosing, sealing, steps
from issues.forms.raising import IssueForm, initial_of
from issues.forms.steps import (
    FIELDS,
    StepFilesForm,
    StepForm,
    is_on_behalf,
)
from issues.models import Issue
from issues.page import readable
from issues.views import evidence
from issues.views.refusals import refused

FETCHED = "X-Kept"  # sent by static/js/device.js, which goes on to the address it is told
NEXT = "X-Next"
BACK, STAY = "back", "stay"


# --- beginning ----------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def issue_new(request: HttpRequest) -> HttpResponse:
    user = request.user
    if not (user.organization_ids or user.is_role("coordinator")):
        raise PermissionDenied
    if begun := _begun(request):
        return redirect(steps.url_of(begun, "what"))
    sent = request.POST if request.method == "POST" else None
    form = StepForm(sent, step="what", user=user, initial=key_in(request))
    status = 200
    if form.is_valid():
        try:
            return _onward(request, _begin(request, form), "what")
        except TransitionError as error:
            status = refused(form, error)
    return _page(request, None, "what", form, status)


def _begun(request: HttpRequest) -> Issue | None:
    """The draft of the form that Back has opened again, if it was kept meanwhile."""
    key = key_in(request)
    if request.method == "POST" or not key:
        return None
    return readable(request.user).filter(author=request.user, **key).first()


def _begin(request: HttpRequest, form: StepForm) -> Issue:
    return actions.save_draft(
        by=request.user,
        now=clock.now(),
        client_key=form.cleaned_data["client_key"],
        content=form.content | {"province": form.province},
    )


# --- going on -----------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def draft_step(request: HttpRequest, key: uuid.UUID, step: str) -> HttpResponse:
    if step not in FIELDS:
        raise Http404
    issue = get_object_or_404(readable(request.user), client_key=key)
    if issue.reference:
        return answer(request, issue.get_absolute_url())
    sent = request.POST if request.method == "POST" else None
    initial = initial_of(issue, sealing.protected_of(issue), user=request.user)
    form = StepForm(sent, step=step, user=request.user, issue=issue, initial=initial)
    if form.is_valid():
        try:
            return _onward(request, save(request, issue, form), step)
        except TransitionError as error:
            form.add_error(None, str(error))
    return _page(request, issue, step, form)


def save(request: HttpRequest, issue: Issue, form: IssueForm) -> Issue:
    """Write into the issue what the form says; what it did not ask for stays."""
    return actions.edit(
        issue,
        by=request.user,
        now=clock.now(),
        content=form.content,
        village=form.village,
        contact=form.named_contact,
        concerns=form.offices,
        seen=form.cleaned_data["seen"],
    )


@require_http_methods(["GET", "POST"])
def draft_files(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    issue = get_object_or_404(readable(request.user), client_key=key)
    if issue.reference:
        return answer(request, issue.get_absolute_url())
    is_sent = request.method == "POST"
    form = StepFilesForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        with_scan=is_on_behalf(request.user, issue),
        is_asked=request.POST.get("go") == STAY,
    )
    if is_sent and evidence.keep_sent(request, issue, form):
        return _onward(request, issue, "files")
    return _page(request, issue, "files", form)


def _onward(request: HttpRequest, issue: Issue, step: str) -> HttpResponse:
    """To the step that the pressed button leads to."""
    places = {BACK: -1, STAY: 0}.get(request.POST.get("go", ""), 1)
    name = step if issue.reference else steps.beside(step, places)
    return answer(request, steps.url_of(issue, "" if issue.reference else name))


def answer(request: HttpRequest, url: str) -> HttpResponse:
    """Lead there; a script that sent the form is told the address and goes there once."""
    if FETCHED in request.headers:
        return HttpResponse(status=204, headers={NEXT: url})
    return redirect(url)


def _page(
    request: HttpRequest,
    issue: Issue | None,
    step: str,
    form: StepForm | StepFilesForm,
    status: int = 200,
) -> HttpResponse:
    context = {
        "issue": issue,
        "step": step,
        "number": steps.ORDER.index(step) + 1,
        "chapter": steps.CHAPTERS[steps.ORDER.index(step)],
        "chapters": _chapters(issue, step),
        "partial": f"issues/_step_{step}.html",
        "form": form,
        "is_first": step == steps.ORDER[0],
    }
    if step == "files" and issue:
        context["evidence"] = issue.evidence.defer("thumbnail")
    if step == "disclosure":
        typed = str(form["disclosure"].value()), bool(form["is_named"].value())
        context["lines"] = disclosing.who_sees(*typed)
    return render(request, "issues/step.html", context, status=status)


def _chapters(issue: Issue | None, step: str) -> list[tuple[steps.Chapter, str, bool, bool]]:
    """Each step with its address, whether it is the one shown, and whether it is to be filled."""
    if issue is None:
        return []
    empty = {one.name for one in steps.missing(issue)} | (set() if issue.asked else {"asked"})
    return [
        (one, steps.url_of(issue, one.name), one.name == step, one.name in empty)
        for one in steps.CHAPTERS
    ]


# --- what is explained, and what was begun ------------------------------------------------------
@require_safe
def who_sees(request: HttpRequest) -> HttpResponse:
    lines = disclosing.who_sees(
        request.GET.get("disclosure", ""), bool(request.GET.get("is_named"))
    )
    return render(request, "issues/_who_sees.html", {"lines": lines})


@require_safe
def drafts(request: HttpRequest) -> HttpResponse:
    if not (request.user.organization_ids or request.user.is_role("coordinator")):
        raise PermissionDenied
    rows = [
        (number, issue, len(steps.missing(issue)))
        for number, issue in enumerate(steps.drafts_of(request.user), start=1)
    ]
    return render(request, "issues/drafts.html", {"rows": rows})


@login_not_required
@require_safe
def on_this_phone(request: HttpRequest) -> HttpResponse:
    words = {
        "draft": _("Draft %(number)s"),
        "empty": _("Nothing that you typed is kept on this phone."),
        "hidden": _(
            "What somebody else typed on this phone, or you before you signed out, is not shown."
        ),
        "cleared": _("This phone has been cleared."),
    }
    return render(request, "issues/on_this_phone.html", {"words": words})
