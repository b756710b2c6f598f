"""Who is invited to a session: the list, adding to it, taking back, and answering."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from audit import clock
from audit.errors import TransitionError
from forum import actions, permissions, workflow
from forum.forms.invitations import AnswerForm, InviteForm
from forum.models import Invitation
from forum.views import shared

SEARCH_LENGTH = 100


@require_http_methods(["GET", "POST"])
def invitations(request: HttpRequest, pk: int) -> HttpResponse:
    session = shared.visible_session(request, pk)
    if not permissions.serves(request.user, session):
        raise PermissionDenied
    asked = session.invitations.select_related("organization", "authority")
    q = request.GET.get("q", "").strip()[:SEARCH_LENGTH]
    form = InviteForm(shared.typed(request), session=session, asked=asked, q=q)
    new = shared.done(
        form,
        lambda: actions.invite(session, by=request.user, now=clock.now(), **form.cleaned_data),
    )
    if new is not None:
        messages.success(request, _invited(len(new)))
        return redirect("forum:invitations", session.pk)
    acts = workflow.open_acts(session, request.user)
    context = {"session": session, "invitations": asked, "form": form, "q": q, "acts": acts}
    return render(request, "forum/invitations.html", context)


def _invited(number: int) -> str:
    if not number:
        return _("All of these were invited before.")
    return ngettext(
        "%(number)d invitation has been added.", "%(number)d invitations have been added.", number
    ) % {"number": number}


def _visible_invitation(request: HttpRequest, pk: int) -> Invitation:
    rows = Invitation.objects.visible_to(request.user).select_related(
        "session__province", "session__forum", "organization", "authority"
    )
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "POST"])
def invitation_answer(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = _visible_invitation(request, pk)
    if not permissions.answers(request.user, invitation):
        raise PermissionDenied
    form = AnswerForm(shared.typed(request), initial={"status": invitation.status})
    if shared.done(
        form,
        lambda: actions.answer_invitation(
            invitation, by=request.user, now=clock.now(), **form.cleaned_data
        ),
    ):
        messages.success(request, _("The answer is noted."))
        if permissions.serves(request.user, invitation.session):
            return redirect("forum:invitations", invitation.session_id)
        return redirect(invitation.session)
    context = {"form": form, "invitation": invitation, "session": invitation.session}
    return render(request, "forum/invitation_answer.html", context)


@require_POST
def invitation_uninvite(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = _visible_invitation(request, pk)
    if not permissions.serves(request.user, invitation.session):
        raise PermissionDenied
    try:
        actions.uninvite(invitation, by=request.user, now=clock.now())
    except TransitionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The invitation has been taken back."))
    return redirect("forum:invitations", invitation.session_id)
