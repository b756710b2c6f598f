"""Photos and documents of an issue: added, served to its readers alone, removed from drafts."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from audit.errors import TransitionError
from issues import actions, files
from issues.forms.raising import FilesForm
from issues.models import Evidence, Issue
from issues.page import readable
from issues.permissions import parts_in

NAMES = {
    Evidence.Kind.IMAGE: "photo-{}.jpg",
    Evidence.Kind.PDF: "document-{}.pdf",
    Evidence.Kind.DOCX: "document-{}.docx",
    Evidence.Kind.AUDIO: "recording-{}.m4a",
}
TYPES = {
    Evidence.Kind.IMAGE: "image/jpeg",
    Evidence.Kind.PDF: "application/pdf",
    Evidence.Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Evidence.Kind.AUDIO: "audio/mp4",
}
SCAN = "scan"  # the field of a paper form or letter, for organization and secretariat alone
THUMBNAIL_SECONDS = 600  # short: a recalled referral ends its office's access


@require_http_methods(["GET", "POST"])
def issue_files(request: HttpRequest, reference: str) -> HttpResponse:
    issue = get_object_or_404(readable(request.user), reference=reference)
    if not parts_in(request.user, issue):
        raise PermissionDenied
    form = FilesForm()
    if request.method == "POST":
        form = FilesForm(request.POST, request.FILES)
        if keep_sent(request, issue, form):
            return redirect(issue)
    context = {
        "issue": issue,
        "title": _("Add photos or documents"),
        "form": form,
        "submit_label": _("Add"),
        "cancel_url": issue.get_absolute_url(),
    }
    return render(request, "issues/act_form.html", context)


def keep_sent(request: HttpRequest, issue: Issue, form: FilesForm) -> bool:
    """Keep the good files; say at the field what is wrong with each other one, if any is."""
    if not parts_in(request.user, issue):
        raise PermissionDenied
    if not form.is_valid():
        return False
    wrong = {
        name: _keep(request, issue, form.cleaned_data[name] or (), is_inside=name == SCAN)
        for name in form.fields
    }
    for name, sentences in wrong.items():
        if sentences:
            form.add_error(name, sentences)
    return not any(wrong.values())


def _keep(request: HttpRequest, issue: Issue, uploads, *, is_inside: bool) -> list[str]:
    """Keep the good ones of these uploads; a sentence for each of the others."""
    good, wrong = _sorted(uploads)
    try:
        rows = _add(request, issue, good, is_inside)
    except TransitionError as error:
        wrong.append(str(error))
    else:
        _say_kept(request, len(rows))
    return wrong


def _sorted(uploads) -> tuple[list[files.Kept], list[str]]:
    """The files that may be kept, and a sentence for each of the others, with its name."""
    good, wrong = [], []
    for upload in uploads:
        try:
            good.append(files.keep(upload, upload.size))
        except ValidationError as error:
            wrong.append(f"{upload.name}: {' '.join(error.messages)}")
    return good, wrong


def _add(
    request: HttpRequest, issue: Issue, good: list[files.Kept], is_inside: bool
) -> list[Evidence]:
    if not good:
        return []
    return actions.add_evidence(
        issue, by=request.user, now=clock.now(), files=good, is_inside=is_inside
    )


def _say_kept(request: HttpRequest, count: int) -> None:
    if count:
        sentence = ngettext("%(count)d file was added.", "%(count)d files were added.", count)
        messages.success(request, sentence % {"count": count})


@require_safe
def evidence(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(_visible(request).downloadable().defer("thumbnail"), key=key)
    try:
        content = found.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    earlier = _visible(request).filter(issue=found.issue_id, added_at__lte=found.added_at)
    number = earlier.exclude(added_at=found.added_at, pk__gt=found.pk).count()
    response = FileResponse(
        content,
        as_attachment=True,
        filename=NAMES[found.kind].format(number),
        content_type=TYPES[found.kind],
    )
    return fenced(response, "private, no-store")


@require_safe
def thumbnail(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    rows = _visible(request).downloadable().exclude(thumbnail=None)
    found = get_object_or_404(rows, key=key)
    response = HttpResponse(bytes(found.thumbnail), content_type="image/jpeg")
    return fenced(response, f"private, max-age={THUMBNAIL_SECONDS}")


@require_POST
def evidence_remove(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(_visible(request).select_related("issue"), key=key)
    actions.remove_evidence(found, by=request.user)
    messages.success(request, _("The file was removed."))
    return redirect("issues:draft_files", key=found.issue.client_key)


def _visible(request: HttpRequest):
    return Evidence.objects.visible_to(request.user)


def fenced(response, cache: str):
    """The file as nothing but a file: never guessed at, never run, never kept for others."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = cache
    return response
