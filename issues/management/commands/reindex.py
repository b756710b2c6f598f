"""Makes what a search finds issues by anew."""

from typing import Any

from django.core.management.base import BaseCommand

from issues.actions.indexing import reindex


class Command(BaseCommand):
    """``reindex``: after an upgrade what is missing; ``--all`` after spellings were added."""

    help = "Write the search index of issues that have none yet, or of all."

    def add_arguments(self, parser: Any) -> None:
        """Whether those with an index are written as well."""
        parser.add_argument("--all", action="store_true", help="also those that have an index")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many were written."""
        count = sum(reindex(everything=options["all"]))
        if count or options["verbosity"]:
            self.stdout.write(f"{count} issues indexed")
