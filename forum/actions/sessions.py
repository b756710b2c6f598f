"""Planning, publishing, opening and cancelling a session."""

import datetime as dt
import uuid
from typing import Any, NotRequired, TypedDict, Unpack

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.actions import record
from audit.errors import TransitionError
from forum import workflow
from forum.actions import presiders, shared
from forum.models import Forum, Session
from forum.workflow import Act
from provinces.models import Province


class SessionFields(TypedDict):
    """What is typed about a session, besides its province."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    venue_km: str
    venue_en: NotRequired[str]


@transaction.atomic
def create_session(
    forum: Forum,
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    province: Province,
    **fields: Unpack[SessionFields],
) -> Session:
    """Plan a session of the forum; the same key and content again is the same session."""
    if not by.serves(province.pk):
        raise PermissionDenied
    locked = Forum.objects.select_for_update().get(pk=forum.pk)
    if not locked.provinces.filter(pk=province.pk).exists():
        raise TransitionError(_("The forum is not held in this province."))
    _check_times(locked, fields["starts_at"], fields["ends_at"])
    place = {"forum": locked, "province": province}
    session, is_new = Session.objects.get_or_create(
        client_key=client_key, defaults=place | dict(fields)
    )
    if is_new:
        record("forum.create_session", session, by=by, role=shared.COORDINATOR, at=now)
    elif shared.changed(session, place | dict(fields)):
        raise shared.conflict()
    return session


@transaction.atomic
def edit_session(
    session: Session,
    *,
    by: User,
    now: dt.datetime,
    seen: int | None = None,
    **fields: Unpack[SessionFields],
) -> Session:
    """Change times or venue and tell the invited; ``seen`` is the version read before."""
    forum = Forum.objects.select_for_update().get(pk=session.forum_id)
    locked = shared.lock(session, Act.EDIT, by=by)
    changed = shared.changed(locked, fields)
    if not changed:
        return locked
    shared.check_seen(locked, locked.version, seen)
    _check_times(forum, fields["starts_at"], fields["ends_at"])
    presider_ids = list(locked.presidings.values_list("presider", flat=True))
    with presiders.free(presider_ids, locked, fields["starts_at"], fields["ends_at"]):
        shared.update(locked, fields, version=locked.version + 1)
    record(f"forum.{Act.EDIT}", locked, by=by, role=shared.COORDINATOR, at=now, fields=changed)
    shared.tell_invited("session_changed", locked, now=now)
    return locked


def _check_times(forum: Forum, starts_at: dt.datetime, ends_at: dt.datetime) -> None:
    """Raise TransitionError where the times cross or leave the forum's days."""
    if ends_at <= starts_at:
        raise TransitionError(_("The session ends before it begins."))
    first, latest = timezone.localdate(starts_at), timezone.localdate(ends_at)
    if first < forum.starts_on or latest > forum.ends_on:
        raise TransitionError(_("The session must lie within the days of the forum."))


def publish_session(session: Session, *, by: User, now: dt.datetime) -> Session:
    """Put the session into the public programme."""
    return _move(session, Act.PUBLISH, by=by, now=now, published_at=now)


def unpublish_session(session: Session, *, by: User, now: dt.datetime) -> Session:
    """Take the session out of the public programme."""
    return _move(session, Act.UNPUBLISH, by=by, now=now, published_at=None)


@transaction.atomic
def open_session(
    session: Session, *, by: User, now: dt.datetime, confirmed: bool = False
) -> Session:
    """Begin the sitting: from now on outcomes and attendance are recorded.

    It cannot be undone, so that on another day than its own it has to be ``confirmed``.
    """
    locked = shared.lock(session, Act.OPEN, by=by)
    if locked.day != timezone.localdate(now) and not confirmed:
        raise TransitionError(
            _("Today is not the day of this session. Tick that you open it all the same.")
        )
    return _move(session, Act.OPEN, by=by, now=now)


@transaction.atomic
def cancel_session(session: Session, *, by: User, now: dt.datetime, because: str) -> Session:
    """Call the session off: its presiders are free again, the invited are told why."""
    locked = _move(session, Act.CANCEL, by=by, now=now, cancelled_because=because)
    locked.presidings.update(is_off=True)
    shared.tell_invited("session_cancelled", locked, now=now)
    return locked


@transaction.atomic
def _move(session: Session, act: Act, *, by: User, now: dt.datetime, **fields: object) -> Session:
    """Lock the session, check the act against the table, save it and its audit entry."""
    locked = shared.lock(session, act, by=by)
    before = locked.status
    locked.status = workflow.RULES[act].target or before
    shared.update(locked, fields, status=locked.status)
    change: dict[str, Any] = {} if locked.status == before else {"status": [before, locked.status]}
    record(f"forum.{act}", locked, by=by, role=shared.COORDINATOR, at=now, **change)
    return locked
