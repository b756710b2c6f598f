"""Who is here: presses at the door, as each device made them, and who came unexpected."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organization, User
from audit.actions import record
from audit.errors import TransitionError
from forum.actions import shared
from forum.models import Delegate, Invitation, Session, Tick
from forum.workflow import Act
from provinces.models import Authority, Honorific

DAY = dt.timedelta(days=1)


class Press(NamedTuple):
    """One press at the door, as the device made it; ``at`` is the device's time."""

    client_key: uuid.UUID
    delegate_id: int
    is_here: bool
    at: dt.datetime


class WalkIn(NamedTuple):
    """Somebody who came without being named: for one party at most, whether invited or not."""

    client_key: uuid.UUID
    at: dt.datetime
    title: str
    sex: str
    honorific: Honorific | None = None
    invitation: Invitation | None = None
    organization: Organization | None = None
    authority: Authority | None = None


class Received(NamedTuple):
    """What became of what a device sent: the keys that are kept, and why others are not."""

    taken: list[uuid.UUID]
    refused: dict[uuid.UUID, str]


@transaction.atomic
def tick(session: Session, *, by: User, now: dt.datetime, ticks: Sequence[Press]) -> None:
    """Keep these presses; one that is there already is passed over, however often it is sent.

    The latest one by the device's time says whether somebody is here. Raises TransitionError for
    delegates of another session and for those who have been replaced.
    """
    locked = shared.lock(session, Act.CHECK_IN, by=by)
    new = _unknown(ticks)
    refused = _refused(locked, new)
    if refused:
        raise TransitionError(next(iter(refused.values())))
    _keep(locked, new, by=by, now=now)
    _record(locked, new, [], by=by, now=now)


@transaction.atomic
def walk_in(
    session: Session,
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    at: dt.datetime,
    title: str,
    sex: str,
    honorific: Honorific | None = None,
    invitation: Invitation | None = None,
    organization: Organization | None = None,
    authority: Authority | None = None,
) -> Delegate:
    """Add somebody who came; the same key and content again is the same person.

    Who comes for an invited party gets the next number of that party's delegates.
    """
    locked = shared.lock(session, Act.CHECK_IN, by=by)
    one = WalkIn(client_key, at, title, sex, honorific, invitation, organization, authority)
    made, is_new = _come(locked, one, by=by, now=now)
    _record(locked, [], [made] if is_new else [], by=by, now=now)
    return made


@transaction.atomic
def receive(
    session: Session,
    *,
    by: User,
    now: dt.datetime,
    ticks: Sequence[Press],
    walk_ins: Sequence[WalkIn],
) -> Received:
    """Keep what a device gathered while it had no connection; one bad row stops no other."""
    locked = shared.lock(session, Act.CHECK_IN, by=by)
    refused, came = {}, []
    for one in walk_ins:
        try:
            made, is_new = _come(locked, one, by=by, now=now)
        except TransitionError as error:
            refused[one.client_key] = str(error)
        else:
            came += [made] if is_new else []
    new = _unknown(ticks)
    refused |= _refused(locked, new)
    kept = [one for one in new if one.client_key not in refused]
    _keep(locked, kept, by=by, now=now)
    _record(locked, kept, came, by=by, now=now)
    keys = [one.client_key for one in walk_ins] + [one.client_key for one in ticks]
    return Received([key for key in dict.fromkeys(keys) if key not in refused], refused)


# --- presses --------------------------------------------------------------------------------
def _unknown(ticks: Sequence[Press]) -> list[Press]:
    """Those not kept yet, each key once, in the order of the devices' times."""
    keys = [one.client_key for one in ticks]
    there = set(Tick.objects.filter(client_key__in=keys).values_list("client_key", flat=True))
    first: dict[uuid.UUID, Press] = {}
    for one in ticks:
        first.setdefault(one.client_key, one)
    new = [one for key, one in first.items() if key not in there]
    return sorted(new, key=lambda one: one.at)


def _refused(session: Session, ticks: Sequence[Press]) -> dict[uuid.UUID, str]:
    """Why some of these cannot be kept, by key."""
    ids = {one.delegate_id for one in ticks}
    people = dict(session.delegates.filter(pk__in=ids).values_list("pk", "left_at"))
    standing = {pk for pk, left_at in people.items() if left_at is None}
    return {
        one.client_key: _why_not(people, one.delegate_id)
        for one in ticks
        if one.delegate_id not in standing
    }


def _why_not(people: Mapping[int, dt.datetime | None], delegate_id: int) -> str:
    if delegate_id in people:
        return _("This delegate has been replaced or taken back.")
    return _("This delegate does not belong to the session.")


def _keep(session: Session, ticks: Sequence[Press], *, by: User, now: dt.datetime) -> None:
    """Write the presses and what they say of those they are about."""
    rows = [
        Tick(
            client_key=one.client_key,
            delegate_id=one.delegate_id,
            is_here=one.is_here,
            at=_believable(session, one.at, now),
            received_at=now,
            by=by,
        )
        for one in ticks
    ]
    Tick.objects.bulk_create(rows)
    _sum_up({one.delegate_id for one in rows})


