"""What an official gets who sends a form for a referral that was taken away meanwhile."""

from collections.abc import Callable
from functools import wraps

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from issues.models import Referral

View = Callable[..., HttpResponse]
TYPED = ("title", "text", "reason", "note")  # fields in which somebody may have typed for long


class Vanished(Exception):
    """The referral is no longer open to the office that was asked, for whatever reason."""


def find(request: HttpRequest, rows: QuerySet[Referral], pk: int) -> Referral:
    """The referral among those the reader sees; else 404.

    Raises Vanished where the office it was handed to sends a form: what was typed must not be lost.
    """
    found = rows.filter(pk=pk).first()
    if found is not None:
        return found
    refuse(request, pk=pk)
    raise Http404


def refuse(request: HttpRequest, **which: object) -> None:
    """Raise Vanished where a form is sent by the office that such a referral was handed to."""
    theirs = Referral.objects.filter(
        authority__in=request.user.office_ids, released_at__isnull=False, **which
    )
    if request.method == "POST" and theirs.exists():
        raise Vanished


def keeps_typed(view: View) -> View:
    """Answer 409 with what was typed, and nothing of the issue nor why, where it vanished."""

    @wraps(view)
    def kept(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Vanished:
            typed = [value for name in TYPED if (value := request.POST.get(name, "").strip())]
            return render(request, "issues/vanished.html", {"typed": typed}, status=409)

    return kept
