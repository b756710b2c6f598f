"""Pages of who raises an issue, and the issue's own page."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from audit.errors import TransitionError
from issues import actions, sealing, steps, workflow
from issues.forms.fields import BareForm
from issues.forms.raising import (
    ON_BEHALF,
    IssueForm,
    ReasonForm,
    RemainderForm,
    ReplyForm,
    ToldForm,
    initial_of,
)
from issues.models import Issue
from issues.page import page_of, readable
from issues.permissions import Audience, disclosed, parts_in, raised, typed_by
from issues.views.steps import answer, save
from issues.views.talking import talk_of
from issues.workflow import Act

NOTHING = sealing.Protected()


# --- drafts -------------------------------------------------------------------------------------
@require_safe
def draft(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    issue = get_object_or_404(readable(request.user), client_key=key)
    if issue.reference:
        return redirect(issue)
    previews = [
        (Audience.SECRETARIAT, _("What the secretariat will see")),
        (Audience.OFFICE, _("What the office will see")),
        (Audience.ROOM, _("What the room of a session will see")),
        (Audience.PUBLIC, _("What the public will see")),
    ]
    context = {
        "issue": issue,
        "previews": [(title, disclosed(issue, audience)) for audience, title in previews],
        "evidence": issue.evidence.defer("thumbnail"),
        "files_shown": issue.evidence.filter(is_inside=False).exists(),
        "chapters": steps.CHAPTERS,
        "missing": [(one, steps.lacking(issue, one)) for one in steps.missing(issue)],
    }
    return render(request, "issues/draft.html", context)


@require_http_methods(["GET", "POST"])
def draft_edit(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    return _edit(request, get_object_or_404(readable(request.user), client_key=key))


@require_http_methods(["GET", "POST"])
def draft_submit(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    issue = get_object_or_404(readable(request.user), client_key=key)
    if request.method != "POST":
        return redirect(issue)
    try:
        issue = actions.submit(issue, by=request.user, now=clock.now())
    except TransitionError as error:
        messages.error(request, str(error))
    else:
        sentence = _("The issue was sent to the secretariat. Its reference is %(reference)s.")
        messages.success(request, sentence % {"reference": issue.reference})
    return answer(request, issue.get_absolute_url())


@require_http_methods(["GET", "POST"])
def draft_delete(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    issue = get_object_or_404(readable(request.user), client_key=key)
    if refusal := _refused(request, issue, Act.DISCARD):
        return refusal
    if request.method != "POST":
        page = {"form": BareForm(), "issue": issue, "cancel_url": issue.get_absolute_url()}
        return render(request, "issues/draft_delete.html", page | vars(DISCARDING))
    try:
        actions.discard(issue, by=request.user, now=clock.now())
    except TransitionError as error:
        messages.error(request, str(error))
        return redirect(issue)
    messages.success(request, str(DISCARDING.done))
    return answer(request, reverse("issues:issues"))


# --- the issue ----------------------------------------------------------------------------------
@login_not_required
@require_safe
def issue(request: HttpRequest, reference: str) -> HttpResponse:
    found = get_object_or_404(readable(request.user), reference=reference)
    page = page_of(found, request.user, now=clock.now(), today=clock.today())
    referrals = [one.referral for one in page.held] if page.inside else None
    talk = talk_of(request, found, page.shown, referrals=referrals)
    context = {"issue": found, "page": page, "talk": talk}
    return render(request, "issues/issue.html", context)


@require_http_methods(["GET", "POST"])
def issue_edit(request: HttpRequest, reference: str) -> HttpResponse:
    return _edit(request, get_object_or_404(readable(request.user), reference=reference))


def _edit(request: HttpRequest, issue: Issue) -> HttpResponse:
    """Change what was typed; whoever did not type the village neither sees nor changes it."""
    if refusal := _refused(request, issue, Act.EDIT):
        return refusal
    is_theirs = typed_by(request.user, issue)
    kept = sealing.protected_of(issue) if is_theirs else NOTHING
    form = IssueForm(
        _sent(request),
        user=request.user,
        issue=issue,
        with_village=is_theirs,
        on_behalf=issue.source in ON_BEHALF and not raised(request.user, issue),
        initial=initial_of(issue, kept, user=request.user),
    )
    if form.is_valid():
        try:
            changed = save(request, issue, form)
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The changes were saved."))
            return redirect(changed)
    return render(request, "issues/issue_form.html", {"form": form, "issue": issue})


# --- short acts ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class Words:
    """What the page of a short act says."""

    title: str | Promise
    explanation: str | Promise
    submit_label: str | Promise
    done: str | Promise
    is_danger: bool = False


DISCARDING = Words(
    gettext_lazy("Delete the draft"),
    gettext_lazy(
        "Its text, its village and its files are removed for good. Nobody was told of it."
    ),
    gettext_lazy("Delete it"),
    gettext_lazy("The draft was deleted."),
    is_danger=True,
)
WORDS = {
    Act.REPLY: Words(
        gettext_lazy("Answer the secretariat's question"),
        gettext_lazy("Only the secretariat and your organization read the answer."),
        gettext_lazy("Send the answer"),
        gettext_lazy("The answer was sent to the secretariat."),
    ),
    Act.WITHDRAW: Words(
        gettext_lazy("Withdraw the issue"),
        gettext_lazy("It is closed, and offices that hold it are no longer asked for an answer."),
        gettext_lazy("Withdraw"),
        gettext_lazy("The issue was withdrawn."),
        is_danger=True,
    ),
    Act.CONFIRM: Words(
        gettext_lazy("It is solved"),
        gettext_lazy("The issue is then closed as solved, in the words of its organization."),
        gettext_lazy("Yes, it is solved"),
        gettext_lazy("The issue is closed: its organization has confirmed that it is solved."),
    ),
    Act.DISPUTE: Words(
        gettext_lazy("It is not solved yet"),
        gettext_lazy("The office is told your reason and gets the issue back with a new date."),
        gettext_lazy("Not solved yet"),
        gettext_lazy("The issue is open again, and the office is told."),
    ),
    Act.PARTLY: Words(
        gettext_lazy("It is partly solved"),
        gettext_lazy("This issue is closed. What remains is sent in as an issue of its own."),
        gettext_lazy("Send what remains"),
        gettext_lazy("The issue is closed. What remains goes on as this issue."),
    ),
}


@require_http_methods(["GET", "POST"])
def issue_reply(request: HttpRequest, reference: str) -> HttpResponse:
    def reply(issue: Issue, text: str, how_told: str = "", **by: Any) -> Issue:
        return actions.reply(issue, text=_with_source(text, how_told), **by)

    return _say(request, reference, Act.REPLY, ReplyForm, reply)


@require_http_methods(["GET", "POST"])
def issue_withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    def withdraw(issue: Issue, text: str, how_told: str = "", **by: Any) -> Issue:
        return actions.withdraw(issue, reason=_with_source(text, how_told), **by)

    return _say(request, reference, Act.WITHDRAW, ReasonForm, withdraw)


@require_http_methods(["GET", "POST"])
def issue_confirm(request: HttpRequest, reference: str) -> HttpResponse:
    return _say(request, reference, Act.CONFIRM, ToldForm, actions.confirm)


@require_http_methods(["GET", "POST"])
def issue_dispute(request: HttpRequest, reference: str) -> HttpResponse:
    def dispute(issue: Issue, text: str, **by: Any) -> Issue:
        return actions.dispute(issue, reason=text, **by)

    return _say(request, reference, Act.DISPUTE, ReasonForm, dispute)


@require_http_methods(["GET", "POST"])
def issue_partly(request: HttpRequest, reference: str) -> HttpResponse:
    def partly(issue: Issue, text: str, **by: Any) -> Issue:
        return actions.partly(issue, reason=text, **by)

    return _say(request, reference, Act.PARTLY, RemainderForm, partly)


def _say(
    request: HttpRequest,
    reference: str,
    act: Act,
    form_class: type[ToldForm],
    do: Callable[..., Issue],
) -> HttpResponse:
    """The page of an act that needs a few words; a coordinator also says how it was told."""
    issue = get_object_or_404(readable(request.user), reference=reference)
    if refusal := _refused(request, issue, act):
        return refusal
    form = form_class(_sent(request), on_behalf=not raised(request.user, issue))
    if form.is_valid():
        try:
            done = do(issue, by=request.user, now=clock.now(), **form.cleaned_data)
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, str(WORDS[act].done))
            return redirect(done)
    context = {"issue": issue, "form": form, "cancel_url": issue.get_absolute_url()}
    return render(request, "issues/act_form.html", vars(WORDS[act]) | context)


def _refused(request: HttpRequest, issue: Issue, act: Act) -> HttpResponse | None:
    """403 for who may never; back to the issue, with a sentence, where it is too late.

    A form that was sent is not refused for being late: the action says so beside what was typed.
    """
    try:
        workflow.check(act, issue, parts_in(request.user, issue))
    except TransitionError as error:
        if request.method == "POST":
            return None
        messages.error(request, str(error))
        return redirect(issue)
    return None


def _sent(request: HttpRequest) -> Any:
    """What was typed; None while the form is only shown."""
    return request.POST if request.method == "POST" else None


def _with_source(text: str, how_told: str) -> str:
    return f"{text}\n– {how_told}" if how_told else text
