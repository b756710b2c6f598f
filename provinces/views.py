"""Pages of the reference data, and the lists behind the choice of a place."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from provinces import actions, permissions
from provinces.filters import AuthorityFilter
from provinces.forms import EMPTY, STEPS, ContactPointForm, parts_of
from provinces.models import Authority, ContactPoint

PER_PAGE = 25


@require_safe
def authorities(request: HttpRequest) -> HttpResponse:
    rows = Authority.objects.current().select_related("province").prefetch_related("themes")
    found = AuthorityFilter(request.GET, rows)
    page = Paginator(found.qs, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "provinces/authorities.html", {"filter": found, "page_obj": page})


@require_safe
def authority(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Authority.objects.select_related("province"), pk=pk)
    below = found.subordinates.current()
    page = Paginator(below, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "authority": found,
        "page_obj": page,
        "keeps": permissions.keeps(request.user, found),
    }
    return render(request, "provinces/authority.html", context)


@require_http_methods(["GET", "POST"])
def contact_new(request: HttpRequest, pk: int) -> HttpResponse:
    authority = get_object_or_404(Authority.objects.current(), pk=pk)
    return _contact_form(request, ContactPoint(authority=authority))


@require_http_methods(["GET", "POST"])
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    points = ContactPoint.objects.visible_to(request.user).select_related("authority")
    return _contact_form(request, get_object_or_404(points, pk=pk))


def _contact_form(request: HttpRequest, contact: ContactPoint) -> HttpResponse:
    """The form of one address; 403 for those who do not keep the office's addresses."""
    if not permissions.keeps(request.user, contact.authority):
        raise PermissionDenied
    form = ContactPointForm(request.POST or None, instance=contact)
    if request.method == "POST" and form.is_valid():
        actions.save_contact(form.instance, by=request.user)
        return redirect(contact.authority)
    return render(request, "provinces/contact.html", {"form": form, "authority": contact.authority})


@require_safe
def districts(request: HttpRequest) -> HttpResponse:
    return _options(request, "province", "district")


@require_safe
def communes(request: HttpRequest) -> HttpResponse:
    return _options(request, "district", "commune")


@require_safe
def villages(request: HttpRequest) -> HttpResponse:
    return _options(request, "commune", "village")


@cache_control(private=True, max_age=3600)
def _options(request: HttpRequest, before: str, step: str) -> HttpResponse:
    """The options of one step, and the steps after it emptied."""
    after = STEPS[STEPS.index(step) + 1 :]
    context = {
        "empty": EMPTY[step],
        "places": parts_of(step, request.GET.get(before, "")),
        "emptied": [(one, EMPTY[one]) for one in after],
    }
    return render(request, "provinces/_options.html", context)
