"""Fault 29: the database comes back from a backup; nothing older than that is sent by itself."""

import os
import subprocess
import sys
from collections import Counter

import pytest
from django.db import connection
from django.urls import reverse

from audit import clock
from audit.errors import TransitionError
from config import machine
from issues.models import Issue, Referral
from outbox import actions, holding
from outbox.models import Attempt, Heartbeat, Notice, Standstill
from tests.factories import coordinator_of, issue_in, official_of
from tests.faults.engines import database_url
from tests.faults.stories import states, tell_many

pytest_plugins = ["tests.faults.stage"]


def run(tmp_path, *arguments):
    """``script/backup`` or ``script/restore``, behind the look for services and their addresses."""
    connection.close()
    return subprocess.run(
        [sys.executable, "-m", "config.backup", *arguments],
        env=os.environ | {"DATABASE_URL": database_url(), "VEDIKA_HOME": str(tmp_path)},
        cwd=machine.ROOT,
        check=False,
        capture_output=True,
        text=True,
    )


def copies(sink):
    return Counter(one.content.split(b"Message-ID: ")[1].split(b"\r\n")[0] for one in sink.messages)


def test_nothing_older_than_a_restore_is_sent_without_a_press(engines, sink, ledger, tmp_path):
    """Fault 29: on its way, planned, or planned and sent only after the backup."""
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    (uploads / "evidence.txt").write_text("The road is broken.")
    sent, on_its_way, planned = tell_many(1)[0], tell_many(1, version=2)[0], None
    backup = str(tmp_path / "backup")
    engines.dispatch()
    assert states() == {"sent": 2}
    officer = coordinator_of(None)
    fresh = issue_in("referred").referrals.get()
    official = official_of(fresh.authority)
    Referral.objects.update(handed_over_on=None, due_on=None)
    # Just claimed, just due, and a referral of which nobody was told yet.
    stuck = Notice.objects.get(recipient=f"user:{on_its_way.pk}")
    Attempt.objects.filter(message=stuck.message).delete()
    put_back(stuck)
    ledger.sink.messages[:] = [one for one in sink.messages if sent.email in one.recipients]
    (planned,) = tell_many(1, version=3)
    ledger.check_audit()

    saved = run(tmp_path, "save", backup)
    assert (saved.returncode, saved.stdout.strip()) == (0, backup)
    engines.dispatch()  # all of it leaves, and then the database is lost
    engines.dispatch()
    assert len(sink.messages) == 4
    left_later = Issue.objects.order_by("-pk").first().pk
    (uploads / "evidence.txt").unlink()

    refused = run(tmp_path, "load", backup)
    assert (refused.returncode, "--yes" in refused.stderr) == (1, True)
    restored = run(tmp_path, "load", backup, "--yes")
    assert (restored.returncode, restored.stderr) == (0, "")
    assert "2 notices wait" in restored.stdout
    assert (uploads / "evidence.txt").read_text() == "The road is broken."
    ledger.audited = set()  # the trail, too, is as it was then
    ledger.more_steps = {("planned", "prepared"), ("queued", "unknown")}

    standing = Standstill.objects.get()
    assert (standing.lifted_at, standing.restored_from is not None) == (None, True)
    Heartbeat.objects.all().delete()
    with pytest.raises(TransitionError):  # what would be planned anew is not known yet
        holding.lift(standing, by=officer, now=clock.now())
    engines.dispatch()
    assert len(sink.messages) == 4
    holding.lift(standing, by=officer, now=clock.now())
    engines.start("loop")
    engines.settle()

    assert len(sink.messages) == 4
    asked = Notice.objects.exclude(state="sent").order_by("pk")
    assert [(one.recipient, one.state) for one in asked] == [
        (f"user:{on_its_way.pk}", "unknown"),
        (f"user:{planned.pk}", "prepared"),
        (f"user:{official.pk}", "prepared"),
    ]
    assert issue_in("draft").pk > left_later  # no number is given twice

    actions.retry(asked[0], by=officer, now=clock.now())
    ledger.pressed = {one.decode() for one in copies(sink)}
    assert actions.release_all(by=officer, now=clock.now(), expected=2) == 2
    engines.settle()
    assert set(Notice.objects.values_list("state", flat=True)) == {"sent"}
    # Each of the three arrived twice, under the one Message-ID by which that is seen.
    assert sorted(copies(sink).values()) == [1, 2, 2, 2]


def put_back(notice):
    """As it was while it was on its way."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SET session_replication_role = replica")  # our own triggers look away
        cursor.execute("UPDATE outbox_notice SET state = 'queued' WHERE id = %s", [notice.pk])
        cursor.execute(
            "UPDATE outbox_message SET state = 'queued' WHERE id = %s", [notice.message_id]
        )
    connection.close()


def test_a_backup_that_is_not_whole_is_refused(engines, tmp_path):
    assert run(tmp_path, "save", str(tmp_path / "backup")).returncode == 0
    with (tmp_path / "backup" / "uploads.tar").open("ab") as file:
        file.write(b"\\0")

    refused = run(tmp_path, "load", str(tmp_path / "backup"), "--yes")

    assert (refused.returncode, "damaged" in refused.stderr) == (1, True)
    assert not Standstill.objects.exists()


def test_the_page_says_by_number_what_would_leave(engines, client):
    tell_many(2)
    person = coordinator_of(None, language="en")
    holding.hold(by=person, reason="An incident.", now=clock.now())
    client.force_login(person)

    assert "2 notices that are due leave" in client.get(reverse("hold_outbound")).content.decode()
    Standstill.objects.update(restored_from=clock.now())
    page = client.get(reverse("hold_outbound")).content.decode()
    assert "2 notices that are due may have left before" in page
    Notice.objects.all().delete()
