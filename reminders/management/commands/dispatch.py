"""``manage.py dispatch --loop``: plans and sends without Celery and Redis."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections

from issues import tasks as issue_tasks
from reminders import tasks

LONGEST_PAUSE = 30.0  # seconds between looks while the database is away


class Command(BaseCommand):
    help = "Plan and send what is due: once, or with --loop until told to stop."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on until SIGTERM or SIGINT")
        parser.add_argument("--every", type=float, default=5.0, help="seconds between two looks")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["loop"]:
            self.work()
            return
        self.stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        self.loop(options["every"])

    def loop(self, every: float) -> None:
        """Look again and again; a database that is away is waited for with growing pauses."""
        pause = every
        while not self.stopping.is_set():
            pause = every if self.look() else min(2 * pause, LONGEST_PAUSE)
            self.stopping.wait(pause)

    def work(self) -> None:
        """Tell first; then what takes longer: files of issues, and what is done once a day."""
        tasks.plan()
        issue_tasks.take_in()
        tasks.once_a_day()

    def look(self) -> bool:
        """One look; False where the database did not answer."""
        close_old_connections()
        try:
            self.work()
        except Error as error:
            self.stderr.write(f"The database did not answer: {type(error).__name__}")
            return False
        return True
