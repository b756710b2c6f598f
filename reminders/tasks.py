"""What Celery starts: plan what is due, then send it."""

from celery import shared_task


@shared_task(name="reminders.plan")
def plan() -> None:
    """Plan every notice whose time has come."""
