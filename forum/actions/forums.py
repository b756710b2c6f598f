"""Planning a forum."""

import datetime as dt
import uuid
from collections.abc import Collection
from typing import NotRequired, TypedDict, Unpack

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.actions import record
from audit.errors import TransitionError
from forum import permissions
from forum.actions import shared
from forum.models import Forum
from provinces.models import Province


class ForumFields(TypedDict):
    """What is typed about a forum, besides its provinces."""

    name_km: str
    name_en: str
    starts_on: dt.date
    ends_on: dt.date
    theme_km: NotRequired[str]
    theme_en: NotRequired[str]
    about_km: NotRequired[str]
    about_en: NotRequired[str]
    rules_km: NotRequired[str]
    rules_en: NotRequired[str]
    notice_days: NotRequired[int]


@transaction.atomic
def create_forum(
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    provinces: Collection[Province],
    **fields: Unpack[ForumFields],
) -> Forum:
    """Add a forum over these provinces; the same key and content again is the same forum."""
    _check_forum(by, provinces, fields)
    forum, is_new = Forum.objects.get_or_create(client_key=client_key, defaults=dict(fields))
    if is_new:
        forum.provinces.set(provinces)
        record("forum.create_forum", forum, by=by, role=shared.COORDINATOR, at=now)
    elif shared.changed(forum, fields) or set(forum.provinces.all()) != set(provinces):
        raise shared.conflict()
    return forum


@transaction.atomic
def edit_forum(
    forum: Forum,
    *,
    by: User,
    now: dt.datetime,
    provinces: Collection[Province],
    seen: int | None = None,
    **fields: Unpack[ForumFields],
) -> Forum:
    """Change a forum; its sessions stay in its provinces (``seen``: the version read)."""
    locked = Forum.objects.select_for_update().get(pk=forum.pk)
    held = set(locked.provinces.all())
    if not permissions.serves_one_of(by, [one.pk for one in held]):
        raise PermissionDenied
    _check_forum(by, provinces, fields)
    changed = shared.changed(locked, fields)
    if held != set(provinces):
        changed.append("provinces")
    if not changed:
        return locked
    shared.check_seen(locked, locked.version, seen)
    _check_sessions_within(locked, {one.pk for one in provinces})
    locked.provinces.set(provinces)
    shared.update(locked, fields, version=locked.version + 1)
    record("forum.edit_forum", locked, by=by, role=shared.COORDINATOR, at=now, fields=changed)
    return locked


def _check_forum(by: User, provinces: Collection[Province], fields: ForumFields) -> None:
    """PermissionDenied without a province the user serves; TransitionError for crossed days."""
    if not permissions.serves_one_of(by, [one.pk for one in provinces]):
        raise PermissionDenied
    if fields["ends_on"] < fields["starts_on"]:
        raise TransitionError(_("The last day lies before the first day."))


def _check_sessions_within(forum: Forum, province_ids: set[str]) -> None:
    """Raise TransitionError where a standing session would lie in none of these provinces.

    A session outside the forum's days is warned of on the board.
    """
    outside = forum.sessions.standing().exclude(province__in=province_ids)
    session = outside.select_related("province").first()
    if session is not None:
        raise TransitionError(
            _("The session in %(province)s (%(when)s) would lie outside the forum.")
            % {"province": session.province, "when": session.when}
        )
