"""Organizations, people and their roles, and one's own account."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions, adapter, permissions
from accounts.filters import OrganizationFilter, PersonFilter
from accounts.forms import AccountForm, ApprovalForm, OrganizationForm, PersonForm, RoleForm
from accounts.models import Organization, Role, RoleAssignment, User
from audit import clock
from audit.errors import TransitionError
from provinces.models import Authority

PER_PAGE = 25


@require_safe
def organizations(request: HttpRequest) -> HttpResponse:
    if not permissions.keeps_people(request.user) and not request.user.is_role(Role.REPRESENTATIVE):
        raise Http404
    rows = Organization.objects.visible_to(request.user).prefetch_related("provinces")
    found = OrganizationFilter(request.GET, rows)
    page = Paginator(found.qs, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": found,
        "page_obj": page,
        "may_add": permissions.keeps_people(request.user),
    }
    return render(request, "accounts/organizations.html", context)


@require_safe
def organization(request: HttpRequest, pk: int) -> HttpResponse:
    found = _organization(request, pk)
    keeps = permissions.keeps_organization(request.user, found)
    people = found.role_assignments.current().select_related("user")
    context = {"organization": found, "keeps": keeps, "representatives": people}
    return render(request, "accounts/organization.html", context)


@require_http_methods(["GET", "POST"])
def organization_new(request: HttpRequest) -> HttpResponse:
    if not permissions.keeps_people(request.user):
        raise PermissionDenied
    return _organization_form(request, Organization())


@require_http_methods(["GET", "POST"])
def organization_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = _organization(request, pk)
    if not permissions.keeps_organization(request.user, found):
        raise PermissionDenied
    return _organization_form(request, found)


def _organization(request: HttpRequest, pk: int) -> Organization:
    return get_object_or_404(Organization.objects.visible_to(request.user), pk=pk)


def _organization_form(request: HttpRequest, organization: Organization) -> HttpResponse:
    form = OrganizationForm(request.POST or None, instance=organization, by=request.user)
    if request.method == "POST" and form.is_valid():
        saved = actions.save_organization(
            form.instance, by=request.user, provinces=form.cleaned_data["provinces"]
        )
        return redirect(saved)
    return render(request, "accounts/organization_form.html", {"form": form})


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    _require_keeper(request)
    held = RoleAssignment.objects.current().select_related("province", "authority", "organization")
    rows = User.people.visible_to(request.user).prefetch_related(
        Prefetch("role_assignments", held, to_attr="current_roles")
    )
    found = PersonFilter(request.GET, rows)
    page = Paginator(found.qs, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/people.html", {"filter": found, "page_obj": page})


@require_http_methods(["GET", "POST"])
@never_cache
def person_new(request: HttpRequest) -> HttpResponse:
    _require_keeper(request)
    form = PersonForm(request.POST or None)
    role_form = RoleForm(request.POST or None, by=request.user, initial=_role_asked_for(request))
    if request.method == "POST" and form.is_valid() and role_form.is_valid():
        password = actions.add_person(form.instance, role_form.instance, by=request.user)
        if password:
            return _card(request, form.instance, password)
        return redirect(form.instance)
    context = {"form": form, "role_form": role_form}
    return render(request, "accounts/person_new.html", context)


@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    found = _person(request, pk)
    form = RoleForm(request.POST or None, by=request.user, person=found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.grant(found, form.instance, by=request.user)
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            return redirect(found)
    context = {
        "person": found,
        "form": form,
        "roles": _roles_of(request, found),
        "sets_other_way": permissions.sets_other_way(request.user, found),
    }
    return render(request, "accounts/person.html", context)


@require_POST
@never_cache
def person_card(request: HttpRequest, pk: int) -> HttpResponse:
    found = _person(request, pk)
    return _card(request, found, actions.renew_password(found, by=request.user))


@require_POST
def role_end(request: HttpRequest, pk: int) -> HttpResponse:
    kept = RoleAssignment.objects.kept_by(request.user)
    assignment = get_object_or_404(kept.select_related("user"), pk=pk)
    actions.end_role(assignment, by=request.user, today=clock.today())
    messages.success(request, _("The role has ended."))
    if User.people.visible_to(request.user).filter(pk=assignment.user_id).exists():
        return redirect(assignment.user)
    return redirect("accounts:people")


@require_http_methods(["GET", "POST"])
def office_approval(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether an office's answers wait for its director, and who that is."""
    found = get_object_or_404(Authority.objects.current(), pk=pk)
    form = ApprovalForm(request.POST or None, authority=found, by=request.user)
    if not form.fields:
        raise PermissionDenied
    if form.is_valid():
        try:
            actions.set_approval(found, by=request.user, **form.cleaned_data)
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("It is noted who approves the answers of the office."))
            return redirect(found)
    return render(request, "accounts/office_approval.html", {"form": form, "authority": found})


@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    form = AccountForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        person = actions.change_account(form.instance, changed=form.changed_data)
        messages.success(request, _("Your account is saved."))
        response = redirect("accounts:account")
        adapter.remember_language(response, person)
        return response
    return render(request, "accounts/account.html", {"form": form})


def _require_keeper(request: HttpRequest) -> None:
    """The pages about people do not exist for anybody else."""
    if not permissions.keeps_people(request.user):
        raise Http404


def _person(request: HttpRequest, pk: int) -> User:
    return get_object_or_404(User.people.visible_to(request.user), pk=pk)


def _roles_of(request: HttpRequest, person: User) -> list[tuple[RoleAssignment, bool]]:
    """The person's roles, ended ones too, each with whether the reader may end it."""
    rows = person.role_assignments.select_related("province", "authority", "organization")
    kept = set(RoleAssignment.objects.kept_by(request.user).filter(user=person).values_list("pk"))
    mine = person == request.user
    return [(one, one.ended_on is None and (one.pk,) in kept and not mine) for one in rows]


def _role_asked_for(request: HttpRequest) -> dict[str, str]:
    """A role and place named in the address, as the organization's page does."""
    return {name: request.GET[name] for name in RoleForm.Meta.fields if name in request.GET}


def _card(request: HttpRequest, person: User, password: str) -> HttpResponse:
    """The page with the first password, shown this once."""
    return render(request, "accounts/card.html", {"person": person, "password": password})
