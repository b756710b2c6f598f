"""Who is invited to a session: the list, adding to it, its letters' dates, and taking back."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from audit import clock
from audit.errors import TransitionError
from forum import actions, invited, permissions, programme, publishing, replies, workflow
from forum.actions.releasing import Reminded
from forum.forms.invitations import (
    AnswerForm,
    InvitedFilterForm,
    InviteForm,
    QuotaForm,
    SendForm,
)
from forum.models import Entry, Invitation, Session
from forum.views import shared


@require_http_methods(["GET", "POST"])
def invitations(request: HttpRequest, pk: int) -> HttpResponse:
    session = shared.served_session(request, pk)
    chosen = InvitedFilterForm(request.GET)
    filters = chosen.chosen()
    form = InviteForm(
        shared.typed(request), session=session, asked=session.invitations.standing(), q=filters["q"]
    )
    new = shared.done(
        form,
        lambda: actions.invite(session, by=request.user, now=clock.now(), **form.cleaned_data),
    )
    if new is not None:
        messages.success(request, _invited(len(new)))
        return redirect("forum:invitations", session.pk)
    rows = invited.rows_of(session)
    context = _context(request, session, rows) | {"form": form, "filter": chosen, **filters}
    context["rows"] = invited.chosen(rows, **filters)
    return render(request, "forum/invitations.html", context)


def _context(request: HttpRequest, session: Session, rows: list[invited.Row]) -> dict[str, Any]:
    """What stands above the list, whatever is filtered."""
    entry, venue = session.announced, programme.venue_of(session)
    return {
        "session": session,
        "sums": invited.sums_of(rows),
        "capacity": venue.capacity if venue else None,
        "acts": workflow.open_acts(session, request.user),
        "is_published": entry is not None and programme.change_of(session) == Entry.Change.SAME,
        "is_ahead": entry is not None
        and entry.ends_at is not None
        and entry.is_held
        and entry.ends_at > clock.now(),
    }


def _invited(number: int) -> str:
    if not number:
        return _("All of these were invited before.")
    return ngettext(
        "%(number)d invitation has been added.", "%(number)d invitations have been added.", number
    ) % {"number": number}


@require_http_methods(["GET", "POST"])
def invitations_send(request: HttpRequest, pk: int) -> HttpResponse:
    session = shared.served_session(request, pk)
    if request.method == "GET":
        return _look_before_sending(request, session)
    form = SendForm(request.POST, session=session)
    sent = shared.done(
        form,
        lambda: actions.send_invitations(
            session, by=request.user, now=clock.now(), **form.cleaned_data
        ),
    )
    if sent is None:
        messages.error(request, next(iter(form.errors.values()))[0])
    else:
        messages.success(request, _sent(len(sent)))
    return redirect("forum:invitations", session.pk)


def _look_before_sending(request: HttpRequest, session: Session) -> HttpResponse:
    """Who gets a message, who cannot be reached, and what to look at; back if nothing can leave."""
    page = publishing.page_of(session.forum, request.user, [session.pk], now=clock.now())
    drafts = [one for row in page.rows for one in row.changed.drafts]
    if not drafts or workflow.Act.INVITE not in workflow.open_acts(session, request.user):
        messages.info(request, _("There is no invitation to send."))
        return redirect("forum:invitations", session.pk)
    if programme.change_of(session) != Entry.Change.SAME:
        messages.info(request, _("Publish the session first: its invitations leave with it."))
        return redirect("forum:invitations", session.pk)
    context = {"session": session, "page": page, "drafts": drafts}
    return render(request, "forum/invitations_send.html", context)


def _sent(number: int) -> str:
    return ngettext(
        "%(number)d invitation has its number and is on its way.",
        "%(number)d invitations have their numbers and are on their way.",
        number,
    ) % {"number": number}


@require_http_methods(["GET", "POST"])
@shared.on_session(workflow.Act.INVITE)
def invitations_remind(request: HttpRequest, session: Session) -> HttpResponse:
    if request.method == "POST":
        told = actions.remind_silent(session, by=request.user, now=clock.now())
        messages.success(request, _reminded(told))
        return redirect("forum:invitations", session.pk)
    context = {"session": session, "silent": invited.silent_of(session, now=clock.now())}
    return render(request, "forum/invitations_remind.html", context)


def _reminded(told: Reminded) -> str:
    """How many messages go out, and apart from them for how many parties there is no address."""
    if not any(told):
        return _("Nobody was left to remind: a party is reminded once a day at most.")
    sentences = []
    if told.reached:
        said = ngettext(
            "%(number)d reminder stands in the outbox.",
            "%(number)d reminders stand in the outbox.",
            told.reached,
        )
        sentences.append(said % {"number": told.reached})
    if told.unreached:
        said = ngettext(
            "%(number)d party has no address: please call.",
            "%(number)d parties have no address: please call.",
            told.unreached,
        )
        sentences.append(said % {"number": told.unreached})
    return " ".join(sentences)


# --- one of them --------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, pk: int) -> HttpResponse:
    found = shared.served_invitation(request, pk)
    form = QuotaForm(shared.typed(request), initial={"quota": found.quota})
    if shared.done(
        form,
        lambda: actions.set_quota(found, by=request.user, now=clock.now(), **form.cleaned_data),
    ):
        messages.success(request, _("The number of places is noted."))
        return redirect("forum:invitation", found.pk)
    session = found.session
    context = {
        "session": session,
        "invitation": found,
        "row": invited.row_of(found),
        "form": form,
        "acts": workflow.open_acts(session, request.user),
    }
    return render(request, "forum/invitation.html", context)


@require_http_methods(["GET", "POST"])
def invitation_answer(request: HttpRequest, pk: int) -> HttpResponse:
    found = shared.visible_invitation(request, pk)
    if not permissions.answers(request.user, found):
        raise PermissionDenied
    serves = permissions.serves(request.user, found.session)
    closed = "" if serves else replies.closed_because(found, clock.now())
    named = found.delegates.standing().filter(came_at=None).count()
    form = AnswerForm(shared.typed(request), named=named)
    if not closed and shared.done(form, lambda: _answer(request, found, form)):
        messages.success(request, _("The answer is noted."))
        return redirect(*(["forum:invitations", found.session_id] if serves else [found.session]))
    context = {
        "form": form,
        "closed": closed,
        "serves": serves,
        "invitation": found,
        "session": programme.as_seen_by(request.user, [found.session])[0],
    }
    return render(request, "forum/invitation_answer.html", context)


def _answer(request: HttpRequest, invitation: Invitation, form: AnswerForm) -> Invitation:
    return actions.answer_invitation(
        invitation,
        by=request.user,
        now=clock.now(),
        status=form.cleaned_data["status"],
        seen=form.cleaned_data["seen"],
    )


@require_POST
def invitation_uninvite(request: HttpRequest, pk: int) -> HttpResponse:
    found = shared.served_invitation(request, pk)
    try:
        actions.uninvite(found, by=request.user, now=clock.now())
    except TransitionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The invitation has been taken back."))
    return redirect("forum:invitations", found.session_id)


@require_POST
def invitation_handed_over(request: HttpRequest, pk: int) -> HttpResponse:
    found = shared.served_invitation(request, pk)
    try:
        actions.hand_over_letter(found, by=request.user, now=clock.now())
    except TransitionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It is noted that the letter was handed over today."))
    return redirect("forum:invitation", found.pk)
