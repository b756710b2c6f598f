"""``manage.py prepare``: everything between an installed release and one that serves, at once."""

import hashlib
import os
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import BaseCommand, call_command
from django.db import connection, transaction

from paper import fonts


class Command(BaseCommand):
    """Catalogues, static files, fonts, tables, gazetteer, demonstration; each only where needed.

    One process for all of them: a second start is to take seconds.
    """

    help = "Bring catalogues, static files and the database up to date."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-data", action="store_true", help="leave the database alone")

    def handle(self, **options: object) -> None:
        if _catalogues_are_old():
            self._run("Compiling the translations", "compile_catalogues")
        self._collect_static()
        fonts.prepare(settings.FONTS_SOURCE, settings.FONTS_ROOT)
        if options["no_data"]:
            return
        with _as_owner():
            self._run("Bringing the database up to date", "migrate", interactive=False)
        self._run("Loading provinces and districts", "load_gazetteer")
        self._run("Loading the reminder policy", "load_policy")
        self._run("Indexing issues of earlier versions", "reindex")
        self._load_demonstration()

    def _run(self, sentence: str, command: str, **options: object) -> None:
        self.stdout.write(f"{sentence} …")
        self.stdout.flush()
        call_command(command, verbosity=0, **options)

    def _collect_static(self) -> None:
        """Collect only when a source file changed since the last time."""
        stamp = Path(settings.STATIC_ROOT) / ".sources"
        digest = _digest_of_sources()
        if stamp.exists() and stamp.read_text() == digest:
            return
        self._run("Collecting static files", "collectstatic", interactive=False, clear=True)
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(digest)

    def _load_demonstration(self) -> None:
        """Only where nobody exists yet: its accounts have a known password."""
        people = get_user_model().objects
        if os.environ.get("VEDIKA_DEMO", "1") != "0" and not people.exists():
            with transaction.atomic():  # all of it, or the next start tries again
                self._run("Loading the demonstration forum", "load_demonstration")
        note = Path(settings.VEDIKA_HOME) / "run" / "demonstration"
        if people.filter(email="admin@vedika.example").exists():
            note.parent.mkdir(parents=True, exist_ok=True)
            note.touch()
        else:
            note.unlink(missing_ok=True)


def _catalogues_are_old() -> bool:
    """Whether a .po has no .mo, or an older one."""
    sources = [po for path in settings.LOCALE_PATHS for po in Path(path).rglob("*.po")]
    return any(_changed(po) > _changed(po.with_suffix(".mo")) for po in sources)


def _changed(path: Path) -> float:
    """When the file was last written, as a timestamp; 0 where there is none."""
    return path.stat().st_mtime if path.exists() else 0


def _digest_of_sources() -> str:
    """A digest of names, sizes and times of all static files, and of how they are stored."""
    digest = hashlib.sha256(str(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: found[0]):
            about = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{about.st_size}\0{about.st_mtime_ns}\n".encode())
    return digest.hexdigest()


@contextmanager
def _as_owner() -> Iterator[None]:
    """Leave the application's role, which may change no table, for the time of the block."""
    options = connection.settings_dict["OPTIONS"]
    role = options.pop("assume_role", None)
    connection.close()
    try:
        yield
    finally:
        if role:
            options["assume_role"] = role
        connection.close()
