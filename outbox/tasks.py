"""What Celery starts: send what is due."""

import time

from celery import shared_task

from audit import clock
from outbox import actions

SECONDS = 120  # of one run; whatever is left waits for the next, seconds later


@shared_task(name="outbox.dispatch", ignore_result=True)  # type: ignore[untyped-decorator]
def dispatch() -> None:
    until, done = time.monotonic() + SECONDS, 0
    while moved := actions.dispatch_some(now=clock.now()):
        done += moved
        if time.monotonic() > until:
            break
    actions.beat("dispatch", now=clock.now(), done=done)
