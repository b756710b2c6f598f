"""``manage.py hold_outbound --reason …`` or ``--lift``: for machines, as a restore is one."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit import clock
from audit.errors import TransitionError
from outbox import holding
from outbox.models import Standstill


class Command(BaseCommand):
    help = "Hold all outbound back for a reason, or let it go on. Either may run twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--reason", help="why; everybody who works here reads it")
        which.add_argument("--lift", action="store_true", help="let everything go on")

    def handle(self, *args: Any, **options: Any) -> None:
        standing = holding.standing()
        if options["lift"]:
            self.lift(standing)
        elif standing is not None:
            self.stdout.write(f"All outbound is held back already: {standing.reason}")
        elif not options["reason"].strip():
            raise CommandError("--reason says nothing: everybody who works here reads it.")
        else:
            holding.hold(by=None, reason=options["reason"], now=clock.now())
            self.stdout.write("All outbound is held back.")

    def lift(self, standing: Standstill | None) -> None:
        """End what stands, whoever set it."""
        if standing is None:
            self.stdout.write("Nothing is held back.")
            return
        try:
            holding.lift(standing, by=None, now=clock.now())
        except TransitionError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Everything goes on.")
