"""Work out anew which notices should stand, and note what is missing or too many."""

from typing import Any

from django.core.management.base import BaseCommand

from audit import clock
from reminders import reconciling
from reminders.models import Finding


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        number = reconciling.reconcile(now=clock.now())
        if number is None:
            self.stdout.write("Somebody else reconciles just now.")
            return
        for one in Finding.objects.standing():
            self.stdout.write(f"{one} (version {one.version}, since {one.first_seen_at:%Y-%m-%d})")
        self.stdout.write(f"{number} notices are missing or too many.")
