"""Pages of a session: its agenda and the console of the day."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Role, User
from audit import clock
from audit.errors import TransitionError
from forum import programme
from forum.forms.sessions import OpenForm
from forum.models import Session
from forum.views.shared import after_change
from issues import actions, permissions, workflow
from issues.forms import meeting as meeting_forms
from issues.models import AgendaItem, Issue, Outcome, Referral
from issues.models.issue import LONG_OF_ISSUE, Reader
from issues.permissions import Audience
from issues.views import agenda_page
from issues.workflow import Act

CHANGEABLE = (Session.Status.PLANNED, Session.Status.OPEN)
COORDINATOR = frozenset({Role.COORDINATOR.value})


def _session(request: HttpRequest, pk: int) -> Session:
    """A session as the reader may know it; 404 where it is none of theirs."""
    found = get_object_or_404(Session.objects.visible_to(request.user).shown(), pk=pk)
    return programme.as_seen_by(request.user, [found])[0]


def _served(request: HttpRequest, pk: int) -> Session:
    """A session of the coordinator's own province; 403 for others who may see it."""
    session = _session(request, pk)
    if not _serves(request.user, session):
        raise PermissionDenied
    return session


def _serves(user: Reader, session: Session) -> bool:
    return isinstance(user, User) and user.serves(session.province_id)


def _item(request: HttpRequest, pk: int) -> AgendaItem:
    """An item of an agenda the user may change, with its session."""
    rows = AgendaItem.objects.filter(session__in=Session.objects.visible_to(request.user))
    item = get_object_or_404(rows.select_related("session__province", "session__forum"), pk=pk)
    if not _serves(request.user, item.session):
        raise PermissionDenied
    return item


def _tried(do: Callable[[], object], form: forms.Form) -> bool:
    """Do it, or put the refusal at the form; whether it was done."""
    try:
        do()
    except TransitionError as error:  # somebody was faster
        form.add_error(None, str(error))
        return False
    return True


# --- the agenda ---------------------------------------------------------------------------------
@login_not_required
@require_safe
def agenda(request: HttpRequest, pk: int) -> HttpResponse:
    return _agenda(request, _session(request, pk))


@require_POST
def agenda_add(request: HttpRequest, pk: int) -> HttpResponse:
    session = _served(request, pk)
    among = Issue.objects.served_by(request.user).filter(province=session.province_id)
    form = meeting_forms.ScheduleForm(request.POST, among=among)
    if form.is_valid():
        chosen = form.cleaned_data["issues"]
        put = partial(actions.schedule_all, by=request.user, now=clock.now(), session=session)
        if _tried(partial(put, chosen, minutes=form.cleaned_data["minutes"]), form):
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
    session = _served(request, pk)
    form = meeting_forms.PointForm(request.POST)
    if form.is_valid():
        add = partial(actions.add_point, session, by=request.user, **form.cleaned_data)
        if _tried(add, form):
            messages.success(request, _("The point was added to the agenda."))
            return redirect("issues:agenda", session.pk)
    return _agenda(request, session, point_form=form)


@require_POST
def agenda_arrange(request: HttpRequest, pk: int) -> HttpResponse:
    session = _served(request, pk)
    form = meeting_forms.ArrangeForm(request.POST)
    if form.is_valid():
        seen, order = form.cleaned_data["seen"], form.cleaned_data["order"]
        arrange = partial(actions.arrange, session, by=request.user, seen=seen, order=order)
        if _tried(arrange, form):
            page = reverse("issues:agenda", args=[session.pk])
            return redirect(f"{page}#item-{form.moved}" if form.moved else page)
    return _agenda(request, session, status=409, arrange_form=form)


@require_POST
def item_allot(request: HttpRequest, pk: int) -> HttpResponse:
    item = _item(request, pk)
    form = meeting_forms.AllotForm(request.POST, item=item.pk)
    if form.is_valid():
        if _tried(partial(actions.allot, item, by=request.user, **form.cleaned_data), form):
            return redirect(f"{reverse('issues:agenda', args=[item.session_id])}#item-{item.pk}")
        return _agenda(request, item.session, status=409, arrange_form=form)
    return _agenda(request, item.session, allot_form=form)


