"""The coordinators' outbox: what was, is and will be told to whom."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Case, Count, Value, When
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from audit.errors import TransitionError
from outbox import actions, masking, permissions, registry
from outbox.filters import SETTLED, NoticeFilter
from outbox.forms import ReleaseForm
from outbox.handling import RETRIED, Act
from outbox.models import Message, Notice, NoticeQuerySet
from outbox.press import press
from outbox.rows import rows_of
from outbox.words import WORDS

PER_PAGE = 25
State = Notice.State
UNMADE = frozenset({State.PREPARED, State.PLANNED, State.HELD})


# What a filtered list of each state offers to do with all of it, by one press.
IN_BULK = {
    State.PLANNED: (Act.SEND, Act.HOLD, Act.CANCEL),
    State.PREPARED: (Act.CANCEL,),
    State.HELD: (Act.LET_GO, Act.SEND, Act.HOLD, Act.CANCEL),
    State.QUEUED: (Act.CANCEL,),
    State.UNKNOWN: (Act.RETRY,),
    State.FAILED: (Act.RETRY, Act.CANCEL),
    State.DEAD: (Act.RETRY, Act.CANCEL),
}


@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    mine = visible(request)
    rows = mine.select_related("message", "province", "by_phone__by")
    found = NoticeFilter(request.GET, rows.prefetch_related("message__attempts"))
    page = Paginator(found.qs, PER_PAGE).get_page(request.GET.get("page"))
    counts = _counts(mine)
    state = request.GET.get("state", "")
    context = {
        "filter": found,
        "page_obj": page,
        "rows": rows_of(page.object_list),
        "bulk": [(act.value, WORDS[act].link) for act in IN_BULK.get(state, ()) if page],
        "counts": counts,
        "prepared": next((one["number"] for one in counts if one["state"] == State.PREPARED), 0),
    }
    return render(request, "outbox/outbox.html", context)


@require_safe
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    return page_of(request, find(request, pk))


@require_http_methods(["GET", "POST"])
def release_all(request: HttpRequest) -> HttpResponse:
    prepared = visible(request).prepared().select_related("province").order_by("due_at", "pk")
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
    rows = rows_of(waiting[:PER_PAGE])
    context = {"form": form, "rows": rows, "number": len(waiting), "press": press(waiting)}
    return render(request, "outbox/release_all.html", context)


def visible(request: HttpRequest) -> NoticeQuerySet:
    """The notices the user reads; 403 for who is no coordinator."""
    if not permissions.opens(request.user):
        raise PermissionDenied
    return Notice.objects.visible_to(request.user)


def find(request: HttpRequest, pk: int) -> Notice:
    """One of them, with its message; 404 for another province's."""
    rows = visible(request).select_related("message", "province", "by_phone__by")
    return get_object_or_404(rows, pk=pk)


def page_of(
    request: HttpRequest, found: Notice, *, status: int = 200, **forms: Form
) -> HttpResponse:
    """The notice's own page; ``forms`` are those that were sent and could not be taken."""
    message = found.message
    (row,) = rows_of([found], with_forms=True)
    row.forms.update(forms)
    text = None if _tells_others(request, message) else message or _preview(found)
    context = {
        "row": row,
        "text": _shown(text),
        "calendar_method": _calendar_method(text),
        "attempts": message.attempts.all() if message else [],
    }
    return render(request, "outbox/notice.html", context, status=status)


def _tells_others(request: HttpRequest, message: Message | None) -> bool:
    """Whether the message also tells of provinces that the user does not coordinate."""
    if message is None or not message.is_digest:
        return False
    return message.carried.exclude(pk__in=visible(request).values("pk")).exists()


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


def _counts(rows: NoticeQuerySet) -> list[dict[str, Any]]:
    """How many stand in each state, in the states' own order; states without any are left out.

    What was told by phone instead is counted by itself.
    """
    settled = Case(
        When(state__in=RETRIED, by_phone__isnull=False, then=Value(SETTLED)), default="state"
    )
    found = rows.order_by().annotate(shown=settled).values("shown").annotate(number=Count("pk"))
    numbers = {one["shown"]: one["number"] for one in found}
    labels = [*State.choices, (SETTLED, _("Told by phone"))]
    return [
        {"state": state, "label": label, "number": numbers[state]}
        for state, label in labels
        if state in numbers
    ]
