"""The papers of a session for its coordinators: brief, issue matrix, and the text of results."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from audit import clock
from forum.views.shared import served_session
from issues import matrix, papers_session, results
from issues.matrix import Edition

FIRST = "km"  # the language of official papers, unless another one is asked for
PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def papers(request: HttpRequest, pk: int) -> HttpResponse:
    session = served_session(request, pk)
    left_out = {
        edition.value: matrix.left_out(session, request.user, edition) for edition in Edition
    }
    context = {"session": session, "left_out": left_out, "is_ready": results.is_ready(session)}
    return render(request, "issues/session_papers.html", context)


@require_safe
def brief_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    session, language = served_session(request, pk), _language(request, FIRST)
    paper = papers_session.brief_pdf(session, language, clock.now(), clock.today())
    return _file(paper, PDF, f"brief-{session.pk}-{language}.pdf", language)


@require_safe
def matrix_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    session, language = served_session(request, pk), _language(request, FIRST)
    edition = _edition(request)
    paper = papers_session.matrix_pdf(session, request.user, edition, language, clock.today())
    return _file(paper, PDF, f"matrix-{edition}-{session.pk}-{language}.pdf", language)


@require_safe
def matrix_xlsx(request: HttpRequest, pk: int) -> HttpResponse:
    session, language = served_session(request, pk), _language(request, FIRST)
    edition = _edition(request)
    book = papers_session.matrix_xlsx(session, request.user, edition, language)
    name = f"matrix-{edition}-{session.pk}-{language}.xlsx"
    return _file(book, XLSX, name, language, shown="attachment")


@require_safe
def result(request: HttpRequest, pk: int) -> HttpResponse:
    session = served_session(request, pk)
    language = _language(request, get_language() or FIRST)
    is_ready = results.is_ready(session)
    context = {
        "session": session,
        "language": language,
        "text": results.text(results.of_session(session), language) if is_ready else "",
        "is_final": session.released_at is not None,
    }
    return render(request, "issues/session_result.html", context)


def _language(request: HttpRequest, otherwise: str) -> str:
    wished = request.GET.get("language")
    return wished if wished in dict(settings.LANGUAGES) else otherwise


def _edition(request: HttpRequest) -> Edition:
    """The room's unless the secretariat's is asked for: a paper soon leaves the house."""
    is_inner = request.GET.get("edition") == Edition.SECRETARIAT
    return Edition.SECRETARIAT if is_inner else Edition.ROOM


def _file(
    content: bytes, kind: str, name: str, language: str, *, shown: str = "inline"
) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Language"] = language
    response.headers["Content-Disposition"] = f'{shown}; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
