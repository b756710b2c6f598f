"""Answering an invitation by its signed link, without an account."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from audit.errors import TransitionError
from forum import actions, events, ical, papers, replies
from forum.forms.invitations import AnswerForm
from forum.models import Invitation
from forum.programme import as_published
from forum.replies import Asked
from forum.views.delegates import naming_by_link
from forum.views.linked import below_link
from paper import letters


@below_link
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, token: str) -> HttpResponse:
    asked = replies.read(token, clock.now())
    if asked is None:
        return render(request, "forum/reply.html", {"asked": None}, status=404)
    closed = replies.closed_because(asked.invitation, clock.now())
    named = asked.invitation.delegates.standing().filter(came_at=None).count()
    form = AnswerForm(request.POST if request.method == "POST" else None, named=named)
    if not closed and form.is_valid():
        try:
            _answer(asked, form.cleaned_data["status"], form.cleaned_data["seen"])
        except TransitionError as error:  # what happened since the page was opened
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Your answer is noted. Thank you."))
            return redirect("forum:reply", token=token)
    context = _context(asked, token, closed) | {"form": form}
    return render(request, "forum/reply.html", context | naming_by_link(request, asked, token))


def _answer(asked: Asked, status: str, seen: int | None) -> None:
    actions.answer_from_outside(
        asked.invitation,
        recipient=asked.recipient,
        now=clock.now(),
        status=status,
        way=Invitation.Way.LINK,
        seen=seen,
    )


def _context(asked: Asked, token: str, closed: str) -> dict[str, Any]:
    """The session as it was published, whoever opens the link."""
    invitation = asked.invitation
    return {
        "asked": asked,
        "token": token,
        "closed": closed,
        "invitation": invitation,
        "session": as_published(invitation.session),
    }


@below_link
@require_safe
def reply_letter(request: HttpRequest, token: str) -> HttpResponse:
    asked = _open(token)
    rows = papers.for_letters(Invitation.objects.filter(pk=asked.invitation.pk))
    content = letters.pdf([papers.letter_of(get_object_or_404(rows))])
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="invitation.pdf"'
    return response


@below_link
@require_safe
def reply_calendar(request: HttpRequest, token: str) -> HttpResponse:
    session = _open(token).invitation.session
    content = ical.feed(events.published([session]), str(session.forum))
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="session.ics"'
    return response


def _open(token: str) -> Asked:
    """Whom the link asks; 404 where it is wrong, or there is nothing to come to any more."""
    asked = replies.read(token, clock.now())
    if asked is None or replies.closed_because(asked.invitation, clock.now()):
        raise Http404
    return asked
