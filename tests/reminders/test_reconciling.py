"""The nightly check: what it finds missing or too many, and what it leaves alone."""

import datetime as dt
import threading

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from issues import actions as issue_actions
from issues.models import Issue, Referral
from outbox.models import Heartbeat, Notice
from provinces.models import Authority
from reminders import actions, daily, ladder, reconciling, tasks
from reminders.models import Finding
from tests.factories import (
    AuthorityFactory,
    NoticeFactory,
    ProvinceFactory,
    administrator,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)

ZONE = dt.timezone(dt.timedelta(hours=7))  # Asia/Phnom_Penh
HANDED, DUE = dt.date(2026, 3, 2), dt.date(2026, 5, 8)
pytestmark = pytest.mark.django_db


def at(day, hour=8):
    return dt.datetime(*day, hour, 0, tzinfo=ZONE)


NIGHT = at((2026, 5, 30), 3)  # a Saturday, after the escalation of 22 May


@pytest.fixture(autouse=True)
def _policy():
    actions.seed_policy()


@pytest.fixture
def office():
    made = AuthorityFactory(superior=AuthorityFactory(kind=Authority.Kind.ADMINISTRATION))
    official_of(made)
    official_of(made.superior)
    return made


@pytest.fixture
def referral(office):
    """Handed over in March, due on Friday 8 May 2026, and told of on each of its days."""
    issue = issue_in("referred", authority=office)
    coordinator_of(issue.province)
    representative_of(issue.organization)
    held = issue.referrals.get()
    released = at((2026, 3, 2))
    Referral.objects.filter(pk=held.pk).update(
        referred_at=released, released_at=released, handed_over_on=HANDED, due_on=DUE
    )
    for day in (27, 7, 8, 11, 15, 22):
        actions.plan(now=at((2026, 4 if day == 27 else 5, day), 9))
    held.refresh_from_db()
    return held


def findings():
    """Kind, kind of notice, rung and version of what stands."""
    rows = Finding.objects.standing()
    return list(rows.values_list("kind", "told", "rung", "version"))


def reconcile(now=NIGHT):
    return reconciling.reconcile(now=now)


def test_nothing_is_found_where_the_planner_told_all(referral):
    rungs = Notice.objects.order_by("pk").values_list("rung", flat=True)
    assert list(dict.fromkeys(rungs)) == ["-7", "-1", "0", "+1", "+5", "+10"]

    assert reconcile() == 0
    assert Heartbeat.objects.get(name="reconcile").ran_at == NIGHT
    assert not Finding.objects.exists()


def test_a_notice_that_was_taken_away_is_found_once_and_never_mended(referral):
    gone = list(Notice.objects.filter(kind="reminder", rung="-1"))
    Notice.objects.filter(pk__in=[one.pk for one in gone]).delete()
    Notice.objects.filter(kind="reminder_copy").delete()
    before = set(Notice.objects.values_list("pk", flat=True))

    later = NIGHT + dt.timedelta(days=1)
    assert (reconcile(), reconcile(later)) == (2, 2)

    assert findings() == [("missing", "reminder", "-1", 1), ("missing", "reminder_copy", "+5", 1)]
    first = Finding.objects.standing().first()
    assert (first.subject, first.province) == (f"referral:{referral.pk}", referral.issue.province)
    assert (first.first_seen_at, first.latest_seen_at) == (NIGHT, later)
    assert set(Notice.objects.values_list("pk", flat=True)) == before

    Notice.objects.bulk_create(gone)
    assert reconcile(later + dt.timedelta(days=1)) == 1
    first.refresh_from_db()
    assert first.cleared_at == later + dt.timedelta(days=1)
    assert findings() == [("missing", "reminder_copy", "+5", 1)]


def test_a_rung_that_nobody_planned_is_found_once_its_time_to_be_planned_is_over(referral):
    morning = ladder.opening(dt.date(2026, 5, 22))
    Notice.objects.filter(rung="+10").delete()

    assert reconcile(morning) == 0
    assert reconcile(morning + reconciling.GRACE) == 3  # superior, office, organization
    next_day = morning + dt.timedelta(days=1)  # when everything is looked at, whatever happened
    actions.plan(now=next_day)
    assert reconcile(next_day + reconciling.GRACE) == 0


def test_a_notice_before_its_day_and_one_of_a_date_that_never_was_are_too_many(referral):
    before = at((2026, 5, 9), 3)
    Notice.objects.filter(rung__in=["+1", "+10"]).delete()
    subject = f"referral:{referral.pk}"
    NoticeFactory(kind="reminder", subject=subject, rung="0", version=2, state="planned")
    NoticeFactory(kind="reminder", subject=subject, rung="+1", state="cancelled")

    reconcile(before)

    assert findings() == [
        ("extra", "reminder", "+5", 1),
        ("extra", "reminder", "0", 2),
        ("extra", "reminder_copy", "+5", 1),
    ]


