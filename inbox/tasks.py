"""What Celery starts: read the mailbox."""

from celery import shared_task

from audit import clock
from inbox import engine


@shared_task(name="inbox.fetch", ignore_result=True, time_limit=270)  # type: ignore[untyped-decorator]
def fetch() -> None:
    engine.look(now=clock.now())
