"""Load the demonstration forum, its people and issues; does nothing where it stands already."""

import time
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from audit import clock
from config.demonstration import desk, mails
from config.demonstration.cast import Cast
from config.demonstration.people import load_people
from config.demonstration.rounds import FOUNDING, load_rounds
from config.demonstration.stories import load_stories
from forum.models import Forum
from outbox.models import Notice
from reminders.models import ProvincePolicy


class Command(BaseCommand):
    help = __doc__

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if Forum.objects.filter(client_key=FOUNDING).exists():
            self.stdout.write("The demonstration is loaded already.")
            return
        start = time.monotonic()
        load_people()
        # Mondulkiri agreed that an escalation leaves by itself; elsewhere a coordinator presses.
        ProvincePolicy.objects.update_or_create(
            province_id="11", defaults={"escalates_by_itself": True}
        )
        count = load_stories(load_rounds(clock.today()))
        cast = Cast()
        desk.fill(cast)
        mails.fill(cast)
        self._pass_over_old_notices()
        self.stdout.write(f"Demonstration: {count} issues in {time.monotonic() - start:.1f} s.")

    def _pass_over_old_notices(self) -> None:
        """What the told past would have sent was never sent: nobody is told it today."""
        Notice.objects.filter(state=Notice.State.PLANNED).update(
            state=Notice.State.SKIPPED, reason="Before the demonstration was loaded."
        )
