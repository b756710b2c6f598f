"""The room's screen: on the projector for who is invited, on phones in the room without an account.

Two hundred phones ask every few seconds whether there is something new. Such a question reads one
row; what is new is drawn once in each process and language, and kept for the others.
"""

from functools import lru_cache

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from forum import programme
from forum.models import Invitation, Session
from issues import actions, screen
from issues.models import Screen
from issues.screen import Phase
from issues.views.sitting import served, serves, session_of
from paper import qr

LANGUAGES = frozenset(dict(settings.LANGUAGES))
LOOKS = ("dark", "light")
# Seconds after which all is drawn anew. The revision tells of agenda, outcomes and issues at once,
# but not of an organization that no longer wants to be named, or of an office's new name.
AFRESH = 60


# --- for who is signed in ------------------------------------------------------------------------
@require_safe
def screen_page(request: HttpRequest, pk: int) -> HttpResponse:
    session = session_of(request, pk)
    if not serves(request.user, session) and not _is_invited(request, session):
        raise PermissionDenied
    with translation.override(_language(request)):
        key = Screen.objects.filter(session=session).values_list("key", flat=True).first()
        showing = screen.showing(session, clock.now())
        return _page(request, showing.phase, showing, key=key, home=request.path)


def _is_invited(request: HttpRequest, session: Session) -> bool:
    return Invitation.objects.visible_to(request.user).filter(session=session).exists()


@require_http_methods(["GET", "POST"])
def screen_address(request: HttpRequest, pk: int) -> HttpResponse:
    session = served(request, pk)
    if request.method == "POST":
        actions.renew_screen(session, by=request.user, now=clock.now())
        messages.success(request, _("The screen has a new address."))
        return redirect("issues:screen_address", session.pk)
    context = {"session": session, "phase": screen.phase_of(session)} | address_of(session)
    return render(request, "issues/screen_address.html", context)


def address_of(session: Session) -> dict[str, str]:
    """Where phones follow the session, as text and as picture; nothing before it has an address."""
    key = Screen.objects.filter(session=session).values_list("key", flat=True).first()
    if key is None:
        return {}
    address = f"{settings.BASE_URL}{reverse('issues:room', args=[key])}"
    return {"address": address, "qr": qr.svg(address, _("QR code of the address below"))}


# --- for phones in the room ----------------------------------------------------------------------
@login_not_required
@require_safe
def room(request: HttpRequest, key: str) -> HttpResponse:
    with translation.override(_language(request)):
        found = Screen.objects.filter(key=key).values_list("session", flat=True).first()
        if found is None:
            return _traceless(_page(request, Phase.GONE, status=404))
        session = _sitting(found)
        phase = screen.phase_of(session)
        showing = screen.showing(session, clock.now()) if phase == Phase.OPEN else None
        return _traceless(_page(request, phase, showing, key=key))


@login_not_required
@require_safe
def room_part(request: HttpRequest, key: str) -> HttpResponse:
    with translation.override(_language(request)):
        row = Screen.objects.filter(key=key).values_list("session", "revision").first()
        if row is None:
            return _traceless(_closed(Phase.GONE, status=404))
        return _traceless(_changed(request, key, *row))


def _changed(request: HttpRequest, key: str, session_id: int, revision: int) -> HttpResponse:
    """What is new since the reader's version of it, or that nothing is."""
    slot = int(clock.now().timestamp()) // AFRESH
    etag = f'W/"{revision}-{translation.get_language()}-{slot}"'
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        session = _sitting(session_id)
        phase = screen.phase_of(session)
        if phase != Phase.OPEN:  # without a tag: that it opens is no change of its agenda
            return _closed(phase)
        answer = HttpResponse(_drawn(session, key, etag))
    answer.headers["ETag"] = etag
    return answer


@lru_cache(maxsize=32)
def _drawn(session: Session, key: str, etag: str) -> str:
    """The part of the page that changes, drawn once for all who ask for it."""
    return render_to_string(
        "issues/_screen_part.html", {"showing": screen.showing(session, clock.now())}
    )


def _closed(phase: Phase, status: int = 200) -> HttpResponse:
    page = render_to_string("issues/_screen_closed.html", {"phase": phase.value})
    return HttpResponse(page, status=status)


def _sitting(pk: int) -> Session:
    """The session as it was published: strangers ask."""
    return programme.as_published(Session.objects.shown().get(pk=pk))


def _traceless(answer: HttpResponse) -> HttpResponse:
    """Found by no search engine, and told to no other page by the browser."""
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return _timed(answer)


# --- what both share -----------------------------------------------------------------------------
def _language(request: HttpRequest) -> str:
    """That of the address, else the reader's."""
    asked = request.GET.get("lang", "")
    return asked if asked in LANGUAGES else translation.get_language()


def _page(
    request: HttpRequest,
    phase: Phase,
    showing: screen.Showing | None = None,
    *,
    key: str | None = None,
    home: str = "",
    status: int = 200,
) -> HttpResponse:
    """The whole page, drawn without the request: it knows no person and sets no cookie.

    ``home`` is the address of its own at which a signed-in screen asks while there is no session.
    """
    look = request.GET.get("look", "")
    language = translation.get_language()
    ask = f"?lang={language}"
    context = {
        "phase": phase.value,
        "showing": showing,
        "look": look if look in LOOKS else "",
        "part": f"{reverse('issues:room_part', args=[key])}{ask}" if key else "",
        "home": f"{home}{ask}" if home else "",
        "now": clock.now(),
        "now_ms": screen.milliseconds(clock.now()),
    }
    page = HttpResponse(render_to_string("issues/screen.html", context), status=status)
    return _timed(page)


def _timed(answer: HttpResponse) -> HttpResponse:
    """With the server's time, by which the browser's clocks go, and its language."""
    answer.headers["Vedika-Clock"] = str(screen.milliseconds(clock.now()))
    answer.headers["Content-Language"] = translation.get_language()
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
