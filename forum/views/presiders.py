"""Who may preside and as what: the lists and their forms; and who of the team goes to a session."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Role
from audit import clock
from forum import actions, permissions
from forum.forms.places import (
    EditPresiderForm,
    NewPresiderForm,
    NewPresidingRoleForm,
    PresidingRoleForm,
    TeamForm,
    initial_of_presider,
)
from forum.models import Presider, PresidingRole, Session
from forum.views import shared
from forum.workflow import Act

PAGE_SIZE = 50


@require_safe
def presiders(request: HttpRequest) -> HttpResponse:
    _check_reader(request)
    rows = Presider.objects.visible_to(request.user).select_related(
        "province", "honorific", "office"
    )
    page = Paginator(rows.order_by("province", "title_km", "pk"), PAGE_SIZE)
    context = {
        "page_obj": page.get_page(request.GET.get("page")),
        "keeps_all": permissions.keeps_presiders(request.user, None),
        "keeps_roles": permissions.keeps_presiding_roles(request.user),
    }
    return render(request, "forum/presiders.html", context)


def _check_reader(request: HttpRequest) -> None:
    if not (request.user.is_role(Role.COORDINATOR) or request.user.is_role(Role.ADMINISTRATOR)):
        raise PermissionDenied


@require_http_methods(["GET", "POST"])
def presider_add(request: HttpRequest) -> HttpResponse:
    _check_reader(request)
    keeps_all = permissions.keeps_presiders(request.user, None)
    form = NewPresiderForm(shared.typed(request), user=request.user, keeps_all=keeps_all)
    made = shared.done(
        form, lambda: actions.create_presider(by=request.user, now=clock.now(), **form.cleaned_data)
    )
    if made is not None:
        messages.success(request, _("The presider is in the list now."))
        return redirect("forum:presiders")
    return render(request, "forum/presider_form.html", {"form": form})


@require_http_methods(["GET", "POST"])
def presider(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Presider.objects.visible_to(request.user).select_related("province")
    found = get_object_or_404(rows, pk=pk)
    if not permissions.keeps_presiders(request.user, found.province_id):
        raise PermissionDenied
    form = EditPresiderForm(shared.typed(request), initial=initial_of_presider(found))
    changed = shared.done(
        form,
        lambda: actions.edit_presider(found, by=request.user, now=clock.now(), **form.cleaned_data),
    )
    if changed is not None:
        messages.success(request, _("The presider has been changed."))
        return redirect("forum:presiders")
    return render(request, "forum/presider_form.html", {"form": form, "presider": found})


# --- as what people preside ---------------------------------------------------------------------
@require_safe
def presiding_roles(request: HttpRequest) -> HttpResponse:
    _check_keeper(request)
    return render(request, "forum/presiding_roles.html", {"roles": PresidingRole.objects.all()})


def _check_keeper(request: HttpRequest) -> None:
    if not permissions.keeps_presiding_roles(request.user):
        raise PermissionDenied


@require_http_methods(["GET", "POST"])
def presiding_role_new(request: HttpRequest) -> HttpResponse:
    _check_keeper(request)
    form = NewPresidingRoleForm(shared.typed(request))
    made = shared.done(
        form,
        lambda: actions.add_presiding_role(by=request.user, now=clock.now(), **form.cleaned_data),
    )
    if made is not None:
        messages.success(request, _("The presiding role is kept."))
        return redirect("forum:presiding_roles")
    return render(request, "forum/presiding_role.html", {"form": form})


@require_http_methods(["GET", "POST"])
def presiding_role(request: HttpRequest, code: str) -> HttpResponse:
    _check_keeper(request)
    found = get_object_or_404(PresidingRole, pk=code)
    initial = {name: getattr(found, name) for name in PresidingRoleForm.base_fields}
    form = PresidingRoleForm(shared.typed(request), initial=initial)
    changed = shared.done(
        form,
        lambda: actions.edit_presiding_role(
            found, by=request.user, now=clock.now(), **form.cleaned_data
        ),
    )
    if changed is not None:
        messages.success(request, _("The presiding role is kept."))
        return redirect("forum:presiding_roles")
    return render(request, "forum/presiding_role.html", {"form": form, "role": found})


# --- the team -----------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@shared.on_session(Act.SET_TEAM)
def session_team(request: HttpRequest, session: Session) -> HttpResponse:
    form = TeamForm(shared.typed(request), session=session)
    kept = shared.done(
        form,
        lambda: actions.set_team(session, by=request.user, now=clock.now(), **form.cleaned_data),
    )
    if kept is not None:
        messages.success(request, _("It is noted who goes to the session."))
        return redirect(session)
    return render(request, "forum/session_team.html", {"form": form, "session": session})
