"""Bring new sentences into the Khmer catalogue and take old ones out."""

from typing import Any

from django.core.management.base import BaseCommand

from config import catalogue


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        added, removed = catalogue.update()
        self.stdout.write(f"{added} sentences added, {removed} removed.")
