"""Pages of a session's agenda: read by who is invited, built by its coordinators."""

from functools import partial

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from forum.models import Session
from issues import actions
from issues.forms import agenda as agenda_forms
from issues.models import AgendaItem, Issue
from issues.models.issue import LONG_OF_ISSUE
from issues.views import agenda_builder, agenda_page
from issues.views.sitting import item_of, served, serves, session_of, tried

CHANGEABLE = (Session.Status.PLANNED, Session.Status.OPEN)


# --- read ---------------------------------------------------------------------------------------
@require_safe
def agenda(request: HttpRequest, pk: int) -> HttpResponse:
    session = session_of(request, pk)
    if not agenda_page.reads_agenda(request.user, session):
        raise Http404
    return _agenda(request, session)


# --- added and taken off ------------------------------------------------------------------------
@require_POST
def agenda_add(request: HttpRequest, pk: int) -> HttpResponse:
    session = served(request, pk)
    among = Issue.objects.served_by(request.user).filter(province=session.province_id)
    places = agenda_builder.places_of(session.agenda_items.filter(is_heading=True))
    form = agenda_forms.ScheduleForm(request.POST, among=among, places=places)
    if form.is_valid():
        typed = form.cleaned_data
        put = partial(actions.schedule_before, typed["issues"], by=request.user, now=clock.now())
        put = partial(put, session=session, minutes=typed["minutes"], before=typed["before"])
        if tried(put, form):
            messages.success(request, _added(len(typed["issues"])))
            return _back(request, session.pk, "items")
    return _agenda(request, session, schedule_form=form)


def _added(count: int) -> str:
    return ngettext(
        "%(count)d issue was added to the agenda.",
        "%(count)d issues were added to the agenda.",
        count,
    ) % {"count": count}


@require_POST
def agenda_reviews(request: HttpRequest, pk: int) -> HttpResponse:
    session = served(request, pk)
    taken = actions.take_up_reviews(session, now=clock.now())
    messages.success(request, _added(len(taken)))
    return _back(request, session.pk, "items")


@require_POST
def agenda_point(request: HttpRequest, pk: int) -> HttpResponse:
    session = served(request, pk)
    form = agenda_forms.PointForm(request.POST)
    if form.is_valid():
        add = partial(actions.add_point, session, by=request.user, **form.cleaned_data)
        if tried(add, form):
            messages.success(request, _("The point was added to the agenda."))
            return _back(request, session.pk, "items")
    return _agenda(request, session, point_form=form)


@require_POST
def agenda_heading(request: HttpRequest, pk: int) -> HttpResponse:
    session = served(request, pk)
    form = agenda_forms.HeadingForm(request.POST)
    if form.is_valid():
        add = partial(actions.add_point, session, by=request.user, is_heading=True)
        if tried(partial(add, **form.cleaned_data), form):
            messages.success(request, _("The section begins at the end: move it where it belongs."))
            return _back(request, session.pk, "items")
    return _agenda(request, session, heading_form=form)


@require_POST
def item_remove(request: HttpRequest, pk: int) -> HttpResponse:
    item = item_of(request, pk)
    form = forms.Form(request.POST)
    remove = partial(actions.remove_point, item, by=request.user)
    if item.issue_id:
        remove = partial(actions.unschedule, item, by=request.user, now=clock.now())
    if form.is_valid() and tried(remove, form):
        said = _("The heading was removed.") if item.is_heading else ""
        messages.success(request, said or _("The item was taken off the agenda."))
        return _back(request, item.session_id, "items")
    return _agenda(request, item.session, status=409, arrange_form=form)


# --- order, time, titles and voices ---------------------------------------------------------------
@require_POST
def agenda_arrange(request: HttpRequest, pk: int) -> HttpResponse:
    session = served(request, pk)
    form = agenda_forms.ArrangeForm(request.POST)
    if form.is_valid():
        seen, order = form.cleaned_data["seen"], form.cleaned_data["order"]
        arrange = partial(actions.arrange, session, by=request.user, seen=seen, order=order)
        if tried(arrange, form):
            return _back(request, session.pk, f"item-{form.moved}" if form.moved else "items")
    return _agenda(request, session, status=409, arrange_form=form)


@require_POST
def item_allot(request: HttpRequest, pk: int) -> HttpResponse:
    item = item_of(request, pk)
    form = agenda_forms.AllotForm(request.POST, item=item.pk)
    if form.is_valid():
        if tried(partial(actions.allot, item, by=request.user, **form.cleaned_data), form):
            return _back(request, item.session_id, f"item-{item.pk}")
        return _agenda(request, item.session, status=409, arrange_form=form)
    return _agenda(request, item.session, allot_form=form)


@require_POST
def item_retitle(request: HttpRequest, pk: int) -> HttpResponse:
    item = item_of(request, pk)
    form = agenda_forms.RetitleForm(request.POST, item=item.pk)
    if form.is_valid():
        if tried(partial(actions.retitle, item, by=request.user, **form.cleaned_data), form):
            return _back(request, item.session_id, f"item-{item.pk}")
        return _agenda(request, item.session, status=409, arrange_form=form)
    return _agenda(request, item.session, retitle_form=form)


@require_POST
def agenda_offices(request: HttpRequest, pk: int) -> HttpResponse:
    session = served(request, pk)
    form = forms.Form(request.POST)
    if form.is_valid() and tried(partial(actions.suggest_voices, session, by=request.user), form):
        messages.success(request, _("The likely offices are entered. Look through them."))
        return _back(request, session.pk, "items")
    return _agenda(request, session, status=409, arrange_form=form)


def _back(request: HttpRequest, session_id: int, anchor: str) -> HttpResponse:
    """To the agenda with the filters that were set, at this part of it."""
    asked = QueryDict(request.META.get("QUERY_STRING", ""), mutable=True)
    asked.pop("key", None)  # of a form that was sent
    query = f"?{asked.urlencode()}" if asked else ""
    return redirect(f"{reverse('issues:agenda', args=[session_id])}{query}#{anchor}")


def read_items(session: Session) -> list[AgendaItem]:
    """The items with everything the page shows of them."""
    rows = agenda_page.items(session).select_related("presenter").prefetch_related("expected")
    return list(rows.defer(*LONG_OF_ISSUE))


def _agenda(
    request: HttpRequest, session: Session, *, status: int = 200, **forms_sent: forms.Form
) -> HttpResponse:
    """The agenda as its reader may see it; for its coordinator with what builds it."""
    is_served = serves(request.user, session)
    items = read_items(session)
    entries = agenda_page.entries(items, session, request.user, is_served)
    agenda_page.furnish(entries, session, request.user, serves=is_served)
    context = {
        "session": session,
        "serves": is_served,
        "is_building": is_served and session.status in CHANGEABLE,
        "is_office": bool(request.user.office_ids) and not is_served,
        "entries": entries,
        "order": ",".join(str(item.pk) for item in items),
    }
    context |= agenda_page.times(items, session) | forms_sent
    if context["is_building"]:
        context |= agenda_builder.builder(request, session, entries, forms_sent)
    return render(request, "issues/agenda.html", context, status=status)
