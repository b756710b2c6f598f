"""What the tests bring themselves: PostgreSQL, Redis, and a mail server that can misbehave."""

import asyncio
import atexit
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from config import embedded, machine

# What a developer may have set for a server of their own, and no test may reach.
FOREIGN = (
    "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "CLAMD_URL", "SECRET_KEY", "FIELD_KEYS",
    "DATABASE_ROLE", "IMAP_URL", "REPLY_ADDRESS", "TELEGRAM_TOKEN", "SMS_URL", "SMS_RECEIPT_KEY",
)  # fmt: skip


def start() -> None:
    """Start throw-away services and put their addresses into the environment.

    They end with this process: by atexit, and where it is killed by the death signal they asked
    for (``machine.spawn``). Call it before the settings are loaded.
    """
    for name in FOREIGN:
        os.environ.pop(name, None)
    stack = ExitStack()
    atexit.register(stack.close)
    home = Path(tempfile.mkdtemp(prefix="vedika-test-"))
    stack.callback(shutil.rmtree, home, ignore_errors=True)
    (home / "run").mkdir()
    running = stack.enter_context(embedded.services(home, durable=False))
    os.environ.update({service.variable: service.url for service in running})
    os.environ.update(machine.keys(home))
    os.environ.update(
        VEDIKA_HOME=str(home),
        BASE_URL="http://testserver",
        ALLOWED_HOSTS="testserver,127.0.0.1,localhost",
        # Pages refer to the static files as they stand: nothing is collected for a test.
        STATICFILES_BACKEND="django.contrib.staticfiles.storage.StaticFilesStorage",
    )
    _migrate(home, stack)


# The tests' own: migrating makes thousands of classes, which are searched for garbage in vain.
MIGRATE = """
import gc
gc.set_threshold(50_000)
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "migrate", "--verbosity", "0"])
"""


def _migrate(home: Path, stack: ExitStack) -> None:
    """Migrate the server's own database, beside us while the tests are being collected.

    No test uses it: each test process copies it (see ``await_migrated``), and then migrates the
    copy, which finds nothing left to do. Should this one fail, that one says why.
    """
    # The child alone holds the lock, so that it ends with the child, however that ends.
    with (home / "run" / "migrated").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        child = machine.spawn(
            [sys.executable, "-W", "ignore", "-c", MIGRATE],
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "VEDIKA_AS_OWNER": "1"},
            cwd=machine.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[lock.fileno()],
            dying=signal.SIGKILL,
        )
    stack.callback(machine.end, child)


def await_migrated() -> None:
    """Return once the server's own database is migrated, ready to be copied."""
    with (Path(os.environ["VEDIKA_HOME"]) / "run" / "migrated").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)


@dataclass
class Received:
    """A message the sink took, with the envelope it came in."""

    sender: str
    recipients: list[str]
    content: bytes


@dataclass
class Trouble:
    """How the sink answers at a stage, ``times`` times, to ``address`` or to anybody."""

    reply: str = ""
    hang: float = 0
    close: bool = False
    keep: bool = False
    times: float = float("inf")
    address: str = ""

    def meets(self, address: str) -> bool:
        return self.times > 0 and self.address in ("", address)


@dataclass
class MailSink:
    """A real SMTP server on a free loopback port; ``messages`` holds what it took.

    Stages that can go wrong: "greeting", "rcpt", "data" (the answer to the final dot).
    """

    messages: list[Received] = field(default_factory=list)
    troubles: dict[str, Trouble] = field(default_factory=dict)
    connections: int = 0

    def __post_init__(self) -> None:
        self.changed = threading.Condition()
        self.controller = _Controller(self)
        self.host, self.port = "127.0.0.1", self.controller.port

    def start(self) -> None:
        self.controller.start()

    def stop(self) -> None:
        self.controller.stop()

    def reset(self) -> None:
        """Forget all messages, answer properly again."""
        self.messages.clear()
        self.troubles.clear()
        self.connections = 0

    def refuse(
        self, stage: str, reply: str, *, times: float = float("inf"), address: str = ""
    ) -> None:
        """Answer with this line, as "550 5.1.1 no such mailbox"."""
        self.troubles[stage] = Trouble(reply=reply, times=times, address=address)

    def hang(self, stage: str, seconds: float = 3600, *, keep: bool = False) -> None:
        """Answer only after so many seconds; ``keep`` takes the message before that."""
        self.troubles[stage] = Trouble(hang=seconds, keep=keep)

    def close(self, stage: str, *, keep: bool = False, times: float = float("inf")) -> None:
        """Cut the connection; ``keep`` takes the message before that."""
        self.troubles[stage] = Trouble(close=True, keep=keep, times=times)

    def wait_for(self, count: int, timeout: float = 10) -> list[Received]:
        """The messages, once there are so many; fails after ``timeout`` seconds."""
        until = time.monotonic() + timeout
        with self.changed:
            while len(self.messages) < count:
                if not self.changed.wait(until - time.monotonic()):
                    raise AssertionError(f"{len(self.messages)} of {count} messages arrived")
            return list(self.messages)

    def take(self, envelope: Envelope) -> None:
        """Store a message; called in the server's thread."""
        content = envelope.content or b""
        received = Received(
            sender=envelope.mail_from or "",
            recipients=list(envelope.rcpt_tos),
            content=content if isinstance(content, bytes) else content.encode(),
        )
        with self.changed:
            self.messages.append(received)
            self.changed.notify_all()

    def trouble_at(self, stage: str, address: str = "") -> Trouble | None:
        """The trouble to make now, counted down; none where all is well."""
        trouble = self.troubles.get(stage)
        if trouble is None or not trouble.meets(address):
            return None
        trouble.times -= 1
        return trouble

    # The hooks of aiosmtpd's handler.

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if trouble := self.trouble_at("rcpt", address):
            return await self._make(trouble, server)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        trouble = self.trouble_at("data")
        if trouble is None or trouble.keep:
            self.take(envelope)
        return await self._make(trouble, server) if trouble else "250 OK"

    async def _make(self, trouble: Trouble, server: SMTP) -> str:
        await asyncio.sleep(trouble.hang)
        if trouble.close and server.transport is not None:
            server.transport.abort()
        return trouble.reply or "451 4.3.0 try again later"


class _Server(SMTP):
    """aiosmtpd's server, whose greeting can go wrong as well."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        sink = self.event_handler
        sink.connections += 1
        trouble = sink.trouble_at("greeting")
        if trouble is None:
            super().connection_made(transport)
            return
        self.silenced = transport  # a client that hangs up is nobody's error
        if trouble.reply:
            transport.write(trouble.reply.encode() + b"\r\n")
        if not trouble.hang:
            transport.close()

    def data_received(self, data: bytes) -> None:
        if not hasattr(self, "silenced"):
            super().data_received(data)

    def connection_lost(self, error: Exception | None) -> None:
        if not hasattr(self, "silenced"):
            super().connection_lost(error)

    def eof_received(self) -> bool | None:
        return None if hasattr(self, "silenced") else super().eof_received()


class _Controller(Controller):
    def __init__(self, sink: MailSink) -> None:
        super().__init__(sink, hostname="127.0.0.1", port=machine.free_port())

    def factory(self) -> SMTP:
        return _Server(self.handler, enable_SMTPUTF8=True, hostname="sink.vedika.example")
