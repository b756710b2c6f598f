"""Where sessions are held: adding a venue, and changing what is known of it."""

import datetime as dt
from typing import Any, TypedDict, Unpack

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from audit.actions import record
from audit.errors import TransitionError
from forum.actions import shared
from forum.actions.invitations import seat_waiting
from forum.models import Session, Venue
from khmer import text as khmer_text
from provinces.models import Province

SAME_NAME = "venue_stands_once_in_a_province"


class VenueFields(TypedDict, total=False):
    """What is typed about a venue, besides its province; what is left out stays, or is empty."""

    name_km: str
    name_en: str
    capacity: int | None
    address_km: str
    address_en: str
    contact: str
    accessibility_km: str
    accessibility_en: str
    ended_on: dt.date | None


@transaction.atomic
def create_venue(
    *, by: User, now: dt.datetime, province: Province, **fields: Unpack[VenueFields]
) -> Venue:
    """A new venue of the province; the same form sent twice makes one.

    Raises TransitionError where the name stands for a venue of which other things are known.
    """
    if not by.serves(province.pk):
        raise PermissionDenied
    values = _values(fields)
    name = values.pop("name_km")
    venue, is_new = Venue.objects.get_or_create(province=province, name_km=name, defaults=values)
    if is_new:
        record("forum.create_venue", venue, by=by, role=shared.COORDINATOR, at=now)
    elif shared.changed(venue, values):
        raise _name_is_taken(province)
    return venue


@transaction.atomic
def edit_venue(
    venue: Venue,
    *,
    by: User,
    now: dt.datetime,
    seen: int | None = None,
    **fields: Unpack[VenueFields],
) -> Venue:
    """Change what is known of a venue; ``seen`` is the version read before.

    Where it holds more than was known, those who wait for a place in its planned sessions get
    one. Its sessions are locked before it is, as everywhere else.
    """
    if not by.serves(venue.province_id):
        raise PermissionDenied
    sessions = list(_held_in(venue).select_for_update(of=("self",)).order_by("pk"))
    locked = Venue.objects.select_for_update(of=("self",)).select_related("province")
    found = locked.get(pk=venue.pk)
    values = _values(fields)
    changed = shared.changed(found, values)
    if not changed:
        return found
    shared.check_seen(found, found.version, seen)
    _write(found, values)
    record(
        "forum.edit_venue", found, by=by, role=shared.COORDINATOR, at=now, fields=sorted(changed)
    )
    if "capacity" in changed:
        _seat(sessions, found, now)
    return found


def _held_in(venue: Venue) -> QuerySet[Session]:
    """Planned sessions that those who come are told to be here; as drafted where nobody is."""
    here = Q(announced__venue=venue) | Q(announced=None, venue=venue)
    planned = Session.objects.filter(here, status=Session.Status.PLANNED)
    return planned.select_related("announced")


def _write(venue: Venue, values: dict[str, Any]) -> None:
    """Save them; TransitionError where another venue of the province has the name."""
    try:
        with transaction.atomic():
            shared.update(venue, values, version=venue.version + 1)
    except IntegrityError as error:
        if SAME_NAME not in str(error):
            raise
        raise _name_is_taken(venue.province) from error


def _seat(sessions: list[Session], venue: Venue, now: dt.datetime) -> None:
    """Give free places to those who wait; in a smaller venue nobody loses theirs."""
    for session in sessions:
        known = session if session.announced is None else session.announced
        known.venue = venue  # as it stands now, and read once
        seat_waiting(session, now=now)


def _values(fields: VenueFields) -> dict[str, Any]:
    """The columns, the Khmer name in its one form."""
    values: dict[str, Any] = dict(fields)
    if "name_km" in values:
        values["name_km"] = khmer_text.norm(values["name_km"])
    return values


def _name_is_taken(province: Province) -> TransitionError:
    return TransitionError(
        _("There already is a venue of this name in %(province)s. Open it to change it.")
        % {"province": province}
    )