def test_what_the_ladder_left_out_for_a_reason_is_not_missing(referral):
    later = at((2026, 5, 25))
    Referral.objects.filter(pk=referral.pk).update(
        due_version=2, ladder_version=2, ladder_since=dt.date(2026, 5, 22), due_on="2026-06-30"
    )
    assert reconcile(later) == 0
    Referral.objects.filter(pk=referral.pk).update(due_version=3, ladder_version=1)
    assert reconcile(later) == 0
    Issue.objects.update(pressured_at=later)
    Notice.objects.all().delete()
    assert reconcile(later) == 0


def test_a_referral_and_a_claim_that_nobody_was_told_of_are_found(referral):
    Notice.objects.all().delete()
    Referral.objects.filter(pk=referral.pk).update(handed_over_on=None, due_on=None)
    claimed = issue_in("resolved")
    Issue.objects.filter(pk=claimed.pk).update(resolved_at=at((2026, 5, 11)))

    reconcile()

    assert findings() == [
        ("missing", "confirmation_asked", "", 1),
        ("missing", "confirmation_asked", "+14", 1),
        ("missing", "first_referral", "", 1),
    ]
    actions.plan(now=NIGHT)
    assert reconcile() == 0


def test_what_has_ended_is_found_no_more(referral):
    Notice.objects.filter(rung="-1").delete()
    assert reconcile() == 1

    issue_actions.recall(referral, by=coordinator_of(None), now=NIGHT)

    assert reconcile(NIGHT + dt.timedelta(minutes=1)) == 0
    assert findings() == []


def test_it_asks_the_database_as_often_for_many(office, django_assert_max_num_queries):
    def fill(number):
        for _ in range(number):
            issue_in("referred", authority=office)
        Referral.objects.update(
            referred_at=at((2026, 3, 2)), released_at=at((2026, 3, 2)), handed_over_on=HANDED,
            due_on=DUE,
        )  # fmt: skip

    counts = []
    reconcile()  # the first beat is a row more
    for number in (1, 5):
        fill(number)
        with django_assert_max_num_queries(23) as asked:
            assert reconcile() > number
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_once_a_night_it_is_due_and_a_failure_of_one_look_leaves_the_other(monkeypatch):
    asked = []
    monkeypatch.setattr(reconciling, "reconcile", lambda *, now: asked.append(now))
    reconciling.when_due(now=at((2026, 5, 30), 1))  # it never ran
    Heartbeat.objects.create(name="reconcile", ran_at=at((2026, 5, 30), 1))
    reconciling.when_due(now=at((2026, 5, 30), 2))
    Heartbeat.objects.update(ran_at=at((2026, 5, 30), 2))
    reconciling.when_due(now=at((2026, 5, 30), 23))
    reconciling.when_due(now=at((2026, 5, 31), 1))
    assert asked == [at((2026, 5, 30), 1), at((2026, 5, 30), 2)]

    def break_down(now):
        raise ZeroDivisionError

    looked = []
    monkeypatch.setattr(reconciling, "when_due", break_down)
    monkeypatch.setattr(daily, "when_due", lambda *, now: looked.append(now))
    tasks.once_a_day()
    assert len(looked) == 1


@pytest.mark.django_db(transaction=True)
def test_who_reconciles_does_so_alone():
    def take():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [reconciling.LOCK])
        taken.set()
        over.wait(10)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [reconciling.LOCK])
        connection.close()

    taken, over = threading.Event(), threading.Event()
    other = threading.Thread(target=take)
    other.start()
    assert taken.wait(10)

    assert reconcile() is None
    over.set()
    other.join(10)
    assert reconcile() == 0


def test_the_command_says_what_it_found(referral, capsys):
    Notice.objects.filter(rung="-1").delete()

    call_command("reconcile")

    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(f"missing reminder -1 referral:{referral.pk} (version 1, since ")


def found(**fields):
    facts = {
        "kind": "missing", "subject": "referral:1", "told": "reminder", "rung": "+1", "version": 1,
        "first_seen_at": NIGHT, "latest_seen_at": NIGHT,
    }  # fmt: skip
    return Finding.objects.create(**facts | fields)


def test_a_finding_stands_once():
    province = ProvinceFactory()
    found(province=province, cleared_at=NIGHT)
    found(province=province)

    with pytest.raises(IntegrityError, match="finding_stands_once"), transaction.atomic():
        found(province=province)


def test_findings_are_read_by_the_coordinators_of_the_province_and_administrators():
    province = ProvinceFactory(code="11")
    found(province=province)
    readers = {
        "here": coordinator_of(province),
        "there": coordinator_of(ProvinceFactory(code="16")),
        "everywhere": coordinator_of(None),
        "administrator": administrator(),
        "official": official_of(AuthorityFactory()),
    }

    seen = [key for key, one in readers.items() if Finding.objects.visible_to(one).exists()]

    assert seen == ["here", "everywhere", "administrator"]
