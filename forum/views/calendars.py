"""The calendar as a page, as files that programs follow, and one's own secret address."""

import datetime as dt
import hashlib
from collections.abc import Sequence

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from forum import actions, feeds, ical, months, programme
from forum.filters import MonthFilter, SessionFilter
from forum.models import CalendarFeed, Session
from provinces.models import Province

CALENDAR = "text/calendar; charset=utf-8"
LANGUAGES = dict(settings.LANGUAGES)


# --- the page -----------------------------------------------------------------------------------
@login_not_required
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    rows = programme.seen_by(request.user, Session.objects.visible_to(request.user).shown())
    rows = rows.exclude(seen_at=None, seen_status=Session.Status.CANCELLED)
    rows = rows.order_by("seen_at", "pk")
    is_grid = request.GET.get("view") == "month"
    context = _month(request, rows) if is_grid else _year(request, rows)
    context["follow"] = _follow(request)
    return render(request, "forum/calendar.html", context)


def _year(request: HttpRequest, rows) -> dict[str, object]:
    chosen = request.GET.copy()
    chosen.setdefault("year", str(clock.today().year))
    found = SessionFilter(chosen, queryset=rows, request=request)
    year = found.form.cleaned_data.get("year") if found.form.is_valid() else None
    return {"filter": found, "year": year, **_seen(request, found.qs)}


def _month(request: HttpRequest, rows) -> dict[str, object]:
    today = clock.today()
    first = months.read(request.GET.get("month", "")) or today.replace(day=1)
    following = months.next_to(first, 1)
    found = MonthFilter(request.GET, queryset=rows, request=request)
    within = Q(seen_at__gte=_midnight(first), seen_at__lt=_midnight(following))
    seen = _seen(request, found.qs.filter(within | Q(seen_at=None)))
    return {
        "filter": found,
        "month": first,
        "month_name": months.name_of(first),
        "before": months.next_to(first, -1),
        "after": following,
        "weekdays": months.weekdays(),
        "weeks": months.weeks(first, seen["sessions"], today),
        **seen,
    }


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def _seen(request: HttpRequest, rows) -> dict[str, list[Session]]:
    """The sessions as the reader may know them: those with a day, and those without."""
    known = programme.as_seen_by(request.user, rows)
    return {
        "sessions": [one for one in known if one.day],
        "undated": [one for one in known if not one.day],
    }


def _follow(request: HttpRequest) -> str:
    """The public feed in the page's language, of the province that is chosen."""
    address = f"{reverse('forum:calendar_feed')}?language={translation.get_language()}"
    code = request.GET.get("province", "")
    return f"{address}&province={code}" if code.isdecimal() else address


# --- files --------------------------------------------------------------------------------------
@login_not_required
@require_safe
def calendar_feed(request: HttpRequest) -> HttpResponse:
    code = request.GET.get("province", "")
    province = get_object_or_404(Province, pk=code) if code else None
    language = _language(request, settings.LANGUAGE_CODE)
    with translation.override(language):
        events = feeds.public(clock.now(), province)
        name = f"{_('Forum sessions')}: {province}" if province else _("Forum sessions")
        return _feed(request, events, name, "public, max-age=900")


@login_not_required
@require_safe
def calendar_own(request: HttpRequest, token: str) -> HttpResponse:
    user = feeds.owner(token)
    if user is None:
        raise Http404
    language = _language(request, user.language or settings.LANGUAGE_CODE)
    with translation.override(language):
        events = feeds.personal(user, clock.now())
        response = _feed(request, events, _("My forum sessions"), "private, no-cache")
    # The address gives the right: it is told to no other page, and found by no search.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _language(request: HttpRequest, otherwise: str) -> str:
    wished = request.GET.get("language", "")
    return wished if wished in LANGUAGES else otherwise


def _feed(request: HttpRequest, events: Sequence[ical.Event], name: str, kept: str) -> HttpResponse:
    """The calendar; 304 for who has it already, as a tag of its content tells."""
    content = ical.feed(events, name).encode()
    tag = quote_etag(hashlib.sha256(content).hexdigest()[:32])
    latest = max((one.stamp for one in events), default=None)
    headers = {
        "ETag": tag,
        "Cache-Control": kept,
        "Content-Language": translation.get_language(),
    }
    response = HttpResponse(content, content_type=CALENDAR, headers=headers)
    if latest is not None:
        response.headers["Last-Modified"] = http_date(latest.timestamp())
    # By the tag alone: a hall that is renamed changes the calendar, and no programme's date.
    return get_conditional_response(request, etag=tag, response=response) or response


@login_not_required
@require_safe
def session_file(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Session.objects.visible_to(request.user).shown()
    found = get_object_or_404(rows.select_related("announced__programme"), pk=pk)
    event = feeds.event_for(request.user, found, clock.now())
    if event is None:
        raise Http404
    response = HttpResponse(ical.single(event), content_type=CALENDAR)
    response.headers["Content-Disposition"] = 'attachment; filename="session.ics"'
    response.headers["Cache-Control"] = "private, no-cache"
    return response


# --- one's own address --------------------------------------------------------------------------
@require_safe
def calendar_address(request: HttpRequest) -> HttpResponse:
    feed = CalendarFeed.objects.visible_to(request.user).first()
    address = feeds.address(feed) if feed else ""
    context = {
        "feed": feed,
        "address": address,
        "webcal": f"webcal:{address.partition(':')[2]}",
    }
    return render(request, "forum/calendar_address.html", context)


@require_POST
def calendar_address_renew(request: HttpRequest) -> HttpResponse:
    actions.renew_feed(by=request.user, now=clock.now())
    messages.success(
        request, _("This is your calendar address now. One that you had before no longer works.")
    )
    return redirect("forum:calendar_address")


@require_POST
def calendar_address_revoke(request: HttpRequest) -> HttpResponse:
    actions.revoke_feed(by=request.user, now=clock.now())
    messages.success(
        request, _("Your calendar address no longer works. Nobody can follow it any more.")
    )
    return redirect("forum:calendar_address")
