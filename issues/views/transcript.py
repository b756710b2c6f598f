"""What is said in a recording, written down by a coordinator."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from audit.errors import TransitionError
from issues import actions
from issues.forms.transcript import TranscriptForm
from issues.models import Evidence
from issues.permissions import serves
from issues.views.refusals import refused


@require_http_methods(["GET", "POST"])
def evidence_transcript(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    found = _recording(request, key)
    initial = {"text": found.transcript, "seen": found.transcript}
    form = TranscriptForm(request.POST if request.method == "POST" else None, initial=initial)
    status = 200
    if form.is_valid():
        try:
            actions.transcribe(found, by=request.user, now=clock.now(), **form.cleaned_data)
        except TransitionError as error:
            status = refused(form, error)
        else:
            messages.success(request, _("What is said is written down; the office can read it."))
            return redirect(found.issue)
    context = {"recording": found, "issue": found.issue, "form": form}
    return render(request, "issues/evidence_transcript.html", context, status=status)


def _recording(request: HttpRequest, key: uuid.UUID) -> Evidence:
    """A recording the user may hear (else 404), as one of its province's secretariat (403)."""
    rows = Evidence.objects.visible_to(request.user).filter(kind=Evidence.Kind.AUDIO)
    found = get_object_or_404(rows.select_related("issue"), key=key)
    if not serves(request.user, found.issue):
        raise PermissionDenied
    return found
