"""What the pages of the room have in common: finding a session, and answering refusals."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from audit.errors import Conflict, TransitionError
from forum import permissions, programme, workflow
from forum.actions.shared import Stale
from forum.models import Forum, Invitation, Session

View = Callable[..., HttpResponse]


def typed(request: HttpRequest) -> QueryDict | None:
    """What was sent; None where the form is only looked at."""
    return request.POST if request.method == "POST" else None


def done(form: forms.Form, act: Callable[[], Any]) -> Any:
    """What the act made of a valid form; None, with a sentence at the form, where it refused."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return act()
    except Conflict:
        raise
    except Stale as error:
        form.add_error(None, _with_way_back(error))
        return None
    except TransitionError as error:
        form.add_error(None, str(error))
        return None


def _with_way_back(error: Stale) -> str:
    """The sentence with a link to the same page, which reads everything anew."""
    return format_html('{} <a href="">{}</a>', str(error), _("Open the form anew"))


def answers_conflict(view: View) -> View:
    """Answer 409 where the form was sent before with other content."""

    @wraps(view)
    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Conflict as error:
            title = _("This was sent before")
            page = {"code": 409, "title": title, "sentence": str(error)}
            return render(request, "error.html", page, status=409)

    return answering


def visible_session(request: HttpRequest, pk: int) -> Session:
    """The session as the reader may know it; 404 where it is none of theirs."""
    found = get_object_or_404(Session.objects.visible_to(request.user).shown(), pk=pk)
    return programme.as_seen_by(request.user, [found])[0]


def served_session(request: HttpRequest, pk: int) -> Session:
    """The session for its coordinators: 404 unseen, 403 where the reader is none of them."""
    found = visible_session(request, pk)
    if not permissions.serves(request.user, found):
        raise PermissionDenied
    return found


def served_forum(request: HttpRequest, pk: int) -> Forum:
    """A forum the reader may publish of: 404 unseen, 403 for whoever coordinates none of it."""
    rows = Forum.objects.visible_to(request.user).prefetch_related("provinces")
    found = get_object_or_404(rows, pk=pk)
    if not permissions.serves_one_of(request.user, [one.pk for one in found.provinces.all()]):
        raise PermissionDenied
    return found


def visible_invitation(request: HttpRequest, pk: int) -> Invitation:
    """An invitation the reader may see, with its session as drafted and as published."""
    rows = Invitation.objects.visible_to(request.user).with_party_and_session()
    return get_object_or_404(rows, pk=pk)


def served_invitation(request: HttpRequest, pk: int) -> Invitation:
    """An invitation for its session's coordinators: 403 where the reader is none of them."""
    found = visible_invitation(request, pk)
    if not permissions.serves(request.user, found.session):
        raise PermissionDenied
    return found


def on_session(act: workflow.Act) -> Callable[[View], View]:
    """Hand the view its session: 404 unseen, 403 not the reader's to do, back if it is too late."""

    def decorate(view: View) -> View:
        @wraps(view)
        def found(request: HttpRequest, pk: int) -> HttpResponse:
            session = visible_session(request, pk)
            try:
                workflow.check(act, session, by=request.user)
            except TransitionError as error:
                messages.error(request, str(error))
                return redirect(session)
            return view(request, session)

        return found

    return decorate


def key_in(request: HttpRequest) -> dict[str, uuid.UUID]:
    """The key that the script wrote into the address: Back opens the same form, not a new one."""
    try:
        return {"client_key": uuid.UUID(request.GET.get("key", ""))}
    except ValueError:
        return {}


def after_change(session: Session) -> HttpResponse:
    """The next page once a draft has changed: where it is published, if it ever was before."""
    if session.announced_id is None:
        return redirect(session)
    page = reverse("forum:programme_publish", args=[session.forum_id])
    return redirect(f"{page}?session={session.pk}")
