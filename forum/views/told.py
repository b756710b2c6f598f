"""Who holds an old date or was never reached, and what coordinators told them themselves."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from audit.errors import TransitionError
from forum import actions, holders, parties, unreached
from forum.forms.programme import ByHandForm, FirstWordForm, WayForm
from forum.models import Forum, Invitation, Told
from forum.views import shared

PER_PAGE = 50


@require_http_methods(["GET", "POST"])
def told(request: HttpRequest, pk: int) -> HttpResponse:
    forum, now = shared.served_forum(request, pk), clock.now()
    if "invitation" in request.POST:
        return _first_word(request, forum)
    if request.method == "POST":
        return _told_by_hand(request, forum)
    rows = holders.shown(holders.outdated(forum, request.user, now=now))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "forum": forum,
        "page_obj": page,
        "rows": holders.named(list(page)),
        "missed": unreached.missed(forum, request.user, now=now),
    }
    return render(request, "forum/told.html", context)


def _told_by_hand(request: HttpRequest, forum: Forum) -> HttpResponse:
    """Note it and go back to the list; a second press finds that it is noted, and says so."""
    form = ByHandForm(request.POST)
    rows = Told.objects.visible_to(request.user).filter(session__forum=forum)
    found = get_object_or_404(rows.select_related("session"), pk=_named_in(form, "told"))
    if not holders.outdated(forum, request.user, now=clock.now()).filter(pk=found.pk).exists():
        messages.info(request, _noted())
        return redirect("forum:told", forum.pk)
    try:
        actions.tell_by_hand(
            found.session,
            by=request.user,
            now=clock.now(),
            recipient=found.recipient,
            way=form.cleaned_data["way"],
            seen=form.cleaned_data["seen"],
        )
    except TransitionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _noted())
    return redirect("forum:told", forum.pk)


def _first_word(request: HttpRequest, forum: Forum) -> HttpResponse:
    """Note that a party whom nothing reached was told, and go back to the list."""
    form = FirstWordForm(request.POST)
    rows = unreached.asked(forum, request.user, now=clock.now()).select_related("session")
    found = get_object_or_404(rows, pk=_named_in(form, "invitation"))
    try:
        _tell(request, found, form.cleaned_data["way"], form.cleaned_data["seen"])
    except TransitionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _noted())
    return redirect("forum:told", forum.pk)


def _tell(request: HttpRequest, invitation: Invitation, way: str, seen: int) -> None:
    by, now = request.user, clock.now()
    if way == Told.Way.LETTER:
        actions.hand_over_letter(invitation, by=by, now=now, seen=seen)
        return
    name, pk = parties.key_of(invitation)
    actions.tell_by_hand(
        invitation.session, by=by, now=now, recipient=f"{name}:{pk}", way=way, seen=seen
    )


def _noted() -> str:
    return _("It is noted that they know.")


def _named_in(form: WayForm, name: str) -> int:
    if not form.is_valid():
        raise Http404
    return int(form.cleaned_data[name])
