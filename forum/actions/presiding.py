"""Lists of who may preside, and as what: added to and changed, and nothing taken from them."""

import datetime as dt
from typing import Any, TypedDict, Unpack

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.actions import record
from audit.errors import TransitionError
from audit.models import AuditEntry
from forum import permissions
from forum.actions import shared
from forum.models import Presider, PresidingRole, Session
from khmer import text as khmer_text
from provinces.models import Honorific, Province

SAME_TITLE = "presider_stands_once"


class PresiderFields(TypedDict, total=False):
    """What is typed about a presider, besides the province; what is left out stays, or is empty."""

    title_km: str
    title_en: str
    honorific: Honorific | None
    office: PresidingRole | None
    ended_on: dt.date | None


@transaction.atomic
def create_presider(
    *, by: User, now: dt.datetime, province: Province | None, **fields: Unpack[PresiderFields]
) -> Presider:
    """A presider of the province, or of all for ``None``; the same form sent twice makes one.

    Raises TransitionError where the title stands for somebody of whom other things are known.
    """
    province_id = province.pk if province else None
    if not permissions.keeps_presiders(by, province_id):
        raise PermissionDenied
    values = _values(fields)
    title = values.pop("title_km")
    presider, is_new = Presider.objects.get_or_create(
        title_km=title, province=province, defaults=values
    )
    if is_new:
        record("forum.add_presider", presider, by=by, role=_role(by, province_id), at=now)
    elif shared.changed(presider, values):
        raise _title_is_taken()
    return presider


def add_presider(
    session: Session, *, by: User, now: dt.datetime, **fields: Unpack[PresiderFields]
) -> Presider:
    """A presider of the session's province; the same title again is the same."""
    if not permissions.serves(by, session):
        raise PermissionDenied
    return create_presider(by=by, now=now, province=session.province, **fields)


@transaction.atomic
def edit_presider(
    presider: Presider, *, by: User, now: dt.datetime, **fields: Unpack[PresiderFields]
) -> Presider:
    """Change title, honorific or office of a presider, or say since when they have left."""
    if not permissions.keeps_presiders(by, presider.province_id):
        raise PermissionDenied
    locked = Presider.objects.select_for_update().get(pk=presider.pk)
    values = _values(fields)
    changed = shared.changed(locked, values)
    if not changed:
        return locked
    try:
        with transaction.atomic():
            shared.update(locked, values)
    except IntegrityError as error:
        if SAME_TITLE not in str(error):
            raise
        raise _title_is_taken() from error
    role = _role(by, presider.province_id)
    record("forum.edit_presider", locked, by=by, role=role, at=now, fields=sorted(changed))
    return locked


def _values(fields: PresiderFields) -> dict[str, Any]:
    """The columns, the Khmer title in its one form."""
    values: dict[str, Any] = dict(fields)
    if "title_km" in values:
        values["title_km"] = khmer_text.norm(values["title_km"])
    return values


def _title_is_taken() -> TransitionError:
    return TransitionError(_("There already is a presider of this title. Open them to change it."))


def _role(by: User, province_id: str | None) -> AuditEntry.Role:
    """As what the user acts: as coordinator where they are one."""
    serves = by.serves_all or (province_id is not None and by.serves(province_id))
    return AuditEntry.Role.COORDINATOR if serves else AuditEntry.Role.ADMINISTRATOR


# --- as what people preside ---------------------------------------------------------------------
class RoleFields(TypedDict):
    """The names of a presiding role and its place in the list."""

    name_km: str
    name_en: str
    position: int


@transaction.atomic
def add_presiding_role(
    *, by: User, now: dt.datetime, code: str, **fields: Unpack[RoleFields]
) -> PresidingRole:
    """A new presiding role under its code; the same form sent twice makes one."""
    _check_administrator(by)
    values = _named(fields)
    role, is_new = PresidingRole.objects.get_or_create(code=code, defaults=values)
    if is_new:
        _record("forum.add_presiding_role", role, by, now)
    elif shared.changed(role, values):
        raise TransitionError(_("Another presiding role has this code."))
    return role


@transaction.atomic
def edit_presiding_role(
    role: PresidingRole, *, by: User, now: dt.datetime, **fields: Unpack[RoleFields]
) -> PresidingRole:
    """Change the names or the place of a presiding role; its code stays."""
    _check_administrator(by)
    locked = PresidingRole.objects.select_for_update().get(pk=role.pk)
    values = _named(fields)
    if changed := shared.changed(locked, values):
        shared.update(locked, values)
        _record("forum.edit_presiding_role", locked, by, now, fields=sorted(changed))
    return locked


def _named(fields: RoleFields) -> dict[str, Any]:
    values: dict[str, Any] = dict(fields)
    return values | {"name_km": khmer_text.norm(fields["name_km"])}


def _check_administrator(by: User) -> None:
    if not permissions.keeps_presiding_roles(by):
        raise PermissionDenied


def _record(act: str, role: PresidingRole, by: User, now: dt.datetime, **change: Any) -> None:
    record(act, role, by=by, role=AuditEntry.Role.ADMINISTRATOR, at=now, **change)
