"""The processes that plan and send, as they run in earnest, and a mail server that can wait."""

import asyncio
import contextlib
import datetime as dt
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from audit import clock
from config import machine
from outbox.models import Heartbeat, Message, Notice
from tests.services import MailSink, Trouble

PATIENCE = 60  # seconds: none of what is waited for takes a tenth of it on a machine that is free
PYTHON = (sys.executable, "-W", "ignore")
CELERY = (*PYTHON, "-m", "celery", "--quiet", "-A", "config")
COMMANDS = {
    "worker": (
        *(*CELERY, "worker", "--concurrency", "2", "--loglevel", "WARNING"),
        *("--without-mingle", "--without-gossip"),  # the start waits a second for other workers
    ),
    "beat": (*CELERY, "beat", "--pidfile=", "--loglevel", "WARNING"),
    "loop": (*PYTHON, "manage.py", "dispatch", "--loop", "--every", "0.2"),
    "once": (*PYTHON, "manage.py", "dispatch"),
}
UNDERWAY = (Message.State.QUEUED, Message.State.UNKNOWN)


def wait_until(happened, what, seconds=PATIENCE):
    """The first true answer of ``happened``; fails when it does not come in time."""
    until = time.monotonic() + seconds
    while not (answer := happened()):
        if time.monotonic() > until:
            said = what() if callable(what) else what
            raise AssertionError(f"not within {seconds} seconds: {said}")
        time.sleep(0.05)
    return answer


def database_url():
    """The owner's address of the database this process tests with."""
    name = connection.settings_dict["NAME"]
    host = connection.settings_dict["HOST"]
    found = urlsplit(os.environ["DATABASE_URL"])
    if host:
        found = found._replace(query=f"host={host}")
    return found._replace(path=f"/{name}").geturl()


def leased():
    """What somebody is sending, or was when they were killed."""
    return set(Message.objects.filter(state=Message.State.SENDING).values_list("pk", flat=True))


def open_work(lost=frozenset()):
    """Some of what is due now and has not ended, besides ``lost``."""
    now = clock.now()
    notices = Notice.objects.filter(state__in=["planned", "held"], due_at__lte=now)
    messages = Message.objects.filter(
        Q(state=Message.State.SENDING) | Q(state__in=UNDERWAY, next_try_at__lte=now)
    )
    return [*notices[:5], *messages.exclude(pk__in=lost)[:5]]


@dataclass
class Engines:
    """Workers, beats and loops on the test's database, all killed when the test is over."""

    environment: dict[str, str]
    directory: Path
    settings: object
    running: list[subprocess.Popen] = field(default_factory=list)
    supervised: dict[str, subprocess.Popen] = field(default_factory=dict)

    def move_to(self, moment):
        """Let it be this moment for us and for whatever is started from now on."""
        self.settings.CLOCK_OFFSET = (moment - timezone.now()).total_seconds()

    def move(self, **delta):
        """Let time pass, as ``minutes=3``."""
        self.settings.CLOCK_OFFSET += dt.timedelta(**delta).total_seconds()

    def start(self, *names):
        """Start one of each; the processes."""
        return [self._start(name) for name in names]

    def _start(self, name):
        command = list(COMMANDS[name])
        if name == "beat":
            command += ["--schedule", str(self.directory / f"beat-{time.monotonic_ns()}")]
        environment = self.environment | {"CLOCK_OFFSET": str(self.settings.CLOCK_OFFSET)}
        with self.log.open("ab") as log:
            process = machine.spawn(
                command,
                env=environment,
                cwd=machine.ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                dying=signal.SIGKILL,
            )
        self.running.append(process)
        return process

    @property
    def log(self):
        return self.directory / "engines.log"

    def supervise(self, *names):
        """Start one of each, and start it again when it ends by itself, as the supervisor does."""
        self.supervised = dict(zip(names, self.start(*names), strict=True))

    def _keep(self):
        for name, process in self.supervised.items():
            if process.poll() is not None:
                (self.supervised[name],) = self.start(name)

    def kill(self, process):
        """``kill -9`` of a whole group, a worker with its pool."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def kill_all(self):
        self.supervised = {}
        while self.running:
            self.kill(self.running.pop())

    def restart(self, *names):
        """Kill whatever runs and start these."""
        self.kill_all()
        return self.start(*names)

    def dispatch(self, processes=1):
        """Plan and send once, by so many processes side by side, until all have ended."""
        for process in [self._start("once") for _ in range(processes)]:
            assert process.wait(PATIENCE) == 0, self.last_words()
            self.running.remove(process)

    def settle(self, *, lost=frozenset(), patience=PATIENCE):
        """Wait until two whole looks, one after the other, have left nothing to do.

        ``lost`` are messages that were claimed by somebody who was killed.
        """
        seen = clock.now()
        for _ in range(2):
            planned = wait_until(partial(self._looked, "plan", seen), self.last_words, patience)
            looked = partial(self._looked, "dispatch", planned)
            seen = wait_until(looked, self.last_words, patience)
            wait_until(lambda: not open_work(lost), lambda: self._open(lost), patience)

    def _open(self, lost):
        """What is still to be done, in a few words."""
        return f"all ends: {open_work(lost)}\n{self.last_words()}"

    def _looked(self, name, after):
        """When the engine looked last, if that was after the moment."""
        self._keep()
        beat = Heartbeat.objects.filter(name=name, ran_at__gt=after).first()
        return beat and beat.ran_at

    def last_words(self):
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""


def senders(process, sink):
    """The processes of a group that are connected to the mail server now."""
    group = [psutil.Process(process.pid)]
    group += group[0].children(recursive=True)
    return [one for one in group if _is_connected(one, sink.port)]


def _is_connected(process, port):
    try:
        connections = process.net_connections("tcp")
    except psutil.Error:
        return False
    return any(
        one.raddr and one.raddr.port == port and one.status == psutil.CONN_ESTABLISHED
        for one in connections
    )


class Sink(MailSink):
    """The mail server of all tests, which can also wait for a word of ours, and hang at QUIT."""

    def reset(self):
        super().reset()
        self.held = 0
        self.is_held = False

    def hold(self, stage, *, keep=False):
        """Say nothing at the stage until ``let_go``; ``keep`` takes the message before that."""
        self.is_held = True
        self.troubles[stage] = Trouble(reply="250 OK", keep=keep)

    def let_go(self):
        """Answer all who wait with 250, and everybody after them at once."""
        self.troubles.clear()
        self.is_held = False

    def slow_down(self, seconds):
        """Take every message, but so many seconds after its final dot."""
        self.troubles["data"] = Trouble(reply="250 OK", hang=seconds, keep=True)

    async def _make(self, trouble, server):
        self.held += 1
        while self.is_held:
            await asyncio.sleep(0.02)
        return await super()._make(trouble, server)

    async def handle_QUIT(self, server, session, envelope):  # noqa: N802
        if trouble := self.trouble_at("quit"):
            return await self._make(trouble, server)
        return "221 Bye"
