"""What Celery starts: forget the names of those who came to sessions long ago."""

from celery import shared_task

from audit import clock
from forum import actions


@shared_task(name="forum.forget_names", ignore_result=True)  # type: ignore[untyped-decorator]
def forget_names() -> None:
    actions.forget_old_names(now=clock.now())
