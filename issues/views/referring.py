"""Pages of the office an issue was referred to."""

from django.http import Http404, HttpRequest, HttpResponse


def referrals(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def referral(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def acknowledge(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def respond(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def ask(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def resolve(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def recall(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def hand_over(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404
