"""Pages of the days on which offices are closed, and what they do to dates that run."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from audit.errors import TransitionError
from forum.views.shared import typed
from issues import actions
from issues.actions.holidays import Days, stamp, would_move
from issues.forms.holidays import HolidayForm
from issues.views.refusals import status_of
from khmer import numbers
from provinces import permissions, reach
from provinces.actions import proposed_holidays
from provinces.models import Holiday

SHOWN = 20  # moved dates on a page
FIELDS = ("date", "name_km", "name_en", "source", "province")


@require_safe
def this_year(request: HttpRequest) -> HttpResponse:
    _permit(request)
    return redirect("issues:holidays", year=clock.today().year)


@require_safe
def holidays(request: HttpRequest, year: int) -> HttpResponse:
    _permit(request, year)
    days = list(Holiday.objects.of_year(year))
    context = {
        "year": year,
        "days": days,
        "unconfirmed": sum(one.confirmed_by_id is None for one in days),
        "earlier": year - 1 if year > reach.FIRST.year else None,
        "later": year + 1 if year < reach.LATEST.year else None,
    }
    return render(request, "issues/holidays.html", context)


@require_http_methods(["GET", "POST"])
def holiday_new(request: HttpRequest, year: int) -> HttpResponse:
    _permit(request, year)
    form = HolidayForm(typed(request), year=year)

    def save() -> int:
        return actions.add_holiday(form.day(), by=request.user, now=clock.now())

    return _form(request, form, year, [], save, _("Add a day"))


@require_http_methods(["GET", "POST"])
def holiday(request: HttpRequest, pk: int) -> HttpResponse:
    _permit(request)
    found = _find(pk)
    initial = {name: getattr(found, name) for name in FIELDS}
    initial |= {"source": found.source_in_words, "seen": stamp(found)}
    year = found.date.year
    form = HolidayForm(typed(request), year=year, holiday=found, initial=initial)

    def save() -> int:
        seen = form.cleaned_data["seen"]
        return actions.change_holiday(form.day(), by=request.user, now=clock.now(), seen=seen)

    return _form(request, form, year, [found], save, _("Change a day"))


@require_http_methods(["GET", "POST"])
def holiday_remove(request: HttpRequest, pk: int) -> HttpResponse:
    _permit(request)
    found = _find(pk)

    def save() -> int:
        seen = request.POST.get("seen", "")
        return actions.remove_holiday(found, by=request.user, now=clock.now(), seen=seen)

    return _preview(
        request,
        found.date.year,
        Days.between([found], []),
        save,
        title=_("Remove a day"),
        explanation=_("Offices are open on this day after all."),
        days=[found],
        seen=stamp(found),
        is_danger=True,
    )


@require_http_methods(["GET", "POST"])
def holidays_propose(request: HttpRequest, year: int) -> HttpResponse:
    _permit(request, year)
    if request.method == "GET" and Holiday.objects.of_year(year).exists():
        messages.info(request, _("This year has its days already."))
        return redirect("issues:holidays", year=year)
    made = proposed_holidays(year)

    def save() -> int:
        return actions.propose_year(year, by=request.user, now=clock.now())

    return _preview(
        request,
        year,
        Days.between([], made),
        save,
        title=_("Proposed days of %(year)s") % {"year": _figure(year)},
        explanation=_(
            "They are reckoned, also by the moon. Compare them with the sub-decree, then confirm"
            " the year."
        ),
        days=made,
    )


@require_POST
def holidays_confirm(request: HttpRequest, year: int) -> HttpResponse:
    _permit(request, year)
    actions.confirm_year(year, by=request.user, now=clock.now())
    messages.success(request, _("The days of the year are confirmed."))
    return redirect("issues:holidays", year=year)


def _permit(request: HttpRequest, year: int | None = None) -> None:
    """403 for all but administrators, 404 for a year no calendar can show."""
    if not permissions.keeps_holidays(request.user):
        raise PermissionDenied
    if year is not None and not reach.FIRST.year <= year <= reach.LATEST.year:
        raise Http404


def _find(pk: int) -> Holiday:
    return get_object_or_404(Holiday.objects.select_related("province"), pk=pk)


def _figure(number: int) -> str:
    return numbers.in_language(number, get_language())


def _form(
    request: HttpRequest,
    form: HolidayForm,
    year: int,
    before: list[Holiday],
    save: Callable[[], int],
    title: str,
) -> HttpResponse:
    """First the form, then what it would move; saved only from there."""
    words = {"title": title, "form": form}
    if form.is_valid() and "edit" not in request.POST:
        day = form.day()
        return _preview(request, year, Days.between(before, [day]), save, **words, days=[day])
    back = reverse("issues:holidays", args=[year])
    context = words | {"year": year, "back": back, "holiday": before[0] if before else None}
    return render(request, "issues/holiday.html", context)


def _preview(
    request: HttpRequest, year: int, change: Days, save: Callable[[], int], **words: object
) -> HttpResponse:
    """Save what was shown before, or show which dates would move."""
    status, refusal = 200, ""
    if request.method == "POST" and "save" in request.POST:
        try:
            moved = save()
        except TransitionError as error:
            refusal, status = str(error), status_of(error)
        else:
            messages.success(request, _saved(moved))
            return redirect("issues:holidays", year=year)
    moved_dates = would_move(change)
    context = words | {
        "year": year,
        "moved": moved_dates[:SHOWN],
        "total": len(moved_dates),
        "refusal": refusal,
        "back": reverse("issues:holidays", args=[year]),
    }
    return render(request, "issues/holidays_preview.html", context, status=status)


def _saved(moved: int) -> str:
    if not moved:
        return _("It is saved. No date had to move.")
    return ngettext(
        "It is saved. %(count)s date moved.", "It is saved. %(count)s dates moved.", moved
    ) % {"count": _figure(moved)}
