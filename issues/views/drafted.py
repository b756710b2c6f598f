"""Pages of answers that wait for their office's director."""

import uuid
from collections.abc import Callable
from typing import BinaryIO

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from audit.errors import TransitionError
from issues import actions, viruses
from issues.actions.approving import authored
from issues.forms.drafted import ChangeForm, SeenForm, SendBackForm
from issues.models import DraftedAnswer, DraftFile
from issues.permissions import directs
from issues.views import evidence, vanished
from issues.views.refusals import refused

LOADED = ("referral__authority", "referral__issue", "by")


def _find(request: HttpRequest, pk: int) -> DraftedAnswer:
    """A draft of the reader's own office."""
    rows = DraftedAnswer.objects.visible_to(request.user).select_related(*LOADED)
    found = rows.filter(pk=pk).first()
    if found is None:
        vanished.refuse(request, drafts=pk)
        raise Http404
    return found


@require_POST
@vanished.keeps_typed
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = _find(request, pk), SeenForm(request.POST)
    if not form.is_valid():
        raise Http404
    return _press(
        request,
        found,
        lambda: actions.approve(found, by=request.user, now=clock.now(), **form.cleaned_data),
        _("You approved it, and it has left your office."),
    )


@require_POST
@vanished.keeps_typed
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find(request, pk)
    return _press(
        request,
        found,
        lambda: actions.withdraw_draft(found, by=request.user, now=clock.now()),
        _("The draft was withdrawn. Nothing has left your office."),
    )


def _press(
    request: HttpRequest, found: DraftedAnswer, act: Callable[[], object], done: str
) -> HttpResponse:
    """Do the act and go back to the referral, with a sentence for what came of it."""
    try:
        act()
    except TransitionError as error:
        _find(request, found.pk)  # who has lost it meanwhile is told nothing of it
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("issues:referral", pk=found.referral_id)


@require_http_methods(["GET", "POST"])
@vanished.keeps_typed
def change(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find(request, pk)
    if not authored(request.user, found):
        raise PermissionDenied
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    files = list(found.files.defer("thumbnail"))
    form = ChangeForm(*sent, draft=found, files=files, today=clock.today())
    words = {
        "title": _("Change the draft"),
        "explanation": _("Your director reads it before it leaves your office."),
        "submit_label": _("Lay it before the director"),
        "quote": found.because,
    }
    return _act(request, found, form, actions.change_draft, _("The draft was changed."), words)


@require_http_methods(["GET", "POST"])
@vanished.keeps_typed
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find(request, pk)
    if not directs(request.user, found.referral):
        raise PermissionDenied
    typed = request.POST if request.method == "POST" else None
    form = SendBackForm(typed, initial={"seen": found.version})
    words = {
        "title": _("Send the draft back"),
        "explanation": _("Its author is told, and can change it. Nothing leaves your office."),
        "submit_label": _("Send it back"),
        "quote": found.text,
    }
    return _act(request, found, form, actions.send_back, _("Its author is told."), words)


def _act(
    request: HttpRequest,
    found: DraftedAnswer,
    form: ChangeForm | SendBackForm,
    action: Callable[..., object],
    done: str,
    words: dict[str, object],
) -> HttpResponse:
    """Do the act and go back to the referral, or show the form with what stands against it."""
    back, status = reverse("issues:referral", args=[found.referral_id]), 200
    if not found.is_standing and request.method == "GET":
        messages.info(request, _("This draft does not wait any more."))
        return redirect(back)
    if form.is_valid():
        try:
            action(found, by=request.user, now=clock.now(), **form.cleaned_data)
        except TransitionError as error:
            _find(request, found.pk)
            status = refused(form, error)
        else:
            messages.success(request, done)
            return redirect(back)
    page = {"form": form, "issue": found.referral.issue, "cancel_url": back}
    return render(request, "issues/act_form.html", page | words, status=status)


@require_safe
def draft_file(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """A file of a draft, for its office alone; scanned each time where a scanner is configured."""
    rows = DraftFile.objects.visible_to(request.user).defer("thumbnail")
    found = get_object_or_404(rows, key=key)
    try:
        content = found.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    if not _is_clean(content):
        content.close()
        raise Http404
    number = found.draft.files.filter(pk__lte=found.pk).count()
    name, kind = evidence.NAMES[found.kind].format(number), evidence.TYPES[found.kind]
    response = FileResponse(content, as_attachment=True, filename=name, content_type=kind)
    return evidence.fenced(response, "private, no-store")


def _is_clean(content: BinaryIO) -> bool:
    """No virus was found, where one is looked for; leaves the content at its beginning."""
    try:
        return not (viruses.is_configured() and viruses.is_infected(content))
    except viruses.ScannerError:
        return False
    finally:
        content.seek(0)
