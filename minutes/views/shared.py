"""What the pages have in common: finding the minutes, and handing an act its own."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from audit.errors import TransitionError
from issues.models import AgendaItem
from khmer import numbers
from minutes import content, editions, permissions, workflow
from minutes.editions import Edition
from minutes.models import Minutes

View = Callable[..., HttpResponse]
BESIDE = ("forum", "province", "venue")


def found_minutes(request: HttpRequest, pk: int) -> Minutes:
    """The session's minutes as far as the reader may see them; 404 where there are none for them.

    A session without any act yet gets a row that is not saved.
    """
    rows = Minutes.objects.visible_to(request.user).filter(session=pk)
    found = rows.select_related(*(f"session__{name}" for name in BESIDE)).first()
    if found is not None:
        return found
    sessions = permissions.without_row(request.user)
    return Minutes(session=get_object_or_404(sessions.select_related(*BESIDE), pk=pk))


def served_minutes(request: HttpRequest, pk: int) -> Minutes:
    """The minutes for the province's coordinators; 403 for others who may see them."""
    found = found_minutes(request, pk)
    if not permissions.serves(request.user, found.session):
        raise PermissionDenied
    return found


def edition_of(request: HttpRequest, minutes: Minutes) -> Edition:
    """The reader's edition; a coordinator may ask for that of the room or of the public."""
    offered = editions.offered(permissions.audience_of(request.user, minutes))
    wished = request.GET.get("edition")
    audience = next((one for one in offered if one == wished), offered[0])
    return editions.edition(minutes, content.of_minutes(minutes), audience, request.user)


def on_minutes(act: workflow.Act) -> Callable[[View], View]:
    """Hand the view its minutes: 404 unseen, 403 not the reader's to do, back if it is too late."""

    def decorate(view: View) -> View:
        @wraps(view)
        def found(request: HttpRequest, pk: int, **place: Any) -> HttpResponse:
            minutes = found_minutes(request, pk)
            try:
                workflow.check(act, minutes, by=request.user)
            except TransitionError as error:
                messages.error(request, str(error))
                return redirect("minutes:minutes", pk)
            return view(request, minutes, **place)

        return found

    return decorate


def shown_item(request: HttpRequest, minutes: Minutes, pk: int) -> tuple[AgendaItem, int]:
    """An item of the session with its number; 404 where the reader sees its number alone."""
    shown = edition_of(request, minutes)
    lines = {line["pk"]: line for part in shown.parts for line in part["lines"]}
    if pk not in lines or lines[pk]["hidden"]:
        raise Http404
    item = get_object_or_404(AgendaItem, pk=pk, session=minutes.session_id)
    return item, lines[pk]["number"]


def item_label(number: int) -> str:
    """An item in words, by its number."""
    return _("Item %(number)s") % {"number": numbers.in_language(number, get_language())}


def act_page(
    request: HttpRequest, minutes: Minutes, form: forms.Form, title: str, **more: object
) -> HttpResponse:
    """The page of an act, with its form and the way back to the minutes."""
    page = minutes.get_absolute_url()
    context = {
        "title": title,
        "form": form,
        "submit_label": _("Save"),
        "cancel_url": page,
        "parent_url": page,
        "parent_label": _("Minutes of the session"),
    }
    return render(request, "issues/act_form.html", context | more)
