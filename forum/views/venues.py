"""Venues: the list of a coordinator's provinces, one venue's page, and its forms."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Role
from audit import clock
from forum import actions, programme
from forum.filters import VenueFilter
from forum.forms.places import EditVenueForm, NewVenueForm, initial_of_venue, served_by
from forum.models import Session, Venue
from forum.views import shared

PAGE_SIZE = 30
COMING = 20


@require_safe
def venues(request: HttpRequest) -> HttpResponse:
    _check_coordinator(request)
    rows = Venue.objects.kept_by(request.user).select_related("province")
    chosen = VenueFilter(request.GET, queryset=rows)
    chosen.form.fields["province"].queryset = served_by(request.user)
    page = Paginator(chosen.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "forum/venues.html", {"page_obj": page, "filter": chosen})


def _check_coordinator(request: HttpRequest) -> None:
    if not request.user.is_role(Role.COORDINATOR):
        raise PermissionDenied


@login_not_required
@require_safe
def venue(request: HttpRequest, pk: int) -> HttpResponse:
    found = _visible(request, pk)
    serves = _serves(request, found)
    context = {"venue": found, "serves": serves, "sessions": _coming(request, found, serves)}
    return render(request, "forum/venue.html", context)


def _visible(request: HttpRequest, pk: int) -> Venue:
    rows = Venue.objects.visible_to(request.user).select_related("province")
    return get_object_or_404(rows, pk=pk)


def _serves(request: HttpRequest, found: Venue) -> bool:
    return request.user.is_authenticated and request.user.serves(found.province_id)


def _coming(request: HttpRequest, found: Venue, serves: bool) -> list[Session]:
    """Its next sessions: as drafted for its coordinators, as published for all others."""
    rows, now = Session.objects.visible_to(request.user).shown(), clock.now()
    if serves:
        return list(rows.filter(venue=found).upcoming(now)[:COMING])
    coming = rows.filter(announced__venue=found).announced_after(now)[:COMING]
    return programme.as_seen_by(request.user, coming)


@require_http_methods(["GET", "POST"])
def venue_new(request: HttpRequest) -> HttpResponse:
    _check_coordinator(request)
    form = NewVenueForm(shared.typed(request), user=request.user)
    made = shared.done(
        form, lambda: actions.create_venue(by=request.user, now=clock.now(), **form.cleaned_data)
    )
    if made is not None:
        messages.success(request, _("The venue has been added."))
        return redirect(made)
    return render(request, "forum/venue_form.html", {"form": form})


@require_http_methods(["GET", "POST"])
def venue_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = _visible(request, pk)
    if not _serves(request, found):
        raise PermissionDenied
    form = EditVenueForm(shared.typed(request), initial=initial_of_venue(found))
    changed = shared.done(
        form,
        lambda: actions.edit_venue(found, by=request.user, now=clock.now(), **form.cleaned_data),
    )
    if changed is not None:
        messages.success(request, _("The venue has been changed."))
        return redirect(changed)
    return render(request, "forum/venue_form.html", {"form": form, "venue": found})
