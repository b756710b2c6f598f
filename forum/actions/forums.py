"""Planning a forum."""

import datetime as dt
import uuid
from collections.abc import Collection
from typing import NotRequired, TypedDict, Unpack

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Role, RoleAssignment, User
from audit.actions import record
from audit.errors import TransitionError
from forum import permissions
from forum.actions import shared
from forum.models import Forum
from provinces import reach
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
    team: Collection[User] = (),
    **fields: Unpack[ForumFields],
) -> Forum:
    """Add a forum over these provinces; the same key and content again is the same forum."""
    _check_forum(by, provinces, fields)
    forum, is_new = Forum.objects.get_or_create(client_key=client_key, defaults=dict(fields))
    if is_new:
        _check_team(team, provinces)
        forum.provinces.set(provinces)
        forum.team.set(team)
        record("forum.create_forum", forum, by=by, role=shared.COORDINATOR, at=now)
    elif shared.changed(forum, fields) or _sets_changed(forum, provinces, team):
        raise shared.conflict()
    return forum


@transaction.atomic
def edit_forum(
    forum: Forum,
    *,
    by: User,
    now: dt.datetime,
    provinces: Collection[Province],
    team: Collection[User] | None = None,
    seen: int | None = None,
    **fields: Unpack[ForumFields],
) -> Forum:
    """Change a forum; its sessions stay in its provinces (``seen``: the version read).

    Without a ``team`` it stays as it is. Calls in provinces that are given up go with them, which
    only who coordinates a province may do.
    """
    locked = locked_forum(forum, by=by)
    _check_forum(by, provinces, fields)
    before = list(locked.team.all())
    team = before if team is None else team
    changed = shared.changed(locked, fields) + _sets_changed(locked, provinces, team)
    if not changed:
        return locked
    shared.check_seen(locked, locked.version, seen)
    _check_own_alone(locked, by, provinces)
    _check_sessions_within(locked, by, {one.pk for one in provinces})
    _check_team([one for one in team if one not in before], provinces)
    locked.calls.exclude(province__in=provinces).delete()
    locked.provinces.set(provinces)
    locked.team.set(team)
    shared.update(locked, fields, version=locked.version + 1)
    record("forum.edit_forum", locked, by=by, role=shared.COORDINATOR, at=now, fields=changed)
    return locked


def locked_forum(forum: Forum, *, by: User) -> Forum:
    """The forum's row, locked; PermissionDenied for whoever coordinates none of its provinces."""
    locked = Forum.objects.select_for_update().get(pk=forum.pk)
    held = locked.provinces.values_list("pk", flat=True)
    if not permissions.serves_one_of(by, held):
        raise PermissionDenied
    return locked


def _sets_changed(
    forum: Forum, provinces: Collection[Province], team: Collection[User]
) -> list[str]:
    """``provinces`` and ``team``, where they would differ."""
    wanted: dict[str, set[Province] | set[User]] = {
        "provinces": set(provinces),
        "team": set(team),
    }
    return [name for name, rows in wanted.items() if set(getattr(forum, name).all()) != rows]


def coordinating(team: Collection[User], provinces: Collection[Province]) -> set[int]:
    """Who of these people is a coordinator of one of the provinces, or of all; one query."""
    rows = RoleAssignment.objects.current().filter(role=Role.COORDINATOR, user__in=team)
    near = rows.filter(Q(province=None) | Q(province__in=provinces))
    return set(near.values_list("user", flat=True))


def not_of(person: User) -> str:
    """Why this person cannot be of the team."""
    return _("%(person)s coordinates none of these provinces.") % {"person": person}


def _check_team(team: Collection[User], provinces: Collection[Province]) -> None:
    """Raise TransitionError for one who coordinates none of the provinces."""
    fitting = coordinating(team, provinces) if team else set()
    for one in team:
        if one.pk not in fitting:
            raise TransitionError(not_of(one))


def _check_forum(by: User, provinces: Collection[Province], fields: ForumFields) -> None:
    """PermissionDenied without a province the user serves; TransitionError for wrong days."""
    if not permissions.serves_one_of(by, [one.pk for one in provinces]):
        raise PermissionDenied
    if fields["ends_on"] < fields["starts_on"]:
        raise TransitionError(_("The last day lies before the first day."))
    if not reach.has_days(fields["starts_on"], fields["ends_on"]):
        raise TransitionError(str(reach.OUT_OF_REACH))


def _check_own_alone(forum: Forum, by: User, provinces: Collection[Province]) -> None:
    """Raise TransitionError where a province that others coordinate would come or go."""
    moved = set(forum.provinces.all()) ^ set(provinces)
    others = sorted(str(one) for one in moved if not by.serves(one.pk))
    if others:
        raise TransitionError(
            _("Only who coordinates %(province)s may add it to a forum or take it out.")
            % {"province": others[0]}
        )


def _check_sessions_within(forum: Forum, by: User, province_ids: set[str]) -> None:
    """Raise TransitionError where a standing session of theirs would lie in none of these.

    Nobody can give up a province of others, nor is told of its drafts. A session outside the
    forum's days is warned of on the board.
    """
    outside = forum.sessions.served_by(by).standing().exclude(province__in=province_ids)
    session = outside.select_related("province").first()
    if session is not None:
        raise TransitionError(
            _("The session in %(province)s (%(when)s) would lie outside the forum.")
            % {"province": session.province, "when": session.when}
        )
