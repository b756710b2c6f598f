"""The addresses of an office, and the themes it answers for."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit import actions as audit
from audit.models import AuditEntry
from provinces import permissions
from provinces.models import Authority, ContactPoint, Theme

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def save_contact(contact: ContactPoint, *, by: "User") -> ContactPoint:
    """Keep a new or changed address of an office; raises PermissionDenied for other people."""
    if not permissions.keeps(by, contact.authority):
        raise PermissionDenied
    act = "change_contact" if contact.pk else "add_contact"
    is_administrator = by.is_role(AuditEntry.Role.ADMINISTRATOR)
    contact.save()
    audit.record(
        f"provinces.{act}",
        contact.authority,
        by=by,
        role=AuditEntry.Role.ADMINISTRATOR if is_administrator else AuditEntry.Role.COORDINATOR,
        contact=contact.pk,
    )
    return contact


@transaction.atomic
def assign_themes(authority: Authority, *, by: "User", themes: Iterable[Theme]) -> Authority:
    """Say for which themes an office answers; the same as before leaves no trace."""
    if not permissions.assigns_themes(by):
        raise PermissionDenied
    locked = Authority.objects.select_for_update(of=("self",)).get(pk=authority.pk)
    before = set(locked.themes.values_list("pk", flat=True))
    chosen = list(themes)
    after = {theme.pk for theme in chosen}
    if before == after:
        return locked
    locked.themes.set(chosen)
    audit.record(
        "provinces.assign_themes",
        locked,
        by=by,
        role=AuditEntry.Role.ADMINISTRATOR,
        themes=[sorted(before), sorted(after)],
    )
    return locked
