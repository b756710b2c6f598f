"""Times on the road: loaded from the room's own data, and set by administrators."""

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from audit import actions as audit
from audit.errors import TransitionError
from audit.models import AuditEntry
from provinces import permissions, roads
from provinces.models import RoadTime
from provinces.models.roads import LONGEST, SHORTEST

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def load_roads() -> None:
    """Bring the times of all pairs up to date, but for those that an administrator set."""
    estimated = roads.estimated()
    known = {(row.one_id, row.other_id): row for row in RoadTime.objects.select_for_update()}
    RoadTime.objects.bulk_create(
        (
            RoadTime(one_id=one, other_id=other, minutes=minutes)
            for (one, other), minutes in estimated.items()
            if (one, other) not in known
        ),
        ignore_conflicts=True,
    )
    changed = [row for pair, row in known.items() if not row.is_edited and pair in estimated]
    changed = [row for row in changed if row.minutes != estimated[row.one_id, row.other_id]]
    for row in changed:
        row.minutes = estimated[row.one_id, row.other_id]
    RoadTime.objects.bulk_update(changed, ["minutes"])


@transaction.atomic
def set_road_time(road: RoadTime, *, by: "User", minutes: int) -> RoadTime:
    """Keep how long the road is; the same time as before leaves no trace.

    Raises TransitionError where it is below ten minutes or above two days.
    """
    if not permissions.sets_road_times(by):
        raise PermissionDenied
    if not SHORTEST <= minutes <= LONGEST:
        raise TransitionError(_("A time on the road is between 0:10 and 48:00."))
    locked = RoadTime.objects.select_for_update().get(pk=road.pk)
    before = locked.minutes
    if before == minutes:
        return locked
    locked.minutes, locked.is_edited = minutes, True
    locked.save(update_fields=["minutes", "is_edited"])
    audit.record(
        "provinces.set_road_time",
        locked,
        by=by,
        role=AuditEntry.Role.ADMINISTRATOR,
        minutes=[before, minutes],
    )
    return locked
