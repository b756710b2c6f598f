"""What coordinators do with many notices at once, by telephone, and by another way."""

import datetime as dt
import threading
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import translation

from audit.errors import Conflict, TransitionError
from audit.models import AuditEntry
from issues.actions import safety
from outbox import actions, delivery, handling, holding, in_bulk, packing, phoning, registry
from outbox.handling import BY_HAND, Act
from outbox.models import ByPhone, Message, Notice
from outbox.registry import Text
from tests.factories import (
    AttemptFactory,
    MessageFactory,
    NoticeFactory,
    ProvinceFactory,
    UserFactory,
    administrator,
    coordinator_of,
    issue_in,
)

NOW = dt.datetime(2026, 5, 4, 3, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def kind(monkeypatch):
    """The kind "test" of this test alone; what was told of it."""
    told = []
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
    registry.register(
        "test",
        label="Test",
        wanted=lambda notice, now: True,
        render=lambda notice, language: Text("S", "B\n"),
        sent=lambda notice, at: told.append((notice.subject, at)),
    )
    return told


@pytest.fixture
def province(db):
    return ProvinceFactory()


@pytest.fixture
def officer(province):
    return coordinator_of(province)


def made(province, state="planned", **more):
    more = {
        "kind": "test",
        "subject": "issue:900",
        "due_at": NOW + DAY,
        "created_at": NOW - DAY,
    } | more
    return NoticeFactory(province=province, state=state, **more)


def standing():
    return list(Notice.objects.order_by("pk").values_list("state", "reason", "message__state"))


def trail():
    rows = AuditEntry.objects.filter(action__startswith="outbox.").order_by("pk")
    return list(rows.values_list("action", "subject", "change__state"))


def everything(act, by, expected, **more):
    rows = Notice.objects.all()
    return in_bulk.act_on_all(act, rows, by=by, now=NOW, expected=expected, **more)


# --- all that a filter shows --------------------------------------------------------------------
def test_send_makes_due_what_is_planned_or_held_by_hand_and_nothing_else(province, officer):
    later = made(province)
    hand = made(province, "held", reason=f"{BY_HAND}wait")
    made(province, "held", reason=safety.HELD)
    made(province, "prepared")
    frozen = issue_in("referred", pressured_at=NOW, province=province)
    waits = made(province, subject=f"issue:{frozen.pk}", recipient=f"user:{UserFactory().pk}")

    assert everything(Act.SEND, officer, 2) == 2

    assert standing()[:2] == [("planned", "", None)] * 2
    assert [one[0] for one in standing()[2:]] == ["held", "prepared", "planned"]
    assert set(Notice.objects.filter(due_at=NOW).values_list("pk", flat=True)) == {
        later.pk,
        hand.pk,
    }
    assert trail() == [
        ("outbox.send_now", f"notice:{later.pk}", ["planned", "planned"]),
        ("outbox.send_now", f"notice:{hand.pk}", ["held", "planned"]),
    ]
    with pytest.raises(TransitionError):
        actions.send_now(waits, by=officer, now=NOW)


def test_send_is_refused_while_all_outbound_is_held(province, officer):
    one = made(province)
    holding.hold(by=None, reason="A flood.", now=NOW)

    for act in (
        lambda: everything(Act.SEND, officer, 1),
        lambda: actions.send_now(one, by=officer, now=NOW),
    ):
        with pytest.raises(TransitionError, match="All outbound is held back"):
            act()
    assert Notice.objects.get().due_at == NOW + DAY


def test_hold_by_hand_is_ended_by_nobody_but_a_coordinator(province, officer):
    made(province, due_at=NOW)
    frozen_words = made(province, "held", reason=safety.HELD)

    everything(Act.HOLD, officer, 1, reason=safety.HELD)
    assert packing.let_go(NOW) == 1  # the automatic one alone, though the words are the same
    actions.resume(["issue:900"], now=NOW, reason=safety.HELD)

    assert standing() == [("held", f"{BY_HAND}{safety.HELD}", None), ("planned", "", None)]
    Notice.objects.filter(pk=frozen_words.pk).delete()
    assert packing.pack(NOW, 5).decided == 0
    assert everything(Act.LET_GO, officer, 1) == 1
    assert standing() == [("planned", "", None)]


def test_retry_keeps_the_message_and_takes_along_what_it_tells_beside(province, officer):
    person = UserFactory(email="new@vedika.example")
    message = MessageFactory(
        state="failed", recipient=f"user:{person.pk}", address="old@vedika.example"
    )
    first, beside = (made(province, "failed", message=message) for _ in range(2))
    gone = made(province, "cancelled", message=message)
    unmade = made(province, "failed")
    unknown = made(province, "unknown")
    AttemptFactory(message=unknown.message, outcome="unknown")
    mark = message.message_id

    rows = Notice.objects.exclude(pk=beside.pk)
    number = in_bulk.act_on_all(Act.RETRY, rows, by=officer, now=NOW, expected=3)

    message.refresh_from_db()
    states = {one.pk: one.state for one in Notice.objects.all()}
    assert number == 3
    assert states == {
        first.pk: "queued",
        beside.pk: "queued",
        gone.pk: "cancelled",
        unmade.pk: "planned",
        unknown.pk: "unknown",
    }
    assert (message.message_id, message.state, message.next_try_at) == (mark, "queued", NOW)
    assert message.address == "new@vedika.example"
    assert Message.objects.get(pk=unknown.message_id).next_try_at == NOW
    assert {one[0] for one in trail()} == {"outbox.retry"}
    assert len(trail()) == 4


def test_retry_leaves_alone_what_was_sent_or_told_by_phone(province, officer):
    sent = made(province, "sent")
    failed = made(province, "failed", message=MessageFactory(state="failed"))
    phoned = made(province, "failed", message=failed.message, subject="issue:901")
    phone(phoned, officer)

    assert everything(Act.RETRY, officer, 1) == 1
    delivery.claim(NOW, 5)

    assert dict(Notice.objects.values_list("pk", "state")) == {
        sent.pk: "sent",
        failed.pk: "sending",
        phoned.pk: "failed",
    }
    assert Message.objects.get(pk=sent.message_id).state == "sent"


def test_cancel_takes_one_out_of_a_message_and_ends_it_with_the_last(province, officer):
    message = MessageFactory(state="queued")
    first, last = (made(province, "queued", message=message) for _ in range(2))

    actions.cancel(first, by=officer, reason="Told otherwise.")
    first.refresh_from_db()
    assert (first.state, first.reason, first.message) == ("cancelled", "Told otherwise.", None)
    assert Message.objects.get().state == "queued"

    actions.cancel(last, by=officer, reason="Told otherwise.")
    assert standing()[1] == ("cancelled", "Told otherwise.", "cancelled")


def test_bulk_refuses_another_number_and_who_is_no_coordinator(province, officer):
    made(province)
    elsewhere = made(ProvinceFactory(code="16"))

    with pytest.raises(TransitionError, match="number has changed"):
        everything(Act.CANCEL, officer, 2, reason="x")
    with pytest.raises(PermissionDenied):
        everything(Act.CANCEL, administrator(), 0, reason="x")
    assert {one[0] for one in standing()} == {"planned"}
    everything(Act.CANCEL, officer, 1, reason="x")
    elsewhere.refresh_from_db()
    assert elsewhere.state == "planned"


@pytest.mark.django_db(transaction=True)
def test_bulk_and_dispatcher_at_once_never_both_take_a_notice(province, officer):
    for number in range(3):
        reader = UserFactory(email=f"r{number}@vedika.example")
        made(province, due_at=NOW, subject=f"issue:{number}", recipient=f"user:{reader.pk}")
    barrier, said = threading.Barrier(2), []

    def cancel():
        barrier.wait()
        try:
            said.append(everything(Act.CANCEL, officer, 3, reason="x"))
        except TransitionError:
            said.append("refused")
        connection.close()

    def dispatch():
        barrier.wait()
        packing.pack(NOW, 5)
        connection.close()

    threads = [threading.Thread(target=one) for one in (cancel, dispatch)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    states = {one[0] for one in standing()}
    assert (said, states) in (([3], {"cancelled"}), (["refused"], {"queued"}))
    assert (
        Message.objects.filter(notices__state="cancelled").exclude(state="cancelled").count() == 0
    )


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_cancel_once(province, officer):
    for _ in range(2):
        made(province)
    barrier, said = threading.Barrier(2), []

    def press():
        barrier.wait()
        try:
            said.append(everything(Act.CANCEL, officer, 2, reason="x"))
        except TransitionError:
            said.append("refused")
        connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sorted(map(str, said)) == ["2", "refused"]
    assert len(trail()) == 2


# --- by telephone -------------------------------------------------------------------------------
def phone(notice, by, **more):
    facts = {"name": "Deputy Governor", "told_at": NOW, "client_key": uuid.uuid4(), "now": NOW}
    return phoning.tell_by_phone(notice, by=by, **(facts | more))


@pytest.mark.parametrize(
    ("state", "after"),
    [("planned", "cancelled"), ("prepared", "cancelled"), ("held", "cancelled"),
     ("queued", "cancelled"), ("failed", "failed"), ("dead", "dead"), ("unknown", "unknown")],
)  # fmt: skip
def test_by_phone_ends_what_waits_and_settles_what_failed(province, officer, kind, state, after):
    one = made(province, state, reason="why")
    call = phone(one, officer)

    one.refresh_from_db()
    assert one.state == after
    assert one.reason == (phoning.PHONED if after == "cancelled" else "why")
    assert (call.notice, call.name, call.told_at, call.by) == (one, "Deputy Governor", NOW, officer)
    assert trail() == [("outbox.by_phone", f"notice:{one.pk}", [state, after])]
    assert kind == [("issue:900", NOW)]  # its room knows: a referral's clock starts
    assert not Notice.objects.filter(pk=one.pk, state__in=handling.RETRIED).unsettled().exists()
    if state == "unknown":
        assert Message.objects.get().next_try_at is None
    for act in (lambda: phone(one, officer), lambda: actions.retry(one, by=officer, now=NOW)):
        with pytest.raises(TransitionError):
            act()


def test_by_phone_twice_with_one_key_is_one_call(province, officer):
    one, key = made(province, "failed"), uuid.uuid4()

    first = phone(one, officer, client_key=key)

    assert phone(one, officer, client_key=key) == first
    with pytest.raises(Conflict):
        phone(one, officer, client_key=key, name="Somebody else")
    with pytest.raises(TransitionError):
        phone(made(province, "failed"), officer, told_at=NOW + DAY)
    with pytest.raises(PermissionDenied):
        phone(one, coordinator_of(ProvinceFactory(code="16")))
    assert ByPhone.objects.get() == first


def test_by_phone_names_somebody_and_counts_once(province, officer):
    one = made(province, "failed")
    facts = {"notice": one, "told_at": NOW, "by": officer}
    ByPhone.objects.create(client_key=uuid.UUID(int=1), name="A", **facts)
    other = facts | {"notice": made(province, "failed")}

    for name, more in {
        "phone_call_is_kept_once": other | {"client_key": uuid.UUID(int=1), "name": "A"},
        "notice_id": facts | {"client_key": uuid.UUID(int=2), "name": "A"},
        "phone_call_names_somebody": other | {"client_key": uuid.UUID(int=3), "name": ""},
    }.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            ByPhone.objects.create(**more)


# --- by another way -----------------------------------------------------------------------------
@pytest.fixture
def reader(db, settings):
    settings.SMS_URL = "http://127.0.0.1:9/"
    return UserFactory(email="reader@vedika.example", phone="+85512345678")


def test_other_way_is_a_notice_of_its_own_and_told_once(province, officer, reader, monkeypatch):
    monkeypatch.setattr("outbox.gateway.is_set_up", lambda: True)
    one = made(
        province, "failed", recipient=f"user:{reader.pk}", message=MessageFactory(state="failed")
    )
    like = {"subject": one.subject, "kind": one.kind, "recipient": one.recipient}

    new = phoning.tell_by(one, "sms", by=officer, now=NOW)

    assert (new.channel, new.state, new.due_at) == ("sms", "planned", NOW)
    assert {name: getattr(new, name) for name in like} == like
    for channel in ("sms", "email", "telegram"):  # told so, went so, no address
        with pytest.raises(TransitionError):
            phoning.tell_by(one, channel, by=officer, now=NOW)
    assert Notice.objects.count() == 2


def test_other_way_may_double_an_unknown_only_where_somebody_says_so(
    province, officer, reader, monkeypatch
):
    monkeypatch.setattr("outbox.gateway.is_set_up", lambda: True)
    one = made(province, "unknown", recipient=f"user:{reader.pk}")
    AttemptFactory(message=one.message, outcome="unknown")

    with pytest.raises(phoning.MayArriveTwice):
        phoning.tell_by(one, "sms", by=officer, now=NOW)
    phoning.tell_by(one, "sms", by=officer, now=NOW, may_arrive_twice=True)

    assert Notice.objects.filter(channel="sms").count() == 1


# --- pages --------------------------------------------------------------------------------------
@pytest.fixture
def desk(client, officer):
    client.force_login(officer)
    client.cookies["django_language"] = "en"
    return client


def test_bulk_page_states_the_number_and_acts_on_the_filtered_set(desk, province):
    issues = [issue_in("referred") for _ in range(2)]
    for issue in issues:
        made(province, "failed", subject=f"issue:{issue.pk}", kind="reminder")
    page = f"{reverse('outbox:bulk', args=['cancel'])}?state=failed&q={issues[0].reference}"

    shown = desk.get(page)
    wrong = desk.post(page, {"number": 2, "reason": "x"}, follow=True)
    unsaid = desk.post(page, {"number": 1})
    done = desk.post(page, {"number": 1, "reason": "Told otherwise."}, follow=True)

    assert "1 notice will not be sent." in shown.content.decode()
    assert "number has changed" in wrong.content.decode()
    assert (unsaid.status_code, done.redirect_chain) == (422, [("/outbox/", 302)])
    assert [one[0] for one in standing()] == ["cancelled", "failed"]
    assert desk.get(reverse("outbox:bulk", args=["release"])).status_code == 404


@pytest.mark.parametrize(
    ("state", "act", "data", "after"),
    [
        ("planned", "send_now", {}, "planned"),
        ("planned", "hold", {"reason": "wait"}, "held"),
        ("failed", "by_phone", {"name": "A", "told_at": "2026-05-04T10:00"}, "failed"),
        ("unknown", "other_way", {"channel": "email"}, "unknown"),
    ],
)
def test_buttons_act_on_one_and_lead_back(desk, province, state, act, data, after):
    one = made(province, state, subject=f"issue:{issue_in('referred').pk}")
    url = reverse(f"outbox:{act}", args=[one.pk])
    data = data | {"next": "/outbox/?state=failed", "client_key": uuid.uuid4()}

    answer = desk.post(url, data)

    one.refresh_from_db()
    assert one.state == after
    if act == "other_way":  # nobody of that number: no way is offered
        assert answer.status_code == 422
    else:
        assert answer.headers["Location"] == "/outbox/?state=failed"
    assert (
        desk.post(url, {**data, "next": "https://elsewhere.example/"}).headers.get(
            "Location", one.get_absolute_url()
        )
        == one.get_absolute_url()
    )


def test_settled_stands_apart_from_what_failed(desk, province, officer):
    issue = issue_in("referred")
    phone(made(province, "failed", subject=f"issue:{issue.pk}"), officer)
    made(province, "failed", subject=f"issue:{issue.pk}")

    counts = desk.get("/outbox/").context["counts"]
    assert [(one["state"], one["number"]) for one in counts] == [("failed", 1), ("settled", 1)]
    for state in ("failed", "settled"):
        assert desk.get(f"/outbox/?state={state}").context["page_obj"].paginator.count == 1
    assert (
        "Deputy Governor"
        in desk.get(ByPhone.objects.get().notice.get_absolute_url()).content.decode()
    )


def test_filter_by_way_and_days(desk, province):
    subject = f"issue:{issue_in('referred').pk}"
    made(province, "sent", subject=subject, due_at=NOW)
    made(province, subject=subject, channel="sms", due_at=NOW + 3 * DAY)

    for query, number in {
        "channel=email": 1,
        "channel=sms": 1,
        "since=2026-05-05": 1,
        "until=2026-05-04": 1,
        "since=2026-05-04&until=2026-05-07": 2,
    }.items():
        assert desk.get(f"/outbox/?{query}").context["page_obj"].paginator.count == number
