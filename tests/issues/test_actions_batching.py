"""A file of issues is checked and taken in as a whole, once, or not at all."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import OperationalError, connection, connections, transaction
from django.utils import translation

from accounts.models import Organization
from audit import clock
from audit.errors import Conflict, TransitionError
from audit.models import AuditEntry
from issues import actions, sealing
from issues.actions.batching import LOCKS
from issues.batch import keeping, reading
from issues.batch.checking import check
from issues.batch.lookups import Lookups
from issues.models import Batch, BatchLine, Interval, Issue, ProtectedPart
from outbox.models import Notice
from tests import factories as f
from tests.issues.sheets import as_csv, good

PATIENCE = 10  # seconds
ALL = ["batch.send", "batch.commit", "batch.take_in"]


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def make_world():
    """A coordinator of Mondulkiri, an organization there with a representative, a village."""
    f.ThemeFactory(code="land")
    f.LocalityFactory(code="11010101", name_en="Pu Char")
    organization = f.OrganizationFactory(slug="red-hills")
    f.representative_of(organization)
    return f.coordinator_of(f.ProvinceFactory())


@pytest.fixture
def user(db):
    return make_world()


def sent(user, *lines, key=None):
    return actions.send_batch(
        by=user,
        now=clock.now(),
        client_key=key or uuid.uuid4(),
        language="en",
        rows=reading.read(as_csv(*lines)),
    )


def work():
    """One look of a worker; how many files it worked on."""
    return actions.take_in_some(now=clock.now())


def checked(user, *lines):
    batch = sent(user, *lines)
    work()
    batch.refresh_from_db()
    return batch


def committed(user, *lines):
    return actions.commit_batch(checked(user, *lines), by=user, now=clock.now())


def taken_in(user, *lines):
    batch = committed(user, *lines)
    work()
    batch.refresh_from_db()
    return batch


def story(batch):
    return (batch.state, batch.total, batch.done, batch.created, batch.known)


def acts():
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


# --- sending --------------------------------------------------------------------------------------
def test_send_keeps_the_rows_under_a_key(user):
    batch = sent(user, good(village="Pu Char"))

    assert story(batch) == ("checking", 1, 0, 0, 0)
    assert b"kilometre" not in bytes(batch.sealed)
    assert keeping.rows_of(batch)[0].cells["village"] == "Pu Char"
    assert acts() == ["batch.send"]


def test_send_of_the_same_form_twice_is_one_file(user):
    key = uuid.uuid4()

    assert sent(user, good(), key=key) == sent(user, good(), key=key) == Batch.objects.get()
    with pytest.raises(Conflict):
        sent(user, good(2), key=key)


@pytest.mark.parametrize("role", ["representative", "official", "administrator"])
def test_send_is_for_coordinators_alone(role, user):
    other = {
        "representative": lambda: f.representative_of(f.OrganizationFactory()),
        "official": lambda: f.official_of(f.AuthorityFactory()),
        "administrator": f.administrator,
    }[role]()

    with pytest.raises(PermissionDenied):
        sent(other, good())


# --- checking -------------------------------------------------------------------------------------
def test_check_of_a_good_file_waits_for_the_word(user):
    batch = checked(user, good(1), good(2))

    assert story(batch) == ("checked", 2, 2, 0, 0)
    assert not Issue.objects.exists()
    assert work() == 0


def test_check_keeps_every_fault_and_erases_the_rows(user):
    batch = checked(user, good(1), good(2, people="0"), good(3, theme="", women=""))

    assert story(batch) == ("faulty", 3, 3, 0, 0)
    assert batch.faults == [
        {"line": 3, "column": "people", "sentence": "Write a number from 1 to 20000000."},
        {"line": 4, "column": "women", "sentence": "“of whom women” is empty. Fill it in."},
        {"line": 4, "column": "theme", "sentence": "“Theme” is empty. Fill it in."},
    ]
    assert bytes(batch.sealed) == b""
    with pytest.raises(TransitionError):
        actions.commit_batch(batch, by=user, now=clock.now())


def test_check_speaks_the_language_of_who_sent_the_file(user):
    batch = sent(user, good(people="0"))
    Batch.objects.update(language="km")

    work()

    batch.refresh_from_db()
    with translation.override("km"):
        sentence = translation.gettext("Write a number from %(least)s to %(most)s.")
    assert batch.faults[0]["sentence"] == sentence % {"least": 1, "most": 20_000_000}


# --- taking in ------------------------------------------------------------------------------------
def test_commit_takes_in_all_as_if_each_was_submitted(user):
    line = good(1, village="Pu Char", disclosure="public", named="yes", source="paper")

    batch = taken_in(user, line, good(2))

    assert story(batch) == ("done", 2, 2, 2, 0)
    first, second = Issue.objects.order_by("pk")
    assert [one.issue for one in BatchLine.objects.all()] == [first, second]
    assert (first.status, first.source, second.source) == ("submitted", "paper", "import")
    assert (first.author, first.disclosure, first.is_named) == (user, "public", True)
    assert first.reference.startswith(f"11-{clock.today().year}-")
    assert len({first.reference, second.reference, first.tracking_code}) == 3
    assert sealing.village_of(first) == "11010101"
    assert [one.status for one in first.intervals.all()] == ["draft", "submitted"]
    assert Issue.objects.matching("kilometre 2").get() == second
    assert acts() == [*ALL[:2], *["issue.draft", "issue.submit"] * 2, ALL[2]]
    assert bytes(batch.sealed) == b""


def test_commit_tells_each_organization_once_and_no_coordinator(user):
    other = f.OrganizationFactory(slug="weavers")
    f.coordinator_of(f.ProvinceFactory())

    batch = taken_in(user, good(1), good(2), good(3, organization="weavers"))

    first = Organization.objects.get(slug="red-hills")
    person = first.role_assignments.get().user
    assert sorted(Notice.objects.values_list("kind", "subject", "version", "recipient")) == sorted(
        [
            ("issues_recorded", f"batch:{batch.pk}", first.pk, f"user:{person.pk}"),
            ("issues_recorded", f"batch:{batch.pk}", other.pk, f"organization:{other.pk}"),
        ]
    )


def test_commit_pressed_twice_takes_in_once(user):
    batch = committed(user, good())

    actions.commit_batch(batch, by=user, now=clock.now())
    work()
    actions.commit_batch(batch, by=user, now=clock.now())

    assert work() == 0
    assert Issue.objects.count() == 1


def test_commit_and_drop_are_their_senders_alone(user):
    batch = checked(user, good())

    for act in (actions.commit_batch, actions.drop_batch):
        with pytest.raises(PermissionDenied):
            act(batch, by=f.coordinator_of(f.ProvinceFactory()), now=clock.now())


def test_same_file_again_creates_nothing(user):
    taken_in(user, good(1), good(2))

    again = checked(user, good(1), good(2))

    assert story(again) == ("done", 2, 2, 0, 2)
    assert Issue.objects.count() == 2
    assert bytes(again.sealed) == b""


def test_longer_file_creates_only_what_is_new(user):
    taken_in(user, good(1), good(2))

    again = taken_in(user, good(1), good(2), good(3))

    assert story(again) == ("done", 3, 3, 1, 2)
    assert Issue.objects.count() == 3


def test_two_files_with_the_same_line_create_it_once(user):
    batches = [committed(user, good(1), good(2)), committed(user, good(2), good(3))]

    work()

    assert [story(Batch.objects.get(pk=one.pk))[3:] for one in batches] == [(2, 0), (1, 1)]
    assert Issue.objects.count() == 3


def test_rights_lost_meanwhile_are_faults_and_nothing_is_taken_in(user):
    batch = committed(user, good(1), good(2))
    user.role_assignments.update(province=f.ProvinceFactory(code="16"))

    work()

    batch.refresh_from_db()
    assert (batch.state, len(batch.faults)) == ("faulty", 4)
    assert not Issue.objects.exists()


def test_failure_at_one_line_undoes_all_of_them(user):
    """An issue stands already under the key that the third line would get."""
    lines = [good(number) for number in range(5)]
    found = check(reading.read(as_csv(*lines)), Lookups(user), today=clock.today())
    obstacle = f.IssueFactory(client_key=found.lines[2].key)
    batch = committed(user, *lines)
    before = acts()

    work()

    batch.refresh_from_db()
    assert batch.state == "failed"
    assert batch.faults[0]["sentence"].startswith("Something went wrong, and nothing was taken in.")
    assert list(Issue.objects.all()) == [obstacle]
    assert not BatchLine.objects.exists()
    assert not Notice.objects.exists()
    assert acts() == before

    Issue.objects.filter(pk=obstacle.pk).update(client_key=uuid.uuid4())
    actions.commit_batch(batch, by=user, now=clock.now())
    work()
    batch.refresh_from_db()
    assert story(batch) == ("done", 5, 5, 5, 0)


def test_no_numbers_left_is_said_and_keeps_no_other_file_waiting(user, monkeypatch):
    monkeypatch.setattr("issues.actions.bulk.NUMBERS", range(1, 3))
    batches = [committed(user, good(1), good(2), good(3)), committed(user, good(4))]

    work()

    first, second = (Batch.objects.get(pk=one.pk) for one in batches)
    assert first.state == "failed"
    assert first.faults[0]["sentence"] == (
        "Not enough numbers are free in a province this year. Tell the administrator."
    )
    assert story(second) == ("done", 1, 1, 1, 0)


# --- dropping -------------------------------------------------------------------------------------
def test_drop_erases_the_rows_and_stays(user):
    batch = sent(user, good())

    actions.drop_batch(batch, by=user, now=clock.now())
    actions.drop_batch(batch, by=user, now=clock.now())

    batch.refresh_from_db()
    assert (batch.state, bytes(batch.sealed)) == ("dropped", b"")
    assert work() == 0
    assert acts() == ["batch.send", "batch.drop"]


def test_drop_of_what_was_taken_in_is_refused(user):
    batch = taken_in(user, good())

    with pytest.raises(TransitionError, match="Taken in"):
        actions.drop_batch(batch, by=user, now=clock.now())


# --- many rows ------------------------------------------------------------------------------------
def test_taking_in_asks_the_database_the_same_for_many_lines(user, django_assert_max_num_queries):
    committed(user, *[good(number) for number in range(200)])

    with django_assert_max_num_queries(45):
        work()

    assert (Issue.objects.count(), ProtectedPart.objects.count()) == (200, 200)
    assert Interval.objects.filter(left_at=None).count() == 200


# --- workers --------------------------------------------------------------------------------------
def in_a_thread(act):
    try:
        with translation.override("en"):
            return act()
    except OperationalError as error:
        return error
    finally:
        connection.close()


def wait_until(sees):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if found := sees():
            return found
        time.sleep(0.01)
    raise AssertionError("it never came")


def waiting_pids():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT pid FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM"
            " pg_stat_activity WHERE datname = current_database())"
        )
        return [pid for (pid,) in cursor.fetchall()]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_take_in_once():
    user = make_world()
    batch = committed(user, good(1), good(2))
    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("LOCK TABLE issues_batchline IN EXCLUSIVE MODE")
            first = pool.submit(in_a_thread, work)
            wait_until(waiting_pids)  # the first stands in the middle of its work
            assert pool.submit(in_a_thread, work).result(PATIENCE) == 0
        assert first.result(PATIENCE) == 1

    batch.refresh_from_db()
    assert story(batch) == ("done", 2, 2, 2, 0)
    assert Issue.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_crash_in_the_middle_undoes_all_and_the_next_look_takes_it_up():
    user = make_world()
    batch = committed(user, good(1), good(2))
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("LOCK TABLE issues_batchline IN EXCLUSIVE MODE")
            running = pool.submit(in_a_thread, work)
            (pid,) = wait_until(waiting_pids)
            with connection.cursor() as cursor:
                cursor.execute("RESET ROLE")
                cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        assert isinstance(running.result(PATIENCE), OperationalError)
    connection.close()

    batch.refresh_from_db()
    assert batch.state == "taking_in"
    assert not Issue.objects.exists()

    call_command("dispatch")  # without Redis: what the loop does every few seconds
    batch.refresh_from_db()
    assert story(batch) == ("done", 2, 2, 2, 0)
    assert BatchLine.objects.count() == Issue.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_progress_is_seen_by_others_while_the_file_is_taken_in(monkeypatch):
    monkeypatch.setattr("issues.actions.batching.EVERY", 0.0)
    user = make_world()
    batch = committed(user, *[good(number) for number in range(20)])
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("LOCK TABLE issues_issue IN EXCLUSIVE MODE")
            running = pool.submit(in_a_thread, work)
            wait_until(waiting_pids)
            batch.refresh_from_db()
            seen = (batch.state, batch.done)
        assert running.result(PATIENCE) == 1

    assert seen == ("taking_in", 20)
    assert not Issue.objects.exclude(status="submitted").exists()


@pytest.mark.django_db(transaction=True)
def test_file_that_another_worker_holds_is_left_to_it():
    sent(make_world(), good())
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [LOCKS, Batch.objects.get().pk])
        assert work() == 0
    finally:
        other.close()
    assert wait_until(work) == 1
