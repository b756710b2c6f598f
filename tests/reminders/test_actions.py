"""What the planner adds, for whom, and what it leaves alone."""

import datetime as dt

import pytest

from issues import actions as issue_actions
from issues.models import Issue, Referral
from outbox import actions as outbox_actions
from outbox.models import Attempt, Message, Notice
from provinces.models import Authority
from reminders import actions
from reminders.models import ProvincePolicy, Rung
from tests.factories import (
    AuthorityFactory,
    ConcernFactory,
    ContactPointFactory,
    ProvinceFactory,
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


RELEASED = at((2026, 3, 2))


@pytest.fixture(autouse=True)
def _policy():
    actions.seed_policy()


@pytest.fixture
def administration():
    return AuthorityFactory(kind=Authority.Kind.ADMINISTRATION)


@pytest.fixture
def office(administration):
    return AuthorityFactory(superior=administration)


@pytest.fixture
def official(office):
    return official_of(office, language="en")


@pytest.fixture
def deputy(administration):
    return official_of(administration)


@pytest.fixture
def referral(office):
    """Handed over in March, due on Friday 8 May 2026."""
    issue = issue_in("referred", authority=office)
    held = issue.referrals.get()
    Referral.objects.filter(pk=held.pk).update(
        referred_at=RELEASED, released_at=RELEASED, handed_over_on=HANDED, due_on=DUE
    )
    held.refresh_from_db()
    return held


@pytest.fixture
def fresh(referral):
    """Released, and nobody told."""
    Referral.objects.filter(pk=referral.pk).update(handed_over_on=None, due_on=None)
    referral.refresh_from_db()
    return referral


def planned():
    """Kind, rung, recipient and state of each notice."""
    rows = Notice.objects.order_by("due_at", "pk")
    return list(rows.values_list("kind", "rung", "recipient", "state"))


def user(person):
    return f"user:{person.pk}"


def raiser(referral):
    return user(referral.issue.author)


# --- the policy ---------------------------------------------------------------------------------
def test_seed_policy_lays_a_ladder_for_each_priority_once():
    actions.seed_policy()

    assert Rung.objects.count() == 6 * len(Issue.Priority)


# --- the first notice ---------------------------------------------------------------------------
def test_plan_tells_the_officials_of_a_released_referral(fresh, official):
    assert actions.plan(now=at((2026, 3, 2), 9)) == 1

    assert planned() == [("first_referral", "", user(official), "planned")]
    assert (Notice.objects.get().urgency, Notice.objects.get().due_at) == (2, RELEASED)
    assert actions.plan(now=at((2026, 3, 2), 9)) == 0


def test_plan_writes_to_an_office_without_officials_at_its_own_address(fresh, office):
    contact = ContactPointFactory(authority=office)

    actions.plan(now=at((2026, 3, 2), 9))

    assert planned() == [("first_referral", "", f"contact:{contact.pk}", "planned")]


def test_plan_puts_an_office_without_any_address_before_the_coordinators(fresh, office):
    actions.plan(now=at((2026, 3, 2), 9))
    outbox_actions.dispatch_some(now=at((2026, 3, 2), 9))

    assert planned() == [("first_referral", "", f"authority:{office.pk}", "failed")]


def test_plan_waits_for_the_release(fresh, official):
    Referral.objects.update(released_at=None)

    assert actions.plan(now=at((2026, 3, 2), 9)) == 0


def test_sending_the_first_notice_starts_the_clock(mail_sink, fresh, official):
    actions.plan(now=at((2026, 3, 2), 9))

    outbox_actions.dispatch_some(now=at((2026, 3, 2), 9))

    fresh.refresh_from_db()
    assert fresh.handed_over_on == dt.date(2026, 3, 2)
    assert fresh.due_on is not None
    assert len(mail_sink.messages) == 1


def test_a_refused_first_notice_does_not_start_the_clock(mail_sink, fresh, official):
    mail_sink.refuse("rcpt", "550 5.1.1 no such mailbox")
    actions.plan(now=at((2026, 3, 2), 9))

    outbox_actions.dispatch_some(now=at((2026, 3, 2), 9))

    fresh.refresh_from_db()
    assert fresh.handed_over_on is None


def fail(*args, **kwargs):
    raise RuntimeError


def sent_without_a_clock(monkeypatch, hour):
    """The first notice leaves, and its clock cannot start."""
    actions.plan(now=at((2026, 3, 2), hour))
    with monkeypatch.context() as patched:
        patched.setattr(issue_actions, "hand_over_all", fail)
        outbox_actions.dispatch_some(now=at((2026, 3, 2), hour))
    assert Notice.objects.exclude(state="sent").count() == 0
    assert Referral.objects.get().handed_over_on is None


def test_plan_starts_a_clock_that_failed_to_start(mail_sink, fresh, official, monkeypatch):
    sent_without_a_clock(monkeypatch, 9)

    actions.plan(now=at((2026, 3, 2), 10))

    fresh.refresh_from_db()
    assert fresh.handed_over_on == dt.date(2026, 3, 2)


def test_plan_starts_the_clock_of_what_was_asked_anew(mail_sink, fresh, official, monkeypatch):
    sent_without_a_clock(monkeypatch, 9)
    Referral.objects.update(due_version=2, ladder_version=2)  # as when it was reopened
    sent_without_a_clock(monkeypatch, 10)

    actions.plan(now=at((2026, 3, 2), 11))

    fresh.refresh_from_db()
    assert fresh.handed_over_on == dt.date(2026, 3, 2)


def test_plan_starts_the_clock_of_what_was_reported_delivered(
    mail_sink, fresh, official, monkeypatch
):
    sent_without_a_clock(monkeypatch, 9)
    Attempt.objects.update(outcome="unknown")
    Message.objects.update(state="delivered")
    Notice.objects.update(state="delivered")

    actions.plan(now=at((2026, 3, 2), 10))

    fresh.refresh_from_db()
    assert fresh.handed_over_on == dt.date(2026, 3, 2)


# --- the ladder ---------------------------------------------------------------------------------
def test_plan_climbs_the_ladder_day_by_day(referral, official, deputy):
    officer = referral.referred_by
    told = user(official)
    added = {}
    day = dt.date(2026, 4, 20)
    while day < dt.date(2026, 7, 1):
        actions.plan(now=dt.datetime.combine(day, dt.time(8), tzinfo=ZONE))
        found = set(planned()) - {row for rows in added.values() for row in rows}
        if found:
            added[day.isoformat()] = found
        day += dt.timedelta(days=1)

    # May has no holiday here: the tests' database knows none.
    assert added == {
        "2026-04-29": {("reminder", "-7", told, "planned")},
        "2026-05-07": {("reminder", "-1", told, "planned")},
        "2026-05-08": {("reminder", "0", told, "planned")},
        "2026-05-11": {("reminder", "+1", told, "planned")},
        "2026-05-15": {
            ("reminder", "+5", told, "planned"),
            ("reminder_copy", "+5", user(officer), "planned"),
        },
        "2026-05-22": {
            ("escalation", "+10", user(deputy), "prepared"),
            ("escalated_office", "+10", told, "prepared"),
            ("escalated_organization", "+10", raiser(referral), "prepared"),
        },
    }


def test_plan_twice_adds_nothing(referral, official):
    assert actions.plan(now=at((2026, 5, 11))) > 0
    assert actions.plan(now=at((2026, 5, 11))) == 0


def test_plan_tells_only_the_newest_rung_after_a_long_silence(referral, official):
    actions.plan(now=at((2026, 5, 12)))

    told = user(official)
    assert planned() == [
        ("reminder", "-7", told, "skipped"),
        ("reminder", "-1", told, "skipped"),
        ("reminder", "0", told, "skipped"),
        ("reminder", "+1", told, "planned"),
    ]


def test_plan_by_night_waits_for_the_next_morning(referral, official):
    actions.plan(now=at((2026, 5, 8), 20))

    assert Notice.objects.get(state="planned").due_at == dt.datetime(
        2026, 5, 11, 7, 30, tzinfo=ZONE
    )


def test_plan_begins_anew_with_a_new_due_version(referral, official):
    actions.plan(now=at((2026, 5, 11)))
    Referral.objects.update(due_on=dt.date(2026, 6, 5), due_version=2, ladder_version=2)

    actions.plan(now=at((2026, 5, 27)))

    newest = Notice.objects.latest("pk")
    assert (newest.rung, newest.version, newest.state) == ("-7", 2, "planned")


@pytest.mark.parametrize("change", ["ended", "not referred"])
def test_plan_leaves_what_is_over(referral, official, change):
    if change == "ended":
        Referral.objects.update(ended_at=at((2026, 5, 1)), ended_as="recalled")
    else:
        Issue.objects.update(status="accepted")

    assert actions.plan(now=at((2026, 5, 11))) == 0


def test_dispatch_cancels_a_reminder_of_what_was_resolved_meanwhile(mail_sink, referral, official):
    actions.plan(now=at((2026, 5, 8)))
    Referral.objects.update(ended_at=at((2026, 5, 8)), ended_as="resolved")

    outbox_actions.dispatch_some(now=at((2026, 5, 8), 9))

    assert ("reminder", "0", user(official), "cancelled") in planned()
    assert mail_sink.messages == []


def test_dispatch_cancels_a_reminder_to_who_left_the_office(mail_sink, referral, official):
    actions.plan(now=at((2026, 5, 8)))
    official.role_assignments.update(ended_on=dt.date(2030, 1, 1))

    outbox_actions.dispatch_some(now=at((2026, 5, 8), 9))

    assert mail_sink.messages == []


# --- escalation ---------------------------------------------------------------------------------
def test_plan_escalates_by_itself_where_the_province_says_so(referral, official, deputy):
    ProvincePolicy.objects.create(province=referral.issue.province, escalates_by_itself=True)

    actions.plan(now=at((2026, 5, 22)))

    assert [row for row in planned() if row[1] == "+10"] == [
        ("escalation", "+10", user(deputy), "planned"),
        ("escalated_office", "+10", user(official), "planned"),
        ("escalated_organization", "+10", raiser(referral), "planned"),
    ]


def test_a_press_sends_the_escalation_and_tells_the_others(mail_sink, referral, official, deputy):
    officer = coordinator_of(referral.issue.province)
    actions.plan(now=at((2026, 5, 22)))

    outbox_actions.release(Notice.objects.get(kind="escalation"), by=officer, now=at((2026, 5, 25)))
    outbox_actions.dispatch_some(now=at((2026, 5, 25)))

    assert {one.recipients[0] for one in mail_sink.messages} == {
        deputy.email,
        official.email,
        referral.issue.author.email,
    }


def test_plan_drops_a_prepared_escalation_of_what_was_resolved_meanwhile(
    referral, official, deputy
):
    actions.plan(now=at((2026, 5, 22)))
    prepared = Notice.objects.prepared().filter(subject=f"referral:{referral.pk}")
    waiting = prepared.count()
    Referral.objects.filter(pk=referral.pk).update(
        ended_at=at((2026, 5, 23)), ended_as=Referral.Ending.RESOLVED
    )

    actions.plan(now=at((2026, 5, 25)))

    assert (waiting > 0, prepared.count()) == (True, 0)
    assert Notice.objects.filter(kind="escalation").get().state == "cancelled"


def test_plan_goes_one_superior_further_after_ten_working_days(referral, office, official):
    district = AuthorityFactory(kind=Authority.Kind.DISTRICT, superior=office.superior)
    Authority.objects.filter(pk=office.pk).update(superior=district)
    first, second = official_of(district), official_of(office.superior)

    actions.plan(now=at((2026, 5, 22)))
    actions.plan(now=at((2026, 6, 5)))
    actions.plan(now=at((2026, 6, 19)))

    assert [row[1:3] for row in planned() if row[0] == "escalation"] == [
        ("+10", user(first)),
        ("+20", user(second)),
    ]


def test_plan_never_climbs_to_a_ministry(referral, office, official):
    Authority.objects.filter(pk=office.pk).update(superior=AuthorityFactory(ministry=True))

    actions.plan(now=at((2026, 5, 22)))

    assert not Notice.objects.filter(kind="escalation").exists()


def test_plan_skips_a_superior_the_issue_concerns(referral, office, official):
    district = AuthorityFactory(kind=Authority.Kind.DISTRICT, superior=office.superior)
    Authority.objects.filter(pk=office.superior_id).update(superior=None)
    barred = AuthorityFactory(kind=Authority.Kind.DISTRICT, superior=district)
    Authority.objects.filter(pk=office.pk).update(superior=barred)
    ConcernFactory(issue=referral.issue, authority=barred)
    official_of(barred)
    official_of(district)

    actions.plan(now=at((2026, 5, 22)))

    # The office stands below the barred one, and is barred with it.
    assert [row[0] for row in planned() if row[3] != "skipped"] == [
        "escalation",
        "escalated_organization",
    ]
    assert [row[2] for row in planned() if row[0] == "escalation"] == [
        user(district.role_assignments.get().user)
    ]


def test_plan_tells_nobody_who_also_belongs_to_a_concerned_office(referral, office, official):
    other = AuthorityFactory()
    ConcernFactory(issue=referral.issue, authority=other)
    colleague = official_of(office)
    official.role_assignments.create(role="official", authority=other)

    actions.plan(now=at((2026, 5, 8)))

    assert {row[2] for row in planned()} == {user(colleague)}


# --- is it solved? ------------------------------------------------------------------------------
@pytest.fixture
def resolved():
    issue = issue_in("resolved")
    Issue.objects.filter(pk=issue.pk).update(resolved_at=at((2026, 5, 4), 15))
    issue.refresh_from_db()
    return issue


def test_plan_asks_the_organization_and_asks_again(resolved):
    second = representative_of(resolved.organization)

    for day in [(2026, 5, 4), (2026, 5, 15), (2026, 5, 18), (2026, 6, 18), (2026, 6, 30)]:
        actions.plan(now=at(day, 16))

    people = [user(resolved.author), user(second)]
    assert sorted(planned()) == sorted(
        ("confirmation_asked", rung, one, "planned")
        for rung in ("", "+14", "+45")
        for one in people
    )
    assert set(Notice.objects.values_list("version", flat=True)) == {resolved.claims}


def test_plan_asks_anew_after_a_second_claim(resolved):
    actions.plan(now=at((2026, 5, 4), 16))
    Issue.objects.update(claims=2)

    assert actions.plan(now=at((2026, 5, 4), 17)) == 1


def test_dispatch_does_not_ask_what_was_answered(mail_sink, resolved):
    actions.plan(now=at((2026, 5, 4), 16))
    Issue.objects.update(claims=2)

    outbox_actions.dispatch_some(now=at((2026, 5, 4), 16))

    assert mail_sink.messages == []


# --- how much it asks of the database -----------------------------------------------------------
def test_plan_asks_the_same_number_of_queries_for_one_and_for_many(
    referral, official, django_assert_max_num_queries
):
    for _ in range(8):
        held = issue_in("referred").referrals.get()
        Referral.objects.filter(pk=held.pk).update(
            referred_at=RELEASED, released_at=RELEASED, handed_over_on=HANDED, due_on=DUE
        )
        issue_in("resolved")
    ConcernFactory(issue=referral.issue, authority=AuthorityFactory(province=ProvinceFactory()))

    with django_assert_max_num_queries(44):  # with the look at everything that begins a day
        assert actions.plan(now=at((2026, 5, 22))) > 20


def test_what_cannot_be_settled_keeps_nobody_from_being_reminded(monkeypatch):
    office = AuthorityFactory()
    official_of(office)
    issue = issue_in("referred", authority=office)
    issue.referrals.update(released_at=RELEASED, handed_over_on=HANDED, due_on=DUE)
    monkeypatch.setattr(issue_actions, "settle_pauses", lambda now: 1 / 0)

    actions.plan(now=at((2026, 4, 29)))

    assert list(Notice.objects.filter(kind="reminder").values_list("rung", flat=True)) == ["-7"]
