"""The first page of everybody: what waits for one's role, or the public page."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Role
from audit import clock
from config import home_clock, homes


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    held = {one.role for one in request.user.held} if request.user.is_authenticated else set()
    if not held:
        return render(
            request, "home_public.html", {"home": homes.visitor(request.user, clock.now())}
        )
    return render(request, "home.html", _sections(request, held))


def _sections(request: HttpRequest, held: set[str]) -> dict[str, object]:
    """A section for each role; without one there is nothing of it."""
    user, now = request.user, clock.now()
    sections: dict[str, object] = {"heading": _("Today")}
    if Role.COORDINATOR in held:
        sections["coordinator"] = homes.coordinator(user, now)
    if Role.OFFICIAL in held:
        sections["official"] = homes.official(user, now)
    if Role.REPRESENTATIVE in held:
        sections["representative"] = homes.representative(user, now)
    if Role.ADMINISTRATOR in held:
        sections["administrator"] = home_clock.administrator(now)
    return sections
