"""The public list of issues."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from issues.listing import MOST_COUNTED
from issues.published import PublishedListing


@login_not_required
@require_safe
def published(request: HttpRequest) -> HttpResponse:
    listing = PublishedListing(request.GET, user=request.user)
    context = {
        "listing": listing,
        "filter": listing.filter,
        "cards": listing.cards(),
        "most": MOST_COUNTED,
    }
    return render(request, "issues/published.html", context)
