"""``manage.py telegram --loop``: reads what people write to the bot, without Celery and Redis."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error, close_old_connections

from audit import clock
from inbox.bot import updates
from outbox import telegram

PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds between looks, and while somebody does not answer


class Command(BaseCommand):
    help = "Read what people write to the Telegram bot: once, or with --loop until told to stop."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on until SIGTERM or SIGINT")

    def handle(self, *args: Any, **options: Any) -> None:
        if not telegram.is_set_up():
            raise CommandError("TELEGRAM_TOKEN is not set: there is no bot.")
        if not options["loop"]:
            self.stdout.write(f"{updates.look(now=clock.now()) or 0} updates were done.")
            return
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        pause = PAUSE
        while not stopping.is_set():
            pause = PAUSE if self.look() else min(2 * pause, LONGEST_PAUSE)
            stopping.wait(pause)

    def look(self) -> bool:
        """One look, open until somebody writes; False where somebody did not answer us."""
        close_old_connections()
        try:
            return updates.look(now=clock.now(), wait=updates.poll_seconds()) is not None
        except Error as error:
            self.stderr.write(f"The database did not answer: {type(error).__name__}")
            return False
