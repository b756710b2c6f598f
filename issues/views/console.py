"""The console of the session's day: what runs, and what is decided on it.

Every press has an address of its own that takes a plain form; a script that keeps presses while
the connection is gone sends the same forms and asks for JSON.
"""

from pathlib import Path

from django.contrib import messages
from django.contrib.staticfiles import finders
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from audit.errors import TransitionError
from issues import console as console_parts
from issues.console import Page
from issues.forms.console import PressForm
from issues.models import AgendaItem, Outcome, Screen
from issues.phones import mark_of
from issues.presses import BY_NAME, Press
from issues.views import agenda_page, console_page
from issues.views.sitting import item_of, served
from provinces.models import Authority


# --- the page -----------------------------------------------------------------------------------
@require_safe
def console(request: HttpRequest, pk: int) -> HttpResponse:
    asked = request.GET.get("item", "")
    page = console_page.page_of(request, served(request, pk), _number(asked))
    answer = render(request, "issues/console.html", console_page.context_of(page))
    answer.headers["X-Recorder"] = mark_of(request.user)  # whose page console_worker.js keeps
    return answer


def _number(asked: str) -> int | None:
    return int(asked) if asked.isdecimal() else None


@require_safe
def console_state(request: HttpRequest, pk: int) -> HttpResponse:
    revision = Screen.objects.visible_to(request.user).filter(session=pk).values_list("revision")
    seen = revision.first() or (served(request, pk) and 0,)
    etag = f'"{seen[0]}-{get_language()}-{mark_of(request.user)[:8]}"'
    answer = get_conditional_response(request, etag=etag)
    return _unkept(answer or _state(request, pk), etag)


def _state(request: HttpRequest, pk: int) -> JsonResponse:
    """The list and the progress as they stand, and a mark that tells which items changed."""
    session = served(request, pk)
    page = console_page.page_of(request, session, None)
    shown = {"session": session, "page": page}
    return JsonResponse(
        {
            "marks": {one.pk: console_parts.mark_of(one, session) for one in page.turns},
            "list": render_to_string("issues/_console_list.html", shown, request),
            "progress": render_to_string("issues/_console_progress.html", shown, request),
        }
    )


def _unkept(answer: HttpResponse, etag: str = "") -> HttpResponse:
    answer.headers["Cache-Control"] = "private, no-store"
    if etag:
        answer.headers["ETag"] = etag
    return answer


@require_safe
def console_worker(request: HttpRequest, pk: int) -> HttpResponse:
    served(request, pk)
    script = Path(
        str(finders.find("js/console_worker.js"))
    )  # under the page it keeps, not /static/
    return _unkept(HttpResponse(script.read_bytes(), content_type="text/javascript"))


@require_safe
def item_part(request: HttpRequest, pk: int) -> HttpResponse:
    session = item_of(request, pk).session
    item = get_object_or_404(console_parts.items_of(session).filter(is_heading=False), pk=pk)
    agenda_page.hide([item], session, request.user)
    before = session.agenda_items.turns().filter(position__lt=item.position).count()
    page = Page(session, request.user, [item], clock.now(), wanted=pk, number=before + 1)
    shown = {"session": session, "part": page.current, "page": page, "now": page.now}
    shown["marks"] = {pk: console_parts.mark_of(item, session)}
    return _unkept(render(request, "issues/_console_part.html", shown))


# --- a press ------------------------------------------------------------------------------------
@require_POST
def press(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    if request.headers.get("X-Recorder", own := mark_of(request.user)) != own:
        raise PermissionDenied  # pressed by somebody else on this device
    pressed, is_script = BY_NAME[name], _asks_for_json(request)
    try:
        item = item_of(request, pk, "outcome")
    except Http404:
        if not is_script:
            raise
        return JsonResponse({"state": "gone", "sentence": _gone()}, status=404)
    form = console_page.form_of(pressed, item, request.POST)
    try:
        outcome = _done(request, item, pressed, form)
    except TransitionError as error:  # somebody was faster
        form.add_error(None, str(error))
        if is_script:
            return _taken(request, item, str(error))
        return _again(request, item, pressed, form, status=409)
    if form.errors:
        return _refused(form) if is_script else _again(request, item, pressed, form)
    if is_script:
        return _recorded(item, outcome)
    messages.success(request, f"{pressed.done} {form.remark}".strip())
    page = reverse("issues:console", args=[item.session_id])
    return redirect(page if pressed.is_decision else f"{page}?item={item.pk}#item-{item.pk}")


def _done(request: HttpRequest, item: AgendaItem, pressed: Press, form: PressForm) -> object:
    """What the press has recorded; nothing where the form now says what is wrong."""
    if not form.is_valid():
        return None
    try:
        return pressed.do(item, by=request.user, now=clock.now(), **form.content)
    except (Authority.DoesNotExist, IntegrityError) as error:  # a key that no list has offered
        if isinstance(error, IntegrityError) and "said_office" not in str(error):
            raise
    form.add_error(None, _("Choose an office from the list."))
    return None


def _asks_for_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def _gone() -> str:
    return _("Meanwhile this item was taken off the agenda.")


def _again(
    request: HttpRequest, item: AgendaItem, pressed: Press, form: PressForm, status: int = 200
) -> HttpResponse:
    """The page with what was typed, and why it was not taken."""
    page = console_page.page_of(request, item.session, item.pk)
    context = console_page.context_of(page, (pressed, form))
    return render(request, "issues/console.html", context, status=status)


def _recorded(item: AgendaItem, outcome: object) -> JsonResponse:
    version = outcome.version if isinstance(outcome, Outcome) else None
    return JsonResponse({"state": "recorded", "item": item.pk, "version": version})


def _refused(form: PressForm) -> JsonResponse:
    labels = {name: field.label for name, field in form.fields.items()}
    sentences = [
        f"{labels[name]}: {one}" if labels.get(name) else str(one)
        for name, errors in form.errors.items()
        for one in errors
    ]
    answer = {"state": "refused", "errors": form.errors, "sentence": " ".join(sentences)}
    return JsonResponse(answer, status=400)


def _taken(request: HttpRequest, item: AgendaItem, sentence: str) -> JsonResponse:
    """Why it was not taken, and what stands instead."""
    agenda_page.hide([item], item.session, request.user)
    rows = Outcome.objects.select_related("recorded_by").filter(item=item)
    stands = next((_standing(one, console_parts.is_hidden(item)) for one in rows), None)
    answer = {"state": "taken", "sentence": sentence, "item": item.pk, "stands": stands}
    return JsonResponse(answer, status=409)


def _standing(outcome: Outcome, is_hidden: bool) -> dict[str, object]:
    at = timezone.localtime(outcome.recorded_at).time()
    return {
        "version": outcome.version,
        "kind": outcome.kind,
        "label": outcome.get_kind_display(),
        "text": "" if is_hidden else outcome.text,
        "commitment": "" if is_hidden else outcome.commitment,
        "by": str(outcome.recorded_by),
        "at": formats.time_format(at, "H:i"),
    }
