"""Files wait for the virus scanner, where one is configured."""

import logging
import socket
import socketserver
import struct
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.urls import reverse

from audit import clock
from audit.models import AuditEntry
from issues import actions, tasks, viruses
from issues.files import Kept
from issues.models import Evidence
from tests import factories as f
from tests.issues.stories import at, draft_of, referred

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.issues.people"]
TOKEN = b"a-token-that-stands-for-a-virus"
Scan = Evidence.Scan


class Clamd(socketserver.StreamRequestHandler):
    """Speaks as much of clamd's language as is asked: PING and INSTREAM."""

    def handle(self):
        command = self.rfile.readline().strip()
        if command == b"nPING":
            self.wfile.write(b"PONG\n")
        elif command == b"nINSTREAM":
            content = b"".join(iter(self.chunk, b""))
            self.server.scanned.append(content)
            self.wfile.write(self.server.answer or self.verdict(content))

    def chunk(self) -> bytes:
        (size,) = struct.unpack("!L", self.rfile.read(4))
        return self.rfile.read(size)

    def verdict(self, content: bytes) -> bytes:
        return b"stream: Test-Token FOUND\n" if TOKEN in content else b"stream: OK\n"


class UnixServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


class NetworkServer(socketserver.ThreadingTCPServer):
    daemon_threads = True


@contextmanager
def served(server):
    server.scanned, server.answer = [], b""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def clamd(settings):
    with served(NetworkServer(("127.0.0.1", 0), Clamd)) as server:
        settings.CLAMD_URL = f"tcp://127.0.0.1:{server.server_address[1]}"
        yield server


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def kept(content: bytes) -> Kept:
    return Kept(Evidence.Kind.PDF, content, b"thumbnail")


def added(issue, content=b"%PDF-1.7 a letter") -> Evidence:
    (row,) = actions.add_evidence(issue, by=issue.author, now=clock.now(), files=[kept(content)])
    return row


def scan() -> int:
    return actions.scan_some(now=clock.now())


@pytest.fixture
def issue(organization, author):
    return draft_of(organization, author)


def test_add_evidence_waits_for_no_scanner_where_none_is_configured(issue, settings):
    settings.CLAMD_URL = ""
    row = added(issue)

    assert (row.scan, row.is_ready, scan()) == (Scan.NONE, True, 0)


def test_scan_some_frees_a_file_without_a_virus(issue, clamd):
    row = added(issue)
    assert (row.scan, row.is_ready) == (Scan.PENDING, False)

    assert scan() == 1

    row.refresh_from_db()
    assert (row.scan, row.is_ready) == (Scan.CLEAN, True)
    assert clamd.scanned == [b"%PDF-1.7 a letter"]
    assert scan() == 0


def test_scan_some_deletes_a_file_with_a_virus_and_keeps_its_row(
    issue, clamd, django_capture_on_commit_callbacks
):
    row, clean = added(issue, b"%PDF-1.7 " + TOKEN), added(issue, b"%PDF-1.7 another")

    with django_capture_on_commit_callbacks(execute=True):
        assert scan() == 2

    row.refresh_from_db()
    clean.refresh_from_db()
    assert (row.scan, row.thumbnail, clean.scan) == (Scan.INFECTED, None, Scan.CLEAN)
    assert not row.file.storage.exists(row.file.name)
    assert clean.file.storage.exists(clean.file.name)
    entry = AuditEntry.objects.get(action="issue.refuse_evidence")
    assert (entry.actor, entry.subject, entry.change) == (
        None,
        f"issue:{issue.pk}",
        {"file": row.pk},
    )


def test_a_refused_file_leaves_room_for_another(issue, clamd, settings):
    settings.EVIDENCE_MAX_FILES = 1
    added(issue, TOKEN)
    scan()

    assert added(issue).scan == Scan.PENDING


