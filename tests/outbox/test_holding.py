"""The switch that holds all outbound: who sets it, what it stops, and what leaves after it."""

import datetime as dt
import threading
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from audit.errors import Conflict, TransitionError
from audit.models import AuditEntry
from outbox import actions, delivery, holding, packing, registry
from outbox.models import Attempt, Message, Notice, Standstill
from outbox.registry import Text
from tests.factories import (
    AuthorityFactory,
    ProvinceFactory,
    UserFactory,
    administrator,
    coordinator_of,
    official_of,
)

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2041, 7, 3, 3, 0, tzinfo=dt.UTC)  # a Wednesday morning
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def wanted(monkeypatch):
    """The kind "test", registered for this test alone; what stands here is wanted no more."""
    unwanted = set()
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
    registry.register(
        "test",
        label="Test",
        wanted=lambda notice, now: notice.subject not in unwanted,
        render=lambda notice, language: Text(f"Of {notice.subject}", "Something of it.\n"),
    )
    return unwanted


def tell(number, **more):
    person = UserFactory(email=f"p{number}@vedika.example")
    facts = {"due_at": NOW, "province_id": None, "recipients": [f"user:{person.pk}"]}
    actions.tell("test", f"issue:{number}", **facts | more)
    return Notice.objects.get(subject=f"issue:{number}")


def dispatch(now=NOW):
    while actions.dispatch_some(now=now):
        pass


def hold(by=None, reason="An incident.", **more):
    return holding.hold(by=by, reason=reason, now=more.pop("now", NOW), **more)


def set_once(**fields):
    facts = {"client_key": uuid.uuid4(), "reason": "An incident.", "set_at": NOW}
    return Standstill.objects.create(**facts | fields)


VIOLATIONS = {
    "standstill_is_set_once": lambda: [
        set_once(client_key=uuid.UUID(int=1), lifted_at=NOW) for _ in range(2)
    ],
    "standstill_stands_alone": lambda: [set_once(), set_once()],
    "standstill_says_why": lambda: set_once(reason=""),
    "standstill_lifted_by_somebody_says_when": lambda: set_once(lifted_by=UserFactory()),
}


