"""The coordinators' outbox: what was, is and will be told to whom."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from audit.errors import TransitionError
from outbox import actions, masking, permissions, recipients, registry
from outbox.filters import NoticeFilter
from outbox.forms import CancelForm, ReleaseForm
from outbox.models import Message, Notice
from outbox.registry import Title

PER_PAGE = 25
State = Notice.State
UNMADE = frozenset({State.PREPARED, State.PLANNED, State.HELD})


@dataclass(frozen=True)
class Row:
    """A notice as the pages show it."""

    notice: Notice
    title: Title
    recipient: str
    kind: str

    @property
    def may_retry(self) -> bool:
        return self.notice.state in actions.RETRIED

    @property
    def may_cancel(self) -> bool:
        return self.notice.state in actions.CANCELLED

    @property
    def may_release(self) -> bool:
        return self.notice.state == State.PREPARED


@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    visible = _visible(request)
    rows = visible.select_related("message", "province").prefetch_related("message__attempts")
    found = NoticeFilter(request.GET, rows)
    page = Paginator(found.qs, PER_PAGE).get_page(request.GET.get("page"))
    counts = _counts(visible)
    context = {
        "filter": found,
        "page_obj": page,
        "rows": _rows(page.object_list),
        "counts": counts,
        "prepared": next((one["number"] for one in counts if one["state"] == State.PREPARED), 0),
    }
    return render(request, "outbox/outbox.html", context)


@require_safe
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    return _notice(request, _found(request, pk), CancelForm())


@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    return _acted(
        request,
        found,
        lambda: actions.retry(found, by=request.user, now=clock.now()),
        _("It is sent again."),
    )


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return _notice(request, found, form, status=422)
    reason = form.cleaned_data["reason"]
    return _acted(
        request,
        found,
        lambda: actions.cancel(found, by=request.user, reason=reason),
        _("It is not sent."),
    )


@require_POST
def release(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    return _acted(
        request,
        found,
        lambda: actions.release(found, by=request.user, now=clock.now()),
        _("It is on its way, and the others concerned are told as well."),
    )


@require_http_methods(["GET", "POST"])
def release_all(request: HttpRequest) -> HttpResponse:
    prepared = _visible(request).prepared().select_related("province").order_by("due_at", "pk")
    waiting = actions.ready(prepared, now=clock.now())
    form = ReleaseForm(request.POST or None, initial={"number": len(waiting)})
    if request.method == "POST" and form.is_valid():
        try:
            number = actions.release_all(
                by=request.user, now=clock.now(), expected=form.cleaned_data["number"]
            )
        except TransitionError as error:
            messages.error(request, str(error))
            return redirect("outbox:release_all")
        sentence = ngettext("%(number)s is on its way.", "%(number)s are on their way.", number)
        messages.success(request, sentence % {"number": number})
        return redirect("outbox:outbox")
    rows = _rows(waiting[:PER_PAGE])
    context = {"form": form, "rows": rows, "number": form.initial["number"]}
    return render(request, "outbox/release_all.html", context)


def _visible(request: HttpRequest) -> QuerySet[Notice]:
    """The notices the user reads; 403 for who is no coordinator."""
    if not permissions.opens(request.user):
        raise PermissionDenied
    return Notice.objects.visible_to(request.user)


def _found(request: HttpRequest, pk: int) -> Notice:
    return get_object_or_404(_visible(request).select_related("message", "province"), pk=pk)


def _acted(
    request: HttpRequest, found: Notice, act: Callable[[], Any], sentence: str
) -> HttpResponse:
    """Do the act and say so, or say why it was not done."""
    try:
        act()
    except TransitionError as error:  # somebody was faster
        messages.error(request, str(error))
    else:
        messages.success(request, sentence)
    return redirect(found)


def _notice(
    request: HttpRequest, found: Notice, form: CancelForm, *, status: int = 200
) -> HttpResponse:
    message = found.message
    text = message or _preview(found)
    context = {
        "row": _rows([found])[0],
        "text": _shown(text),
        "calendar_method": _calendar_method(text),
        "attempts": message.attempts.all() if message else [],
        "form": form,
    }
    return render(request, "outbox/notice.html", context, status=status)


def _shown(text: Message | registry.Text | None) -> registry.Text | None:
    """Its words; a link by which the recipient acts is for the recipient alone."""
    if text is None:
        return None
    return registry.Text(masking.masked(text.subject), masking.masked(text.body))


def _calendar_method(text: Message | registry.Text | None) -> str:
    """What the message's calendar part does: REQUEST, CANCEL; empty where it has none."""
    if isinstance(text, Message):
        return text.calendar_method
    return text.calendar.method if text and text.calendar else ""


def _preview(found: Notice) -> registry.Text | None:
    """The words as they would be today, for what has no message yet."""
    if found.state not in UNMADE or not registry.known(found.kind):
        return None
    try:
        return registry.render(found, get_language())
    except LookupError:  # what it is about is no longer there
        return None


def _rows(notices: Iterable[Notice]) -> list[Row]:
    notices = list(notices)
    titles = registry.titles(one.subject for one in notices)
    names = recipients.labels(one.recipient for one in notices)
    return [
        Row(
            notice=one,
            title=titles.get(one.subject, Title(one.subject)),
            recipient=names.get(one.recipient, one.recipient),
            kind=registry.label(one.kind),
        )
        for one in notices
    ]


def _counts(visible: QuerySet[Notice]) -> list[dict[str, Any]]:
    """How many stand in each state, in the states' own order; states without any are left out."""
    rows = visible.order_by().values("state").annotate(number=Count("pk"))
    numbers = {one["state"]: one["number"] for one in rows}
    return [
        {"state": state.value, "label": state.label, "number": numbers[state.value]}
        for state in State
        if state.value in numbers
    ]
