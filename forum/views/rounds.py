"""A whole round: one forum's page, when it calls for issues, and planning another one like it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from forum import actions, copying, permissions, rounds
from forum.actions import Copied
from forum.forms.calls import CallsForm
from forum.forms.copying import CopyForm
from forum.models import Forum
from forum.views import shared


@login_not_required
@require_safe
def forum(request: HttpRequest, pk: int) -> HttpResponse:
    rows = rounds.with_round(Forum.objects.visible_to(request.user))
    found = get_object_or_404(rows, pk=pk)
    parts = rounds.parts_of(found, request.user)
    may_edit = _serves(request, found)
    context = {
        "forum": found,
        "parts": parts,
        "may_edit": may_edit,
        "today": clock.today(),
        "team": list(found.team.all()) if may_edit else [],
        "news": sum(card.is_news for part in parts for card in part.cards),
    }
    return render(request, "forum/forum.html", context)


def _serves(request: HttpRequest, found: Forum) -> bool:
    return permissions.serves_one_of(request.user, [one.pk for one in found.provinces.all()])


def _own_forum(request: HttpRequest, pk: int) -> Forum:
    """A forum the reader may plan: 404 unseen, 403 for whoever coordinates none of it."""
    rows = Forum.objects.visible_to(request.user).prefetch_related("provinces", "calls")
    found = get_object_or_404(rows, pk=pk)
    if not _serves(request, found):
        raise PermissionDenied
    return found


@require_http_methods(["GET", "POST"])
def forum_calls(request: HttpRequest, pk: int) -> HttpResponse:
    found = _own_forum(request, pk)
    served = [one for one in found.provinces.all() if request.user.serves(one.pk)]
    form = CallsForm(
        shared.typed(request),
        provinces=served,
        calls={one.province_id: one for one in found.calls.all()},
        initial={"seen": found.version},
    )

    def act() -> Forum:
        seen = form.cleaned_data["seen"]
        return actions.edit_calls(
            found, by=request.user, now=clock.now(), days=form.days(), seen=seen
        )

    if shared.done(form, act) is not None:
        messages.success(request, _("The days of the calls are saved."))
        return redirect(found)
    return render(request, "forum/forum_calls.html", {"form": form, "forum": found})


@require_http_methods(["GET", "POST"])
@shared.answers_conflict
def forum_copy(request: HttpRequest, pk: int) -> HttpResponse:
    found = _own_forum(request, pk)
    starts_on = copying.proposed_day(found, clock.today())
    initial = {"starts_on": starts_on} | shared.key_in(request)
    form = CopyForm(shared.typed(request), forum=found, initial=initial)
    copied = None if "look" in request.POST else _copied(request, form)
    if copied is not None:
        _say_copied(request, copied)
        return redirect(copied.forum)
    context = {"form": form, "forum": found, **_days(request, form)}
    return render(request, "forum/forum_copy.html", context)


def _copied(request: HttpRequest, form: CopyForm) -> Copied | None:
    """The copy that was made; None where the form was only looked at, or refused."""

    def act() -> Copied:
        data = form.cleaned_data
        return actions.copy_forum(form.forum, by=request.user, now=clock.now(), **data)

    return shared.done(form, act)


def _days(request: HttpRequest, form: CopyForm) -> dict[str, object]:
    """Each session on its new day."""
    shift = form.shift()
    return {
        "shift": shift.days,
        "starts_on": form.forum.starts_on + shift,
        "is_same_weekday": shift.days % copying.WEEK == 0,
        "moved": copying.planned(form.forum, request.user, shift),
    }


def _say_copied(request: HttpRequest, copied: Copied) -> None:
    messages.success(request, _("The forum has been copied as a draft; nobody is told of it."))
    if copied.in_tray:
        number = len(copied.in_tray)
        sentence = ngettext(
            "%(number)d session has no day yet, because one who presides it sits elsewhere then:"
            " %(provinces)s.",
            "%(number)d sessions have no day yet, because those who preside them sit elsewhere"
            " then: %(provinces)s.",
            number,
        )
        names = ", ".join(str(one.province) for one in copied.in_tray)
        messages.warning(request, sentence % {"number": number, "provinces": names})
