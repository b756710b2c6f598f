"""What has to be true after every fault, A to G of the design, asked of database and mail sink."""

from collections import defaultdict
from email import message_from_bytes, policy

import psycopg2
from django.db import connection
from django.db.models import Count, Q

from audit import clock
from audit.models import AuditEntry
from outbox.models import Attempt, Message, Notice
from tests.faults.engines import database_url, wait_until

# Every step a state may take without a coordinator; from all others nothing leads away. "Sent" says
# that a provider took it: what it reports later moves it on, to delivered or failed, and ends it.
STEPS = {
    ("outbox_notice", "prepared"): {"planned", "cancelled"},
    ("outbox_notice", "planned"): {"queued", "held", "cancelled", "failed"},
    ("outbox_notice", "held"): {"planned", "queued", "cancelled", "failed"},
    ("outbox_notice", "sending"): {"held"},
    "queued": {"sending", "cancelled", "dead"},
    "sending": {"queued", "sent", "failed", "unknown", "cancelled"},
    "unknown": {"sending", "sent", "delivered", "failed", "dead"},
    "sent": {"delivered", "failed"},
}
KEY = ("subject", "kind", "rung", "version", "recipient", "channel")
MAYBE_LEFT = (Attempt.Outcome.BEGUN, Attempt.Outcome.UNKNOWN)
TAKEN = (Message.State.SENT, Message.State.DELIVERED, Message.State.FAILED)  # and came back
WATCH = """
    CREATE TABLE faults_step (
        id bigserial, place text, thing bigint, before text, after text
    );
    CREATE FUNCTION faults_note_step() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        INSERT INTO public.faults_step (place, thing, before, after)
        VALUES (TG_TABLE_NAME, NEW.id, OLD.state, NEW.state);
        RETURN NULL;
    END $$;
    CREATE TRIGGER faults_step AFTER UPDATE ON outbox_notice
        FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION faults_note_step();
    CREATE TRIGGER faults_step AFTER UPDATE ON outbox_message
        FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION faults_note_step();
"""
UNWATCH = """
    SET lock_timeout = '10s';
    DROP TRIGGER IF EXISTS faults_step ON outbox_notice;
    DROP TRIGGER IF EXISTS faults_step ON outbox_message;
    DROP FUNCTION IF EXISTS faults_note_step();
    DROP TABLE IF EXISTS faults_step;
"""
IN_TRANSACTION = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND backend_type = 'client backend' AND clock_timestamp() - xact_start > %s * interval '1 s'
"""


def as_owner(statement, parameters=None):
    """Run a statement as the database's owner, on a connection of its own; its rows, if any."""
    opened = psycopg2.connect(database_url())
    try:
        opened.autocommit = True
        with opened.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []
    finally:
        opened.close()


def none_in_transaction():
    """Wait until nobody else has a transaction open, as while all only wait for the network."""
    wait_until(
        lambda: as_owner(IN_TRANSACTION, [0]) == [(0,)], "no transaction is open over the network"
    )


def check_keys():
    """A: one row a key."""
    rows = Notice.objects.order_by().values(*KEY).annotate(rows=Count("pk"))
    assert list(rows.filter(rows__gt=1)) == []


def watch_here():
    """Note every step of a state in the test's own transaction, which takes all of it back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (role,) = cursor.fetchone()
        cursor.execute(
            f"RESET ROLE; {WATCH} GRANT SELECT ON faults_step TO {role}; SET ROLE {role}"
        )


def check_here():
    """A, C, D and E as far as our own rows show them: one try a message says that it was sent."""
    check_keys()
    sent = Count("attempts", filter=Q(attempts__outcome=Attempt.Outcome.SENT))
    assert not Message.objects.annotate(sent=sent).filter(sent__gt=1).exists()
    with connection.cursor() as cursor:
        cursor.execute(STEPS_TAKEN)
        assert wrong_steps(cursor.fetchall()) == []


STEPS_TAKEN = "SELECT place, thing, before, after FROM faults_step ORDER BY id"


def wrong_steps(rows, more=frozenset()):
    """Those of the steps that neither the table foresees nor ``more``, as (before, after)."""
    return [
        row
        for row in rows
        if row[3] not in STEPS.get(row[2], set()) | STEPS.get((row[0], row[2]), set())
        and row[2:] not in more
    ]


class Ledger:
    """Notes every step of a state from now on, by triggers, and checks what must hold.

    ``pressed`` are the Message-IDs that a coordinator sent though they may have left before,
    ``more_steps`` what else a state may do in this test.
    """

    def __init__(self, sink):
        self.sink = sink
        self.audited = set()
        self.pressed = set()
        self.more_steps = set()
        as_owner(UNWATCH + WATCH)

    def close(self):
        as_owner(UNWATCH)

    def check(self):
        """All of A to G, at the clock's present moment."""
        self.check_keys()
        self.check_ends()
        self.check_copies()
        self.check_steps()
        self.check_audit()
        self.check_transactions()

    def check_keys(self):
        """A: one row a key."""
        check_keys()

    def check_ends(self):
        """B: whatever is due has ended, or waits for a coordinator."""
        due = Notice.objects.filter(due_at__lte=clock.now())
        open_ones = due.filter(state__in=["planned", "held", "queued", "sending"])
        assert list(open_ones) == []
        assert list(due.filter(state="unknown", message__next_try_at__isnull=False)) == []

    def check_copies(self):
        """C, D: a copy of all that was sent, a second only of what may have left; all alike."""
        copies = self.copies()
        for message in Message.objects.prefetch_related("attempts"):
            may_be_double = message.message_id in self.pressed
            _check_copies(message, copies.pop(message.message_id, []), may_be_double)
        assert copies == {}

    def copies(self):
        """What the sink took, by Message-ID."""
        found = defaultdict(list)
        for received in self.sink.messages:
            parsed = message_from_bytes(received.content, policy=policy.default)
            words = parsed.get_body(("plain",))  # some bear a calendar part beside them
            text = words.get_content().replace("\r\n", "\n").rstrip()
            subject = parsed["Subject"].strip()  # a folded one begins with a space
            found[parsed["Message-ID"]].append((received.recipients, subject, text))
        return dict(found)

    def check_steps(self):
        """E: no state goes back from a final one, nor any other way that is not foreseen."""
        assert wrong_steps(as_owner(STEPS_TAKEN), self.more_steps) == []

    def check_audit(self):
        """F: audit rows never get fewer."""
        present = set(AuditEntry.objects.values_list("pk", flat=True))
        assert self.audited - present == set()
        self.audited = present

    def check_transactions(self):
        """G: no transaction is older than 30 seconds."""
        assert as_owner(IN_TRANSACTION, [30]) == [(0,)]


def _check_copies(message, copies, may_be_double=False):
    outcomes = [attempt.outcome for attempt in message.attempts.all()]
    maybe_left = sum(outcome in MAYBE_LEFT for outcome in outcomes) + may_be_double
    sent = outcomes.count(Attempt.Outcome.SENT)
    assert sent <= 1, message
    assert (message.state in TAKEN) if sent else (message.state not in TAKEN[:2]), message
    assert sent <= len(copies) <= sent + maybe_left, message
    frozen = ([message.address], message.subject, message.body.rstrip())
    strange = [one for one in copies if one != frozen]
    assert len(strange) <= may_be_double, frozen
