"""What a coordinator does with one notice, or with all that a filter shows."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from audit import clock
from audit.errors import Conflict, TransitionError
from outbox import actions, in_bulk, phoning
from outbox.filters import NoticeFilter
from outbox.forms import BulkForm, CancelForm, PhoneForm, ReasonForm
from outbox.handling import Act
from outbox.models import Notice
from outbox.press import press
from outbox.rows import other_way_form, rows_of, ways_of
from outbox.views import PER_PAGE, find, page_of, visible
from outbox.words import WORDS


# --- one notice ---------------------------------------------------------------------------------
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Send it again."""
    return _acted(
        request, find(request, pk), actions.retry, _("It is sent again."), now=clock.now()
    )


@require_POST
def send_now(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it leave at once, by itself."""
    sentence = _("It leaves now, as a message of its own.")
    return _acted(request, find(request, pk), actions.send_now, sentence, now=clock.now())


@require_POST
def let_go(request: HttpRequest, pk: int) -> HttpResponse:
    """Let go on what a coordinator held."""
    return _acted(request, find(request, pk), actions.let_go, _("It goes on."), now=clock.now())


@require_POST
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a prepared one leave, with what tells the others."""
    sentence = _("It is on its way, and the others concerned are told as well.")
    return _acted(request, find(request, pk), actions.release, sentence, now=clock.now())


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep it from being sent."""
    found = find(request, pk)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return page_of(request, found, status=422, cancel=form)
    return _acted(request, found, actions.cancel, _("It is not sent."), **form.cleaned_data)


@require_POST
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep it back."""
    found = find(request, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return page_of(request, found, status=422, hold=form)
    return _acted(request, found, actions.hold, _("It is held back."), **form.cleaned_data)


@require_POST
def by_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep who was told by telephone."""
    found = find(request, pk)
    form = PhoneForm(request.POST)
    if not form.is_valid():
        return page_of(request, found, status=422, by_phone=form)
    more = {"by": request.user, "now": clock.now(), **form.cleaned_data}
    try:
        phoning.tell_by_phone(found, **more)
    except TransitionError as error:
        form.add_error(None, str(error))
        status = 409 if isinstance(error, Conflict) else 422
        return page_of(request, find(request, pk), status=status, by_phone=form)
    messages.success(request, _("It is noted who was told by phone."))
    return _back(request, found)


@require_POST
def other_way(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell the same to the same person by another way."""
    found = find(request, pk)
    form = other_way_form(found, ways_of([found])[found.pk], request.POST)
    if not form.is_valid():
        return page_of(request, found, status=422, other_way=form)
    more = {"by": request.user, "now": clock.now(), **form.cleaned_data}
    try:
        phoning.tell_by(found, more.pop("channel"), **more)
    except phoning.MayArriveTwice as error:
        form = other_way_form(found, ways_of([found])[found.pk], request.POST, is_uncertain=True)
        form.add_error("may_arrive_twice", str(error))
        return page_of(request, found, status=422, other_way=form)
    except TransitionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It is told by this way as well."))
    return _back(request, found)


def _acted(
    request: HttpRequest, found: Notice, act: Callable[..., Any], sentence: str, **facts: Any
) -> HttpResponse:
    """Do the act and say so, or say why it was not done."""
    try:
        act(found, by=request.user, **facts)
    except TransitionError as error:  # somebody was faster
        messages.error(request, str(error))
    else:
        messages.success(request, sentence)
    return _back(request, found)


def _back(request: HttpRequest, found: Notice) -> HttpResponse:
    """The page of ours the button stood on, else the notice's own."""
    came = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(came, {request.get_host()}, request.is_secure())
    return redirect(came if ours else found)


# --- all that a filter shows --------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def bulk(request: HttpRequest, act: str) -> HttpResponse:
    """Say how many they are and ask; then do it with just as many."""
    chosen = _act_of(act)
    words = WORDS[chosen]
    rows = NoticeFilter(request.GET, visible(request).select_related("message", "by_phone")).qs
    form = BulkForm(
        request.POST if request.method == "POST" else None, needs_reason=words.needs_reason
    )
    if request.method == "POST" and form.is_valid():
        more = {"expected": form.cleaned_data["number"], "reason": form.cleaned_data.get("reason")}
        return _acted_on_all(request, chosen, rows, more)
    found = in_bulk.open_to(chosen, rows, now=clock.now())
    context = {
        "form": form,
        "number": len(found),
        "lead": words.lead % {"number": len(found)},
        "rows": rows_of(found[:PER_PAGE]),
        "press": press(found) if chosen is Act.SEND and found else None,
        "words": words,
        "query": request.GET.urlencode(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "outbox/bulk.html", context, status=status)


def _act_of(act: str) -> Act:
    if act not in in_bulk.ACTS:
        raise Http404
    return Act(act)


def _acted_on_all(request: HttpRequest, act: Act, rows: Any, more: dict[str, Any]) -> HttpResponse:
    try:
        number = in_bulk.act_on_all(act, rows, by=request.user, now=clock.now(), **more)
    except TransitionError as error:
        messages.error(request, str(error))
        return redirect(request.get_full_path())
    messages.success(request, WORDS[act].done % {"number": number})
    return redirect("outbox:outbox")
