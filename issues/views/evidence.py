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
from issues.views import raising

NAMES = {Evidence.Kind.IMAGE: "photo-{}.jpg", Evidence.Kind.PDF: "document-{}.pdf"}
TYPES = {Evidence.Kind.IMAGE: "image/jpeg", Evidence.Kind.PDF: "application/pdf"}
THUMBNAIL_SECONDS = 600  # short: a recalled referral ends its office's access


@require_POST
def draft_files(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    issue = get_object_or_404(readable(request.user), client_key=key)
    form = FilesForm(request.POST, request.FILES)
    if _kept(request, issue, form):
        return redirect(issue)
    return raising.draft_page(request, issue, form)


@require_http_methods(["GET", "POST"])
def issue_files(request: HttpRequest, reference: str) -> HttpResponse:
    issue = get_object_or_404(readable(request.user), reference=reference)
    if not parts_in(request.user, issue):
        raise PermissionDenied
    form = FilesForm()
    if request.method == "POST":
        form = FilesForm(request.POST, request.FILES)
        if _kept(request, issue, form):
            return redirect(issue)
    context = {
        "issue": issue,
        "title": _("Add photos or documents"),
        "form": form,
        "submit_label": _("Add"),
        "cancel_url": issue.get_absolute_url(),
    }
    return render(request, "issues/act_form.html", context)


def _kept(request: HttpRequest, issue: Issue, form: FilesForm) -> bool:
    """Keep the good files; say at the field what is wrong with each other one, if any is."""
    if not parts_in(request.user, issue):
        raise PermissionDenied
    if not form.is_valid():
        return False
    good, wrong = _sorted(form.cleaned_data["files"])
    try:
        rows = _add(request, issue, good)
    except TransitionError as error:
        wrong.append(str(error))
    else:
        _say_kept(request, len(rows))
    if wrong:
        form.add_error("files", wrong)
    return not wrong


def _sorted(uploads) -> tuple[list[files.Kept], list[str]]:
    """The files that may be kept, and a sentence for each of the others, with its name."""
    good, wrong = [], []
    for upload in uploads:
        try:
            good.append(files.keep(upload, upload.size))
        except ValidationError as error:
            wrong.append(f"{upload.name}: {' '.join(error.messages)}")
    return good, wrong


def _add(request: HttpRequest, issue: Issue, good: list[files.Kept]) -> list[Evidence]:
    if not good:
        return []
    return actions.add_evidence(issue, by=request.user, now=clock.now(), files=good)


def _say_kept(request: HttpRequest, count: int) -> None:
    if count:
        sentence = ngettext("%(count)d file was added.", "%(count)d files were added.", count)
        messages.success(request, sentence % {"count": count})


@require_safe
def evidence(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(_visible(request).defer("thumbnail"), key=key)
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
    return _fenced(response, "private, no-store")


@require_safe
def thumbnail(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(_visible(request).exclude(thumbnail=None), key=key)
    response = HttpResponse(bytes(found.thumbnail), content_type="image/jpeg")
    return _fenced(response, f"private, max-age={THUMBNAIL_SECONDS}")


@require_POST
def evidence_remove(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(_visible(request).select_related("issue"), key=key)
    actions.remove_evidence(found, by=request.user)
    messages.success(request, _("The file was removed."))
    return redirect(found.issue)


def _visible(request: HttpRequest):
    return Evidence.objects.visible_to(request.user)


def _fenced(response, cache: str):
    """The file as nothing but a file: never guessed at, never run, never kept for others."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = cache
    return response
