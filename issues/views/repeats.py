"""Near issues: shown while one is drafted and when one is triaged, and linked with it."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from audit.errors import TransitionError
from issues import actions, workflow
from issues.board import Spot
from issues.forms.repeats import TypedForm
from issues.models import Issue
from issues.page import readable
from issues.permissions import parts_in
from issues.repeats import Words, alike


@require_http_methods(["GET", "HEAD", "POST"])
def draft_alike(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Those near to the draft as it is kept; by POST to what is typed of it, which is not kept."""
    issue = get_object_or_404(readable(request.user), client_key=key)
    if request.method != "POST":
        return _near(request, issue)
    form = TypedForm(request.POST)
    words = Words.of(issue, form.typed) if form.is_valid() else None
    return render(request, "issues/_near.html", _found(request, issue, words) | {"is_typed": True})


@require_safe
def issue_alike(request: HttpRequest, reference: str) -> HttpResponse:
    return _near(request, get_object_or_404(readable(request.user), reference=reference))


def _near(request: HttpRequest, issue: Issue) -> HttpResponse:
    """The near issues: a part of another page for htmx, else a page of its own."""
    template = "issues/_near.html" if request.htmx else "issues/near.html"
    return render(request, template, _found(request, issue, Words.of(issue)))


def _found(request: HttpRequest, issue: Issue, words: Words | None) -> dict[str, object]:
    """What is near to these words, and the acts that the reader may do with the issue."""
    parts = parts_in(request.user, issue)
    if not parts:
        raise PermissionDenied
    near = alike(words, request.user, leave_out=issue.pk) if words else []
    return {"issue": issue, "near": near, "acts": workflow.open_acts(issue, parts)}


@require_POST
def draft_link(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    return _link(request, get_object_or_404(readable(request.user), client_key=key))


@require_POST
def issue_link(request: HttpRequest, reference: str) -> HttpResponse:
    return _link(request, get_object_or_404(readable(request.user), reference=reference))


def _link(request: HttpRequest, issue: Issue) -> HttpResponse:
    """Say that the issue raises the chosen one again; without a choice, that it raises none."""
    earlier, chosen = None, request.POST.get("earlier", "")
    if chosen:
        earlier = get_object_or_404(readable(request.user), reference=chosen)
    try:
        actions.link(issue, by=request.user, now=clock.now(), earlier=earlier)
    except TransitionError as error:
        messages.error(request, str(error))
    else:
        sentence = _("The two issues are linked.") if earlier else _("The link was taken away.")
        messages.success(request, sentence)
    spot = Spot.of(request.GET)
    return redirect(spot.url(open=issue.reference) if spot else issue)
