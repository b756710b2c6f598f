"""The mail that administrators get once a day, only if something is wrong."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from outbox import actions as outbox_actions
from outbox import recipients, registry
from outbox.models import Heartbeat, Notice
from reminders import ladder

STATUS = "status_daily"


def when_due(*, now: dt.datetime) -> int:
    """Ask once a day, from half past seven on, whether something is wrong; how many are told.

    What is wrong says whoever registered the kind: a notice that is not wanted is not planned.
    The day stands in the notice's key, so that it is told once, whoever asks.
    """
    opens = ladder.opening(timezone.localdate(now))
    if now < opens or Heartbeat.objects.filter(name=STATUS, ran_at__range=(opens, now)).exists():
        return 0
    return _tell(now)


@transaction.atomic
def _tell(now: dt.datetime) -> int:
    day = timezone.localdate(now)
    notices = [
        Notice(kind=STATUS, subject=subject_of(day), recipient=one, due_at=now, urgency=1)
        for one in recipients.administrators()
    ]
    told = outbox_actions.tell_all(one for one in notices if registry.wanted(one, now))
    outbox_actions.beat(STATUS, now=now, done=told)
    return told


def subject_of(day: dt.date) -> str:
    """The subject of a day, as ``status:20261122``."""
    return f"status:{day:%Y%m%d}"
