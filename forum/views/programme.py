"""Publishing a forum's programme, and its versions."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from forum import actions, holders, publishing
from forum.forms.programme import PublishForm
from forum.models import Entry, Forum, Programme
from forum.views import shared

PER_PAGE = 50


def _narrowed(request: HttpRequest) -> list[int] | None:
    """The sessions that the address names; None for all of them."""
    named = request.GET.getlist("session")
    return [int(one) for one in named if one.isascii() and one.isdigit()] if named else None


@require_http_methods(["GET", "POST"])
def programme_publish(request: HttpRequest, pk: int) -> HttpResponse:
    forum, chosen, now = shared.served_forum(request, pk), _narrowed(request), clock.now()
    form = PublishForm(shared.typed(request))
    made = shared.done(form, lambda: _publish(request, forum, form, chosen))
    if made is not None:
        messages.success(
            request,
            _("Version %(number)s is published, and its messages are on their way.")
            % {"number": made.number},
        )
        return redirect("forum:programme", forum.pk, made.number)
    context = {
        "forum": forum,
        "page": publishing.page_of(forum, request.user, chosen, now=now),
        "is_narrowed": chosen is not None,
        "outdated": holders.outdated(forum, request.user, now=now).count(),
        "form": form,
    }
    return render(request, "forum/programme_publish.html", context)


def _publish(
    request: HttpRequest, forum: Forum, form: PublishForm, chosen: list[int] | None
) -> Programme:
    return actions.publish(
        forum,
        by=request.user,
        now=clock.now(),
        expected=form.cleaned_data["fingerprint"],
        session_ids=chosen,
    )


@require_safe
def programmes(request: HttpRequest, pk: int) -> HttpResponse:
    forum = shared.served_forum(request, pk)
    news = Count("entries", filter=~Q(entries__change=Entry.Change.SAME))
    rows = forum.programmes.visible_to(request.user).select_related("published_by")
    page = Paginator(rows.annotate(news=news).order_by("-number"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {"forum": forum, "page_obj": page}
    return render(request, "forum/programmes.html", context)


@require_safe
def programme(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    forum = shared.served_forum(request, pk)
    rows = forum.programmes.visible_to(request.user).select_related("published_by")
    found = get_object_or_404(rows, number=number)
    entries = found.entries.select_related("session__province", "venue")
    is_latest = not forum.programmes.filter(number__gt=number).exists()
    context = {"forum": forum, "programme": found, "entries": entries, "is_latest": is_latest}
    return render(request, "forum/programme.html", context)
