"""At the door: who is expected, who is here, and what devices gathered without connection."""

import datetime as dt
import hashlib
import json
import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.crypto import salted_hmac
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from audit import clock
from audit.errors import TransitionError
from forum import turnout, workflow
from forum.actions import checking_in
from forum.forms.checking_in import Parties, WalkInForm, batch_of, press_of
from forum.models import Delegate, Session
from forum.views import shared
from forum.workflow import Act
from khmer import text as khmer_text

SEARCH_LENGTH = 100


def mark_of(user: User) -> str:
    """A name for this user that says nothing to others: devices tell whose presses they keep."""
    return salted_hmac("forum.check_in", str(user.pk), algorithm="sha256").hexdigest()[:32]


@require_http_methods(["GET", "POST"])
@shared.answers_conflict
@shared.on_session(Act.CHECK_IN)
def check_in(request: HttpRequest, session: Session) -> HttpResponse:
    found = turnout.of_session(session)
    parties = Parties(session, found)
    chosen = {"party": request.GET.get("party", "")}
    form = WalkInForm(shared.typed(request), parties=parties, initial=chosen)
    came = shared.done(form, lambda: _walk_in(request, session, form))
    if came is not None:
        messages.success(request, _("%s is here.") % came.title)
        return redirect("forum:check_in", session.pk)
    return render(request, "forum/check_in.html", _page(request, session, found) | {"form": form})


def _page(request: HttpRequest, session: Session, found: turnout.Turnout) -> dict[str, Any]:
    """What the list shows, besides its form for those who came unexpected."""
    q = request.GET.get("q", "").strip()[:SEARCH_LENGTH]
    sections = turnout.sections(session, found)
    return {
        "session": session,
        "today": clock.today(),
        "said": found.came.in_words(),
        "sections": _searched(sections, q),
        "state": json.dumps(
            _state(found, {one.pk: one.came_at for row in sections for one in row.people})
        ),
        "q": q,
        "key": uuid.uuid4(),
        "owner": mark_of(request.user),
        "words": _words(),
    }


def _words() -> dict[str, str]:
    """What the script says, with places for numbers."""
    return {
        "count": turnout.in_words("{total}", "{women}"),
        "waiting": _("%(number)s waiting to be sent") % {"number": "{number}"},
        "offline": _("No connection. They are kept on this device and sent later, once."),
        "sending": _("They are being sent."),
        "stopped": _("Not sent: open this page again, signed in as yourself."),
        "added": _("Noted on this device."),
        "remove": _("Take it off this device"),
    }


def _walk_in(request: HttpRequest, session: Session, form: WalkInForm) -> Delegate:
    now = clock.now()
    return checking_in.walk_in(session, by=request.user, now=now, **form.walk_in(now)._asdict())


def _searched(sections: list[turnout.Section], q: str) -> list[dict[str, Any]]:
    """The sections with each row's words, and which of them the search leaves out."""
    wanted = khmer_text.fold(q).split()
    found = []
    for line, people in sections:
        rows = [_row(line, one, wanted) for one in people]
        is_hidden = bool(wanted) and all(row["is_hidden"] for row in rows)
        said = line.came.in_words()
        found.append({"line": line, "rows": rows, "is_hidden": is_hidden, "said": said})
    return found


def _row(line: turnout.Line, one: Delegate, wanted: list[str]) -> dict[str, Any]:
    words = f"{one.number} {one.honorific or ''} {one.title} {line.party or ''}"
    folded = khmer_text.fold(words) if wanted else ""
    is_hidden = not all(word in folded for word in wanted)
    return {"delegate": one, "words": words, "is_hidden": is_hidden}


@require_POST
@shared.on_session(Act.CHECK_IN)
def check_in_ticks(request: HttpRequest, session: Session) -> HttpResponse:
    if request.content_type == "application/json":
        return _receive(request, session)
    now = clock.now()
    press = press_of(request.POST.dict(), now)
    _tick(request, session, press)
    q = request.POST.get("q", "")[:SEARCH_LENGTH]
    page = reverse("forum:check_in", args=[session.pk]) + (f"?{urlencode({'q': q})}" if q else "")
    return redirect(f"{page}#delegate-{press.delegate_id}")


def _tick(request: HttpRequest, session: Session, press: checking_in.Press) -> None:
    """One press without a script; a refusal is said on the next page."""
    try:
        checking_in.tick(session, by=request.user, now=clock.now(), ticks=[press])
    except TransitionError as error:
        messages.error(request, str(error))


def _receive(request: HttpRequest, session: Session) -> HttpResponse:
    now, found = clock.now(), turnout.of_session(session)
    batch = batch_of(request.body, Parties(session, found), now=now)
    if batch.owner != mark_of(request.user):
        raise PermissionDenied  # gathered by somebody else on this device
    received = checking_in.receive(
        session, by=request.user, now=now, ticks=batch.ticks, walk_ins=batch.walk_ins
    )
    refused = {str(key): sentence for key, sentence in received.refused.items()}
    answer = {
        "taken": [str(key) for key in received.taken],
        "refused": batch.refused | refused,
        "state": _state_now(session),
    }
    return _unkept(JsonResponse(answer))


@require_safe
@shared.on_session(Act.CHECK_IN)
def check_in_count(request: HttpRequest, session: Session) -> HttpResponse:
    state = _state_now(session)
    tag = hashlib.sha256(json.dumps(state).encode()).hexdigest()[:16]
    etag = f'"{tag}"'
    answer = get_conditional_response(request, etag=etag, response=JsonResponse(state))
    answer.headers["ETag"] = etag
    return _unkept(answer)


def _unkept(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _state_now(session: Session) -> dict[str, Any]:
    came = session.delegates.standing().values_list("pk", "came_at")
    return _state(turnout.totals_of(session), dict(came))


def _state(found: turnout.Turnout, came: dict[int, dt.datetime | None]) -> dict[str, Any]:
    """Who is here, as the script counts on from it; ``list`` tells whether the rows are others."""
    listed = hashlib.sha256(json.dumps(sorted(came)).encode()).hexdigest()[:12]
    return {
        "total": found.came.total,
        "women": found.came.women,
        "parties": {one.value: [*one.came, one.is_by_hand] for one in found.lines},
        "here": sorted(pk for pk, came_at in came.items() if came_at),
        "list": listed,
    }


@require_http_methods(["GET", "POST"])
def check_in_one(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    session = shared.visible_session(request, pk)
    people = Delegate.objects.select_related("honorific", "invitation", "organization", "authority")
    try:
        workflow.check(Act.CHECK_IN, session, by=request.user)
        one = get_object_or_404(people, session=session, code=code)
        if request.method == "POST":
            _tick(request, session, press_of(request.POST.dict(), clock.now()))
            return redirect("forum:check_in_one", session.pk, code)
    except TransitionError as error:
        messages.error(request, str(error))
        return redirect(session)
    context = {"session": session, "delegate": one, "key": uuid.uuid4()}
    return render(request, "forum/check_in_one.html", context)
