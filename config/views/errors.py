"""One page for every error: what happened, what to do, and a reference to quote."""

import logging
import secrets

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.translation import gettext as _

log = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return _page(
            request,
            413,
            _("This is too large"),
            _("What was sent is too large. Send fewer or smaller files at a time."),
        )
    return _page(
        request,
        400,
        _("This could not be understood"),
        _("The page or form was sent in a way that could not be read. Open it again."),
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        403,
        _("This is not for your role"),
        _("Your account may not do this. If it should, ask the secretariat."),
    )


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    # The same words whether there is nothing, or something this reader may not see.
    return _page(
        request,
        404,
        _("This page was not found"),
        _("The address is wrong, or what stood here is not open to you."),
    )


def not_allowed(request: HttpRequest) -> HttpResponse:
    return _page(
        request,
        405,
        _("This address cannot be opened by itself"),
        _("It only takes what a form sends. Open the page again from the menu."),
    )


def too_many_requests(request: HttpRequest) -> HttpResponse:
    return _page(
        request,
        429,
        _("Too many tries"),
        _("This was tried too often in a short time. Wait five minutes, then try again."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(
        request,
        403,
        _("The form was not accepted"),
        _(
            "Nothing was saved. The form was open for very long, or the browser keeps no cookies."
            " Go back, copy what you typed, open the page again and send it once more."
        ),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """The page of a failure of ours; asks nothing of the database, which may be the failure."""
    title = _("Something went wrong on our side")
    sentence = _("It was recorded and will be looked into. Try again in a few minutes.")
    context = _context(request, 500, title, sentence)
    try:
        page = loader.render_to_string("error.html", context)  # no request: no person, no query
    except Exception:
        log.exception("error.html itself failed (%s)", context["reference"])
        page = f"{title} {sentence} {context['reference']}"
    return HttpResponse(page, status=500)


def _page(request: HttpRequest, code: int, title: str, sentence: str) -> HttpResponse:
    context = _context(request, code, title, sentence)
    return HttpResponse(loader.render_to_string("error.html", context, request), status=code)


def _context(request: HttpRequest, code: int, title: str, sentence: str) -> dict[str, object]:
    """What the page shows; logs the reference with the view's name, never with an address."""
    reference = secrets.token_hex(4).upper()
    match = request.resolver_match
    log.warning("error %s, reference %s, view %s", code, reference, match and match.view_name)
    return {"code": code, "title": title, "sentence": sentence, "reference": reference}
