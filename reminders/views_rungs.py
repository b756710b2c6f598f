"""The page of a referral's whole ladder, for the secretariat."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from audit import clock
from issues.models import Referral
from issues.permissions import serves
from reminders.rungs import ladder_of


@require_safe
def rungs(request: HttpRequest, pk: int) -> HttpResponse:
    """Every rung: who was told how, what became of it, and what is to come."""
    rows = Referral.objects.visible_to(request.user).select_related("authority", "issue__province")
    found = get_object_or_404(rows, pk=pk)
    if not serves(request.user, found.issue):
        raise PermissionDenied
    context = {
        "referral": found,
        "issue": found.issue,
        "ladder": ladder_of(found, now=clock.now()),
    }
    return render(request, "reminders/rungs.html", context)
