"""Planning a forum like one that was: a new draft, of which nobody is told."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.models import User
from audit.actions import record
from audit.errors import TransitionError
from forum import copying
from forum.actions import shared
from forum.actions.forums import coordinating, locked_forum
from forum.copying import Moved
from forum.models import Forum, Invitation, IssueCall, Presider, Presiding, Session
from provinces import reach

TEXTS = ("theme_km", "theme_en", "about_km", "about_en", "rules_km", "rules_en")


@dataclass(frozen=True)
class Copied:
    """The new forum, and its sessions that lie in the tray although the old ones had a day."""

    forum: Forum
    in_tray: list[Session]


@transaction.atomic
def copy_forum(
    forum: Forum,
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    name_km: str,
    name_en: str,
    starts_on: dt.date,
    parts: Collection[str],
) -> Copied:
    """Plan a forum of the same provinces from that day on, with these ``copying.PARTS``.

    Only sessions of the provinces the user coordinates are copied, none that was cancelled; one
    whose presider sits elsewhere then goes into the tray. The same key and content again is the
    same forum. Raises TransitionError where something would come to lie centuries away.
    """
    source = locked_forum(forum, by=by)
    shift = starts_on - source.starts_on
    fields = _fields(source, shift, parts) | {"name_km": name_km, "name_en": name_en}
    made, is_new = Forum.objects.get_or_create(client_key=client_key, defaults=fields)
    if not is_new:
        return _again(made, {"name_km": name_km, "name_en": name_en, "starts_on": starts_on})
    made.provinces.set(source.provinces.all())
    if "team" in parts:
        _copy_team(source, made)
    if "calls" in parts:
        _copy_calls(source, made, shift, by)
    in_tray = _copy_sessions(source, made, shift, by, parts) if "sessions" in parts else []
    facts = {"of": source.pk, "parts": sorted(parts)}
    record("forum.copy_forum", made, by=by, role=shared.COORDINATOR, at=now, **facts)
    return Copied(made, in_tray)


def _refuse_far(*, is_near: bool) -> None:
    if not is_near:
        raise TransitionError(str(reach.OUT_OF_REACH))


def _fields(source: Forum, shift: dt.timedelta, parts: Collection[str]) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "starts_on": source.starts_on + shift,
        "ends_on": source.ends_on + shift,
        "notice_days": source.notice_days,
    }
    _refuse_far(is_near=reach.has_days(fields["starts_on"], fields["ends_on"]))
    if "texts" in parts:
        fields |= {name: getattr(source, name) for name in TEXTS}
    return fields


def _again(made: Forum, fields: dict[str, object]) -> Copied:
    """What this form made before; Conflict where it was sent with other content."""
    if shared.changed(made, fields):
        raise shared.conflict()
    return Copied(made, [])


def _copy_team(source: Forum, made: Forum) -> None:
    """Those who still coordinate one of its provinces."""
    team = list(source.team.filter(is_active=True))
    fitting = coordinating(team, made.provinces.all())
    made.team.set(one for one in team if one.pk in fitting)


def _copy_calls(source: Forum, made: Forum, shift: dt.timedelta, by: User) -> None:
    calls = [
        IssueCall(
            forum=made,
            province_id=one.province_id,
            opens_on=one.opens_on + shift,
            closes_on=one.closes_on + shift,
        )
        for one in source.calls.all()
        if by.serves(one.province_id)
    ]
    _refuse_far(is_near=all(reach.has_days(one.opens_on, one.closes_on) for one in calls))
    IssueCall.objects.bulk_create(calls)


def _copy_sessions(
    source: Forum, made: Forum, shift: dt.timedelta, by: User, parts: Collection[str]
) -> list[Session]:
    """Copy them with what belongs to them; those that went into the tray for a presider."""
    if "presiders" in parts:  # held until the end, so that nobody sits elsewhere meanwhile
        sat = Presiding.objects.filter(session__forum=source).values("presider")
        list(Presider.objects.select_for_update().filter(pk__in=sat).order_by("pk"))
    moved = copying.planned(source, by, shift)
    _refuse_far(is_near=all(reach.has_moments(one.starts_at, one.ends_at) for one in moved))
    pairs = [(one, _copy_of(one, made, with_presiders="presiders" in parts)) for one in moved]
    Session.objects.bulk_create([new for _old, new in pairs])
    if "presiders" in parts:
        _copy_presiders(pairs)
    if "team" in parts:
        _copy_session_teams(pairs, set(made.team.values_list("pk", flat=True)))
    if "invitations" in parts:
        _copy_invitations(pairs)
    return [new for old, new in pairs if old.starts_at and not new.starts_at]


Pairs = Sequence[tuple[Moved, Session]]


def _copy_of(old: Moved, made: Forum, *, with_presiders: bool) -> Session:
    is_free = old.clash is None or not with_presiders
    venue = old.session.venue
    return Session(
        forum=made,
        province=old.session.province,
        starts_at=old.starts_at if is_free else None,
        ends_at=old.ends_at if is_free else None,
        venue=venue if venue and venue.ended_on is None else None,
        client_key=uuid.uuid5(made.client_key, str(old.session.pk)),
    )


def _copy_presiders(pairs: Pairs) -> None:
    Presiding.objects.bulk_create(
        Presiding(
            session=new,
            presider=one.presider,
            role=one.role,
            starts_at=new.starts_at,
            ends_at=new.ends_at,
        )
        for old, new in pairs
        for one in copying.presiders_of(old.session)
    )


def _copy_session_teams(pairs: Pairs, of_forum: Collection[int]) -> None:
    through = Session.team.through
    new_of = {old.session.pk: new.pk for old, new in pairs}
    rows = through.objects.filter(session__in=new_of, user__in=of_forum)
    through.objects.bulk_create(
        through(session_id=new_of[session], user_id=user)
        for session, user in rows.values_list("session", "user")
    )


def _copy_invitations(pairs: Pairs) -> None:
    """The standing ones of parties that still exist, as drafts without an answer."""
    new_of = {old.session.pk: new for old, new in pairs}
    rows = Invitation.objects.standing().filter(session__in=new_of)
    rows = rows.filter(organization__ended_on=None, authority__ended_on=None)
    Invitation.objects.bulk_create(
        Invitation(
            session=new_of[one.session_id],
            organization_id=one.organization_id,
            authority_id=one.authority_id,
            quota=one.quota,
        )
        for one in rows.order_by("pk")
    )
