"""A person's own calendar address: made, renewed, revoked."""

import datetime as dt
import uuid

from django.db import transaction

from accounts.models import User
from audit.actions import record
from forum.models import CalendarFeed


@transaction.atomic
def renew_feed(*, by: User, now: dt.datetime) -> CalendarFeed:
    """Give the person a new address; the one they had, if any, is dead at once."""
    values = {"nonce": uuid.uuid4(), "made_at": now}
    feed, _is_new = CalendarFeed.objects.update_or_create(user=by, defaults=values)
    record("forum.renew_feed", by, by=by, at=now)
    return feed


@transaction.atomic
def revoke_feed(*, by: User, now: dt.datetime) -> None:
    """Take the person's address back; pressed again it does nothing."""
    gone, _rows = CalendarFeed.objects.filter(user=by).delete()
    if gone:
        record("forum.revoke_feed", by, by=by, at=now)
