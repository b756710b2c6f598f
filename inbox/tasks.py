"""What Celery starts: read the mailbox, and what people write to the bot."""

from celery import shared_task

from audit import clock
from inbox import engine
from inbox.bot import updates


@shared_task(name="inbox.fetch", ignore_result=True, time_limit=270)  # type: ignore[untyped-decorator]
def fetch() -> None:
    engine.look(now=clock.now())


@shared_task(name="inbox.telegram", ignore_result=True, time_limit=270)  # type: ignore[untyped-decorator]
def telegram() -> None:
    updates.look(now=clock.now())
