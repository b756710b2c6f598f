"""What has to wait waits, is neither cancelled nor lost, and leaves once when it may."""

import datetime as dt
import threading

import pytest
from django.db import connection
from django.urls import reverse

from audit import clock
from audit.errors import TransitionError
from config import notice_holds
from issues import actions as issue_actions
from issues.actions.safety import HELD
from issues.models import Issue, Referral
from outbox import actions, packing, registry
from outbox.models import Attempt, Message, Notice
from outbox.registry import Text
from reminders import actions as reminders
from tests.factories import (
    DAY,
    AuthorityFactory,
    ContactPointFactory,
    NoticeFactory,
    UserFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2041, 7, 3, 3, 0, tzinfo=dt.UTC)  # a Wednesday morning
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def issue():
    return issue_in("referred", authority=AuthorityFactory(superior=AuthorityFactory()))


@pytest.fixture
def coordinator(issue):
    return coordinator_of(issue.province, email="coordinator@vedika.example")


@pytest.fixture
def official(issue):
    return official_of(issue.referrals.get().authority, email="official@vedika.example")


@pytest.fixture
def _kind(monkeypatch):
    """The kind "test", registered for this test alone: always true, and always the same."""
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
    registry.register(
        "test",
        label="Test",
        wanted=lambda notice, now: True,
        render=lambda notice, language: Text("Of an issue", "Something of it.\n"),
    )


def press(issue, now=NOW):
    return issue_actions.pressured(issue, by=issue.author, now=now)


def lift(issue, by, now=NOW):
    return issue_actions.lift(issue, by=by, now=now, reason="They agree.")


def tell(subject, recipient, **more):
    more = {"due_at": NOW, "province_id": "11", "kind": "test"} | more
    actions.tell(more.pop("kind"), subject, recipients=[recipient], **more)
    return Notice.objects.get(subject=subject, recipient=recipient)


def dispatch(now=NOW):
    while actions.dispatch_some(now=now):
        pass


def state_of(notice):
    notice.refresh_from_db()
    return (notice.state, notice.reason, notice.message_id and notice.message.state)


# --- whom it holds ------------------------------------------------------------------------------
def test_held_is_what_anybody_outside_would_be_told_of_a_frozen_issue(issue, coordinator, official):
    referral = issue.referrals.get()
    office = referral.authority
    contact = ContactPointFactory(authority=office)
    other = issue_in("referred", organization=issue.organization)
    outside = [
        f"user:{official.pk}",
        f"user:{official_of(office.superior).pk}",
        f"user:{UserFactory().pk}",
        f"user:{coordinator_of(other.province.__class__.objects.create(code='16')).pk}",
        f"contact:{contact.pk}",
        f"authority:{office.pk}",
        "organization:999",
    ]
    inside = [
        f"user:{coordinator.pk}",
        f"user:{coordinator_of(None).pk}",
        f"user:{issue.author_id}",
        f"organization:{issue.organization_id}",
        f"province:{issue.province_id}",
    ]
    rows = {
        (subject, recipient): NoticeFactory(subject=subject, recipient=recipient)
        for subject in (f"issue:{issue.pk}", f"referral:{referral.pk}", f"issue:{other.pk}")
        for recipient in outside + inside
    }
    Issue.objects.filter(pk=issue.pk).update(pressured_at=NOW)

    held = registry.held(list(rows.values()), NOW)

    assert held == {
        rows[subject, recipient].pk: HELD
        for subject in (f"issue:{issue.pk}", f"referral:{referral.pk}")
        for recipient in outside
    }


def test_held_asks_the_database_as_often_for_many(issue, official, django_assert_num_queries):
    Issue.objects.update(pressured_at=NOW)
    rows = [
        NoticeFactory(subject=f"issue:{issue.pk}", recipient=f"user:{official.pk}", rung=str(n))
        for n in range(30)
    ]

    with django_assert_num_queries(2):
        assert len(registry.held(rows, NOW)) == 30


def test_a_representative_who_left_is_outside(issue):
    person = representative_of(issue.organization)
    person.role_assignments.update(ended_on=clock.today())
    Issue.objects.update(pressured_at=NOW)

    notice = NoticeFactory(subject=f"issue:{issue.pk}", recipient=f"user:{person.pk}")

    assert registry.held([notice], NOW) == {notice.pk: HELD}


def test_every_kind_of_subject_that_belongs_to_an_issue_is_known_to_the_hold():
    free = {"session", "minutes", "invitation", "delegate", "batch"}  # these belong to no one issue

    assert set(registry._subjects) - free <= set(notice_holds.PATHS)


