"""How quickly messages leave, beside a bare smtplib loop, and how much a worker holds in memory."""

import os
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.test.utils import override_settings

from audit import clock
from benchmarks import follow_up_made
from benchmarks.follow_up_made import Made
from outbox import actions as outbox_actions
from outbox import holding
from outbox.models import Message, Notice
from reminders import actions

SENT = 1000  # messages of a run, each way
WARM = 50  # messages before it, while a process still loads what it needs
AT_ONCE = 2  # dispatchers, as a worker of two cores has
READY = 15.0  # seconds until each has loaded all it needs
LEAST, MOST_MEMORY = 0.6, 150.0
BEGUN = 0.2  # of the messages, from which on the memory of a worker may not grow


def report(made: Made) -> Iterator[str]:
    """Send the same number of messages both ways to one mail server of our own."""
    with _sink() as port, override_settings(EMAIL_HOST="127.0.0.1", EMAIL_PORT=port, **_SMTP):
        _prepare(made, WARM)
        _dispatched(WARM)
        _prepare(made, SENT)
        alone = _dispatched(SENT)
        bare = _sent_barely(Message.objects.filter(state="sent").latest("pk"), port)
        _prepare(made, SENT)
        several, early, most = _dispatched_by_several(port)
        yield f"{'bare smtplib loop, one connection':<42} {bare:>9.0f} a second"
        yield f"{f'one dispatcher, {SENT} messages':<42} {alone:>9.0f} a second"
        yield f"{'ratio':<42} {alone / bare:>9.2f}"
        yield f"{f'{AT_ONCE} dispatchers at once':<42} {several:>9.0f} a second"
        yield f"{'ratio':<42} {several / bare:>9.2f}    (at least {LEAST} asked)"
        note = f"(at most {MOST_MEMORY:.0f} asked; {early:.0f} MB after the first fifth)"
        yield f"{'memory of each':<42} {most:>9.0f} MB {note}"


_SMTP = {
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "EMAIL_USE_TLS": False,
    "EMAIL_USE_SSL": False,
    "EMAIL_HOST_USER": "",
}


@contextmanager
def _sink() -> Iterator[int]:
    """A mail server that takes everything, in a process of its own."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    where = f"127.0.0.1:{port}"
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", where, "-c", "aiosmtpd.handlers.Sink"]
    with subprocess.Popen(command) as process:  # noqa: S603 - our own
        try:
            _await(port)
            yield port
        finally:
            process.terminate()


def _await(port: int) -> None:
    for _time in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return


def _prepare(made: Made, count: int) -> None:
    """So many first notices that are due now, each a message of its own."""
    follow_up_made.clear_notices()
    now = clock.now()
    follow_up_made.not_told(made, count)
    actions.plan(now=now)
    mine = {"kind": actions.FIRST, "recipient": f"user:{made.official.pk}"}
    Notice.objects.exclude(**mine).delete()
    Notice.objects.update(due_at=now)
    follow_up_made.vacuum()


def _dispatched(count: int) -> float:
    began = time.perf_counter()
    while outbox_actions.dispatch_some(now=clock.now()):
        pass
    span = time.perf_counter() - began
    sent = Message.objects.filter(state="sent").count()
    assert sent == count, sent  # noqa: S101 - else the figure means nothing
    return sent / span


def _sent_barely(message: Message, port: int) -> float:
    """The same message so often, over one connection."""
    mail = EmailMessage()
    mail["From"], mail["To"] = settings.DEFAULT_FROM_EMAIL, message.address
    mail["Subject"], mail["Message-ID"] = message.subject, message.message_id
    mail.set_content(message.body)
    began = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as client:
        for _time in range(SENT):
            client.send_message(mail)
    return SENT / (time.perf_counter() - began)


def _dispatched_by_several(port: int) -> tuple[float, float, float]:
    """How many messages a second ``manage.py dispatch`` sends, started several times.

    And what one of them holds at most in megabytes: after a fifth of the messages, and in all. They
    start while all outbound is held; the time counts from the moment in which it is let go.
    """
    environment = os.environ | {"EMAIL_URL": f"smtp://127.0.0.1:{port}"}
    command = [sys.executable, "manage.py", "dispatch", "--loop", "--every", "0.1"]
    held = holding.hold(by=None, reason="Until all are ready", now=clock.now())
    with ExitStack() as stack:
        running = [
            stack.enter_context(subprocess.Popen(command, env=environment))  # noqa: S603 - our own
            for _each in range(AT_ONCE)
        ]
        for process in running:
            stack.callback(process.terminate)
        time.sleep(READY)
        holding.lift(held, by=None, now=clock.now())
        began, early, most = time.perf_counter(), 0.0, 0.0
        while (sent := Message.objects.filter(state="sent").count()) < SENT:
            most = max(most, *(_resident(one.pid) for one in running))
            early = early if early or sent < SENT * BEGUN else most
            time.sleep(0.05)
        span = time.perf_counter() - began
    return SENT / span, early, most


def _resident(pid: int) -> float:
    """Megabytes of memory that the process holds; none once it has gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return sum(int(one.split()[1]) for one in lines if one.startswith("VmRSS")) / 1024
