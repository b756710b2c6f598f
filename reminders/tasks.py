"""What Celery starts: plan what is due, then send it; look once a day whether all is well."""

import logging

from celery import shared_task
from django.db import InterfaceError, OperationalError

from audit import clock
from outbox import actions as outbox_actions
from outbox import receipts
from outbox import tasks as outbox_tasks
from reminders import actions, claims, daily, reconciling

log = logging.getLogger(__name__)


@shared_task(name="reminders.plan", ignore_result=True)  # type: ignore[untyped-decorator]
def plan() -> None:
    now = clock.now()
    outbox_actions.beat("plan", now=now, done=claims.lapse(now=now) + actions.plan(now=now))
    outbox_tasks.dispatch()


@shared_task(name="reminders.daily", ignore_result=True)  # type: ignore[untyped-decorator]
def once_a_day() -> None:
    now = clock.now()
    for look in (reconciling.when_due, daily.when_due, receipts.prune_when_due):
        try:
            look(now=now)
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # what looks after the dispatcher must never end it
            log.exception("%s failed.", look.__module__)
