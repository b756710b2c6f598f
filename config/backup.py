"""Backups: the database and the uploaded files, into a directory and back out of it.

``python -m config.backup save [DIRECTORY]`` and ``… load DIRECTORY [--yes]``; script/backup and
script/restore call it. No Django: the tables may not be there, or be those of another release.
"""

import argparse
import datetime as dt
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg2

from config import machine
from config.machine import SetupError
from config.postgres_server import binaries

DUMP, UPLOADS, ABOUT = "database.dump", "uploads.tar", "about.json"
SQL = Path(__file__).parent / "sql"
OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND backend_type = 'client backend'
"""
TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
WAITING = "SELECT count(*) FROM outbox_notice WHERE state IN ('prepared', 'unknown')"


# --- out ----------------------------------------------------------------------------------------
def save(home: Path, target: Path | None) -> Path:
    """Write a backup; a directory by that name stands only once all of it is written."""
    made_at = dt.datetime.now(dt.UTC)  # whatever leaves from now on the backup may not know
    target = target or home / "backups" / f"{made_at:%Y%m%d-%H%M%S}"
    if target.exists():
        raise SetupError(f"{target} exists already: name another directory.")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        _run("pg_dump", "--format=custom", f"--file={partial / DUMP}")
        # After the database: a row's file is written before the row.
        with tarfile.open(partial / UPLOADS, "w") as tar:
            if (home / "uploads").is_dir():
                tar.add(home / "uploads", arcname=".")
        sums = {name: _digest(partial / name) for name in (DUMP, UPLOADS)}
        (partial / ABOUT).write_text(json.dumps({"made_at": made_at.isoformat(), "sha256": sums}))
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target


# --- in -----------------------------------------------------------------------------------------
def load(home: Path, source: Path, *, replace: bool) -> str:
    """Put a backup in the place of what is here; what was made of it, in a sentence.

    In one transaction with the tables all outbound is held back, and whatever may have left
    since the backup is marked so: no process ever meets the one without the other.
    """
    made_at = _check(source)
    uploads = home / "uploads"
    if not _is_left_alone():
        raise SetupError("Somebody works with this database: stop Vedika first.")
    if not replace and (_ask(TABLES) or (uploads.is_dir() and any(uploads.iterdir()))):
        raise SetupError("There are data here already: --yes replaces them, and they are gone.")
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=home) as name:
        scratch = Path(name)
        (scratch / "uploads").mkdir()
        with tarfile.open(source / UPLOADS) as tar:
            _unpack(tar, scratch / "uploads")
        tables = scratch / "tables.sql"
        _run("pg_restore", "--no-owner", f"--file={tables}", source / DUMP)
        _replace_tables(tables, made_at)
        if uploads.exists():
            uploads.rename(scratch / "replaced")
        (scratch / "uploads").rename(uploads)
    return (
        f"Restored as it was at {made_at:%Y-%m-%d %H:%M} UTC. All outbound is held back; "
        f"{_ask(WAITING)} notices wait for a coordinator."
    )


def _unpack(tar: tarfile.TarFile, into: Path) -> None:
    """Plain files and directories below ``into``; whatever else stands there is no backup of ours.

    Python's own filter for this came with 3.11.4; where there is one it looks as well.
    """
    members = tar.getmembers()
    for one in members:
        target = (into / one.name).resolve()
        if not ((one.isreg() or one.isdir()) and target.is_relative_to(into.resolve())):
            raise SetupError("This backup is damaged: its files are not as they were saved.")
    if hasattr(tarfile, "data_filter"):
        tar.extraction_filter = tarfile.data_filter
    tar.extractall(into, members)  # noqa: S202 - looked at before


def _is_left_alone() -> bool:
    """Whether nobody else is connected; what was stopped just now takes a moment to leave."""
    for _time in range(25):
        if not _ask(OTHERS):
            return True
        time.sleep(0.2)
    return False


def _check(source: Path) -> dt.datetime:
    """When the backup was made; raises SetupError where it is not whole."""
    try:
        about = json.loads((source / ABOUT).read_text())
        made_at = dt.datetime.fromisoformat(about["made_at"])
        whole = all(_digest(source / name) == about["sha256"][name] for name in (DUMP, UPLOADS))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SetupError(f"{source} is no backup of Vedika ({error}).") from error
    if not whole:
        raise SetupError(f"{source} is damaged: its checksums differ.")
    return made_at


def _replace_tables(tables: Path, made_at: dt.datetime) -> None:
    given = {
        "role": os.environ.get("DATABASE_ROLE") or "vedika_app",
        "made_at": made_at.isoformat(),
        "reason": f"Restored from the backup of {made_at:%Y-%m-%d %H:%M} UTC.",
    }
    _run(
        "psql",
        *("--no-psqlrc", "--quiet", "--single-transaction", "--output=/dev/null"),
        *(f"--set={name}={value}" for name, value in {"ON_ERROR_STOP": "1", **given}.items()),
        *(f"--file={file}" for file in (SQL / "emptied.sql", tables, SQL / "restored.sql")),
    )


# --- PostgreSQL's own tools ---------------------------------------------------------------------
def _address() -> dict[str, Any]:
    """How to reach the database, by libpq's names."""
    found: dict[str, Any] = psycopg2.extensions.parse_dsn(os.environ["DATABASE_URL"])
    return found


def _run(tool: str, *arguments: str | Path) -> None:
    """Run a tool on the database; its address stands in no process list."""
    names = {"dbname": "PGDATABASE"}
    address = {names.get(key, f"PG{key.upper()}"): str(one) for key, one in _address().items()}
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own binary
        [_tool(tool), *arguments],
        env=os.environ | address,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SetupError(f"{tool} failed: {done.stderr.strip()[-500:]}")


def _tool(name: str) -> str:
    """The tool of the server's own release, else of the next newer one that is here."""
    server = _version() // 10000
    found: dict[int, str] = {}
    for path in (shutil.which(name), binaries() / name):
        if path and Path(path).exists():
            said = subprocess.run([path, "--version"], check=False, capture_output=True, text=True)  # noqa: S603
            if said.returncode == 0:
                found.setdefault(int(said.stdout.split()[2].split(".")[0]), str(path))
    fitting = [release for release in found if release >= server]
    if not fitting:
        raise SetupError(f"{name} of PostgreSQL {server} is missing on the PATH: install it.")
    return found[min(fitting)]


def _version() -> int:
    opened = psycopg2.connect(**_address())
    try:
        return int(opened.server_version)
    finally:
        opened.close()


def _ask(question: str) -> int:
    opened = psycopg2.connect(**_address())
    try:
        with opened.cursor() as cursor:
            cursor.execute(question)
            return int(cursor.fetchone()[0])
    finally:
        opened.close()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    """Do as the command line says: 0, or 1 with a sentence why not."""
    parser = argparse.ArgumentParser(prog="script/backup or script/restore")
    acts: Any = parser.add_subparsers(dest="act", required=True)
    acts.add_parser("save").add_argument("directory", nargs="?", type=Path)
    loading = acts.add_parser("load")
    loading.add_argument("directory", type=Path)
    loading.add_argument("--yes", action="store_true", help="replace what is here")
    asked = parser.parse_args(arguments)
    try:
        if asked.act == "save":
            said = str(save(machine.home(), asked.directory))
        else:
            said = load(machine.home(), asked.directory, replace=asked.yes)
    except (SetupError, psycopg2.Error, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{said}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
