"""On which days a forum calls for the issues of each province."""

import datetime as dt
from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.actions import record
from audit.errors import TransitionError
from forum.actions import shared
from forum.actions.forums import locked_forum
from forum.models import Forum, IssueCall
from provinces import reach
from provinces.models import Province

Days = tuple[dt.date, dt.date]


@transaction.atomic
def edit_calls(
    forum: Forum,
    *,
    by: User,
    now: dt.datetime,
    days: Mapping[Province, Days | None],
    seen: int | None = None,
) -> Forum:
    """Set when these provinces' issues are called for; ``None`` takes the call away.

    Provinces that are not named stay as they are. ``seen`` is the forum's version read before.
    """
    locked = locked_forum(forum, by=by)
    _check_calls(locked, by, days)
    held = {one.province_id: (one.opens_on, one.closes_on) for one in locked.calls.all()}
    changed = {one.pk: new for one, new in days.items() if held.get(one.pk) != new}
    if not changed:
        return locked
    shared.check_seen(locked, locked.version, seen)
    locked.calls.filter(province__in=changed).delete()
    IssueCall.objects.bulk_create(
        IssueCall(forum=locked, province_id=pk, opens_on=new[0], closes_on=new[1])
        for pk, new in changed.items()
        if new is not None
    )
    shared.update(locked, {}, version=locked.version + 1)
    names = sorted(changed)
    record("forum.edit_calls", locked, by=by, role=shared.COORDINATOR, at=now, provinces=names)
    return locked


def _check_calls(forum: Forum, by: User, days: Mapping[Province, Days | None]) -> None:
    """PermissionDenied for a province of others; TransitionError for crossed or far days."""
    of_forum = set(forum.provinces.values_list("pk", flat=True))
    for province, new in days.items():
        if not by.serves(province.pk):
            raise PermissionDenied
        if province.pk not in of_forum:
            raise TransitionError(_("The forum is not held in this province."))
        if new is not None and not reach.has_days(*new):
            raise TransitionError(str(reach.OUT_OF_REACH))
        if new is not None and new[1] < new[0]:
            raise TransitionError(
                _("In %(province)s the call would close before it opens.") % {"province": province}
            )
