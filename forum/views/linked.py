"""What all pages below a signed link have in common: open to who holds it, and found by nobody."""

from functools import wraps
from typing import Any

from allauth.core import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from forum.views.shared import View

ACTS = "reply_link"  # its rates stand in settings.ACCOUNT_RATE_LIMITS


def below_link(view: View) -> View:
    """Open the view to who has no account; too much sent with one link is refused with 429."""

    @never_cache
    @login_not_required
    @wraps(view)
    def opened(request: HttpRequest, token: str, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not ratelimit.consume(request, action=ACTS, key=token):
            response = ratelimit.respond_429(request)
        else:
            response = view(request, token, *args, **kwargs)
        # The address gives the right, so no search may find it. Its Referrer-Policy stays the
        # site's same-origin: under no-referrer browsers send forms with "Origin: null" and no
        # Referer, and the check against forged forms would refuse every answer.
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return opened
