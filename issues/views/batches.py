"""Pages for a file of many issues: sending it, what is wrong with it, taking it in."""

import csv
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from accounts.models import Organization
from audit import clock
from audit.errors import TransitionError
from forum.views.shared import answers_conflict, key_in
from issues import actions
from issues.batch import keeping
from issues.batch.columns import heading_of
from issues.batch.preview import SHOWN, preview
from issues.forms.batch import BatchForm
from issues.models import Batch
from provinces.models import Theme

LATEST = 10
FAULTS_PER_PAGE = 100
ISSUES_SHOWN = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORKING = (Batch.State.CHECKING, Batch.State.TAKING_IN)


def _for_coordinators(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def permitted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_role("coordinator"):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return permitted


# --- the template and the file --------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@_for_coordinators
@answers_conflict
def batch_new(request: HttpRequest) -> HttpResponse:
    sent = (request.POST, request.FILES) if request.method == "POST" else (None,)
    form = BatchForm(*sent, initial=key_in(request))
    if form.is_valid():
        return redirect(
            "issues:batch",
            actions.send_batch(
                by=request.user,
                now=clock.now(),
                client_key=form.cleaned_data["client_key"],
                language=get_language() or "km",
                rows=form.rows,
            ).pk,
        )
    latest = Batch.objects.visible_to(request.user).defer("sealed", "faults")[:LATEST]
    context = {"form": form, "latest": latest}
    return render(request, "issues/batch_new.html", context)


@require_safe
@_for_coordinators
def batch_template_xlsx(request: HttpRequest) -> HttpResponse:
    from issues.batch import template

    organizations = Organization.objects.kept_by(request.user).current()
    content = template.xlsx_file(organizations, Theme.objects.all())
    return _download(content, XLSX, "vedika-issues.xlsx")


@require_safe
@_for_coordinators
def batch_template_csv(request: HttpRequest) -> HttpResponse:
    from issues.batch import template

    return _download(template.csv_file(), "text/csv; charset=utf-8", "vedika-issues.csv")


def _download(content: bytes, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=kind, headers=headers)


# --- what became of it ----------------------------------------------------------------------------
@require_safe
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Batch.objects.visible_to(request.user), pk=pk)
    if request.htmx:  # the progress asks every two seconds, until there is none
        if found.state not in WORKING:
            return HttpResponseClientRefresh()
        return render(request, "issues/_batch_progress.html", {"batch": found})
    context = {"batch": found, "is_working": found.state in WORKING} | _details(request, found)
    return render(request, "issues/batch.html", context)


def _details(request: HttpRequest, found: Batch) -> dict[str, Any]:
    """What the page shows in the batch's state."""
    if found.state in (Batch.State.FAULTY, Batch.State.FAILED):
        page = Paginator(found.faults, FAULTS_PER_PAGE).get_page(request.GET.get("page"))
        rows = [one | {"heading": heading_of(one["column"])} for one in page]
        return {"page_obj": page, "faults": rows}
    if found.state == Batch.State.CHECKED:
        rows = preview(keeping.rows_of(found), request.user, clock.today())
        return {"previews": rows, "new": found.total - found.known, "shown": SHOWN}
    if found.state == Batch.State.DONE:
        lines = found.lines.select_related("issue").only("line", "batch_id", "issue__reference")
        page = Paginator(lines, ISSUES_SHOWN).get_page(request.GET.get("page"))
        return {"page_obj": page, "lines": page}
    return {}


@require_safe
def batch_faults(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Batch.objects.visible_to(request.user), pk=pk)
    response = _download(b"\xef\xbb\xbf", "text/csv; charset=utf-8", f"vedika-faults-{pk}.csv")
    writer = csv.writer(response)
    writer.writerow([_("Line"), _("Column"), _("What is wrong")])
    for one in found.faults:
        writer.writerow([one["line"] or "", heading_of(one["column"]), one["sentence"]])
    return response


@require_POST
def batch_commit(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, pk, actions.commit_batch)


@require_POST
def batch_drop(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, pk, actions.drop_batch)


def _do(request: HttpRequest, pk: int, act: Callable[..., Batch]) -> HttpResponse:
    found = get_object_or_404(Batch.objects.visible_to(request.user), pk=pk)
    try:
        act(found, by=request.user, now=clock.now())
    except TransitionError as error:
        messages.error(request, str(error))
    return redirect("issues:batch", pk)
