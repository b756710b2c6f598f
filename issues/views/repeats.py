"""Near issues: shown while one is drafted and when one is triaged, and linked with it."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from audit.errors import TransitionError
from issues import actions
from issues.models import Issue
from issues.page import readable
from issues.permissions import parts_in, serves
from issues.repeats import Words, alike


@require_safe
def draft_alike(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    return _near(request, get_object_or_404(readable(request.user), client_key=key))


@require_safe
def issue_alike(request: HttpRequest, reference: str) -> HttpResponse:
    return _near(request, get_object_or_404(readable(request.user), reference=reference))


def _near(request: HttpRequest, issue: Issue) -> HttpResponse:
    """The near issues: a part of another page for htmx, else a page of its own."""
    if not parts_in(request.user, issue):
        raise PermissionDenied
    words = Words.of(issue)
    found = alike(words, request.user, leave_out=issue.pk) if words else []
    links = issue.reference is None or serves(request.user, issue)
    context = {"issue": issue, "near": found, "links": links}
    template = "issues/_near.html" if request.htmx else "issues/near.html"
    return render(request, template, context)


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
    return redirect(issue)
