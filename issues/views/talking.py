"""The line of talk about an issue: shown on its page and a referral's, written here."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from audit.errors import TransitionError
from forum.views.shared import key_in
from issues import actions
from issues.forms.talking import CommentForm
from issues.models import Issue, Referral
from issues.page import readable
from issues.permissions import Audience, Shown, answers, audience_of, disclosed
from issues.talk import lines, speaker_of
from issues.views import vanished
from issues.views.refusals import refused


def talk_of(
    request: HttpRequest,
    issue: Issue,
    shown: Shown,
    referral: Referral | None = None,
    referrals: Iterable[Referral] | None = None,
) -> dict[str, Any]:
    """What a page shows of the talk: its lines, and the form where the reader may write.

    ``referrals`` are all of the issue, where the page read them already.
    """
    if shown.audience == Audience.PUBLIC:
        return {}
    as_office = referral if referral and answers(request.user, referral) else None
    speaker = speaker_of(request.user, issue, shown, as_office, referrals)
    form = CommentForm(speaker=speaker, initial=key_in(request)) if speaker else None
    return {
        "lines": lines(request.user, issue, shown),
        "form": form,
        "speaker": speaker,
        "url": _url(issue, as_office),
    }


def _url(issue: Issue, referral: Referral | None) -> str:
    if referral is not None:
        return reverse("issues:referral_comment", args=[referral.pk])
    return reverse("issues:issue_comment", args=[issue.reference])


@require_http_methods(["GET", "POST"])
def issue_comment(request: HttpRequest, reference: str) -> HttpResponse:
    issue = get_object_or_404(readable(request.user), reference=reference)
    shown = disclosed(issue, audience_of(request.user, issue))
    return _comment(request, issue, shown, None, issue.get_absolute_url())


@require_http_methods(["GET", "POST"])
@vanished.keeps_typed
def referral_comment(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find(request, pk)
    if not answers(request.user, found):
        raise PermissionDenied
    back = reverse("issues:referral", args=[found.pk])
    if not found.is_open and request.method == "GET":
        messages.error(request, _("Meanwhile this referral has ended."))
        return redirect(back)
    shown = disclosed(found.issue, audience_of(request.user, found.issue, is_referred=True))
    return _comment(request, found.issue, shown, found, back)


def _find(request: HttpRequest, pk: int) -> Referral:
    rows = Referral.objects.visible_to(request.user).select_related(
        "authority", "issue__organization", "issue__province", "issue__commune__parent"
    )
    return vanished.find(request, rows, pk)


def _comment(
    request: HttpRequest, issue: Issue, shown: Shown, referral: Referral | None, back: str
) -> HttpResponse:
    speaker = speaker_of(request.user, issue, shown, referral)
    if speaker is None:
        raise PermissionDenied
    typed = request.POST if request.method == "POST" else None
    form = CommentForm(typed, speaker=speaker, initial=key_in(request))
    status = 200
    if form.is_valid():
        try:
            actions.comment(issue, by=request.user, now=clock.now(), referral=referral, **form.said)
        except TransitionError as error:
            if referral is not None:
                _find(request, referral.pk)  # who has lost it meanwhile is told nothing of it
            status = refused(form, error)
            form.show_present_offices()
        else:
            messages.success(request, _("Your comment was sent to those you chose."))
            return redirect(f"{back}#talk")
    words = {"title": _("Write a comment"), "submit_label": _("Send"), "cancel_url": back}
    page = words | {"form": form, "issue": issue}
    return render(request, "issues/act_form.html", page, status=status)
