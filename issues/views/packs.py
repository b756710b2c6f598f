"""The agenda pack of a session: its files, and the page that sends it to those invited."""

from functools import partial

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from forum import replies
from forum.models import Invitation, Session
from forum.views.linked import below_link
from forum.views.shared import answers_conflict, key_in, typed
from issues import actions, agenda_rows, packs, papers_agenda
from issues.actions import packing
from issues.agenda_rows import Copy
from issues.forms.packs import SendPackForm
from issues.views.sitting import served, serves, session_of, tried

TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@require_safe
def agenda_pack(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    session = session_of(request, pk)
    if not serves(request.user, session) and not _is_invited(request, session):
        raise PermissionDenied
    return _file(request, session, agenda_rows.copy_for(request.user, session), kind)


def _is_invited(request: HttpRequest, session: Session) -> bool:
    return Invitation.objects.visible_to(request.user).filter(session=session).exists()


def _file(request: HttpRequest, session: Session, copy: Copy, kind: str) -> HttpResponse:
    asked = request.GET.get("lang") or request.GET.get("language")
    language = asked if asked in dict(settings.LANGUAGES) else get_language()
    made = papers_agenda.file(session, copy, kind, language, clock.today())
    shown = "inline" if kind == "pdf" else "attachment"
    name = f"agenda-{session.pk}-{language}.{kind}"
    response = HttpResponse(made, content_type=TYPES[kind])
    response.headers["Content-Language"] = language
    response.headers["Content-Disposition"] = f'{shown}; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


@below_link
@require_safe
def reply_agenda(request: HttpRequest, token: str) -> HttpResponse:
    asked = replies.read(token, clock.now())
    if asked is None or asked.invitation.withdrawn_at is not None:
        raise Http404
    session = asked.invitation.session
    if session.announced is not None and session.announced.is_cancelled:
        raise Http404
    if not packs.turns_of(session):
        messages.info(request, _("The agenda is not ready yet."))
        return redirect("forum:reply", token=token)
    return _file(request, session, agenda_rows.copy_by_link(asked), "pdf")


# --- sending ------------------------------------------------------------------------------------
@answers_conflict
@require_http_methods(["GET", "POST"])
def agenda_send(request: HttpRequest, pk: int) -> HttpResponse:
    session = served(request, pk)
    form = SendPackForm(typed(request), initial=key_in(request))
    reach = packs.reach_of(session)
    if form.is_valid():
        send = partial(
            actions.send_pack, session, by=request.user, now=clock.now(), **form.cleaned_data
        )
        if tried(send, form):
            messages.success(request, _sent(reach.people))
            return redirect("issues:agenda", session.pk)
    items = packs.turns_of(session)
    why = packing.refusal(
        session, clock.now(), has_items=bool(items), has_guests=bool(reach.recipients)
    )
    context = {"session": session, "form": form, "reach": reach, "refused": why}
    context |= {"news": packs.news_of(session), "items": len(items)}
    return render(request, "issues/pack_send.html", context)


def _sent(people: int) -> str:
    return ngettext(
        "The agenda is on its way to %(number)d person.",
        "The agenda is on its way to %(number)d people.",
        people,
    ) % {"number": people}
