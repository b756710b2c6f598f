"""Seals everything under the newest of FIELD_KEYS, so that older keys may be thrown away."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from issues.actions.rotating import CHUNK, Rotated, rotate


class Command(BaseCommand):
    """``rotate_keys``: put the new key first in FIELD_KEYS, restart, run this, drop the old key."""

    help = "Seal everything that is sealed anew under the first of FIELD_KEYS; can be repeated."

    def add_arguments(self, parser: Any) -> None:
        """How many rows one transaction holds."""
        parser.add_argument("--chunk", type=int, default=CHUNK, help="rows in one transaction")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what was done; fail where some rows are opened by none of the keys."""
        total = Rotated()
        for done in rotate(options["chunk"]):
            total = Rotated(
                total.resealed + done.resealed,
                total.standing + done.standing,
                total.unopened + done.unopened,
            )
            self.stdout.write(f"{total.resealed} sealed anew, {total.standing} stood already")
        if total.unopened:
            raise CommandError(
                f"{total.unopened} rows are opened by none of the keys: keep the old ones."
            )
        self.stdout.write("Everything is sealed under the newest key.")
