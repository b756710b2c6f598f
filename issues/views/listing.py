"""The list of issues, the table of it, and the lists people keep for themselves."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from audit import clock
from audit.errors import TransitionError
from issues import actions, steps
from issues.chips import chips
from issues.export import Table
from issues.forms.saved import NameForm, SaveForm
from issues.listing import MOST_COUNTED, Listing
from issues.models import SavedView


@require_safe
def issues(request: HttpRequest) -> HttpResponse:
    listing = _listing(request.GET, request.user)
    query = listing.query.urlencode()
    context = {
        "listing": listing,
        "rows": listing.shown(),
        "most": MOST_COUNTED,
        "chips": chips(listing.filter, listing.query),
        "query": query,
        "drafts": steps.drafts_of(request.user).count(),
        "views": SavedView.objects.visible_to(request.user),
        "save_form": SaveForm(initial={"query": query}, clean_of=str),
        "is_representative": bool(request.user.organization_ids),
        "is_coordinator": request.user.is_role("coordinator"),
    }
    return render(request, "issues/issues.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def issues_csv(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The table, for a press of the button: it is written down, which opening an address is not."""
    listing = _listing(request.GET, request.user)
    if request.method != "POST":
        return redirect(_address(listing.query.urlencode()))
    table = Table(listing)
    filters = listing.query.keys()
    actions.record_export(by=request.user, now=clock.now(), rows=len(table), filters=filters)
    name = f"issues-{clock.today():%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        table.pieces(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def views(request: HttpRequest) -> HttpResponse:
    """All saved views; what is sent here is kept as another."""
    form = SaveForm(
        request.POST if request.method == "POST" else None,
        clean_of=lambda typed: _listing(QueryDict(typed), request.user).query.urlencode(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            view = actions.save_view(by=request.user, **form.cleaned_data)
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The view is kept; it stands above the list."))
            return redirect(_address(view.query))
    context = {"form": form, "views": SavedView.objects.visible_to(request.user)}
    return render(request, "issues/views.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def view(request: HttpRequest, pk: int) -> HttpResponse:
    kept = _view(request, pk)
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": kept.name})
    if request.method == "POST" and form.is_valid():
        try:
            actions.rename_view(kept, by=request.user, **form.cleaned_data)
        except TransitionError as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("The view has its new name."))
            return redirect("issues:views")
    context = {"form": form, "title": _("Rename a saved view"), "submit_label": _("Rename")}
    here = {"parent_url": reverse("issues:views"), "parent_label": _("Saved views")}
    back = {"cancel_url": reverse("issues:views")}
    return render(request, "issues/act_form.html", context | here | back)


@require_POST
def view_delete(request: HttpRequest, pk: int) -> HttpResponse:
    actions.delete_view(_view(request, pk), by=request.user)
    messages.success(request, _("The view is deleted; the issues in it stay as they are."))
    return redirect("issues:views")


def _listing(asked: QueryDict, user: User) -> Listing:
    return Listing(asked, user=user, today=clock.today())


def _view(request: HttpRequest, pk: int) -> SavedView:
    return get_object_or_404(SavedView.objects.visible_to(request.user), pk=pk)


def _address(query: str) -> str:
    return f"{reverse('issues:issues')}?{query}" if query else reverse("issues:issues")
