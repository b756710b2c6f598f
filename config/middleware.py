"""Middleware: the reader's language, and the hint to the dispatcher after a write."""

from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from config import hint

Handler = Callable[[HttpRequest], HttpResponse]
LANGUAGES = frozenset(dict(settings.LANGUAGES))


class PreferredLanguageMiddleware:
    """Speak the language the person chose, else the browser's, Khmer where it names neither.

    A choice made while signed in is the account's and wins on every device; one made by a
    visitor lies in a cookie. With ``LANGUAGE_FIRST`` that language wins over the browser's wish,
    never over a choice.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = self.language_of(request)
        request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
        with translation.override(language):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response

    def language_of(self, request: HttpRequest) -> str:
        """``km`` or ``en``."""
        chosen = (self.accounts_choice(request), self.cookies_choice(request))
        wished = (settings.LANGUAGE_FIRST, self.browser_wish(request))
        return next(one for one in (*chosen, *wished) if one in LANGUAGES)

    def accounts_choice(self, request: HttpRequest) -> str:
        """What the signed-in person chose; "" for visitors and while the database is away."""
        try:
            return getattr(request.user, "language", "")
        except DatabaseError:
            return ""  # the view will say it, in the language we still know of

    def cookies_choice(self, request: HttpRequest) -> str:
        """What was chosen on this device."""
        return request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")

    def browser_wish(self, request: HttpRequest) -> str:
        """The first language of the browser that we speak, else Khmer."""
        wishes = translation.trans_real.parse_accept_lang_header(
            request.headers.get("Accept-Language", "")
        )
        known = (wish.split("-")[0] for wish, _weight in wishes)
        return next((wish for wish in known if wish in LANGUAGES), settings.LANGUAGE_CODE)


class DispatchHintMiddleware:
    """After a successful write, tell the dispatcher once to look now; never fail for it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "POST" and response.status_code < 400:
            hint.look_now()
        return response
