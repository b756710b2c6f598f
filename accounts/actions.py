"""Making accounts and organizations, giving roles and ending them; each leaves a trace."""

import datetime as dt
import secrets
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts import permissions
from accounts.models import Organization, Role, RoleAssignment, User
from audit import actions as audit
from audit.errors import TransitionError
from audit.models import AuditEntry
from khmer import sorting
from khmer import text as khmer_text
from provinces.models import Authority, Province

# Without what is mistaken for another on paper (0 o, 1 l i, 5 s, 2 z, u v).
LETTERS = "abcdefghjkmnpqrtwxy346789"
GROUPS, GROUP_LENGTH = 3, 4


def first_password() -> str:
    """A password to be read from paper, as ``kxt7-m3hq-p9rw`` (55 bits)."""
    return "-".join(
        "".join(secrets.choice(LETTERS) for _place in range(GROUP_LENGTH))
        for _group in range(GROUPS)
    )


@transaction.atomic
def add_person(person: User, wanted: RoleAssignment, *, by: User) -> str:
    """Save a new account with its first role; answer its first password.

    Whoever has an e-mail address gets none (""): they choose it by "Forgot password".
    """
    if not permissions.keeps_people(by):
        raise PermissionDenied
    password = "" if person.email else first_password()
    person.set_password(password or None)
    person.save()
    _record("accounts.add_person", person, by=by)
    grant(person, wanted, by=by)
    return password


@transaction.atomic
def grant(person: User, wanted: RoleAssignment, *, by: User) -> RoleAssignment:
    """Give the person a role; raises PermissionDenied where it is not the giver's to give.

    Nobody gives a role to themselves: an administrator reads no issue by that role alone.
    """
    if person == by or not permissions.grants(by, wanted):
        raise PermissionDenied
    wanted.user = User.objects.select_for_update().get(pk=person.pk)
    _refuse_two_sides(wanted)
    wanted.save()
    _record("accounts.grant", person, by=by, assignment=wanted.pk, role_given=wanted.role)
    return wanted


def _refuse_two_sides(wanted: RoleAssignment) -> None:
    """Nobody serves an office and the secretariat: what concerns the office must stay from it."""
    others = {Role.OFFICIAL: Role.COORDINATOR, Role.COORDINATOR: Role.OFFICIAL}
    other = others.get(Role(wanted.role))
    held = RoleAssignment.objects.current().filter(user=wanted.user, role=other)
    if other and held.exists():
        raise TransitionError(
            _(
                "One person cannot be an official and a coordinator: issues that concern the"
                " office would not be safe. Make a second account, or end the other role first."
            )
        )


@transaction.atomic
def end_role(assignment: RoleAssignment, *, by: User, today: dt.date) -> RoleAssignment:
    """End a role as of today; a role that has ended stays as it is."""
    locked = RoleAssignment.objects.select_for_update().get(pk=assignment.pk)
    if not permissions.ends(by, locked):
        raise PermissionDenied
    if locked.ended_on is None:
        locked.ended_on = max(today, locked.began_on)
        locked.save(update_fields=["ended_on"])
        _record("accounts.end_role", locked.user, by=by, assignment=locked.pk)
    return locked


@transaction.atomic
def set_approval(
    authority: Authority,
    *,
    by: User,
    needs_approval: bool | None = None,
    directors: Iterable[RoleAssignment] | None = None,
) -> Authority:
    """Say whether the office's answers wait for its director, and who that is.

    What is None stays as it is; the same as before leaves no trace. Raises PermissionDenied for
    what is not the user's to say, TransitionError where nobody would be left to approve.
    """
    locked = Authority.objects.select_for_update(of=("self",)).get(pk=authority.pk)
    before = [locked.needs_approval, _directors_of(locked)]
    if directors is not None:
        if not permissions.names_directors(by, locked):
            raise PermissionDenied
        _mark_directors(locked, {one.pk for one in directors})
    if needs_approval is not None:
        if not permissions.sets_approval(by, locked):
            raise PermissionDenied
        locked.needs_approval = needs_approval
        locked.save(update_fields=["needs_approval"])
    after = [locked.needs_approval, _directors_of(locked)]
    if locked.needs_approval and after != before and not locked.has_director:
        raise TransitionError(_("Choose first who approves the answers of the office."))
    if after != before:
        change = {"needs_approval": [before[0], after[0]], "directors": [before[1], after[1]]}
        _record("accounts.set_approval", locked, by=by, **change)
    return locked


def _directors_of(authority: Authority) -> list[int]:
    held = RoleAssignment.objects.directors([authority.pk])
    return list(held.order_by("pk").values_list("pk", flat=True))


def _mark_directors(authority: Authority, chosen: set[int]) -> None:
    held = RoleAssignment.objects.current().filter(role=Role.OFFICIAL, authority=authority)
    held.filter(pk__in=chosen).update(approves=True)
    held.exclude(pk__in=chosen).update(approves=False)


@transaction.atomic
def renew_password(person: User, *, by: User) -> str:
    """Replace a forgotten password by a new first one, to be handed over on paper."""
    if not permissions.keeps_person(by, person):
        raise PermissionDenied
    password = first_password()
    person.set_password(password)
    person.save(update_fields=["password"])
    _record("accounts.renew_password", person, by=by)
    return password


@transaction.atomic
def change_account(person: User, *, changed: Iterable[str]) -> User:
    """Save what people changed in their own account."""
    fields = sorted(changed)
    if fields:
        person.save(update_fields=fields)
        _record("accounts.change_account", person, by=person, fields=fields)
    return person


@transaction.atomic
def save_organization(
    organization: Organization, *, by: User, provinces: Iterable[Province]
) -> Organization:
    """Keep a new or changed organization and the provinces it works in.

    Raises PermissionDenied for one the user does not keep, or for provinces the user does not
    serve unless they were there before.
    """
    wanted, known = {one.pk for one in provinces}, _provinces_of(organization)
    if organization.pk is not None and not permissions.keeps_organization(by, organization):
        raise PermissionDenied
    if not by.is_role(Role.ADMINISTRATOR) and not all(map(by.serves, wanted ^ known)):
        raise PermissionDenied
    act = "add_organization" if organization.pk is None else "change_organization"
    organization.name_km = khmer_text.norm(organization.name_km)
    organization.sort_key = sorting.sort_key(organization.name_km)
    organization.save()
    organization.provinces.set(Province.objects.filter(pk__in=wanted))
    _record(f"accounts.{act}", organization, by=by, provinces=[sorted(known), sorted(wanted)])
    return organization


def _provinces_of(organization: Organization) -> set[str]:
    if organization.pk is None:
        return set()
    return set(organization.provinces.values_list("pk", flat=True))


def _record(action: str, subject: models.Model, *, by: User, **change: Any) -> None:
    audit.record(action, subject, by=by, role=_role_of(by), **change)


def _role_of(user: User) -> str:
    """The role in which the user keeps people; for an own account the first one held."""
    if user.is_role(Role.ADMINISTRATOR):
        return AuditEntry.Role.ADMINISTRATOR
    if user.is_role(Role.COORDINATOR):
        return AuditEntry.Role.COORDINATOR
    return user.held[0].role if user.held else AuditEntry.Role.SYSTEM
