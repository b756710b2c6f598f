"""What the pages of a session share: finding it, its items, and saying why an act is refused."""

from collections.abc import Callable

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import User
from audit.errors import TransitionError
from forum import programme
from forum.models import Session
from issues.models import AgendaItem
from issues.models.issue import Reader


def session_of(request: HttpRequest, pk: int) -> Session:
    """A session as the reader may know it; 404 where it is none of theirs."""
    found = get_object_or_404(Session.objects.visible_to(request.user).shown(), pk=pk)
    return programme.as_seen_by(request.user, [found])[0]


def served(request: HttpRequest, pk: int) -> Session:
    """A session of the coordinator's own province; 403 for others who may see it."""
    session = session_of(request, pk)
    if not serves(request.user, session):
        raise PermissionDenied
    return session


def serves(user: Reader, session: Session) -> bool:
    return isinstance(user, User) and user.serves(session.province_id)


def item_of(request: HttpRequest, pk: int, *also: str) -> AgendaItem:
    """An item of an agenda the user may change, with its session and what ``also`` names."""
    rows = AgendaItem.objects.filter(session__in=Session.objects.visible_to(request.user))
    rows = rows.select_related("session__province", "session__forum", *also)
    item = get_object_or_404(rows, pk=pk)
    if not serves(request.user, item.session):
        raise PermissionDenied
    return item


def tried(do: Callable[[], object], form: forms.Form) -> bool:
    """Do it, or put the refusal at the form; whether it was done."""
    try:
        do()
    except TransitionError as error:  # somebody was faster
        form.add_error(None, str(error))
        return False
    return True
