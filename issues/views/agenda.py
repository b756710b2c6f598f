"""Pages of a session's agenda: read by who is invited, built by its coordinators."""

from functools import partial

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from forum.models import Session
from issues import actions
from issues.forms import meeting as meeting_forms
from issues.models import Issue
from issues.models.issue import LONG_OF_ISSUE
from issues.views import agenda_page
from issues.views.sitting import item_of, served, serves, session_of, tried

CHANGEABLE = (Session.Status.PLANNED, Session.Status.OPEN)


# --- the agenda ---------------------------------------------------------------------------------
@login_not_required
@require_safe
def agenda(request: HttpRequest, pk: int) -> HttpResponse:
    return _agenda(request, session_of(request, pk))


@require_POST
def agenda_add(request: HttpRequest, pk: int) -> HttpResponse:
    session = served(request, pk)
    among = Issue.objects.served_by(request.user).filter(province=session.province_id)
    form = meeting_forms.ScheduleForm(request.POST, among=among)
    if form.is_valid():
        chosen = form.cleaned_data["issues"]
        put = partial(actions.schedule_all, by=request.user, now=clock.now(), session=session)
        if tried(partial(put, chosen, minutes=form.cleaned_data["minutes"]), form):
            messages.success(request, _added(len(chosen)))
            return redirect("issues:agenda", session.pk)
    return _agenda(request, session, schedule_form=form)


def _added(count: int) -> str:
    return ngettext(
        "%(count)d issue was added to the agenda.",
        "%(count)d issues were added to the agenda.",
        count,
    ) % {"count": count}


@require_POST
def agenda_point(request: HttpRequest, pk: int) -> HttpResponse:
    session = served(request, pk)
    form = meeting_forms.PointForm(request.POST)
    if form.is_valid():
        add = partial(actions.add_point, session, by=request.user, **form.cleaned_data)
        if tried(add, form):
            messages.success(request, _("The point was added to the agenda."))
            return redirect("issues:agenda", session.pk)
    return _agenda(request, session, point_form=form)


@require_POST
def agenda_arrange(request: HttpRequest, pk: int) -> HttpResponse:
    session = served(request, pk)
    form = meeting_forms.ArrangeForm(request.POST)
    if form.is_valid():
        seen, order = form.cleaned_data["seen"], form.cleaned_data["order"]
        arrange = partial(actions.arrange, session, by=request.user, seen=seen, order=order)
        if tried(arrange, form):
            page = reverse("issues:agenda", args=[session.pk])
            return redirect(f"{page}#item-{form.moved}" if form.moved else page)
    return _agenda(request, session, status=409, arrange_form=form)


@require_POST
def item_allot(request: HttpRequest, pk: int) -> HttpResponse:
    item = item_of(request, pk)
    form = meeting_forms.AllotForm(request.POST, item=item.pk)
    if form.is_valid():
        if tried(partial(actions.allot, item, by=request.user, **form.cleaned_data), form):
            return redirect(f"{reverse('issues:agenda', args=[item.session_id])}#item-{item.pk}")
        return _agenda(request, item.session, status=409, arrange_form=form)
    return _agenda(request, item.session, allot_form=form)


@require_POST
def item_remove(request: HttpRequest, pk: int) -> HttpResponse:
    item = item_of(request, pk)
    form = forms.Form(request.POST)
    remove = partial(actions.remove_point, item, by=request.user)
    if item.issue_id:
        remove = partial(actions.unschedule, item, by=request.user, now=clock.now())
    if form.is_valid() and tried(remove, form):
        messages.success(request, _("The item was taken off the agenda."))
        return redirect("issues:agenda", item.session_id)
    return _agenda(request, item.session, status=409, arrange_form=form)


def _agenda(
    request: HttpRequest, session: Session, *, status: int = 200, **forms_sent: forms.Form
) -> HttpResponse:
    """The agenda as its reader may see it; for its coordinator with what builds it."""
    is_served = serves(request.user, session)
    items = list(agenda_page.items(session).defer(*LONG_OF_ISSUE))
    context = {
        "session": session,
        "serves": is_served,
        "is_building": is_served and session.status in CHANGEABLE,
        "entries": agenda_page.entries(items, session, request.user, is_served),
        "order": ",".join(str(item.pk) for item in items),
    }
    context |= agenda_page.times(items, session) | forms_sent
    if context["is_building"]:
        context |= agenda_page.builder(request, session, forms_sent)
    return render(request, "issues/agenda.html", context, status=status)