def test_every_constraint_is_violated_here():
    assert set(VIOLATIONS) == {one.name for one in Standstill._meta.constraints}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_constraint_refuses(name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        VIOLATIONS[name]()


# --- who ----------------------------------------------------------------------------------------
def test_administrators_and_coordinators_of_all_provinces_set_and_lift_it():
    roles = {}
    for person in (administrator(), coordinator_of(None)):
        made = hold(by=person)
        holding.lift(made, by=person, now=NOW + HOUR)
        rows = AuditEntry.objects.filter(subject=f"standstill:{made.pk}")
        roles[person.pk] = list(rows.values_list("action", "role", "actor", "change"))
        assert (made.set_by, made.reason) == (person, "An incident.")
    first, second = roles

    assert roles == {
        key: [("outbox.hold_all", role, key, {}), ("outbox.lift_all", role, key, {})]
        for key, role in ((first, "administrator"), (second, "coordinator"))
    }


def test_others_neither_set_nor_lift_it():
    made = hold()
    for person in (coordinator_of(ProvinceFactory()), official_of(AuthorityFactory())):
        with pytest.raises(PermissionDenied):
            hold(by=person)
        with pytest.raises(PermissionDenied):
            holding.lift(made, by=person, now=NOW)


def test_the_same_form_sets_it_once_also_after_it_was_lifted():
    person, key = administrator(), uuid.uuid4()
    made = hold(by=person, client_key=key)
    assert hold(by=person, client_key=key) == made
    with pytest.raises(Conflict):
        hold(by=person, client_key=key, reason="Another one.")
    with pytest.raises(TransitionError):
        hold(by=coordinator_of(None))
    holding.lift(made, by=person, now=NOW)
    holding.lift(made, by=person, now=NOW + HOUR)
    with pytest.raises(TransitionError):
        holding.lift(made, by=coordinator_of(None), now=NOW)

    assert hold(by=person, client_key=key) == made

    assert not holding.is_on()
    assert Standstill.objects.get().lifted_at == NOW
    assert AuditEntry.objects.filter(action="outbox.lift_all").count() == 1


# --- what it stops --------------------------------------------------------------------------------
def test_while_it_stands_nothing_is_made_sent_or_grows_too_old_and_planning_goes_on(mail_sink):
    packed = tell(1)
    packing.pack(NOW, 5)
    hold()
    planned = tell(2)

    dispatch(NOW + 24 * 6 * HOUR)

    assert mail_sink.messages == []
    assert list(Notice.objects.order_by("pk").values_list("pk", "state")) == [
        (packed.pk, "queued"), (planned.pk, "planned"),
    ]  # fmt: skip
    assert not Attempt.objects.exists()


def test_lifted_it_sends_by_urgency_and_drops_what_is_no_longer_wanted(mail_sink, wanted):
    tell(1)
    packing.pack(NOW, 5)
    made = hold()
    for number, urgency in ((2, 0), (3, 2), (4, 1)):
        tell(number, urgency=urgency)
    wanted.add("issue:2")
    later = NOW + 24 * 6 * HOUR  # longer than a message lives

    holding.lift(made, by=None, now=later)
    dispatch(later + HOUR)

    assert [one.recipients for one in mail_sink.messages] == [
        [f"p{number}@vedika.example"] for number in (3, 4, 1)
    ]
    assert Notice.objects.get(subject="issue:2").state == "cancelled"


def test_what_was_claimed_before_goes_back_and_keeps_what_is_known_of_it(mail_sink):
    fresh, tried = tell(1), tell(2)
    packing.pack(NOW, 5)
    maybe_left = Message.objects.get(notices=tried)
    Attempt.objects.create(
        message=maybe_left, claim_token=uuid.uuid4(), began_at=NOW, ended_at=NOW, outcome="unknown"
    )
    claimed = delivery.claim(NOW, 5)
    hold()

    delivery.deliver(claimed, delivery.Watch(NOW))

    assert mail_sink.messages == []
    assert {one.subject: one.state for one in Notice.objects.all()} == {
        fresh.subject: "queued", tried.subject: "unknown",
    }  # fmt: skip
    assert delivery.claim(NOW, 5) == []


@pytest.mark.django_db(transaction=True)
def test_it_is_set_only_once_the_tries_that_begin_have_begun():
    """Whoever reads the switch first is waited for; whoever comes later finds it."""
    passed, order = threading.Event(), []

    def set_it():
        passed.wait(10)
        hold()
        order.append("set")
        connection.close()

    setting = threading.Thread(target=set_it)
    setting.start()
    with transaction.atomic():
        assert holding.pass_gate()
        passed.set()
        setting.join(0.3)
        order.append("begun")
    setting.join(10)

    assert order == ["begun", "set"]
    with transaction.atomic():
        assert not holding.pass_gate()


# --- after a restore ------------------------------------------------------------------------------
def test_after_a_restore_what_is_due_waits_for_a_press_and_the_future_leaves_by_itself(mail_sink):
    made = set_once(restored_from=NOW - HOUR, set_at=NOW)
    due, held, future = tell(1), tell(2), tell(3, due_at=NOW + 3 * HOUR)
    Notice.objects.filter(pk=held.pk).update(state="held", reason="Some reason.")
    with pytest.raises(TransitionError):  # what the planner would tell again is not there yet
        holding.lift(made, by=None, now=NOW + HOUR)
    actions.beat("plan", now=NOW + HOUR, done=0)

    assert holding.leaving(NOW + HOUR) == 2
    holding.lift(made, by=None, now=NOW + HOUR)
    dispatch(NOW + 4 * HOUR)

    rows = Notice.objects.order_by("pk").values_list("pk", "state", "reason")
    assert list(rows) == [
        (due.pk, "prepared", holding.MAY_HAVE_LEFT),
        (held.pk, "prepared", holding.MAY_HAVE_LEFT),
        (future.pk, "sent", ""),
    ]
    assert len(mail_sink.messages) == 1


# --- for machines and on pages --------------------------------------------------------------------
def test_a_command_sets_and_lifts_it_and_may_run_twice(capsys):
    for _ in range(2):
        call_command("hold_outbound", "--reason", "After a restore.")
    made = Standstill.objects.get()
    assert (made.reason, made.set_by, made.lifted_at) == ("After a restore.", None, None)
    with pytest.raises(CommandError):
        call_command("hold_outbound")
    for _ in range(2):
        call_command("hold_outbound", "--lift")

    assert not holding.is_on()
    assert list(AuditEntry.objects.values_list("action", "role", "actor")) == [
        ("outbox.hold_all", "system", None), ("outbox.lift_all", "system", None),
    ]  # fmt: skip
    assert capsys.readouterr().out.splitlines() == [
        "All outbound is held back.",
        "All outbound is held back already: After a restore.",
        "Everything goes on.",
        "Nothing is held back.",
    ]
    with pytest.raises(CommandError):
        call_command("hold_outbound", "--reason", " ")


def test_the_page_sets_and_lifts_it_and_every_coordinator_reads_it(client, settings):
    settings.LANGUAGE_CODE = "en"
    keeper = administrator(language="en")
    client.force_login(keeper)
    page = reverse("hold_outbound")
    key = str(client.get(page).context["form"]["client_key"].value())
    assert client.post(page, {"client_key": key, "reason": " "}).status_code == 422
    for _ in range(2):
        answer = client.post(page, {"client_key": key, "reason": "A flood of <mails>."})
        assert (answer.status_code, answer.url) == (302, page)
    assert client.post(page, {"client_key": key, "reason": "Other."}).status_code == 409

    coordinator = coordinator_of(ProvinceFactory(), language="en")
    shown = {}
    for person in (keeper, coordinator, official_of(AuthorityFactory(), language="en")):
        client.force_login(person)
        shown[person] = client.get("/").content.decode()
    client.force_login(coordinator)
    assert "A flood of &lt;mails&gt;." in client.get(reverse("outbox:outbox")).content.decode()
    refused = client.post(reverse("lift_outbound"), {"standstill": 1})
    client.force_login(keeper)
    for _ in range(2):
        lifted = client.post(reverse("lift_outbound"), {"standstill": Standstill.objects.get().pk})

    assert [("A flood of &lt;mails&gt;." in one) for one in shown.values()] == [True, True, False]
    assert (refused.status_code, lifted.status_code, holding.is_on()) == (403, 302, False)
    assert client.post(reverse("lift_outbound"), {"standstill": 0}).status_code == 404
    assert "All outbound is held back" not in client.get("/").content.decode()
    assert "A flood of &lt;mails&gt;." in client.get(page).content.decode()  # among the earlier


def test_pages_of_others_ask_nothing_more(client, django_assert_max_num_queries):
    client.force_login(official_of(AuthorityFactory()))
    with django_assert_max_num_queries(18) as asked:
        client.get("/")

    own = [one["sql"] for one in asked.captured_queries if "standstill" in one["sql"]]
    assert [one.startswith('SELECT "accounts_user"') for one in own] == [True]  # with the person