@require_POST
def item_remove(request: HttpRequest, pk: int) -> HttpResponse:
    item = _item(request, pk)
    form = forms.Form(request.POST)
    remove = partial(actions.remove_point, item, by=request.user)
    if item.issue_id:
        remove = partial(actions.unschedule, item, by=request.user, now=clock.now())
    if form.is_valid() and _tried(remove, form):
        messages.success(request, _("The item was taken off the agenda."))
        return redirect("issues:agenda", item.session_id)
    return _agenda(request, item.session, status=409, arrange_form=form)


def _agenda(
    request: HttpRequest, session: Session, *, status: int = 200, **forms_sent: forms.Form
) -> HttpResponse:
    """The agenda as its reader may see it; for its coordinator with what builds it."""
    serves = _serves(request.user, session)
    items = list(agenda_page.items(session).defer(*LONG_OF_ISSUE))
    context = {
        "session": session,
        "serves": serves,
        "is_building": serves and session.status in CHANGEABLE,
        "entries": agenda_page.entries(items, session, request.user, serves),
        "order": ",".join(str(item.pk) for item in items),
    }
    context |= agenda_page.times(items, session) | forms_sent
    if context["is_building"]:
        context |= agenda_page.builder(request, session, forms_sent)
    return render(request, "issues/agenda.html", context, status=status)


# --- the console --------------------------------------------------------------------------------
@dataclass(frozen=True)
class Decision:
    """What a session may decide on an item, as the console offers it."""

    act: Act
    kind: Outcome.Kind
    url_name: str
    form: type[meeting_forms.OutcomeForm]
    do: Callable[..., object]
    label: Promise
    hint: Promise
    done: Promise


DECISIONS = (
    Decision(
        Act.ADDRESS,
        Outcome.Kind.ADDRESSED,
        "issues:item_address",
        meeting_forms.AddressForm,
        actions.address,
        gettext_lazy("Addressed here"),
        gettext_lazy("It was solved in the session; its organization is asked whether it is."),
        gettext_lazy("It is recorded as addressed."),
    ),
    Decision(
        Act.REFER,
        Outcome.Kind.REFERRED,
        "issues:item_refer",
        meeting_forms.SessionReferForm,
        actions.refer_in_session,
        gettext_lazy("Refer to an office"),
        gettext_lazy("An office solves it by a date; it leaves when the minutes are agreed."),
        gettext_lazy("It is recorded as referred."),
    ),
    Decision(
        Act.DEFER,
        Outcome.Kind.DEFERRED,
        "issues:item_defer",
        meeting_forms.DeferForm,
        actions.defer,
        gettext_lazy("Defer"),
        gettext_lazy("There was no time: it waits for the next session."),
        gettext_lazy("It is recorded as deferred."),
    ),
    Decision(
        Act.NOTE,
        Outcome.Kind.NOTED,
        "issues:item_note",
        meeting_forms.NoteForm,
        actions.note,
        gettext_lazy("Note only"),
        gettext_lazy("It was heard; nothing moves."),
        gettext_lazy("It is recorded as noted."),
    ),
)
BY_ACT = {decision.act: decision for decision in DECISIONS}


@require_safe
def console(request: HttpRequest, pk: int) -> HttpResponse:
    asked = request.GET.get("item", "")
    wanted = int(asked) if asked.isdecimal() else None
    return _console(request, _served(request, pk), wanted=wanted)


@require_POST
def item_address(request: HttpRequest, pk: int) -> HttpResponse:
    return _decide(request, _item(request, pk), BY_ACT[Act.ADDRESS])


@require_POST
def item_refer(request: HttpRequest, pk: int) -> HttpResponse:
    return _decide(request, _item(request, pk), BY_ACT[Act.REFER])


@require_POST
def item_defer(request: HttpRequest, pk: int) -> HttpResponse:
    return _decide(request, _item(request, pk), BY_ACT[Act.DEFER])


@require_POST
def item_note(request: HttpRequest, pk: int) -> HttpResponse:
    return _decide(request, _item(request, pk), BY_ACT[Act.NOTE])


