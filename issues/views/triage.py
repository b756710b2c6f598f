"""Pages of the secretariat: the list, and what it does with an issue."""

from django.http import Http404, HttpRequest, HttpResponse


def issues(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def issue_accept(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def issue_return(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def issue_decline(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def issue_publish(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def issue_unpublish(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def issue_reopen(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def issue_refer(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def issue_protected(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404
