"""How the sending stands, and the switch that holds all outbound."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from audit import clock
from audit.errors import Conflict, TransitionError
from config import status as standing
from config.status_forms import HoldForm, LiftForm
from outbox import holding, permissions, registry
from outbox.models import Standstill
from reminders.models import Finding

SHOWN = 20  # findings, and earlier holds


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    if not permissions.oversees(request.user):
        raise PermissionDenied
    view = standing.view_of(request.user)
    found = standing.look(view, clock.now())
    context = {
        "status": found,
        "findings": _findings(request.user) if view.opens_outbox else [],
        "may_hold": permissions.holds_all(request.user),
    }
    return render(request, "status.html", context)


@require_http_methods(["GET", "POST"])
def hold(request: HttpRequest) -> HttpResponse:
    _permit(request)
    form = HoldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            holding.hold(by=request.user, now=clock.now(), **form.cleaned_data)
        except Conflict as error:
            form.add_error(None, str(error))
            return _hold_page(request, form, status=409)
        except TransitionError as error:  # somebody was faster
            messages.error(request, str(error))
        else:
            messages.success(request, _("All outbound is held back."))
        return redirect("hold_outbound")
    return _hold_page(request, form, status=422 if form.errors else 200)


@require_POST
def lift(request: HttpRequest) -> HttpResponse:
    _permit(request)
    form = LiftForm(request.POST)
    key = form.cleaned_data["standstill"] if form.is_valid() else None
    found = get_object_or_404(Standstill.objects.visible_to(request.user), pk=key)
    try:
        holding.lift(found, by=request.user, now=clock.now())
    except TransitionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Everything goes on, the most urgent first."))
    return redirect("status")


def _permit(request: HttpRequest) -> None:
    if not permissions.holds_all(request.user):
        raise PermissionDenied


def _hold_page(request: HttpRequest, form: HoldForm, *, status: int) -> HttpResponse:
    """Set or lift it; below, the earlier ones."""
    rows = Standstill.objects.visible_to(request.user).select_related("set_by", "lifted_by")
    context = {
        "form": form,
        "earlier": rows.exclude(lifted_at=None)[:SHOWN],
        "leaving": holding.leaving(clock.now()) if holding.is_on() else 0,
    }
    return render(request, "hold.html", context, status=status)


def _findings(user: User) -> list[dict[str, object]]:
    """What the nightly check found, each with its issue; for who reads those."""
    found = list(Finding.objects.served_by(user).standing()[:SHOWN])
    titles = registry.titles(one.subject for one in found)
    return [
        {"finding": one, "title": titles.get(one.subject), "told": registry.label(one.told)}
        for one in found
    ]
