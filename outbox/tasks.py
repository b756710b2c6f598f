"""What Celery starts: send what is due."""

from celery import shared_task

from audit import clock
from outbox import actions

ROUNDS = 100  # of one run; whatever is left waits for the next, seconds later


@shared_task(name="outbox.dispatch", ignore_result=True)
def dispatch() -> None:
    done = 0
    for _round in range(ROUNDS):
        moved = actions.dispatch_some(now=clock.now())
        done += moved
        if not moved:
            break
    actions.beat("dispatch", now=clock.now(), done=done)
