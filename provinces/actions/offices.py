"""The addresses of an office, the themes it answers for, and who stands above it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext as _

from audit import actions as audit
from audit.errors import TransitionError
from audit.models import AuditEntry
from provinces import permissions
from provinces.models import Authority, ContactPoint, Theme

if TYPE_CHECKING:
    from accounts.models import User

# Two superiors set at once could close a circle that neither of them sees.
LOCK = "LOCK TABLE provinces_authority IN SHARE ROW EXCLUSIVE MODE"


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


@transaction.atomic
def set_superior(
    authority: Authority, *, by: "User", superior: Authority | None, seen: int | None
) -> Authority:
    """Say which authority is told next when this one is silent; the same leaves no trace.

    ``seen`` is the superior as it was shown. Raises TransitionError where the authority would
    stand above itself, with the circle named, and where somebody set another one meanwhile.
    """
    if not permissions.sets_superiors(by):
        raise PermissionDenied
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    locked = Authority.objects.select_related("superior").get(pk=authority.pk)
    chosen = superior.pk if superior else None
    if locked.superior_id == chosen:
        return locked
    if locked.superior_id != seen:
        raise TransitionError(
            _("Meanwhile somebody set another one: %(office)s.")
            % {"office": locked.superior or "–"}
        )
    # As it stands now: what stands above it may have changed since the form was opened.
    above = Authority.objects.get(pk=chosen) if chosen else None
    if above and (circle := _circle(locked, above)):
        raise TransitionError(
            _("It would stand above itself: %(circle)s.")
            % {"circle": " → ".join(one.name for one in circle)}
        )
    locked.superior = above
    locked.save(update_fields=["superior"])
    audit.record(
        "provinces.set_superior",
        locked,
        by=by,
        role=AuditEntry.Role.ADMINISTRATOR,
        superior=[seen, chosen],
    )
    return locked


def _circle(authority: Authority, superior: Authority) -> list[Authority]:
    """From the authority over the superior and those above it back to it; empty where it ends."""
    line = [superior, *superior.line] if superior != authority else [authority]
    if authority not in line:
        return []
    return [authority, *line[: line.index(authority) + 1]]
