"""PostgreSQL and Redis for machines that bring none, kept under ``$VEDIKA_HOME``.

``python -m config.embedded COMMAND`` runs a command with their addresses in its environment;
``--alone`` before it: only while no Vedika runs from this home.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from config import machine
from config.machine import SetupError
from config.postgres_server import Postgres
from config.redis_server import Redis


@contextmanager
def services(home: Path, *, durable: bool = True) -> Iterator[list[Postgres | Redis]]:
    """Those services the environment names no address for, running for the time of the block."""
    with ExitStack() as stack:
        running: list[Postgres | Redis] = []
        for service in _missing(home, durable=durable):
            stack.callback(service.stop)
            service.start()
            running.append(service)
        yield running


def _missing(home: Path, *, durable: bool) -> Iterator[Postgres | Redis]:
    if not os.environ.get(Postgres.variable):
        yield Postgres(home, durable=durable)
    if not os.environ.get(Redis.variable):
        yield Redis(home)


@contextmanager
def addresses(home: Path, *, alone: bool = False) -> Iterator[dict[str, str]]:
    """Addresses and keys for one command: of the running server, else of services started now."""
    try:
        holder = machine.claim(home)
    except machine.BusyError:
        if alone:
            raise
        yield machine.keys(home) | _published(home)
        return
    with holder, services(home) as running:
        yield machine.keys(home) | {service.variable: service.url for service in running}


@contextmanager
def published(home: Path, running: list[Postgres | Redis]) -> Iterator[dict[str, str]]:
    """The services' addresses, for the time of the block also in a file only its owner reads."""
    found = {service.variable: service.url for service in running}
    file = home / "run" / "services.json"
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps(found))
    try:
        yield found
    finally:
        file.unlink(missing_ok=True)


def _published(home: Path) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads((home / "run" / "services.json").read_text())
    except (OSError, ValueError) as error:
        raise SetupError(f"Vedika is starting or ending in {home}: try again.") from error
    return found


def main() -> int:
    """Run the command line's command among the services; its exit code is ours."""
    alone = sys.argv[1] == "--alone"
    command = sys.argv[1 + alone :]
    try:
        with addresses(machine.home(), alone=alone) as found:
            environment = os.environ | {"VEDIKA_HOME": str(machine.home())} | found
            return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
