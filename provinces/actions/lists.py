"""Themes and honorifics: lists that administrators add to and rename, and take nothing from."""

from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from audit import actions as audit
from audit.errors import Conflict
from audit.models import AuditEntry
from khmer import sorting
from khmer import text as khmer_text
from provinces import permissions
from provinces.models import Honorific, Listed, Theme

if TYPE_CHECKING:
    from accounts.models import User

Row = TypeVar("Row", bound=Listed)
FIELDS = ("name_km", "name_en", "sort_key", "position")


@transaction.atomic
def add_theme(theme: Theme, *, by: "User") -> Theme:
    """Keep a new theme under its code; the same form sent twice makes one.

    Raises Conflict where the code stands for another theme.
    """
    if not permissions.assigns_themes(by):
        raise PermissionDenied
    return _add(theme, by, _("Another theme has this code."))


@transaction.atomic
def change_theme(theme: Theme, *, by: "User") -> Theme:
    """Keep the new names and place of a theme; the trail says which of them changed."""
    if not permissions.assigns_themes(by):
        raise PermissionDenied
    return _change(theme, by)


@transaction.atomic
def add_honorific(honorific: Honorific, *, by: "User") -> Honorific:
    """Keep a new honorific under its code; the same form sent twice makes one.

    Raises Conflict where the code stands for another honorific.
    """
    if not permissions.keeps_honorifics(by):
        raise PermissionDenied
    return _add(honorific, by, _("Another honorific has this code."))


@transaction.atomic
def change_honorific(honorific: Honorific, *, by: "User") -> Honorific:
    """Keep the new names and place of an honorific; the trail says which of them changed."""
    if not permissions.keeps_honorifics(by):
        raise PermissionDenied
    return _change(honorific, by)


def _add(row: Row, by: "User", conflict: str) -> Row:
    _fold_names(row)
    fields = {name: getattr(row, name) for name in FIELDS}
    kept, is_new = type(row)._default_manager.get_or_create(code=row.code, defaults=fields)
    if is_new:
        _record("add", kept, by)
    elif any(getattr(kept, name) != value for name, value in fields.items()):
        raise Conflict(conflict)
    return kept


def _change(row: Row, by: "User") -> Row:
    _fold_names(row)
    before = type(row)._default_manager.select_for_update().get(pk=row.pk)
    changed = [name for name in FIELDS if getattr(before, name) != getattr(row, name)]
    if changed:
        row.save()
        _record("change", row, by, fields=changed)
    return row


def _fold_names(row: Listed) -> None:
    """The Khmer name in its one form, and the sort key that belongs to it."""
    row.name_km = khmer_text.norm(row.name_km)
    row.sort_key = sorting.sort_key(row.name_km)


def _record(act: str, row: Listed, by: "User", **change: Any) -> None:
    """The entry ``provinces.add_theme``, ``provinces.change_honorific`` and so on."""
    role = AuditEntry.Role.ADMINISTRATOR
    audit.record(f"provinces.{act}_{row._meta.model_name}", row, by=by, role=role, **change)
