"""What one machine brings itself: its directory, its secrets, and children that end with it.

Only the standard library, and no Django: this runs before there are settings.
"""

import base64
import ctypes
import fcntl
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
SECONDS_TO_START = 60
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class SetupError(Exception):
    """Why Vedika cannot start here: one sentence for the person at the terminal."""


class BusyError(SetupError):
    """Another process already runs from this home."""


def home() -> Path:
    """``$VEDIKA_HOME`` (``var/`` where unset), made where missing."""
    path = Path(os.environ.get("VEDIKA_HOME") or ROOT / "var").resolve()
    (path / "run").mkdir(parents=True, exist_ok=True)
    return path


def claim(home: Path) -> IO[str]:
    """An open file that holds the home until it is closed; raises BusyError where it is held.

    A lock of the kernel's, not a pid file: it ends with its holder, however that ends.
    """
    holder = (home / "run" / "lock").open("a+")
    try:
        fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder.seek(0)
        pid = holder.read().strip()
        holder.close()
        raise BusyError(f"Vedika already runs from {home} (process {pid}).") from error
    holder.truncate(0)
    holder.write(str(os.getpid()))
    holder.flush()
    return holder


def keys(home: Path) -> dict[str, str]:
    """SECRET_KEY and FIELD_KEYS: the environment's, else the home's, made on the first start."""
    makers: dict[str, Callable[[], str]] = {
        "SECRET_KEY": lambda: secrets.token_urlsafe(50),
        "FIELD_KEYS": lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }
    return {
        name: os.environ.get(name) or _kept(home / "secrets" / name, make)
        for name, make in makers.items()
    }


def _kept(path: Path, make: Callable[[], str]) -> str:
    """The file's content; where there is no file, a fresh value, readable only by its owner."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        partial = path.with_suffix(".partial")  # a start cut short leaves no empty secret
        partial.touch(mode=0o600)
        partial.write_text(make())
        partial.rename(path)
    return path.read_text().strip()


def spawn(
    command: Sequence[str | Path], *, dying: signal.Signals = signal.SIGTERM, **options: Any
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, which gets ``dying`` should this process be killed.

    Its own session keeps the terminal's Ctrl-C from it: we end our children in their order.
    """
    return subprocess.Popen(  # noqa: S603 - our own commands, no shell
        [str(part) for part in command],
        start_new_session=True,
        preexec_fn=_dies_with_parent(dying),  # noqa: PLW1509 - one system call, no locks
        **options,
    )


def _dies_with_parent(dying: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def ask() -> None:
        if LIBC is None:
            return
        LIBC.prctl(PR_SET_PDEATHSIG, int(dying))
        if os.getppid() != parent:  # it ended before we could ask
            os._exit(1)

    return ask


def end(
    process: subprocess.Popen[bytes], *, by: signal.Signals = signal.SIGTERM, patience: float = 15
) -> None:
    """Ask a child to end, wait ``patience`` seconds, then kill what is left of its session."""
    if process.poll() is None:
        process.send_signal(by)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
    with suppress(ProcessLookupError):  # where nothing was left, as it should be
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(
    name: str, process: subprocess.Popen[bytes], answers: Callable[[], bool], log: Path
) -> None:
    """Return once the child answers; raises SetupError with its log's end where it does not."""
    until = time.monotonic() + SECONDS_TO_START
    while not answers():
        if process.poll() is not None or time.monotonic() > until:
            end(process)
            last = log.read_text(errors="replace").splitlines()[-3:]
            raise SetupError(f"{name} did not start ({log}): {' | '.join(last)}")
        time.sleep(0.05)


def free_port() -> int:
    """A loopback port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
