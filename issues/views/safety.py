"""Pages of who is in danger for having spoken: the freeze of an issue, and its end."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from audit.errors import TransitionError
from issues import actions, workflow
from issues.forms.fields import BareForm
from issues.forms.safety import LiftForm
from issues.models import Issue
from issues.page import readable
from issues.permissions import parts_in, serves
from issues.workflow import Act


@require_http_methods(["GET", "POST"])
def issue_pressured(request: HttpRequest, reference: str) -> HttpResponse:
    """One page, one press; pressed again it says the same and changes nothing."""
    issue = _found(request, reference, Act.PRESSURED)
    form = BareForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        actions.pressured(issue, by=request.user, now=clock.now())
        messages.success(request, _done(request, issue))
        return redirect(issue)
    return _page(
        request,
        issue,
        form,
        title=_("We were pressured"),
        explanation=_(
            "From now on no office, no other organization and nobody of the public sees this"
            " issue, and nobody is told anything of it. The coordinators are told at once and"
            " call. Write nothing here: tell them what happened when they call."
        ),
        submit_label=_("Freeze it now"),
        is_danger=True,
    )


def _done(request: HttpRequest, issue: Issue) -> str:
    if serves(request.user, issue):
        return _("It is frozen. Call the organization before you lift that.")
    return _("It is frozen. A coordinator will call you.")


@require_http_methods(["GET", "POST"])
def issue_lift(request: HttpRequest, reference: str) -> HttpResponse:
    issue = _found(request, reference, Act.LIFT)
    if request.method == "GET" and not issue.pressured_at:
        messages.info(request, _("Meanwhile this was done already."))
        return redirect(issue)
    form = LiftForm(request.POST if request.method == "POST" else None, issue=issue)
    if form.is_valid():
        try:
            actions.lift(issue, by=request.user, now=clock.now(), **form.cleaned_data)
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The freeze is lifted; what waited is told now."))
            return redirect(issue)
    return _page(
        request,
        issue,
        form,
        title=_("Lift the freeze"),
        explanation=_(
            "Offices read the issue again at once, their dates move by the working days it was"
            " frozen, and the notices that waited leave. Lift it only when the organization agrees."
        ),
        submit_label=_("Lift the freeze"),
    )


def _found(request: HttpRequest, reference: str, act: Act) -> Issue:
    """The issue; 404 for who may not read it, 403 for who may never do the act."""
    issue = get_object_or_404(readable(request.user), reference=reference)
    if not workflow.TRANSITIONS[act].who & parts_in(request.user, issue):
        raise PermissionDenied
    return issue


def _page(request: HttpRequest, issue: Issue, form: BareForm, **words: object) -> HttpResponse:
    context = {"issue": issue, "form": form, "cancel_url": issue.get_absolute_url()}
    return render(request, "issues/act_form.html", context | words)
