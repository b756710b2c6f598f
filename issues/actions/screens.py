"""The address at which phones in the room follow a session."""

import datetime as dt

from django.db import transaction

from accounts.models import User
from audit.actions import record
from forum.models import Session
from issues.actions.agenda import CHANGEABLE, COORDINATOR, lock_session
from issues.models import Screen
from issues.models.agenda import room_key


@transaction.atomic
def renew_screen(session: Session, *, by: User, now: dt.datetime) -> Screen:
    """Give the room's screen a new address, or its first one; the former leads nowhere at once."""
    locked = lock_session(session.pk, by, CHANGEABLE)
    screen: Screen
    screen, is_new = Screen.objects.select_for_update().get_or_create(session=locked)
    if not is_new:
        screen.key = room_key()
        screen.save(update_fields=["key"])
    record("issue.renew_screen", locked, by=by, role=COORDINATOR, at=now)
    return screen
