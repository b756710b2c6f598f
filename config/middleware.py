"""Middleware: the reader's language, what no page is asked for, and the hint after a write."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from config import hint
from config.views import errors

Handler = Callable[[HttpRequest], HttpResponse]
LANGUAGES = frozenset(dict(settings.LANGUAGES))
LONGEST = 2_000  # characters of one value in a query string: far more than anybody searches for
NUL = "\0"
NAMELESS = "/s/"  # issues:room and what is below it


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


class NamelessMiddleware:
    """Forget who asks at the addresses of the screen for phones in the room.

    They are the same for everybody: without cookies neither a session nor a person is looked for,
    so that two hundred phones that ask every few seconds cost one row each.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(NAMELESS):
            request.COOKIES = {}
        return self.get_response(request)


class DispatchHintMiddleware:
    """After a successful write, tell the dispatcher once to look now; never fail for it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "POST" and response.status_code < 400:
            hint.look_now()
        return response


class ReadableMiddleware:
    """Refuse, with a page, addresses that no database can look for, and values nobody typed."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if NUL in request.path:
            raise Http404
        for name, values in request.GET.lists():
            if any(NUL in one or len(one) > LONGEST for one in (name, *values)):
                raise BadRequest
        return self.get_response(request)


class MethodMiddleware:
    """A page with words for an address that takes only what a form sends."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or response.streaming or response.content:
            return response
        page = errors.not_allowed(request)
        page.headers["Allow"] = response.headers.get("Allow", "")
        return page


class PrivatePagesMiddleware:
    """Let no browser keep a page or file of a signed-in person: telephones are shared.

    The answer to a form is the exception until one signs out: without it Back would lose what
    was typed there. Signing out clears what the browser holds of us.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        was_somebodys = self.is_somebodys(request)
        response = self.get_response(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        is_kept = "no-store" not in response.headers.get("Cache-Control", "")
        if was_somebodys and not self.is_somebodys(request):
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        elif is_page and is_kept and was_somebodys:
            answers_form = request.method == "POST"
            response.headers["Cache-Control"] = (
                "private, no-cache" if answers_form else "private, no-store"
            )
        elif was_somebodys and "Content-Disposition" in response.headers:  # a table, a paper
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def is_somebodys(self, request: HttpRequest) -> bool:
        """Whether the page may be a person's own; also where that cannot be asked now."""
        try:
            return request.user.is_authenticated
        except DatabaseError:
            return True
