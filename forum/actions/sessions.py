"""Planning, moving, opening and cancelling a session; nobody is told before it is published."""

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any, NotRequired, TypedDict, Unpack

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.actions import record
from audit.errors import TransitionError
from forum import followers, programme, workflow
from forum.actions import presiders, shared
from forum.models import Entry, Forum, Session, Venue
from forum.workflow import Act
from khmer import text as khmer_text
from provinces import reach
from provinces.models import Province

MORNING, NOON = dt.time(8), dt.time(11, 30)


class SessionFields(TypedDict):
    """What is typed about a session, besides its province; without times it lies in the tray.

    ``new_venue`` is the Khmer and the English name of a place that may not be in the list yet.
    """

    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    venue: Venue | None
    new_venue: NotRequired[tuple[str, str]]


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
    values = _values(province, fields, by=by, now=now)
    place = {"forum": locked, "province": province}
    session, is_new = Session.objects.get_or_create(client_key=client_key, defaults=place | values)
    if is_new:
        record("forum.create_session", session, by=by, role=shared.COORDINATOR, at=now)
    elif shared.changed(session, place | values):
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
    """Change times or venue of the draft; ``seen`` is the version read before.

    Nobody is told: that is done by ``publish``.
    """
    locked = shared.lock(session, Act.EDIT, by=by)
    values = _values(locked.province, fields, by=by, now=now)
    changed = shared.changed(locked, values)
    if not changed:
        return locked
    shared.check_seen(locked, locked.version, seen)
    if locked.status == Session.Status.OPEN and {"starts_at", "ends_at"} & set(changed):
        raise TransitionError(_("A session that sits keeps its day and times."))
    with presiders.free(_presiders_of(locked), locked, fields["starts_at"], fields["ends_at"]):
        shared.update(locked, values, version=locked.version + 1)
    record(f"forum.{Act.EDIT}", locked, by=by, role=shared.COORDINATOR, at=now, fields=changed)
    return locked


def move_session(
    session: Session, *, by: User, now: dt.datetime, day: dt.date | None, seen: int | None = None
) -> Session:
    """Put the draft on another day at the same hours; without a day into the tray.

    Out of the tray it gets the hours it was published with, or those of a morning.
    """
    starts_at, ends_at = _hours_on(session, day)
    return edit_session(
        session,
        by=by,
        now=now,
        seen=seen,
        starts_at=starts_at,
        ends_at=ends_at,
        venue=session.venue,
    )


def _hours_on(
    session: Session, day: dt.date | None
) -> tuple[dt.datetime, dt.datetime] | tuple[None, None]:
    """The session's hours on this day; its length stays, also over midnight."""
    if day is None:
        return None, None
    held = session if session.starts_at else session.announced
    if held is None or held.starts_at is None or held.ends_at is None:
        return _moment(day, MORNING), _moment(day, NOON)
    starts_at = _moment(day, timezone.localtime(held.starts_at).time())
    return starts_at, starts_at + (held.ends_at - held.starts_at)


def _moment(day: dt.date, time: dt.time) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, time))


def _presiders_of(session: Session) -> list[int]:
    return list(session.presidings.values_list("presider", flat=True))


def _values(
    province: Province, fields: SessionFields, *, by: User, now: dt.datetime
) -> dict[str, Any]:
    """The columns; TransitionError where times cross, lie far off, or the venue is elsewhere."""
    starts_at, ends_at, venue = fields["starts_at"], fields["ends_at"], fields["venue"]
    if (starts_at is None) != (ends_at is None):
        raise TransitionError(_("Give both times, or none."))
    if starts_at and ends_at and ends_at <= starts_at:
        raise TransitionError(_("The session ends before it begins."))
    if not reach.has_moments(starts_at, ends_at):
        raise TransitionError(str(reach.OUT_OF_REACH))
    if venue and venue.province_id != province.pk:
        raise TransitionError(
            _("%(venue)s is not in %(province)s.") % {"venue": venue, "province": province}
        )
    if names := fields.get("new_venue"):
        venue = _venue_named(province, *names, by=by, now=now)
    return {"starts_at": starts_at, "ends_at": ends_at, "venue": venue}


