"""The mailbox, over a real connection."""

import datetime as dt
import io
from email.policy import SMTP

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit import clock
from inbox import engine, mailbox
from inbox.mailbox import Place
from inbox.models import Incoming, Mailbox
from outbox.models import Heartbeat
from tests.factories_inbox import mail

pytest_plugins = ["tests.inbox.mailboxes"]
pytestmark = pytest.mark.django_db


def numbers():
    return list(Incoming.objects.order_by("pk").values_list("uid", flat=True))


def test_what_came_is_kept_whole_in_its_order_and_nothing_changes_there(imap):
    contents = [mail(subject=f"Mail {number}").as_bytes(policy=SMTP) for number in range(3)]
    imap.deliver(*contents)

    assert engine.look(now=clock.now()) == 3
    imap.deliver(mail().as_bytes(policy=SMTP))
    assert engine.look(now=clock.now()) == 1
    assert engine.look(now=clock.now()) == 0

    rows = list(Incoming.objects.order_by("pk"))
    assert [(one.uid, one.title, one.size) for one in rows[:3]] == [
        (number + 1, f"Mail {number}", len(contents[number])) for number in range(3)
    ]
    assert rows[0].received_at == dt.datetime(2026, 5, 7, 2, 0, tzinfo=dt.UTC)
    assert numbers() == [1, 2, 3, 4]
    assert not [one for one in imap.asked if "STORE" in one or "SELECT" in one]
    assert Heartbeat.objects.get(name="fetch").done == 0
    assert "secret" not in Mailbox.objects.get().name


def test_a_mailbox_that_counts_anew_brings_nothing_twice(imap):
    imap.deliver(mail().as_bytes(policy=SMTP), mail().as_bytes(policy=SMTP))
    engine.look(now=clock.now())
    imap.uidvalidity += 1
    imap.deliver(mail().as_bytes(policy=SMTP))

    engine.look(now=clock.now())

    assert list(Incoming.objects.order_by("pk").values_list("uidvalidity", "uid")) == [
        (7, 1), (7, 2), (8, 3),
    ]  # fmt: skip


def test_of_a_mail_that_is_too_large_the_headers_are_kept(imap, settings):
    settings.INBOX_MAX_BYTES = 2000
    imap.deliver(mail(subject="A film", text="x" * 3000).as_bytes(policy=SMTP))

    engine.look(now=clock.now())

    row = Incoming.objects.get()
    assert (row.state, row.why, row.title, row.is_whole) == ("held", "too_large", "A film", False)
    assert row.size > 3000


def test_a_server_that_hangs_up_costs_a_minute(imap, caplog):
    imap.deliver(mail().as_bytes(policy=SMTP))
    imap.gone = True

    assert engine.look(now=clock.now()) == 0
    assert "secret" not in caplog.text
    assert not Heartbeat.objects.exists()
    imap.gone = False
    assert engine.look(now=clock.now()) == 1


def test_a_wrong_password_is_no_error_of_ours(imap, settings, caplog):
    settings.IMAP_URL = imap.url.replace("secret", "wrong")

    assert engine.look(now=clock.now()) == 0
    assert caplog.messages == ["The mailbox could not be read: LoginError."]


@pytest.mark.django_db(transaction=True)
def test_two_never_look_at_once(imap):
    imap.deliver(mail().as_bytes(policy=SMTP))
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [engine.LOCK])
        assert (engine.look(now=clock.now()), imap.asked) == (0, [])
        with other.cursor() as cursor:  # a backend that was left ends a moment later
            cursor.execute("SELECT pg_advisory_unlock(%s)", [engine.LOCK])
    finally:
        other.close()

    assert engine.look(now=clock.now()) == 1


def test_the_command_reads_once(imap, settings):
    imap.deliver(mail().as_bytes(policy=SMTP))
    out = io.StringIO()
    call_command("fetch_mail", stdout=out)
    settings.IMAP_URL = ""

    assert out.getvalue() == "1 mails were settled.\n"
    with pytest.raises(CommandError, match="IMAP_URL is not set"):
        call_command("fetch_mail")


def test_an_address_says_where_the_mailbox_lies():
    got = mailbox.place_of("imaps://a%40b.example:p%2F%40w@mx.example.org/Inbox%2FVedika")

    assert got == Place("imaps", "mx.example.org", 993, "a@b.example", "p/@w", "Inbox/Vedika")
    assert got.name == "a@b.example@mx.example.org/Inbox/Vedika"
    for wrong in ("http://a:b@c", "imaps://host/INBOX", "imap://"):
        with pytest.raises(ValueError, match="no address"):
            mailbox.place_of(wrong)
