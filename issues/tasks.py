"""What Celery starts: ask the virus scanner about files, take in files of many issues."""

from celery import shared_task

from audit import clock
from issues import actions


@shared_task(name="issues.scan_evidence", ignore_result=True)  # type: ignore[untyped-decorator]
def scan_evidence() -> None:
    actions.scan_some(now=clock.now())


@shared_task(name="issues.take_in", ignore_result=True)  # type: ignore[untyped-decorator]
def take_in() -> None:
    actions.take_in_some(now=clock.now())


@shared_task(name="issues.take_up_reviews", ignore_result=True)  # type: ignore[untyped-decorator]
def take_up_reviews() -> None:
    actions.take_up_everywhere(now=clock.now())
