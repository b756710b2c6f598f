"""``manage.py fetch_mail --loop``: reads the mailbox without Celery and Redis."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, close_old_connections

from audit import clock
from inbox import engine

LONGEST_PAUSE = 300.0  # seconds between looks while the database is away


class Command(BaseCommand):
    help = "Read the mailbox of IMAP_URL: once, or with --loop until told to stop."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on until SIGTERM or SIGINT")
        parser.add_argument("--every", type=float, default=60.0, help="seconds between two looks")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.IMAP_URL:
            raise CommandError("IMAP_URL is not set: no mailbox is read.")
        if not options["loop"]:
            self.stdout.write(f"{engine.look(now=clock.now())} mails were settled.")
            return
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        pause = options["every"]
        while not stopping.is_set():
            pause = options["every"] if self.look() else min(2 * pause, LONGEST_PAUSE)
            stopping.wait(pause)

    def look(self) -> bool:
        """One look; False where the database did not answer."""
        close_old_connections()
        try:
            engine.look(now=clock.now())
        except Error as error:
            self.stderr.write(f"The database did not answer: {type(error).__name__}")
            return False
        return True
