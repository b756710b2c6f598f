"""Compile the message catalogues that are newer than their compiled form."""

from typing import Any

from django.core.management.base import BaseCommand

from config import catalogue


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{catalogue.compile_all()} catalogues compiled.")
