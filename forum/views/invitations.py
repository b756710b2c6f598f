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
from forum import actions, invited, permissions, programme, replies, workflow
from forum.forms.invitations import AnswerForm, InvitedFilterForm, InviteForm, QuotaForm
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
    entry = session.announced
    return {
        "session": session,
        "sums": invited.sums_of(rows),
        "capacity": session.venue.capacity if session.venue else None,
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


@require_POST
def invitations_send(request: HttpRequest, pk: int) -> HttpResponse:
    session = shared.served_session(request, pk)
    expected = [int(one) for one in request.POST.getlist("expected") if one.isdecimal()]
    try:
        sent = actions.send_invitations(
            session, by=request.user, now=clock.now(), expected=expected
        )
    except TransitionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _sent(len(sent)))
    return redirect("forum:invitations", session.pk)


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
    silent, people = invited.silent_of(session)
    context = {
        "session": session,
        "silent": silent,
        "unreached": [one for one in silent if not people[one.pk]],
        "reached": len({person for some in people.values() for person in some}),
    }
    return render(request, "forum/invitations_remind.html", context)


def _reminded(told: int) -> str:
    if not told:
        return _("Nobody was left to remind: a party is reminded once a day at most.")
    return ngettext(
        "%(number)d reminder stands in the outbox.",
        "%(number)d reminders stand in the outbox.",
        told,
    ) % {"number": told}


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
    form = AnswerForm(shared.typed(request))
    if not closed and shared.done(form, lambda: _answer(request, found, form)):
        messages.success(request, _("The answer is noted."))
        return redirect(*(["forum:invitations", found.session_id] if serves else [found.session]))
    context = {
        "form": form,
        "closed": closed,
        "serves": serves,
        "invitation": found,
        "named": found.delegates.standing().count(),
        "session": programme.as_seen_by(request.user, [found.session])[0],
    }
    return render(request, "forum/invitation_answer.html", context)


def _answer(request: HttpRequest, invitation: Invitation, form: AnswerForm) -> Invitation:
    return actions.answer_invitation(
        invitation, by=request.user, now=clock.now(), **form.cleaned_data
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
