"""Reading the minutes: their page, PDF and Word file, the address that checks a paper, the scan."""

from typing import NamedTuple

from allauth.core import ratelimit
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from issues.views.scanned import scanned
from minutes import content, editions, papers, permissions, workflow
from minutes.editions import Edition, Line
from minutes.models import Comment, Minutes, Place
from minutes.views import shared
from paper import minutes as paper

PAPERS = "public_paper"  # its rate stands in settings.ACCOUNT_RATE_LIMITS
TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


class Row(NamedTuple):
    """An item as it is printed, with its key on the agenda, and the language of its title."""

    pk: int
    item: paper.Item
    language: str


@login_not_required
@require_safe
def minutes(request: HttpRequest, pk: int) -> HttpResponse:
    found = shared.found_minutes(request, pk)
    edition = shared.edition_of(request, found)
    printed = papers.paper_of(found, edition, get_language())
    context = {
        "minutes": found,
        "session": found.session,
        "edition": edition,
        "offered": editions.offered(permissions.audience_of(request.user, found)),
        "paper": printed,
        "sections": _sections(edition, printed),
        "free": [place for place in Place if place != Place.DISCUSSION],
        "comments": _comments(request, found, edition),
        "acts": workflow.open_acts(found, request.user),
        "serves": permissions.serves(request.user, found.session),
        "left": edition.content["figures"]["left"],
        "languages": settings.LANGUAGES,
    }
    return render(request, "minutes/minutes.html", context)


def _sections(edition: Edition, printed: paper.Minutes) -> list[tuple[str, list[Row]]]:
    """Each heading with its items as they are printed."""
    pairs = zip(edition.parts, printed["sections"], strict=True)
    return [
        (part["heading"], list(map(_row, part["lines"], shown["items"]))) for part, shown in pairs
    ]


def _row(line: Line, item: paper.Item) -> Row:
    return Row(line["pk"], item, line["item"]["title"]["language"] if line["item"] else "")


def _comments(
    request: HttpRequest, found: Minutes, edition: Edition
) -> list[tuple[Comment, int | None]]:
    """Comments the reader may see, with their item's number; none on an item that is hidden."""
    if found.pk is None:
        return []
    numbers = {line["pk"]: line["number"] for part in edition.parts for line in part["lines"]}
    rows = Comment.objects.visible_to(request.user).filter(minutes=found)
    return [
        (one, numbers.get(one.item_id))
        for one in rows.select_related("organization", "authority")
        if one.item_id not in edition.hidden
    ]


# --- papers -------------------------------------------------------------------------------------
@login_not_required
@require_safe
def minutes_file(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    found = shared.found_minutes(request, pk)
    if refused := _too_often(request):
        return refused
    language = _language(request)
    made = papers.file(found, shared.edition_of(request, found), language, kind)
    response = HttpResponse(made, content_type=TYPES[kind])
    place = "inline" if kind == "pdf" else "attachment"
    name = f"minutes-{found.session_id}-{language}.{kind}"
    response.headers["Content-Disposition"] = f'{place}; filename="{name}"'
    response.headers["Content-Language"] = language
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _too_often(request: HttpRequest) -> HttpResponse | None:
    if request.user.is_authenticated:
        return None
    return ratelimit.consume_or_429(request, action=PAPERS, limit_get=True)


def _language(request: HttpRequest) -> str:
    wished = request.GET.get("lang")
    return wished if wished in dict(settings.LANGUAGES) else get_language()


@require_safe
def scan(request: HttpRequest, pk: int) -> HttpResponse:
    found = shared.served_minutes(request, pk)
    return scanned(found.scan, found.scan_kind, f"minutes-{found.session_id}-signed")


# --- checking a paper ---------------------------------------------------------------------------
@login_not_required
@require_safe
def verify(request: HttpRequest, code: str) -> HttpResponse:
    rows = Minutes.objects.approved().select_related("session__province", "session__forum")
    found = get_object_or_404(rows, code=code)
    context = {
        "minutes": found,
        "session": found.session,
        "issues": found.content["figures"]["issues"],
        "is_sound": content.checksum_of(found.content) == found.checksum,
    }
    return render(request, "minutes/verify.html", context)
