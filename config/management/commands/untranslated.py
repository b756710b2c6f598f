"""Fail where a sentence has no Khmer, naming each."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config import catalogue


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if sentences := catalogue.missing():
            listed = "\n".join(f"  {sentence}" for sentence in sentences)
            raise CommandError(f"{len(sentences)} sentences have no Khmer:\n{listed}")
        self.stdout.write("Every sentence has its Khmer.")
