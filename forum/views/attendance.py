"""Who came, counted by hand, and the papers of it."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit import clock
from forum import papers_attendance
from forum.models import Session
from forum.views import shared
from forum.workflow import Act

FIRST = "km"  # the language of official papers, unless another one is asked for


@require_safe
@shared.on_session(Act.CHECK_IN)
def session_sheet(request: HttpRequest, session: Session) -> HttpResponse:
    language = _language(request)
    paper = papers_attendance.sheet(session, language, clock.today())
    return _pdf(paper, f"attendance-{session.pk}", language)


@require_safe
@shared.on_session(Act.RECORD_ATTENDANCE)
def session_certificates(request: HttpRequest, session: Session) -> HttpResponse:
    people = papers_attendance.came_to(session)
    if not people:
        messages.info(request, _("Nobody has been checked in yet."))
        return redirect(session)
    language = _language(request)
    paper = papers_attendance.certificates_of(session, people, language, clock.today())
    return _pdf(paper, f"certificates-{session.pk}", language)


def _language(request: HttpRequest) -> str:
    wished = request.GET.get("language")
    return wished if wished in dict(settings.LANGUAGES) else FIRST


def _pdf(paper: bytes, name: str, language: str) -> HttpResponse:
    response = HttpResponse(paper, content_type="application/pdf")
    response.headers["Content-Language"] = language
    response.headers["Content-Disposition"] = f'inline; filename="{name}-{language}.pdf"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