def test_scan_evidence_speaks_through_a_socket_of_the_machine_too(issue, settings):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clamd.ctl"
        with served(UnixServer(str(path), Clamd)):
            settings.CLAMD_URL = f"unix://{path}"
            row = added(issue)
            tasks.scan_evidence()

    row.refresh_from_db()
    assert row.scan == Scan.CLEAN


def test_files_wait_while_the_scanner_cannot_be_reached(issue, settings, caplog):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens there
        settings.CLAMD_URL = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        row = added(issue)
        with caplog.at_level(logging.WARNING):
            assert scan() == 0

    row.refresh_from_db()
    assert row.scan == Scan.PENDING
    assert [one.getMessage() for one in caplog.records] == [
        "The virus scanner cannot be reached; files wait for it."
    ]


@pytest.mark.parametrize(
    "answer",
    [b"INSTREAM size limit exceeded. ERROR\n", b"stream: Broken ERROR\n", b"\n", b"what\n"],
)
def test_a_file_about_which_the_scanner_tells_nothing_waits(issue, clamd, answer, caplog):
    row = added(issue)
    clamd.answer = answer

    assert scan() == 0

    row.refresh_from_db()
    assert row.scan == Scan.PENDING
    assert caplog.messages == [f"The virus scanner told nothing about file {row.pk}; it waits."]


def test_a_file_lost_from_the_storage_holds_up_no_other(issue, clamd):
    lost, other = added(issue, b"one"), added(issue, b"two")
    lost.file.storage.delete(lost.file.name)

    assert scan() == 1

    assert Evidence.objects.get(scan=Scan.CLEAN) == other


@pytest.mark.django_db(transaction=True)
def test_scan_some_leaves_what_another_run_holds(issue, clamd):
    row = added(issue)
    held, done = threading.Event(), threading.Event()

    def hold():
        try:
            with transaction.atomic():
                Evidence.objects.select_for_update().get(pk=row.pk)
                held.set()
                done.wait(10)
        finally:
            connection.close()

    other = threading.Thread(target=hold)
    other.start()
    held.wait(10)
    answered, scanned = scan(), list(clamd.scanned)
    done.set()
    other.join()

    assert (answered, scanned, scan()) == (0, [], 1)


@pytest.mark.parametrize("state", [Scan.PENDING, Scan.INFECTED])
def test_nobody_gets_a_file_that_waits_or_was_refused(
    client, author, coordinator, organization, state
):
    issue = actions.submit(draft_of(organization, author), by=author, now=clock.now())
    row = f.EvidenceFactory(issue=issue, scan=state, kind="image", thumbnail=b"small")
    urls = [reverse(f"issues:{name}", args=[row.key]) for name in ("evidence", "thumbnail")]

    for person in (author, coordinator):
        assert [at(client, person).get(url).status_code for url in urls] == [404, 404]


def test_a_list_says_which_file_waits_and_which_was_refused(
    client, author, coordinator, organization, office
):
    issue = referred(organization, author, coordinator, office)
    waiting = f.EvidenceFactory(issue=issue, scan=Scan.PENDING, kind="image", thumbnail=b"small")
    refused = f.EvidenceFactory(issue=issue, scan=Scan.INFECTED)
    ready = f.EvidenceFactory(issue=issue, scan=Scan.CLEAN)

    for person in (author, f.official_of(office)):
        url = reverse("issues:referral", args=[issue.referrals.get().pk])
        page = at(client, person).get(url).content.decode()
        assert page.count("is being checked for viruses") == 1
        assert page.count("was refused: it carries a virus") == 1
        assert reverse("issues:evidence", args=[ready.key]) in page
        for one in (waiting, refused):
            assert str(one.key) not in page


def test_the_scanner_listens_at_its_own_port_where_none_is_named(settings):
    settings.CLAMD_URL = "tcp://127.0.0.1"

    assert viruses._scanner(settings.CLAMD_URL).port == viruses.PORT
