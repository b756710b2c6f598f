"""Runs Vedika on one machine: services, set-up, then the Procfile, until told to stop.

``python -m config.supervisor``; script/server makes its Python environment first.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from config import embedded, machine
from config.machine import ROOT, SetupError
from config.postgres_server import Postgres
from config.redis_server import Redis

PATIENCE = 120  # seconds the web server may take until it is ready
STEADY = 60  # seconds after which an end counts as the first again
LONGEST_PAUSE = 60  # seconds
ACCOUNTS = """\
Demonstration accounts (password vedika-demo):
  admin@vedika.example           administrator
  coordinator@vedika.example     coordinator of Mondulkiri, Ratanak Kiri and Stung Treng
  representative@vedika.example  representative of an organization in Mondulkiri
  official@vedika.example        official of a provincial department of Mondulkiri
  deputy@vedika.example          official of the provincial administration of Mondulkiri"""


class Child:
    """One line of the Procfile, started again with growing pauses when it ends by itself."""

    def __init__(self, name: str, command: str, environment: dict[str, str]) -> None:
        self.name = name
        self.command = command
        self.environment = environment
        self.pause = 1
        self.again_at: float | None = None
        self.start()

    def start(self) -> None:
        self.again_at = None
        self.started_at = time.monotonic()
        # The shell reads $PORT and $VEDIKA_HOME and is replaced, so that signals reach the program.
        self.process = machine.spawn(
            ["/bin/sh", "-c", f"exec {self.command}"],
            env=self.environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
        )

    def ended(self) -> bool:
        return self.process.poll() is not None

    def keep(self) -> None:
        """Notice an end and start again when the pause is over."""
        if not self.ended():
            return
        if self.again_at is None:
            self._plan_start()
        elif time.monotonic() >= self.again_at:
            self.start()

    def _plan_start(self) -> None:
        machine.end(self.process)  # what it left of its session would meet its successor
        steady = time.monotonic() - self.started_at > STEADY
        self.pause = 1 if steady else min(2 * self.pause, LONGEST_PAUSE)
        self.again_at = time.monotonic() + self.pause
        code = self.process.returncode
        _say(f"{self.name} ended (code {code}), starting it again in {self.pause} s.")


def main() -> int:
    """Run until SIGTERM or Ctrl-C (0), or until something essential cannot start (1)."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    try:
        _run(machine.home(), int(os.environ.get("PORT") or 8000))
    except SetupError as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        _say("stopped.")
    return 0


def _stop(*_: object) -> None:
    """Unwind once; a second Ctrl-C does not cut the stopping short, which ends by itself."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _run(home: Path, port: int) -> None:
    with ExitStack() as stack:
        stack.enter_context(machine.claim(home))
        _refuse_taken(port)
        services = stack.enter_context(embedded.services(home))
        found = stack.enter_context(embedded.published(home, services))
        environment = _environment(home, port, found)
        _prepare(environment)
        children: list[Child] = []
        stack.callback(_end_all, children)
        children.extend(Child(*line, environment) for line in _procfile())
        _await_ready(port, children)
        _announce(home, port)
        while True:
            _keep(services, children)


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn binds
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise SetupError(
                f"Port {port} cannot be used ({error.strerror}): set PORT to another one."
            ) from error


def _environment(home: Path, port: int, found: dict[str, str]) -> dict[str, str]:
    """What every child is given."""
    made = os.environ | machine.keys(home) | found
    made |= {
        "VEDIKA_HOME": str(home),
        "PORT": str(port),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONUNBUFFERED": "1",
    }
    if hosts := made.get("ALLOWED_HOSTS"):
        made["ALLOWED_HOSTS"] = f"{hosts},127.0.0.1"  # we ask for /health/ready there
    return made


def _prepare(environment: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", "prepare"]
    process = machine.spawn(command, env=environment, cwd=ROOT, stdin=subprocess.DEVNULL)
    try:
        if process.wait():
            raise SetupError("The set-up failed, its reason stands above.")
    finally:
        machine.end(process)


def _procfile() -> Iterator[tuple[str, str]]:
    """The name and command of each process."""
    for line in (ROOT / "Procfile").read_text().splitlines():
        name, separator, command = line.partition(":")
        if separator and not line.startswith("#"):
            yield name.strip(), command.strip()


def _await_ready(port: int, children: list[Child]) -> None:
    until = time.monotonic() + PATIENCE
    web = next(child for child in children if child.name == "web")
    while not _is_ready(port):
        if web.ended():
            raise SetupError("The web server could not start, its reason stands above.")
        if time.monotonic() > until:
            raise SetupError(f"/health/ready did not answer 200 within {PATIENCE} seconds.")
        for child in children:
            child.keep()
        time.sleep(0.2)


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _announce(home: Path, port: int) -> None:
    print(f"Ready: http://127.0.0.1:{port}/", flush=True)
    if (home / "run" / "demonstration").exists():  # ``prepare`` notes it
        print(ACCOUNTS, flush=True)


def _keep(services: list[Postgres | Redis], children: list[Child]) -> None:
    """One look at everything that is to run."""
    for service in services:
        if service.process is not None and service.process.poll() is not None:
            _say(f"{type(service).__name__} ended, starting it again.")
            service.start()
    for child in children:
        child.keep()
    time.sleep(0.5)


def _end_all(children: list[Child]) -> None:
    """All asked at once, then each awaited: the slowest alone sets how long it takes."""
    for child in children:
        if not child.ended():
            child.process.terminate()
    for child in children:
        machine.end(child.process)


def _say(sentence: str) -> None:
    print(f"vedika: {sentence}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