def _believable(session: Session, at: dt.datetime, now: dt.datetime) -> dt.datetime:
    """The device's time, but neither in the future nor earlier than the day before the session."""
    day = min(session.day or timezone.localdate(now), timezone.localdate(now)) - DAY
    first = timezone.make_aware(dt.datetime.combine(day, dt.time.min))
    return min(max(at, first), now)


def _sum_up(delegate_ids: Collection[int]) -> None:
    """When each of them came: since the first of the latest presses that say they are here."""
    came: dict[int, dt.datetime | None] = dict.fromkeys(delegate_ids)
    for one in Tick.objects.filter(delegate__in=delegate_ids).order_by("at", "pk"):
        came[one.delegate_id] = (came[one.delegate_id] or one.at) if one.is_here else None
    rows = list(Delegate.objects.filter(pk__in=delegate_ids))
    for row in rows:
        row.came_at = came[row.pk]
    Delegate.objects.bulk_update(rows, ["came_at"])


# --- who came unexpected --------------------------------------------------------------------
def _come(session: Session, one: WalkIn, *, by: User, now: dt.datetime) -> tuple[Delegate, bool]:
    """The delegate made of somebody who came, and whether they are new; all checks come first."""
    fields: dict[str, object] = {
        "session_id": session.pk,
        "title": one.title,
        "sex": str(one.sex),
        "honorific_id": one.honorific.pk if one.honorific else None,
    }
    # The key comes first: what is kept is kept, whoever was invited or uninvited since.
    there = Delegate.objects.select_related("invitation").filter(client_key=one.client_key).first()
    if there is not None:
        if shared.changed(there, fields) or _key_of(there.invitation or there) != _party_key(one):
            raise shared.conflict()
        return there, False
    if Tick.objects.filter(client_key=one.client_key).exists():
        raise shared.conflict()
    party = _party_of(session, one)
    fields |= {**party, "number": _next_number(session, party["invitation_id"])}
    return _add(session, one, fields, by=by, now=now), True


def _key_of(row: Invitation | Delegate) -> tuple[int | None, int | None]:
    return row.organization_id, row.authority_id


def _party_key(one: WalkIn) -> tuple[int | None, int | None]:
    """For whom somebody came, whether that party is invited or not."""
    if one.invitation is not None:
        return _key_of(one.invitation)
    organization_id = one.organization.pk if one.organization else None
    return organization_id, one.authority.pk if one.authority else None


def _add(
    session: Session, one: WalkIn, fields: Mapping[str, object], *, by: User, now: dt.datetime
) -> Delegate:
    at = _believable(session, one.at, now)
    made = Delegate.objects.create(
        client_key=one.client_key,
        named_at=now,
        came_at=at,
        **fields,
    )
    # Coming is a press too: a later one may say that it was a mistake.
    Tick.objects.create(
        client_key=one.client_key, delegate=made, is_here=True, at=at, received_at=now, by=by
    )
    return made


def _party_of(session: Session, one: WalkIn) -> dict[str, int | None]:
    """Of whom somebody came: an invited party's own invitation stands before its name.

    A draft asks nobody yet, and may go again: nobody comes by it.
    """
    parties = [one.invitation, one.organization, one.authority]
    if sum(party is not None for party in parties) > 1:
        raise TransitionError(_("Somebody comes for one organization or authority."))
    invitation = one.invitation
    if invitation is None and (one.organization or one.authority):
        asked = session.invitations.left()
        invitation = asked.filter(organization=one.organization, authority=one.authority).first()
    if invitation is None:
        organization_id, authority_id = _party_key(one)
        return _ids(organization_id=organization_id, authority_id=authority_id)
    if not session.invitations.left().filter(pk=invitation.pk).exists():
        raise TransitionError(_("This party is not invited to the session."))
    return _ids(invitation_id=invitation.pk)


def _ids(
    invitation_id: int | None = None,
    organization_id: int | None = None,
    authority_id: int | None = None,
) -> dict[str, int | None]:
    return {
        "invitation_id": invitation_id,
        "organization_id": organization_id,
        "authority_id": authority_id,
    }


def _next_number(session: Session, invitation_id: int | None) -> int:
    """The number after the highest that was ever given, of the invitation or of the others."""
    rows = session.delegates.filter(invitation=invitation_id)
    return (rows.order_by("-number").values_list("number", flat=True).first() or 0) + 1


def _record(
    session: Session,
    ticks: Sequence[Press],
    came: Sequence[Delegate],
    *,
    by: User,
    now: dt.datetime,
) -> None:
    """One entry for all of it; none where nothing is new."""
    change = {
        "here": [one.delegate_id for one in ticks if one.is_here],
        "gone": [one.delegate_id for one in ticks if not one.is_here],
        "walk_ins": [one.pk for one in came],
    }
    found = {name: ids for name, ids in change.items() if ids}
    if found:
        record(f"forum.{Act.CHECK_IN}", session, by=by, role=shared.COORDINATOR, at=now, **found)
