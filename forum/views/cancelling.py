"""A cancellation of which nobody was told yet: taking it back, and saying otherwise why."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from forum import actions
from forum.forms.sessions import ReasonForm
from forum.models import Session
from forum.views import shared
from forum.workflow import Act


@require_http_methods(["GET", "POST"])
@shared.on_session(Act.REINSTATE)
def session_reinstate(request: HttpRequest, session: Session) -> HttpResponse:
    form = forms.Form(shared.typed(request))
    if shared.done(
        form, lambda: actions.reinstate_session(session, by=request.user, now=clock.now())
    ):
        messages.success(
            request, _("The session stands again. Nobody was told that it was cancelled.")
        )
        return redirect(session)
    context = {"form": form, "session": session}
    return render(request, "forum/session_reinstate.html", context)


@require_http_methods(["GET", "POST"])
@shared.on_session(Act.REWORD)
def session_reason(request: HttpRequest, session: Session) -> HttpResponse:
    form = ReasonForm(shared.typed(request), initial={"because": session.cancelled_because})
    changed = shared.done(
        form,
        lambda: actions.reword_cancellation(
            session, by=request.user, now=clock.now(), **form.cleaned_data
        ),
    )
    if changed is not None:
        messages.success(request, _("The reason is changed."))
        return shared.after_change(changed)
    return render(request, "forum/session_reason.html", {"form": form, "session": session})
