"""Where administrators let a person be told by another service."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from accounts import permissions
from accounts.models import User
from audit import clock
from outbox import service_addresses, services
from outbox.forms_services import ServiceAddressForm


@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters("address")
@sensitive_variables("form")
def service_address(request: HttpRequest, pk: int) -> HttpResponse:
    """Set up where a person may be told; what stands already is never shown."""
    person = _person(request, pk)
    form = ServiceAddressForm(request.POST or None, allowed=services.allowed())
    if request.method == "POST" and form.is_valid():
        try:
            service_addresses.set_address(
                person, form.cleaned_data["address"], by=request.user, now=clock.now()
            )
        except services.Unfit as error:
            form.add_error("address", str(error))
        else:
            messages.success(request, _("The address is kept: the person may now choose this way."))
            return redirect(person)
    context = {"person": person, "form": form, "kept": getattr(person, "service_address", None)}
    return render(request, "outbox/service_address.html", context)


@require_POST
def service_address_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell the person there no more."""
    person = _person(request, pk)
    service_addresses.remove_address(person, by=request.user)
    messages.success(request, _("The address is removed."))
    return redirect(person)


def _person(request: HttpRequest, pk: int) -> User:
    """Somebody the reader sees, and sets this up for."""
    rows = User.people.visible_to(request.user).select_related("service_address")
    person = get_object_or_404(rows, pk=pk)
    if not permissions.sets_other_way(request.user, person):
        raise PermissionDenied
    return person
