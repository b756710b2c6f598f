"""The console of the session's day: what runs, and what is decided on it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Role
from audit import clock
from forum.forms.sessions import OpenForm
from forum.models import Session
from issues import actions, permissions, workflow
from issues.forms import meeting as meeting_forms
from issues.models import AgendaItem, Outcome
from issues.permissions import Audience
from issues.views import agenda_page
from issues.views.sitting import item_of, served, tried
from issues.workflow import Act

COORDINATOR = frozenset({Role.COORDINATOR.value})


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
    return _console(request, served(request, pk), wanted=wanted)


@require_POST
def item_address(request: HttpRequest, pk: int) -> HttpResponse:
    return _decide(request, item_of(request, pk), BY_ACT[Act.ADDRESS])


@require_POST
def item_refer(request: HttpRequest, pk: int) -> HttpResponse:
    return _decide(request, item_of(request, pk), BY_ACT[Act.REFER])


@require_POST
def item_defer(request: HttpRequest, pk: int) -> HttpResponse:
    return _decide(request, item_of(request, pk), BY_ACT[Act.DEFER])


@require_POST
def item_note(request: HttpRequest, pk: int) -> HttpResponse:
    return _decide(request, item_of(request, pk), BY_ACT[Act.NOTE])


def _decide(request: HttpRequest, item: AgendaItem, decision: Decision) -> HttpResponse:
    """Record the outcome and go on with the next item, or show this one with what was typed."""
    if item.issue is None and decision.act != Act.NOTE:
        raise PermissionDenied
    form = _form(decision, item, request.POST)
    if form.is_valid():
        do = partial(decision.do, item, by=request.user, now=clock.now(), **_words(form))
        if tried(do, form):
            messages.success(request, f"{decision.done} {form.remark}".strip())
            return redirect("issues:console", item.session_id)
    return _console(request, item.session, wanted=item.pk, sent=(decision, form))


def _words(form: forms.Form) -> dict[str, object]:
    """What was typed, as the decision takes it."""
    typed = dict(form.cleaned_data)
    given: dict[str, object] = {}
    if "authority" in typed:
        authority, due_on = typed.pop("authority"), typed.pop("due_on")
        given["charges"] = [actions.Charge(authority.pk, due_on)]
        typed["by_on"] = due_on
    return given | {"said": actions.Said(**typed)}


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