def _decide(request: HttpRequest, item: AgendaItem, decision: Decision) -> HttpResponse:
    """Record the outcome and go on with the next item, or show this one with what was typed."""
    if item.issue is None and decision.act != Act.NOTE:
        raise PermissionDenied
    form = _form(decision, item, request.POST)
    if form.is_valid():
        do = partial(decision.do, item, by=request.user, now=clock.now(), **form.cleaned_data)
        if _tried(do, form):
            messages.success(request, f"{decision.done} {form.remark}".strip())
            return redirect("issues:console", item.session_id)
    return _console(request, item.session, wanted=item.pk, sent=(decision, form))


def _form(decision: Decision, item: AgendaItem, data: object = None) -> forms.Form:
    if decision.act == Act.REFER:
        return decision.form(data, issue=item.issue, today=clock.today())
    return decision.form(data)


def _console(
    request: HttpRequest,
    session: Session,
    *,
    wanted: int | None,
    sent: tuple[Decision, forms.Form] | None = None,
) -> HttpResponse:
    """The session's items and, opened, the wanted one or else the first without an outcome."""
    items = list(agenda_page.items(session).prefetch_related("outcome__referrals__authority"))
    agenda_page.hide(items, session, request.user)
    left = [item for item in items if _outcome(item) is None]
    current = next((item for item in items if item.pk == wanted), None) or next(iter(left), None)
    context = {
        "session": session,
        "open_form": None if session.day == clock.today() else OpenForm(),
        "items": items,
        "current": current,
        "counts": Counter(outcome.kind for item in items if (outcome := _outcome(item))),
        "decided": len(items) - len(left),
        "left": len(left),
    }
    if current:
        context |= _opened(current, session, sent)
    return render(request, "issues/console.html", context)


def _outcome(item: AgendaItem) -> Outcome | None:
    return getattr(item, "outcome", None)


def _opened(
    item: AgendaItem, session: Session, sent: tuple[Decision, forms.Form] | None
) -> dict[str, object]:
    """The item as the room may see it, and what may be decided on it now.

    ``refused`` is what was typed for an act that is no longer offered.
    """
    offered = _offered(item, session)
    decision, typed = sent or (None, None)
    return {
        "shown": permissions.disclosed(item.issue, Audience.ROOM) if item.issue else None,
        "decisions": [(one, typed if one is decision else _form(one, item)) for one in offered],
        "refused": typed if decision not in offered else None,
    }


def _offered(item: AgendaItem, session: Session) -> list[Decision]:
    if session.status != Session.Status.OPEN or _outcome(item):
        return []
    acts = workflow.open_acts(item.issue, COORDINATOR) if item.issue else {Act.NOTE}
    return [decision for decision in DECISIONS if decision.act in acts]


# --- the end ------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def session_release(request: HttpRequest, pk: int) -> HttpResponse:
    session = _served(request, pk)
    form = meeting_forms.ReleaseForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        release = partial(
            actions.release, session, by=request.user, now=clock.now(), **form.cleaned_data
        )
        if _tried(release, form):
            messages.success(request, _("The draft minutes are agreed; the offices are told."))
            return redirect("issues:console", session.pk)
    context = {"session": session, "form": form} | _leaving(session)
    return render(request, "issues/session_release.html", context)


def _leaving(session: Session) -> dict[str, int]:
    """How many referrals would leave to how many offices, and how many issues are left."""
    waiting = Referral.objects.open().filter(outcome__item__session=session, released_at=None)
    sums = waiting.aggregate(referrals=Count("pk"), offices=Count("authority", distinct=True))
    left = session.agenda_items.filter(outcome=None, issue__isnull=False).count()
    return sums | {"left": left}


def _cancelled(request: HttpRequest, session: Session) -> HttpResponse:
    messages.success(request, _("The session is cancelled in the draft."))
    if session.announced_id:
        messages.info(request, _("Nobody has been told yet: publish it when it is right."))
    return after_change(session)


@require_http_methods(["GET", "POST"])
def session_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    session = _served(request, pk)
    form = meeting_forms.CancelForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        cancel = partial(
            actions.cancel_session, session, by=request.user, now=clock.now(), **form.cleaned_data
        )
        if _tried(cancel, form):
            return _cancelled(request, session)
    context = {
        "session": session,
        "form": form,
        "invited": session.invitations.count(),
        "waiting": session.agenda_items.filter(issue__isnull=False, outcome=None).count(),
    }
    return render(request, "issues/session_cancel.html", context)
