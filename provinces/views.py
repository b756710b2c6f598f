"""Pages of the reference data, and the lists behind the choice of a place."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from audit.errors import TransitionError
from provinces import actions, permissions
from provinces.filters import AuthorityFilter
from provinces.forms import (
    EMPTY,
    STEPS,
    ContactPointForm,
    NewThemeForm,
    ThemeForm,
    ThemesForm,
    parts_of,
)
from provinces.models import Authority, ContactPoint, Theme

PER_PAGE = 25


@require_safe
def authorities(request: HttpRequest) -> HttpResponse:
    rows = Authority.objects.current().select_related("province").prefetch_related("themes")
    found = AuthorityFilter(request.GET, rows)
    page = Paginator(found.qs, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": found,
        "page_obj": page,
        "reads_themes": permissions.reads_themes(request.user),
    }
    return render(request, "provinces/authorities.html", context)


@require_safe
def authority(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Authority.objects.select_related("province"), pk=pk)
    below = found.subordinates.current()
    page = Paginator(below, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "authority": found,
        "page_obj": page,
        "keeps": permissions.keeps(request.user, found),
        "assigns": permissions.assigns_themes(request.user),
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


# --- themes -------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def authority_themes(request: HttpRequest, pk: int) -> HttpResponse:
    """What the office answers for: by this it is suggested when an issue comes in."""
    found = get_object_or_404(Authority.objects.current(), pk=pk)
    if not permissions.assigns_themes(request.user):
        raise PermissionDenied
    form = ThemesForm(request.POST if request.method == "POST" else None, authority=found)
    if form.is_valid():
        actions.assign_themes(found, by=request.user, themes=form.cleaned_data["themes"])
        messages.success(request, _("It is noted what the office answers for."))
        return redirect(found)
    return render(request, "provinces/authority_themes.html", {"form": form, "authority": found})


@require_safe
def themes(request: HttpRequest) -> HttpResponse:
    if not permissions.reads_themes(request.user):
        raise PermissionDenied
    offices = Count("authorities", filter=Q(authorities__ended_on=None))
    rows = Theme.objects.annotate(offices=offices)
    context = {"themes": rows, "assigns": permissions.assigns_themes(request.user)}
    return render(request, "provinces/themes.html", context)


@require_http_methods(["GET", "POST"])
def theme_new(request: HttpRequest) -> HttpResponse:
    return _theme_form(request, NewThemeForm, None)


@require_http_methods(["GET", "POST"])
def theme(request: HttpRequest, code: str) -> HttpResponse:
    return _theme_form(request, ThemeForm, get_object_or_404(Theme, pk=code))


def _theme_form(
    request: HttpRequest, form_class: type[ThemeForm], found: Theme | None
) -> HttpResponse:
    """The form of one theme, new or known; 403 for all but administrators."""
    if not permissions.assigns_themes(request.user):
        raise PermissionDenied
    form = form_class(request.POST if request.method == "POST" else None, instance=found)
    status = 200
    if form.is_valid():
        do = actions.change_theme if found else actions.add_theme
        try:
            do(form.instance, by=request.user)
        except TransitionError as error:
            form.add_error(None, str(error))
            status = 409
        else:
            messages.success(request, _("The theme is kept."))
            return redirect("provinces:themes")
    return render(request, "provinces/theme.html", {"form": form, "theme": found}, status=status)


# --- places -------------------------------------------------------------------------------------
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
    """The options of one step, and the steps after it emptied; with ``only`` in the address not."""
    after = () if "only" in request.GET else STEPS[STEPS.index(step) + 1 :]
    context = {
        "empty": EMPTY[step],
        "places": parts_of(step, request.GET.get(before, "")),
        "emptied": [(one, EMPTY[one]) for one in after],
    }
    return render(request, "provinces/_options.html", context)
