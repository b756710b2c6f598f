"""Pages of the secretariat: what it does with an issue, some of it also its organization."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from audit import clock
from audit.errors import TransitionError
from forum.views.shared import typed
from issues import actions, permissions, workflow
from issues.board import Spot
from issues.forms import triage as triage_forms
from issues.forms.placing import CorrectForm
from issues.models import Issue
from issues.page import done_of, village_named
from issues.permissions import Audience
from issues.views.board import accepting
from issues.views.refusals import refused
from issues.workflow import Act


# --- acts ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Words:
    """What the page of an act says."""

    title: Promise
    explanation: Promise
    submit_label: Promise
    done: Promise
    is_danger: bool = False


WORDS = {
    Act.ACCEPT: Words(
        gettext_lazy("Accept the issue"),
        gettext_lazy("The issue waits for the next session from now on; its organization is told."),
        gettext_lazy("Accept"),
        gettext_lazy("The issue was accepted and its organization is told."),
    ),
    Act.RETURN: Words(
        gettext_lazy("Return the issue with a question"),
        gettext_lazy("The organization can change the issue and send it again with its answer."),
        gettext_lazy("Return"),
        gettext_lazy("The issue was returned and its organization is told."),
    ),
    Act.DECLINE: Words(
        gettext_lazy("Decline the issue"),
        gettext_lazy(
            "The issue is closed, open referrals end, and it leaves every agenda it waits on."
        ),
        gettext_lazy("Decline"),
        gettext_lazy("The issue was declined and its organization is told why."),
        is_danger=True,
    ),
    Act.PUBLISH: Words(
        gettext_lazy("Publish the issue"),
        gettext_lazy("Everybody can read then, without an account, exactly what stands below."),
        gettext_lazy("Publish"),
        gettext_lazy("The issue is published."),
    ),
    Act.UNPUBLISH: Words(
        gettext_lazy("Take the issue from the public"),
        gettext_lazy("Only those whom it concerns can read it then."),
        gettext_lazy("Take it from the public"),
        gettext_lazy("The issue is no longer published."),
    ),
    Act.TIGHTEN: Words(
        gettext_lazy("Let fewer people see the issue"),
        gettext_lazy(
            "It holds at once, and only the organization could widen it again. What is published"
            " is taken from the public; a confidential issue names no organization."
        ),
        gettext_lazy("Let fewer people see it"),
        gettext_lazy("Fewer people see the issue from now on."),
    ),
    Act.CONCERN: Words(
        gettext_lazy("The issue concerns an office"),
        gettext_lazy(
            "The office and all below it see nothing of the issue any more, at once. What they"
            " hold of it is recalled; without a leading office the issue waits again."
        ),
        gettext_lazy("Keep it from this office"),
        gettext_lazy("The office is marked: it sees nothing of the issue."),
        is_danger=True,
    ),
    Act.CORRECT: Words(
        gettext_lazy("Correct theme and place"),
        gettext_lazy(
            "The history says what stood here before. If the commune changes, the village in the"
            " protected part is forgotten."
        ),
        gettext_lazy("Save"),
        gettext_lazy("The issue is corrected."),
    ),
    Act.REOPEN: Words(
        gettext_lazy("Reopen the issue"),
        gettext_lazy("The issue is accepted again and waits for the next session."),
        gettext_lazy("Reopen"),
        gettext_lazy("The issue was reopened."),
    ),
    Act.REFER: Words(
        gettext_lazy("Refer the issue to an office"),
        gettext_lazy("The office is told at once and reminded until the issue is solved."),
        gettext_lazy("Refer"),
        gettext_lazy("The issue was referred; the office is told."),
    ),
}


@require_http_methods(["GET", "POST"])
def issue_accept(request: HttpRequest, reference: str) -> HttpResponse:
    issue = _served(request, reference)
    form = accepting(issue, typed(request))
    return _act(request, issue, Act.ACCEPT, form, actions.accept)


@require_http_methods(["GET", "POST"])
def issue_return(request: HttpRequest, reference: str) -> HttpResponse:
    issue = _served(request, reference)
    form = triage_forms.ReturnForm(typed(request))
    return _act(request, issue, Act.RETURN, form, actions.return_)


@require_http_methods(["GET", "POST"])
def issue_decline(request: HttpRequest, reference: str) -> HttpResponse:
    issue = _served(request, reference)
    form = triage_forms.DeclineForm(typed(request))
    return _act(request, issue, Act.DECLINE, form, actions.decline)


@require_http_methods(["GET", "POST"])
def issue_publish(request: HttpRequest, reference: str) -> HttpResponse:
    issue = _served(request, reference)
    form = triage_forms.ActForm(typed(request))
    shown = permissions.disclosed(issue, Audience.PUBLIC)
    page = {"template": "issues/issue_publish.html", "shown": shown, "done": done_of(issue)}
    return _act(request, issue, Act.PUBLISH, form, actions.publish, **page)


@require_http_methods(["GET", "POST"])
def issue_unpublish(request: HttpRequest, reference: str) -> HttpResponse:
    issue = _served(request, reference)
    form = triage_forms.ActForm(typed(request))
    return _act(request, issue, Act.UNPUBLISH, form, actions.unpublish)


@require_http_methods(["GET", "POST"])
def issue_tighten(request: HttpRequest, reference: str) -> HttpResponse:
    issue = _inside(request, reference, Act.TIGHTEN)
    form = triage_forms.TightenForm(typed(request), issue=issue)
    return _act(request, issue, Act.TIGHTEN, form, actions.tighten)


@require_http_methods(["GET", "POST"])
def issue_concern(request: HttpRequest, reference: str) -> HttpResponse:
    issue = _inside(request, reference, Act.CONCERN)
    form = triage_forms.ConcernForm(typed(request), issue=issue)
    return _act(request, issue, Act.CONCERN, form, actions.bar)


@require_http_methods(["GET", "POST"])
def issue_reopen(request: HttpRequest, reference: str) -> HttpResponse:
    issue = _served(request, reference)
    form = triage_forms.ReopenForm(typed(request))
    return _act(request, issue, Act.REOPEN, form, actions.reopen)


@require_http_methods(["GET", "POST"])
def issue_refer(request: HttpRequest, reference: str) -> HttpResponse:
    issue = _served(request, reference)
    initial = {"authority": request.GET["office"]} if request.GET.get("office") else {}
    form = triage_forms.ReferForm(typed(request), issue=issue, today=clock.today(), initial=initial)
    return _act(request, issue, Act.REFER, form, actions.refer)


@require_http_methods(["GET", "POST"])
def issue_correct(request: HttpRequest, reference: str) -> HttpResponse:
    issue = _served(request, reference)
    form = CorrectForm(typed(request), issue=issue)
    return _act(request, issue, Act.CORRECT, form, actions.correct)


@never_cache
@require_http_methods(["GET", "POST"])
def issue_protected(request: HttpRequest, reference: str) -> HttpResponse:
    """Shows village and contact once, in the answer to the reason; opened again it asks again."""
    issue = _served(request, reference)
    form = triage_forms.ReadProtectedForm(typed(request))
    context = {"issue": issue, "form": form}
    if request.method == "POST" and form.is_valid():
        part = actions.read_protected(issue, by=request.user, **form.cleaned_data)
        context |= {"is_open": True, "village": village_named(part.get("village", ""))}
        context["contact"] = part.get("contact", "")
    return render(request, "issues/issue_protected.html", context)


def _served(request: HttpRequest, reference: str) -> Issue:
    """The issue, if the user reads it (else 404) and is of its province's secretariat (403)."""
    issue = _read(request, reference)
    if not permissions.serves(request.user, issue):
        raise PermissionDenied
    return issue


