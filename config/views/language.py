"""The switch that stands on every page."""

import datetime as dt
import inspect
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

YEAR = dt.timedelta(days=365)


@login_not_required
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    response = redirect(_next(request))
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        return response
    if request.user.is_authenticated and request.user.language != language:
        request.user.language = language
        request.user.save(update_fields=["language"])
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=YEAR,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )
    return response


def _next(request: HttpRequest) -> str:
    """Where the switch stood, if that is a page of ours."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    if not ours:
        return "/"
    path = urlsplit(wanted).path
    return wanted if _opens(path) is not False else next(filter(_opens, _above(path)))


def _above(path: str) -> Iterator[str]:
    """The addresses above one, up to the first page."""
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        yield path


def _opens(path: str) -> bool | None:
    """Whether the view of an address answers when it is opened; None where there is no view."""
    try:
        view = resolve(path).func
    except Resolver404:
        return None
    while view is not None:
        # Where Django's own decorator keeps the methods it lets through.
        if "GET" not in inspect.getclosurevars(view).nonlocals.get("request_method_list", ["GET"]):
            return False
        view = getattr(view, "__wrapped__", None)
    return True
