"""Load the reminder policy to begin with; keeps what administrators changed."""

from typing import Any

from django.core.management.base import BaseCommand

from reminders import actions


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        actions.seed_policy()
