"""What a benchmark stands on: a database of its own, filled with the gazetteer and people."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connection

from config import embedded, machine

# What a developer may have set for a server of their own, and no benchmark may reach.
FOREIGN = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "SECRET_KEY", "FIELD_KEYS", "DATABASE_ROLE")


def start() -> None:
    """Start throw-away services, make all tables, load places, offices and people.

    All of it ends with this process.
    """
    for name in FOREIGN:
        os.environ.pop(name, None)
    stack = ExitStack()
    atexit.register(stack.close)
    home = Path(tempfile.mkdtemp(prefix="vedika-bench-"))
    stack.callback(shutil.rmtree, home, ignore_errors=True)
    (home / "run").mkdir()
    running = stack.enter_context(embedded.services(home, durable=False))
    connect(home, {service.variable: service.url for service in running})
    _load()


def connect(home: Path, addresses: dict[str, str]) -> None:
    """Load the settings for services that run."""
    os.environ.update(addresses | machine.keys(home))
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings",
        VEDIKA_HOME=str(home),
        BASE_URL="http://testserver",
        ALLOWED_HOSTS="testserver",
        STATICFILES_BACKEND="django.contrib.staticfiles.storage.StaticFilesStorage",
    )
    django.setup()


@contextmanager
def owner() -> Iterator[None]:
    """Leave the application's role, which may change no table, for the time of the block."""
    options = connection.settings_dict["OPTIONS"]
    role = options.pop("assume_role", None)
    connection.close()
    try:
        yield
    finally:
        options["assume_role"] = role
        connection.close()


def _load() -> None:
    with owner():
        call_command("migrate", interactive=False, verbosity=0)
    call_command("compile_catalogues", verbosity=0)
    call_command("load_gazetteer", verbosity=0)
    from config.demonstration.people import load_people  # noqa: PLC0415 - needs the settings

    load_people()
