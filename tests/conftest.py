"""Services, the two database roles, mail and browser for all tests."""

import gc
import os
import shutil

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings, testcases

from config import catalogue
from tests import services

ROLE = "vedika_app"
# The rooms whose files take longest, in this order.
LONG = {"faults": 0, "journeys": 1, "safety": 2, "browser": 3, "config": 4, "reminders": 5}
# Filled by migrations and Django itself; the same for every test.
KEPT = {"django_migrations", "django_content_type", "auth_permission", "forum_presidingrole"}


def pytest_addoption(parser):
    """Faults that take longer than 20 seconds are asked for: ``script/test --faults``."""
    parser.addoption("--faults", action="store_true", help="also the faults that take long")


def pytest_collection_modifyitems(config, items):
    """Long files first, so that no process is left waiting for a long one at the end."""
    items.sort(key=lambda item: LONG.get(item.path.parent.name, len(LONG)))
    if not config.getoption("--faults"):
        skip = pytest.mark.skip(reason="takes long: script/test --faults")
        for item in items:
            if "long_fault" in item.keywords:
                item.add_marker(skip)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    """Before the settings are loaded, and before xdist's workers inherit the environment."""
    # Next to nothing of what is made by imports and for a page is garbage that only a search
    # finds; looking for it as often as Python does by itself takes an eighth of the whole time.
    gc.set_threshold(50_000, 20, 100)
    if not hasattr(config, "workerinput"):
        services.start()
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    assert settings.DATABASES  # loads them: pytest-django then finds them and sets Django up
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # not slow
    if not hasattr(config, "workerinput"):
        catalogue.compile_all()


def pytest_collection_finish():
    """What stands now stays until the end: it need not be looked through for garbage again."""
    gc.collect()
    gc.freeze()


# --- database: made by its owner, used as the application's role --------------------------------
@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """The database is made and migrated by its owner, to whom the role is given by a migration."""
    services.await_migrated()
    connection.settings_dict["TEST"]["TEMPLATE"] = connection.settings_dict["NAME"]
    connection.settings_dict["OPTIONS"].pop("assume_role", None)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Every test then acts as the application does: no owner, no superuser."""
    options = connection.settings_dict["OPTIONS"]
    with django_db_blocker.unblock():
        connection.close()
        options["assume_role"] = ROLE
    yield
    with django_db_blocker.unblock():
        connection.close()
        options.pop("assume_role")  # only the owner may drop it


def empty_all_tables(test_case):
    """Empty every table a transactional test may have written to.

    Django's own flush runs as whoever is connected, and the application's role may truncate
    nothing. Triggers forbid emptying the audit trail even to the owner, but for replication;
    they leave out what foreign keys ask for, too. Few tables hold anything: to truncate all of
    them takes twenty times as long.
    """
    tables = sorted(set(connection.introspection.table_names()) - KEPT)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET lock_timeout = '10s'")  # a thread that forgot its transaction
        try:
            cursor.execute(" UNION ALL ".join(map(_name_if_filled, tables)))
            for (table,) in cursor.fetchall():
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608 - ours
            cursor.execute(COUNT_ANEW, [[f"{table}_id_seq" for table in KEPT]])
        finally:
            connection.close()  # the next one has its role and settings as they should be


COUNT_ANEW = """
    SELECT setval(format('%%I.%%I', schemaname, sequencename)::regclass, 1, false)
    FROM pg_sequences WHERE last_value IS NOT NULL AND NOT sequencename = ANY(%s)
"""


def _name_if_filled(table):
    quoted = connection.ops.quote_name(table)
    return f"SELECT '{table}' WHERE EXISTS (SELECT FROM {quoted})"  # noqa: S608 - our own names


testcases.TransactionTestCase._fixture_teardown = empty_all_tables


# --- mail ---------------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def _mail_sink():
    sink = services.MailSink()
    sink.start()
    yield sink
    sink.stop()


@pytest.fixture
def mail_sink(_mail_sink):
    """A real SMTP server that mail goes to in this test; see services.MailSink."""
    _mail_sink.reset()
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST=_mail_sink.host,
        EMAIL_PORT=_mail_sink.port,
        EMAIL_HOST_USER="",
        EMAIL_HOST_PASSWORD="",
        EMAIL_USE_TLS=False,
        EMAIL_USE_SSL=False,
    ):
        yield _mail_sink


# --- browser ------------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def browser():
    """Headless Chromium, one for all tests of this process."""
    playwright = pytest.importorskip("playwright.sync_api")
    executable = shutil.which("chromium")
    assert executable, "chromium is missing on the PATH"
    # Playwright keeps an event loop in this thread, which Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with playwright.sync_playwright() as running:
        # Chromium's sandbox refuses root; it only ever opens our own pages.
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
        opened = running.chromium.launch(executable_path=executable, args=arguments)
        yield opened
        opened.close()


@pytest.fixture
def page(browser, live_server):
    """A fresh page on the live server, in English; fails the test on an error in a script."""
    context = browser.new_context(base_url=live_server.url, locale="en-GB")
    context.set_default_timeout(30_000)
    opened = context.new_page()
    errors = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert errors == []
