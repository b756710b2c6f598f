"""The receipt of an issue, and what its tracking code shows to who has no account."""

from allauth.core import ratelimit
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from issues import papers, tracking
from issues.forms.tracking import TrackingForm
from issues.models import Issue
from issues.page import readable
from issues.permissions import parts_in
from paper import qr

WRONG_CODES = "wrong_tracking_code"  # its rates stand in settings.ACCOUNT_RATE_LIMITS


@never_cache
@login_not_required
@require_http_methods(["GET", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    form = TrackingForm(request.POST if request.method == "POST" else None)
    context, status = {"form": form}, 200
    if form.is_valid():
        if not _may_try(request, dry_run=True):
            form.add_error("code", _("There were too many wrong codes. Try again in an hour."))
            status = 429
        elif found := tracking.tracked(form.cleaned_data["code"]):
            context["found"] = found
        else:
            _may_try(request)
            form.add_error("code", _("No issue has this code. Compare it with the receipt."))
    return render(request, "issues/track.html", context, status=status)


def _may_try(request: HttpRequest, *, dry_run: bool = False) -> bool:
    """Whether another wrong code is allowed, from this address and from all; counts it."""
    return ratelimit.consume(request, action=WRONG_CODES, key="all", dry_run=dry_run)


@never_cache
@require_safe
def receipt(request: HttpRequest, reference: str) -> HttpResponse:
    issue = _own(request, reference)
    context = {
        "issue": issue,
        "code": tracking.grouped(issue.tracking_code),
        "qr": qr.svg(_address(issue), _("QR code of the address below")),
        "address": _address(),
    }
    return render(request, "issues/receipt.html", context)


@never_cache
@require_safe
def receipt_pdf(request: HttpRequest, reference: str) -> HttpResponse:
    issue = _own(request, reference)
    content = papers.receipt(
        get_language(),
        issue.reference,
        issue.tracking_code,
        _address(issue),
        timezone.localdate(issue.submitted_at),
    )
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="receipt.pdf"'
    return response


def _own(request: HttpRequest, reference: str) -> Issue:
    """The issue, for those inside alone: whoever holds its receipt may follow it."""
    issue = get_object_or_404(readable(request.user), reference=reference)
    if not parts_in(request.user, issue):
        raise PermissionDenied
    return issue


def _address(issue: Issue | None = None) -> str:
    """Where the code is typed; the code itself stands behind #, which no server is ever sent."""
    address = f"{settings.BASE_URL}{reverse('issues:track')}"
    return f"{address}#{issue.tracking_code}" if issue else address