def test_every_path_of_the_hold_leads_from_an_issue():
    for name, paths in notice_holds.PATHS.items():
        for path in paths:
            rows = Issue.objects.filter(**{f"{path}__in": [1]}).values_list(path, "province")
            assert list(rows) == [], name


# --- on the way out -----------------------------------------------------------------------------
@pytest.mark.usefixtures("_kind")
def test_due_and_held_waits_and_leaves_when_it_is_lifted(mail_sink, issue, coordinator, official):
    press(issue)
    notice = tell(f"issue:{issue.pk}", f"user:{official.pk}")

    dispatch()

    assert state_of(notice) == ("held", HELD, None)
    told = [one.recipients for one in mail_sink.messages]
    assert ["coordinator@vedika.example"] in told
    assert ["official@vedika.example"] not in told
    lift(issue, coordinator)
    dispatch()
    assert state_of(notice) == ("sent", "", "sent")
    assert ["official@vedika.example"] in [one.recipients for one in mail_sink.messages]


@pytest.mark.usefixtures("_kind")
def test_packed_before_the_freeze_goes_back_and_leaves_once(
    mail_sink, issue, coordinator, official
):
    notice = tell(f"issue:{issue.pk}", f"user:{official.pk}")
    packing.pack(NOW, 5)
    mark = Message.objects.get().message_id
    press(issue)

    dispatch()

    assert state_of(notice) == ("held", HELD, None)
    assert Message.objects.get(message_id=mark).state == "cancelled"
    lift(issue, coordinator)
    dispatch(NOW + MINUTE)
    assert state_of(notice) == ("sent", "", "sent")
    assert notice.message.message_id == mark
    assert [one.recipients for one in mail_sink.messages].count(["official@vedika.example"]) == 1


@pytest.mark.usefixtures("_kind")
def test_what_may_have_left_before_the_freeze_stays_unknown(mail_sink, issue, official):
    mail_sink.close("data", keep=True)
    notice = tell(f"issue:{issue.pk}", f"user:{official.pk}")
    dispatch()
    assert Attempt.objects.get().outcome == "unknown"
    Issue.objects.update(pressured_at=NOW)
    mail_sink.reset()

    dispatch(NOW + 20 * MINUTE)

    assert state_of(notice) == ("unknown", HELD, "unknown")
    assert notice.message.next_try_at is None
    assert mail_sink.messages == []


@pytest.mark.usefixtures("_kind")
def test_of_several_in_one_message_only_what_is_held_goes_back(mail_sink, issue, official):
    free = issue_in("referred")
    held = tell(f"issue:{issue.pk}", f"user:{official.pk}")
    packing.pack(NOW, 5)
    message = Message.objects.get()
    other = NoticeFactory(
        kind="test", subject=f"issue:{free.pk}", recipient=f"user:{official.pk}", state="queued",
        message=message,
    )  # fmt: skip
    Issue.objects.filter(pk=issue.pk).update(pressured_at=NOW)

    dispatch()

    assert state_of(held) == ("held", HELD, None)
    assert state_of(other) == ("sent", "", "sent")


@pytest.mark.usefixtures("_kind")
def test_what_is_no_longer_true_when_it_is_lifted_is_cancelled(mail_sink, issue, coordinator):
    press(issue)
    notice = tell(f"referral:{issue.referrals.get().pk}", "authority:1", kind="first_referral")
    dispatch()
    assert state_of(notice)[0] == "held"
    referral = issue.referrals.get()
    issue_actions.recall(referral, by=coordinator, now=NOW)

    lift(issue, coordinator)
    dispatch()

    assert state_of(notice) == ("cancelled", packing.OVERTAKEN, None)


def test_held_is_cancelled_by_a_coordinator(issue, coordinator, official):
    Issue.objects.update(pressured_at=NOW)
    notice = NoticeFactory(subject=f"issue:{issue.pk}", state="held", reason=HELD)

    actions.cancel(notice, by=coordinator, reason="It is not needed.")

    assert state_of(notice) == ("cancelled", "It is not needed.", None)


@pytest.mark.usefixtures("_kind")
@pytest.mark.django_db(transaction=True)
def test_lifted_while_it_is_packed_leaves_all_the_same(
    monkeypatch, mail_sink, issue, coordinator, official
):
    press(issue)
    notice = tell(f"issue:{issue.pk}", f"user:{official.pk}")
    ask = registry.held

    def lifted_meanwhile(notices, now):
        waits = ask(notices, now)
        if now_frozen(issue) and notice.pk in waits:
            alone = threading.Thread(target=lambda: (lift(issue, coordinator), connection.close()))
            alone.start()
            alone.join()
        return waits

    monkeypatch.setattr(registry, "held", lifted_meanwhile)
    packing.pack(NOW, 5)
    assert (state_of(notice)[0], now_frozen(issue)) == ("held", False)

    dispatch()

    assert state_of(notice) == ("sent", "", "sent")


