"""The planning board of a forum, and moving a session on it: by hand, by keys, or by a form."""

from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from audit import clock
from forum import actions, daywords, permissions, programme, warnings
from forum.board import TRAY, Board, Card, cards
from forum.forms.board import MoveForm
from forum.models import Forum, Session
from forum.spots import Spot, span_of
from forum.views import shared
from forum.workflow import Act
from khmer import numbers
from provinces.models import Holiday, Province

Round = tuple[Forum, list[Province]]


@require_safe
def forum_board(request: HttpRequest, pk: int) -> HttpResponse:
    held = _round(request, pk)
    spot = Spot.of(request.GET, held[0], clock.today())
    return render(request, "forum/board.html", {"board": _read(request.user, held, spot)})


@require_http_methods(["GET", "POST"])
def session_move(request: HttpRequest, pk: int) -> HttpResponse:
    on_board = request.htmx and request.method == "POST"
    return (_move_on_board if on_board else _move_by_form)(request, pk)


@shared.on_session(Act.EDIT)
def _move_by_form(request: HttpRequest, session: Session) -> HttpResponse:
    form = MoveForm(shared.typed(request), session=session)
    moved = _moved(request, session, form)
    if moved:
        messages.success(request, _where(moved))
        return redirect(_board_with(request, moved))
    if form.is_bound and "plain" in request.POST:  # by the button of the board: no fields to mend
        messages.error(request, _refused(session, form))
        return redirect(_board_with(request, session))
    context = {"form": form, "session": session, "board_url": _board_with(request, session)}
    return render(request, "forum/board_move.html", context)


def _move_on_board(request: HttpRequest, pk: int) -> HttpResponse:
    """The cells that changed, what is said of it, and the counts; 409 where it was refused."""
    session = shared.served_session(request, pk)
    held = _round(request, session.forum_id)
    spot = Spot.of(request.POST, held[0], clock.today())
    before = _read(request.user, held, spot)
    form = MoveForm(shared.typed(request), session=session)
    moved = _moved(request, session, form)
    after = _read(request.user, held, spot)
    touched = (TRAY, before.key_of(session), *request.POST.getlist("cell"))
    context = {
        "board": after,
        "cells": after.changed_since(before, *touched),
        "card": after.card_of(pk),
        "sentence": _where(moved) if moved else _refused(session, form),
        "is_refused": not moved,
        "away": _away(after, moved),
    }
    status = 200 if moved else 409
    return render(request, "forum/_board_moved.html", context, status=status)


def _moved(request: HttpRequest, session: Session, form: MoveForm) -> Session | None:
    """The session where it lies now; None, with the reason at the form, where it was refused."""
    found: Session | None = shared.done(
        form,
        lambda: actions.move_session(session, by=request.user, now=clock.now(), **form.where()),
    )
    return found


# --- what is read ---------------------------------------------------------------------------------
def _round(request: HttpRequest, pk: int) -> Round:
    """The forum and its provinces; 404 unseen, 403 for those who coordinate none of these."""
    through = Forum.provinces.through.objects.filter(
        forum=pk, forum__in=Forum.objects.visible_to(request.user)
    )
    rows = list(through.select_related("forum", "province").order_by("province__sort_key"))
    if not rows:
        raise Http404
    provinces = [one.province for one in rows]
    if not permissions.serves_one_of(request.user, [one.pk for one in provinces]):
        raise PermissionDenied
    return rows[0].forum, provinces


def _read(user: User, held: Round, spot: Spot) -> Board:
    """The board of the forum as the user may know it."""
    forum, provinces = held
    ids = [one.pk for one in provinces]
    rows = Session.objects.visible_to(user).filter(_of(forum, ids, spot)).shown()
    sessions = programme.as_seen_by(user, rows)
    own = [one for one in sessions if one.forum_id == forum.pk]
    served = [one for one in own if permissions.serves(user, one)]
    found = warnings.of(served, now=clock.now())
    first, latest = span_of(forum, spot)
    closed = Holiday.objects.filter(Q(province=None) | Q(province__in=ids))
    return Board(
        forum=forum,
        provinces=provinces,
        spot=spot,
        cards=cards(
            sessions,
            forum=forum,
            served=frozenset(one.pk for one in served),
            warnings={pk: [one.sentence for one in these] for pk, these in found.items()},
        ),
        holidays=list(closed.filter(date__range=(first, latest))),
        today=clock.today(),
    )


def _of(forum: Forum, province_ids: Sequence[str], spot: Spot) -> Q:
    """The forum's sessions, and those of other forums in its provinces and the time shown."""
    shown = span_of(forum, spot)
    drafted = Q(starts_at__date__range=shown)
    announced = Q(announced__starts_at__date__range=shown)
    return Q(forum=forum) | Q(province__in=province_ids) & (drafted | announced)


# --- what is said ---------------------------------------------------------------------------------
def _where(session: Session) -> str:
    """Where the session lies, as a sentence."""
    if session.day is None:
        return _("%(province)s lies in the tray now.") % {"province": session.province}
    return _("%(province)s is now on %(day)s, %(starts)s–%(ends)s.") % _in_words(session)


def _refused(session: Session, form: MoveForm) -> str:
    """Why the session was not moved; and where it lies, if somebody else was quicker."""
    latest = Session.objects.select_related("province").get(pk=session.pk)
    seen = form.cleaned_data.get("seen")
    is_stale = seen is not None and seen != latest.version
    if not is_stale or latest.status != Session.Status.PLANNED:
        said = " ".join(str(one) for errors in form.errors.values() for one in errors)
        return strip_tags(said)  # the link to a new form leads nowhere from the board
    return _("Somebody else has changed this session meanwhile, so it was not moved. %(now)s") % {
        "now": _where(latest)
    }


def _in_words(session: Session) -> dict[str, object]:
    """Its province, day and times in the reader's language, the year left out."""
    starts, ends = map(timezone.localtime, (session.starts_at, session.ends_at))
    language = get_language()
    return {
        "province": session.province,
        "day": daywords.long(starts.date()),
        "starts": numbers.in_language(f"{starts:%H:%M}", language),
        "ends": numbers.in_language(f"{ends:%H:%M}", language),
    }


def _away(board: Board, moved: Session | None) -> Card | None:
    """The moved card, where it lies outside of what is shown."""
    card = board.card_of(moved.pk) if moved else None
    return card if card in board.elsewhere else None


def _board_with(request: HttpRequest, session: Session) -> str:
    """The board where the session is seen, in the view that somebody came from."""
    came = request.POST or request.GET
    spot = Spot.of(came, session.forum, session.day or clock.today())
    if session.day and spot.is_month:
        spot = spot.at(session.day)
    return f"{reverse('forum:board', args=[session.forum_id])}?{spot.query}#s{session.pk}"