def _venue_named(
    province: Province, name_km: str, name_en: str, *, by: User, now: dt.datetime
) -> Venue:
    """The venue of this name in the province, added where it was not there.

    Raises TransitionError where it is no longer used.
    """
    name_km = khmer_text.norm(name_km)
    venue, is_new = Venue.objects.get_or_create(
        province=province, name_km=name_km, defaults={"name_en": name_en}
    )
    if is_new:
        record("forum.create_venue", venue, by=by, role=shared.COORDINATOR, at=now)
    elif venue.ended_on is not None:
        raise TransitionError(
            _("%(venue)s is no longer used. Choose another venue, or change it in the list first.")
            % {"venue": venue}
        )
    return venue


@transaction.atomic
def set_team(session: Session, *, by: User, now: dt.datetime, team: Collection[User]) -> Session:
    """Say who of the secretariat goes to the session; all of them are of the forum's team."""
    locked = shared.lock(session, Act.SET_TEAM, by=by)
    held = set(locked.team.values_list("pk", flat=True))
    wanted = {one.pk for one in team}
    if held == wanted:
        return locked
    of_forum = set(locked.forum.team.values_list("pk", flat=True))
    for one in team:
        if one.pk not in of_forum | held:
            raise TransitionError(_("%(person)s is not of the forum's team.") % {"person": one})
    locked.team.set(team)
    change = [sorted(held), sorted(wanted)]
    record(f"forum.{Act.SET_TEAM}", locked, by=by, role=shared.COORDINATOR, at=now, team=change)
    return locked


@transaction.atomic
def open_session(
    session: Session, *, by: User, now: dt.datetime, confirmed: bool = False
) -> Session:
    """Begin the sitting: from now on outcomes and attendance are recorded.

    It cannot be undone, so that on another day than its own it has to be ``confirmed``.
    """
    locked = shared.lock(session, Act.OPEN, by=by)
    if locked.day is None:
        raise TransitionError(_("Give the session its day before you open it."))
    if locked.announced is not None and programme.change_of(locked) != Entry.Change.SAME:
        raise TransitionError(
            _("The session has changed since it was published. Publish it before you open it.")
        )
    if locked.day != timezone.localdate(now) and not confirmed:
        raise TransitionError(
            _("Today is not the day of this session. Tick that you open it all the same.")
        )
    opened = _move(session, Act.OPEN, by=by, now=now)
    followers.opened(opened, now=now)
    return opened


@transaction.atomic
def cancel_session(session: Session, *, by: User, now: dt.datetime, because: str) -> Session:
    """Call the session off in the draft: its presiders are free again; ``publish`` tells why."""
    locked = _move(session, Act.CANCEL, by=by, now=now, cancelled_because=because)
    locked.presidings.update(is_off=True)
    return locked


@transaction.atomic
def reword_cancellation(session: Session, *, by: User, now: dt.datetime, because: str) -> Session:
    """Say otherwise why the session is called off, before anybody was told."""
    locked = shared.lock(session, Act.REWORD, by=by)
    if locked.cancelled_because == because:
        return locked
    return _move(session, Act.REWORD, by=by, now=now, cancelled_because=because)


@transaction.atomic
def reinstate_session(session: Session, *, by: User, now: dt.datetime) -> Session:
    """Take back a cancellation of which nobody was told, if its presiders are still free.

    The issues of a session that was never published wait elsewhere by now, and stay there.
    """
    locked = shared.lock(session, Act.REINSTATE, by=by)
    with presiders.free(_presiders_of(locked), locked, locked.starts_at, locked.ends_at):
        locked = _move(session, Act.REINSTATE, by=by, now=now, cancelled_because="")
        locked.presidings.update(is_off=False)
    return locked


@transaction.atomic
def _move(session: Session, act: Act, *, by: User, now: dt.datetime, **fields: object) -> Session:
    """Lock the session, check the act against the table, save it and its audit entry."""
    locked = shared.lock(session, act, by=by)
    before = locked.status
    locked.status = workflow.RULES[act].target or before
    shared.update(locked, fields, status=locked.status, version=locked.version + 1)
    change: dict[str, Any] = {} if locked.status == before else {"status": [before, locked.status]}
    record(f"forum.{act}", locked, by=by, role=shared.COORDINATOR, at=now, **change)
    return locked
