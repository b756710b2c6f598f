"""Pages of no single room: health, the language switch, and errors. (Home: see ``home``.)"""

from django.http import HttpRequest, HttpResponse


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("home")


def live(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


def ready(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


def choose_language(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse("400", status=400)


permission_denied = page_not_found = bad_request


def server_error(request: HttpRequest) -> HttpResponse:
    return HttpResponse("500", status=500)
