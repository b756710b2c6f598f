"""Pages of who raises an issue, and the issue's own page."""

from django.http import Http404, HttpRequest, HttpResponse


def issue_new(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def draft(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def draft_edit(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def draft_submit(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def draft_files(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def issue(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def issue_edit(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def issue_files(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def issue_reply(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def issue_withdraw(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def issue_confirm(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def issue_dispute(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def issue_partly(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def evidence(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def thumbnail(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def evidence_remove(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def published(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404
