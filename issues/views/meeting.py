"""Pages of a session: its agenda and the console of the day."""

from django.http import Http404, HttpRequest, HttpResponse


def agenda(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def agenda_add(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def agenda_point(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def agenda_arrange(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def item_remove(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def console(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def item_address(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def item_refer(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def item_defer(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def item_note(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def session_release(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def session_cancel(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404
