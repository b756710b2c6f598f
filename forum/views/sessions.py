"""One session: its page, its forms, and the acts of one press."""

from collections import Counter

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from forum import actions, permissions, publishing, turnout, workflow
from forum.forms.attendance import AttendanceForm
from forum.forms.places import PresiderForm
from forum.forms.sessions import (
    EditSessionForm,
    NewSessionForm,
    OpenForm,
    PresidersForm,
    initial_of_session,
)
from forum.models import Forum, Invitation, Session
from forum.views import shared, warned
from forum.views.delegates import with_named
from forum.workflow import Act


@login_not_required
@require_safe
def session(request: HttpRequest, pk: int) -> HttpResponse:
    found = shared.visible_session(request, pk)
    asked = found.invitations.visible_to(request.user).select_related("organization", "authority")
    invitations = list(with_named(asked))
    serves = permissions.serves(request.user, found)
    context = {
        "session": found,
        "presidings": found.presidings.select_related("presider__honorific"),
        "acts": workflow.open_acts(found, request.user),
        "serves": serves,
        "takes_part": serves or bool(invitations),
        "own": _own(request, invitations),
        "answers": _answers(invitations) if serves else [],
        "turnout": turnout.of_session(found) if serves else turnout.totals_of(found),
        "warned": warned.of_session(request, found),
        "is_its_day": found.day == clock.today(),
        "unpublished": serves and publishing.is_unpublished(found, invitations),
    }
    return render(request, "forum/session.html", context)


def _own(request: HttpRequest, invitations: list[Invitation]) -> list[Invitation]:
    return [one for one in invitations if permissions.is_of_party(request.user, one)]


def _answers(invitations: list[Invitation]) -> list[tuple[str, int]]:
    """How many parties gave each answer of those that are asked now, as (label, number)."""
    asked = [one for one in invitations if one.released_at and not one.withdrawn_at]
    given = Counter(one.status for one in asked if not one.is_answer_former)
    former = Counter(one.get_status_display() for one in asked if one.is_answer_former)
    labels = [(str(label), given[value]) for value, label in Invitation.Status.choices]
    said = _("%(answer)s (answered for the former day)")
    return labels + [(said % {"answer": answer}, number) for answer, number in former.items()]


@require_http_methods(["GET", "POST"])
@shared.answers_conflict
def session_new(request: HttpRequest, pk: int) -> HttpResponse:
    forum = get_object_or_404(Forum.objects.visible_to(request.user), pk=pk)
    if not permissions.serves_one_of(request.user, forum.provinces.values_list("pk", flat=True)):
        raise PermissionDenied
    form = NewSessionForm(
        shared.typed(request), forum=forum, user=request.user, initial=shared.key_in(request)
    )
    made = shared.done(
        form,
        lambda: actions.create_session(
            forum, by=request.user, now=clock.now(), **form.fields_of_session()
        ),
    )
    if made is not None:
        messages.success(request, _placed(made, _("The session is planned for %s.")))
        return redirect(made)
    return render(request, "forum/session_form.html", {"form": form, "forum": forum})


@require_http_methods(["GET", "POST"])
@shared.on_session(Act.EDIT)
def session_edit(request: HttpRequest, session: Session) -> HttpResponse:
    initial = initial_of_session(session)
    form = EditSessionForm(shared.typed(request), provinces=[session.province_id], initial=initial)
    changed = shared.done(
        form,
        lambda: actions.edit_session(
            session, by=request.user, now=clock.now(), **form.fields_of_session()
        ),
    )
    if changed is not None:
        messages.success(request, _placed(changed, _("The session is now on %s.")))
        if changed.announced_id:
            messages.info(request, _("Nobody has been told yet: publish it when it is right."))
        return shared.after_change(changed)
    context = {"form": form, "forum": session.forum, "session": session}
    return render(request, "forum/session_form.html", context)


def _placed(session: Session, sentence: str) -> str:
    """The sentence with the session's day, or that it has none."""
    if session.starts_at is None:
        return _("The session lies in the tray now: it has no day.")
    return sentence % session.when


@require_http_methods(["GET", "POST"])
@shared.on_session(Act.SET_PRESIDERS)
def session_presiders(request: HttpRequest, session: Session) -> HttpResponse:
    form = PresidersForm(shared.typed(request), session=session)
    if shared.done(
        form,
        lambda: actions.set_presiders(
            session, by=request.user, now=clock.now(), roles=form.roles()
        ),
    ):
        is_anybody = any(form.roles())
        noted = _("It is noted who presides.") if is_anybody else _("Nobody presides now.")
        messages.success(request, noted)
        return redirect(session)
    return render(request, "forum/session_presiders.html", {"form": form, "session": session})


@require_http_methods(["GET", "POST"])
@shared.on_session(Act.SET_PRESIDERS)
def presider_new(request: HttpRequest, session: Session) -> HttpResponse:
    form = PresiderForm(shared.typed(request))
    if shared.done(
        form,
        lambda: actions.add_presider(
            session, by=request.user, now=clock.now(), **form.cleaned_data
        ),
    ):
        messages.success(request, _("The presider is in the list now."))
        return redirect("forum:session_presiders", session.pk)
    return render(request, "forum/presider_new.html", {"form": form, "session": session})


@require_http_methods(["GET", "POST"])
@shared.on_session(Act.RECORD_ATTENDANCE)
def session_attendance(request: HttpRequest, session: Session) -> HttpResponse:
    invited = session.invitations.left().select_related("organization", "authority")
    came = turnout.of_session(session)
    lines = {one.key: one for one in came.lines}
    form = AttendanceForm(
        shared.typed(request), invitations=list(invited), counts=came.by_hand, lines=lines
    )
    if shared.done(
        form,
        lambda: actions.record_attendance(
            session, by=request.user, now=clock.now(), tallies=form.tallies()
        ),
    ):
        messages.success(request, _("It is noted who came."))
        return redirect(session)
    context = {"form": form, "session": session, "today": clock.today()}
    return render(request, "forum/session_attendance.html", context)


# Cancelling has its page in the room of issues, which takes the session's issues off its agenda.
@require_http_methods(["GET", "POST"])
@shared.on_session(Act.OPEN)
def session_open(request: HttpRequest, session: Session) -> HttpResponse:
    form = OpenForm(shared.typed(request))
    if shared.done(form, lambda: _open(request, session, form)):
        messages.success(request, _("The session is open."))
        return redirect(_next(request) or session)
    context = {
        "session": session,
        "form": form,
        "is_other_day": session.day != clock.today(),
        "button": _("Open the session"),
        "sentence": _("From now on outcomes and attendance are recorded. This cannot be undone."),
    }
    return render(request, "forum/session_act.html", context)


def _open(request: HttpRequest, session: Session, form: OpenForm) -> Session:
    confirmed = form.cleaned_data["confirm"]
    return actions.open_session(session, by=request.user, now=clock.now(), confirmed=confirmed)


def _next(request: HttpRequest) -> str:
    """The page to go on with, as the form names it; empty for an address elsewhere."""
    page = request.POST.get("next", "")
    return page if url_has_allowed_host_and_scheme(page, {request.get_host()}) else ""
