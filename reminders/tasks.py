"""What Celery starts: plan what is due, then send it."""

from celery import shared_task

from audit import clock
from outbox import actions as outbox_actions
from outbox import tasks as outbox_tasks
from reminders import actions, claims


@shared_task(name="reminders.plan", ignore_result=True)  # type: ignore[untyped-decorator]
def plan() -> None:
    now = clock.now()
    outbox_actions.beat("plan", now=now, done=actions.plan(now=now) + claims.lapse(now=now))
    outbox_tasks.dispatch()
