"""Pages of a long case: its steps, visits on the spot, the report to the community."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Role, User
from audit import clock
from audit.errors import TransitionError
from forum.views.shared import typed
from issues import actions, workflow
from issues.forms.course import FieldCheckForm, FinishForm, ReportBackForm, StepForm
from issues.forms.fields import BareForm
from issues.models import Issue, Referral, Step
from issues.page import readable
from issues.permissions import parts_in
from issues.views import vanished
from issues.views.refusals import refused
from issues.workflow import Act


@require_http_methods(["GET", "POST"])
@vanished.keeps_typed
def step_add(request: HttpRequest, reference: str) -> HttpResponse:
    issue = readable(request.user).filter(reference=reference).first()
    if issue is None:
        vanished.refuse(request, issue__reference=reference)
        raise Http404
    referral = _moving(request, issue)
    form = StepForm(
        typed(request), issue=issue, today=clock.today(), for_office=referral is not None
    )
    words = {
        "title": _("Add a step"),
        "explanation": _("A step has a date of its own; the organization and the offices see it."),
        "submit_label": _("Add the step"),
        "success": _("The step was added."),
    }
    return _act(request, issue, form, actions.add_step, about=issue, referral=referral, **words)


@require_http_methods(["GET", "POST"])
@vanished.keeps_typed
def step_finish(request: HttpRequest, pk: int) -> HttpResponse:
    step, referral = _step(request, pk)
    words = {
        "title": _("The step is done"),
        "quote": step.title,
        "submit_label": _("It is done"),
        "success": _("The step is marked as done."),
    }
    form = FinishForm(typed(request), today=clock.today())
    act = actions.finish_step
    return _act(request, step.issue, form, act, about=step, referral=referral, **words)


@require_http_methods(["GET", "POST"])
@vanished.keeps_typed
def step_drop(request: HttpRequest, pk: int) -> HttpResponse:
    step, referral = _step(request, pk)
    words = {
        "title": _("Drop the step"),
        "quote": step.title,
        "explanation": _("It is not needed any more. The history keeps that it was planned."),
        "submit_label": _("Drop it"),
        "success": _("The step was dropped."),
        "is_danger": True,
    }
    form, act = BareForm(typed(request)), actions.drop_step
    return _act(request, step.issue, form, act, about=step, referral=referral, **words)


@require_http_methods(["GET", "POST"])
def field_check(request: HttpRequest, reference: str) -> HttpResponse:
    issue = get_object_or_404(readable(request.user), reference=reference)
    _allowed(request.user, issue, Act.FIELD_CHECK)
    words = {
        "title": _("Record a visit on the spot"),
        "submit_label": _("Record the visit"),
        "success": _("The visit was recorded."),
    }
    form = FieldCheckForm(typed(request), today=clock.today())
    return _act(request, issue, form, actions.record_field_check, about=issue, **words)


@require_http_methods(["GET", "POST"])
def report_back(request: HttpRequest, reference: str) -> HttpResponse:
    issue = get_object_or_404(readable(request.user), reference=reference)
    _allowed(request.user, issue, Act.REPORT_BACK)
    words = {
        "title": _("The community was told"),
        "explanation": _("When and how the people concerned were told the answer."),
        "submit_label": _("Record it"),
        "success": _("It was recorded that the community was told."),
    }
    form = ReportBackForm(typed(request), today=clock.today())
    return _act(request, issue, form, actions.report_back, about=issue, **words)


def _step(request: HttpRequest, pk: int) -> tuple[Step, Referral | None]:
    rows = Step.objects.visible_to(request.user).select_related("issue", "issue__theme")
    step = rows.filter(pk=pk).first()
    if step is None:
        vanished.refuse(request, issue__steps=pk)
        raise Http404
    return step, _moving(request, step.issue)


def _moving(request: HttpRequest, issue: Issue) -> Referral | None:
    """By which referral the user moves steps; an office that held one keeps what it typed."""
    try:
        return _allowed(request.user, issue, Act.STEP)
    except PermissionDenied:
        vanished.refuse(request, issue=issue)
        raise


def _allowed(user: User, issue: Issue, act: Act) -> Referral | None:
    """The referral by which an official acts, None for those inside; 403 for who may never."""
    who = workflow.TRANSITIONS[act].who
    if who & parts_in(user, issue):
        return None
    held = Referral.objects.answerable_by(user).open().filter(issue=issue)
    referral = held.filter(authority__in=user.office_ids).first()
    if referral is None or Role.OFFICIAL.value not in who:
        raise PermissionDenied
    return referral


def _act(
    request: HttpRequest,
    issue: Issue,
    form: BareForm,
    act: Callable[..., object],
    *,
    about: Issue | Step,
    success: str,
    referral: Referral | None = None,
    **words: object,
) -> HttpResponse:
    """Do the act and go back where it began, or show the form with what stands against it."""
    status, with_office = 200, {"referral": referral} if referral else {}
    back = reverse("issues:referral", args=[referral.pk]) if referral else issue.get_absolute_url()
    if form.is_valid():
        facts = form.cleaned_data | with_office
        try:
            act(about, by=request.user, now=clock.now(), **facts)
        except (TransitionError, PermissionDenied) as error:
            _still_theirs(request, referral)
            status = refused(form, error)
        else:
            messages.success(request, success)
            return redirect(back)
    context = {"issue": issue, "form": form, "cancel_url": back, **words}
    return render(request, "issues/act_form.html", context, status=status)


def _still_theirs(request: HttpRequest, referral: Referral | None) -> None:
    """Raise Vanished for an office that has lost it meanwhile: it is told nothing of the issue."""
    if referral is not None:
        vanished.find(request, Referral.objects.visible_to(request.user), referral.pk)
