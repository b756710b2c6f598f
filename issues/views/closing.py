"""The end of a session: its release once the draft minutes are agreed, or its cancellation."""

from functools import partial

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from forum.models import Session
from forum.views.shared import after_change
from issues import actions
from issues.forms import meeting as meeting_forms
from issues.models import Referral
from issues.views.sitting import served, tried


# --- the end ------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def session_release(request: HttpRequest, pk: int) -> HttpResponse:
    session = served(request, pk)
    form = meeting_forms.ReleaseForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        release = partial(
            actions.release, session, by=request.user, now=clock.now(), **form.cleaned_data
        )
        if tried(release, form):
            messages.success(request, _("The draft minutes are agreed; the offices are told."))
            return redirect("issues:console", session.pk)
    context = {"session": session, "form": form} | _leaving(session)
    return render(request, "issues/session_release.html", context)


def _leaving(session: Session) -> dict[str, int]:
    """How many referrals would leave to how many offices, and how many issues are left."""
    waiting = Referral.objects.open().filter(outcome__item__session=session, released_at=None)
    sums = waiting.aggregate(referrals=Count("pk"), offices=Count("authority", distinct=True))
    left = session.agenda_items.filter(outcome=None, issue__isnull=False).count()
    return sums | {"left": left}


def _cancelled(request: HttpRequest, session: Session) -> HttpResponse:
    messages.success(request, _("The session is cancelled in the draft."))
    if session.announced_id:
        messages.info(request, _("Nobody has been told yet: publish it when it is right."))
    return after_change(session)


@require_http_methods(["GET", "POST"])
def session_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    session = served(request, pk)
    form = meeting_forms.CancelForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        cancel = partial(
            actions.cancel_session, session, by=request.user, now=clock.now(), **form.cleaned_data
        )
        if tried(cancel, form):
            return _cancelled(request, session)
    context = {
        "session": session,
        "form": form,
        "invited": session.invitations.count(),
        "waiting": session.agenda_items.filter(issue__isnull=False, outcome=None).count(),
    }
    return render(request, "issues/session_cancel.html", context)