def now_frozen(issue):
    return Issue.objects.get(pk=issue.pk).pressured_at is not None


def test_held_is_let_go_only_where_nothing_holds_it_and_for_its_own_reason(issue, official):
    Issue.objects.filter(pk=issue.pk).update(pressured_at=NOW)
    free, person = issue_in("referred"), f"user:{official.pk}"
    rows = [
        NoticeFactory(
            subject=f"issue:{one.pk}",
            recipient=person,
            rung=reason[:5],
            state="held",
            reason=reason,
        )
        for one, reason in ((issue, HELD), (free, "After hours."), (free, HELD))
    ]

    assert packing.let_go(NOW) == 1
    assert packing.let_go(NOW) == 0

    assert [state_of(one)[0] for one in rows] == ["held", "held", "planned"]
    assert rows[2].due_at == NOW


# --- the ladder ---------------------------------------------------------------------------------
def escalation_of(issue, recipient="user:1"):
    return NoticeFactory(
        kind=reminders.ESCALATION, subject=f"referral:{issue.referrals.get().pk}", rung="+10",
        recipient=recipient, state="prepared",
    )  # fmt: skip


def test_a_prepared_escalation_is_not_released_while_it_is_frozen(issue, coordinator):
    notice, copy = escalation_of(issue), escalation_of(issue, f"user:{issue.author_id}")
    Issue.objects.update(pressured_at=NOW)

    for one in (notice, copy):  # what tells the others of it waits with it
        with pytest.raises(TransitionError):
            actions.release(one, by=coordinator, now=NOW)

    assert set(Notice.objects.values_list("state", flat=True)) == {"prepared"}


def test_all_are_released_but_what_is_frozen(issue, coordinator):
    frozen, copy = escalation_of(issue), escalation_of(issue, f"user:{issue.author_id}")
    free = escalation_of(issue_in("referred"))
    Issue.objects.filter(pk=issue.pk).update(pressured_at=NOW)

    assert actions.release_all(by=coordinator, now=NOW, expected=1) == 1

    assert [state_of(one)[0] for one in (frozen, copy, free)] == ["prepared", "prepared", "planned"]


def test_the_page_that_sends_all_counts_only_what_leaves(client, issue, coordinator):
    escalation_of(issue)
    escalation_of(issue_in("referred"))
    Issue.objects.filter(pk=issue.pk).update(pressured_at=clock.now())
    client.force_login(coordinator)

    context = client.get(reverse("outbox:release_all")).context

    assert (context["number"], len(context["rows"])) == (1, 1)


def test_the_planner_leaves_what_is_frozen_out_and_begins_anew_when_it_is_lifted(
    issue, coordinator, official
):
    reminders.seed_policy()
    held = issue.referrals.get()
    due_on = NOW.date() - 14 * DAY
    Referral.objects.filter(pk=held.pk).update(handed_over_on=due_on - 30 * DAY, due_on=due_on)
    press(issue)
    Notice.objects.all().delete()

    assert reminders.plan(now=NOW) == 0

    lift(issue, coordinator, NOW + DAY)
    assert reminders.plan(now=NOW + DAY) > 0
    newest = Notice.objects.exclude(state="skipped")
    assert set(newest.values_list("version", flat=True)) == {2}


def test_the_planner_tells_no_office_first_while_it_is_frozen(issue, coordinator, official):
    held = issue.referrals.get()
    Referral.objects.filter(pk=held.pk).update(handed_over_on=None, due_on=None)
    Issue.objects.update(pressured_at=NOW)
    assert reminders.plan(now=NOW) == 0

    lift(issue, coordinator)

    assert reminders.plan(now=NOW) == 1
    assert Notice.objects.get().kind == reminders.FIRST


def test_an_escalation_that_was_prepared_before_the_freeze_is_overtaken_by_the_new_ladder(
    issue, coordinator
):
    prepared = escalation_of(issue)
    press(issue)
    reminders.plan(now=NOW)
    assert state_of(prepared)[0] == "prepared"

    lift(issue, coordinator, NOW + DAY)
    reminders.plan(now=NOW + DAY)

    assert state_of(prepared)[:2] == ("cancelled", packing.OVERTAKEN)
