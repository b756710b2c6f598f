"""Is it solved? Asked by a link without an account, and by telephone."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from audit import clock
from audit.errors import TransitionError
from issues import actions, claims, history
from issues.claims import Asked
from issues.forms.answering import AnswerForm
from issues.forms.referring import CallForm
from issues.models import Call, Confirmation, Issue
from issues.page import done_of, readable
from issues.permissions import serves
from issues.views.refusals import refused

Verdict = Confirmation.Verdict


@never_cache
@login_not_required
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    asked = claims.read(token)
    if asked is None:
        return render(request, "issues/answer.html", {"asked": None}, status=404)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if asked.is_open and form.is_valid():
        try:
            _judge(asked, **form.cleaned_data)
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Your answer was recorded. Thank you."))
            return redirect("issues:answer", token=token)
    context = {"asked": asked, "form": form, "stands": history.stands(asked.issue)}
    return render(request, "issues/answer.html", context | {"done": done_of(asked.issue)})


def _judge(asked: Asked, verdict: str, text: str) -> None:
    """The person's word, as if it were given on the issue's page."""
    by = {"by": asked.user, "now": clock.now()}
    if verdict == Verdict.SOLVED:
        actions.confirm(asked.issue, **by)
        return
    act: Callable[..., Issue] = actions.partly if verdict == Verdict.PARTLY else actions.dispute
    act(asked.issue, reason=text, **by)


@require_http_methods(["GET", "POST"])
def issue_call(request: HttpRequest, reference: str) -> HttpResponse:
    issue = get_object_or_404(readable(request.user), reference=reference)
    if not serves(request.user, issue):
        raise PermissionDenied
    chosen = request.GET.get("outcome")
    initial = {"outcome": chosen} if chosen in Call.Outcome.values else {}
    form = CallForm(request.POST if request.method == "POST" else None, initial=initial)
    status = 200
    if form.is_valid():
        try:
            actions.record_call_home(issue, by=request.user, now=clock.now(), **form.cleaned_data)
        except TransitionError as error:
            status = refused(form, error)
        else:
            messages.success(request, _("The call was logged."))
            return redirect(issue)
    context = {
        "issue": issue,
        "form": form,
        "title": _("Log a call"),
        "explanation": _("You called the organization about this issue."),
        "submit_label": _("Save the call"),
        "cancel_url": issue.get_absolute_url(),
    }
    return render(request, "issues/act_form.html", context, status=status)
