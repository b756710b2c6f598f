"""Pages of the reference data, and the lists behind the choice of a place."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
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
    HonorificForm,
    ListedForm,
    NewHonorificForm,
    NewThemeForm,
    RoadsForm,
    RoadTimeForm,
    SuperiorForm,
    ThemeForm,
    ThemesForm,
    parts_of,
)
from provinces.models import CAPITAL, Authority, ContactPoint, Honorific, RoadTime, Theme
from provinces.roads import pair_of, ways_from

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
        "reads_roads": permissions.reads_roads(request.user),
        "keeps_honorifics": permissions.keeps_honorifics(request.user),
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
        "sets_superiors": permissions.sets_superiors(request.user),
    }
    return render(request, "provinces/authority.html", context)


@require_http_methods(["GET", "POST"])
def authority_superior(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is told next when the office is silent."""
    found = get_object_or_404(Authority.objects.current(), pk=pk)
    if not permissions.sets_superiors(request.user):
        raise PermissionDenied
    form = SuperiorForm(request.POST if request.method == "POST" else None, authority=found)
    if form.is_valid():
        try:
            actions.set_superior(found, by=request.user, **form.cleaned_data)
        except TransitionError as error:
            form.add_error("superior", str(error))
        else:
            messages.success(request, _("It is noted who is told next."))
            return redirect(found)
    return render(request, "provinces/authority_superior.html", {"form": form, "authority": found})


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
    status = _keep(request, form, actions.change_theme if found else actions.add_theme)
    if status:
        context = {"form": form, "theme": found}
        return render(request, "provinces/theme.html", context, status=status)
    messages.success(request, _("The theme is kept."))
    return redirect("provinces:themes")


def _keep(request: HttpRequest, form: ListedForm, act: Callable) -> int | None:
    """Keep what the form holds; None where it is kept, else the status its page has."""
    if not form.is_valid():
        return 200
    try:
        act(form.instance, by=request.user)
    except TransitionError as error:
        form.add_error(None, str(error))
        return 409
    return None


# --- honorifics ---------------------------------------------------------------------------------
@require_safe
def honorifics(request: HttpRequest) -> HttpResponse:
    if not permissions.keeps_honorifics(request.user):
        raise PermissionDenied
    return render(request, "provinces/honorifics.html", {"honorifics": Honorific.objects.all()})


@require_http_methods(["GET", "POST"])
def honorific_new(request: HttpRequest) -> HttpResponse:
    return _honorific_form(request, NewHonorificForm, None)


@require_http_methods(["GET", "POST"])
def honorific(request: HttpRequest, code: str) -> HttpResponse:
    return _honorific_form(request, HonorificForm, get_object_or_404(Honorific, pk=code))


def _honorific_form(
    request: HttpRequest, form_class: type[HonorificForm], found: Honorific | None
) -> HttpResponse:
    """The form of one honorific, new or known; 403 for all but administrators."""
    if not permissions.keeps_honorifics(request.user):
        raise PermissionDenied
    form = form_class(request.POST if request.method == "POST" else None, instance=found)
    status = _keep(request, form, actions.change_honorific if found else actions.add_honorific)
    if status:
        context = {"form": form, "honorific": found}
        return render(request, "provinces/honorific.html", context, status=status)
    messages.success(request, _("The honorific is kept."))
    return redirect("provinces:honorifics")


# --- roads --------------------------------------------------------------------------------------
@require_safe
def roads(request: HttpRequest) -> HttpResponse:
    """The hours from one town to all others: at first from the reader's own."""
    if not permissions.reads_roads(request.user):
        raise PermissionDenied
    own = min(request.user.served_ids, default=CAPITAL)
    form = RoadsForm(request.GET if "province" in request.GET else {"province": own})
    chosen = form.cleaned_data["province"] if form.is_valid() else None
    context = {
        "form": form,
        "chosen": chosen,
        "ways": ways_from(chosen) if chosen else [],
        "sets": permissions.sets_road_times(request.user),
    }
    return render(request, "provinces/roads.html", context)


@require_http_methods(["GET", "POST"])
def road(request: HttpRequest, here: str, there: str) -> HttpResponse:
    """The time between two towns, which is the same in both directions."""
    one, other = pair_of(here, there)
    rows = RoadTime.objects.select_related("one", "other")
    found = get_object_or_404(rows, one=one, other=other)
    if not permissions.sets_road_times(request.user):
        raise PermissionDenied
    back = reverse("provinces:roads", query={"province": here})
    initial = {"minutes": found.minutes}
    form = RoadTimeForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        actions.set_road_time(found, by=request.user, minutes=form.cleaned_data["minutes"])
        messages.success(request, _("The time on the road is kept."))
        return redirect(back)
    return render(request, "provinces/road.html", {"form": form, "road": found, "back": back})


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