def _inside(request: HttpRequest, reference: str, act: Act) -> Issue:
    """The issue, if the user reads it (else 404) and may ever do this with it (else 403)."""
    issue = _read(request, reference)
    workflow.permit(act, permissions.parts_in(request.user, issue))
    return issue


def _read(request: HttpRequest, reference: str) -> Issue:
    rows = Issue.objects.visible_to(request.user).select_related(
        "organization", "province", "commune__parent", "theme"
    )
    return get_object_or_404(rows, reference=reference)


def _act(
    request: HttpRequest,
    issue: Issue,
    act: Act,
    form: triage_forms.ActForm,
    do: Callable[..., object],
    *,
    template: str = "issues/act_form.html",
    **context: object,
) -> HttpResponse:
    """Do the act with what was typed, or show its page: again, with a sentence, if refused."""
    spot = Spot.of(request.GET)
    back = spot.url(open=issue.reference) if spot else issue.get_absolute_url()
    if request.method == "GET" and (refusal := _refusal(request.user, issue, act)):
        messages.info(request, refusal)
        return redirect(back)
    status = 200
    if request.method == "POST" and form.is_valid():
        done = partial(do, issue, by=request.user, now=clock.now(), **form.content)
        status = _tried(done, form)
        if form.is_valid():
            messages.success(request, f"{WORDS[act].done} {form.remark}".strip())
            return redirect(_onward(issue, form, spot))
    context |= {"issue": issue, "form": form, "cancel_url": back}
    return render(request, template, vars(WORDS[act]) | context, status=status)


def _onward(issue: Issue, form: triage_forms.ActForm, spot: Spot | None) -> str:
    """Where a done act leads: to the chosen office's date, the next issue of the board, or back."""
    office = form.cleaned_data.get("office")
    if office:
        query = {"office": office.pk} | (
            {"tab": spot.tab, "province": spot.province} if spot else {}
        )
        return f"{reverse('issues:issue_refer', args=[issue.reference])}?{urlencode(query)}"
    return spot.url(after=issue.reference) if spot else issue.get_absolute_url()


def _tried(do: Callable[[], object], form: forms.Form) -> int:
    """Do it, or put the refusal at the form; the status of the page that shows the form again."""
    try:
        do()
    except TransitionError as error:  # somebody was faster
        return refused(form, error)
    return 200


def _refusal(user: User, issue: Issue, act: Act) -> str:
    """Why the act's page is not opened now; empty where it is."""
    if act == Act.PUBLISH and issue.disclosure != Issue.Disclosure.PUBLIC:
        return _("Its organization did not allow this issue to be published.")
    if act == Act.TIGHTEN and not issue.stricter:
        return _("Nobody could see less of it: it is confidential already.")
    if act == Act.PUBLISH and issue.published_at and done_of(issue).is_published(issue):
        return _("Meanwhile this was done already.")
    if act == Act.UNPUBLISH and not issue.published_at:
        return _("Meanwhile this was done already.")
    return workflow.refusal(act, issue, permissions.parts_in(user, issue))
