"""Many messages in one pass: asked together, begun one by one, never on what is no longer true."""

import datetime as dt

import pytest

from audit.actions import record
from audit.models import AuditEntry
from outbox import actions, channels, delivery, packing, registry, tries
from outbox.models import Attempt, Message, Notice
from outbox.outcomes import TryLater
from outbox.registry import Text
from tests.factories import MessageFactory, ProvinceFactory, UserFactory

NOW = dt.datetime(2026, 5, 4, 9, 0, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


class Kind:
    """What is still true of the test's notices, and how often anybody asked."""

    def __init__(self):
        self.over, self.broken, self.rendered, self.left = set(), set(), [], []

    def wanted(self, notice, now):
        return notice.subject not in self.over

    def render(self, notice, language):
        if notice.subject in self.broken:
            raise ValueError(notice.subject)
        self.rendered.append(notice.subject)
        return Text(f"About {notice.subject}", "It is so.\n")

    def note(self, notices, at):
        self.left.append(sorted(one.subject for one in notices))


@pytest.fixture
def kind(monkeypatch):
    made = Kind()
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
    registry.register("test", label="Test", wanted=made.wanted, render=made.render, left=made.note)
    return made


@pytest.fixture(autouse=True)
def _all_the_time_it_needs(monkeypatch):
    monkeypatch.setattr(delivery, "FRESH", 600.0)
    monkeypatch.setattr(delivery, "ENOUGH", 600.0)


@pytest.fixture
def reader(kind):
    ProvinceFactory()
    return UserFactory(email="reader@vedika.example", language="en")


def tell(reader, count):
    """So many notices that are due, each a message of its own."""
    for number in range(count):
        actions.tell(
            "test",
            f"issue:{number}",
            recipients=[f"user:{reader.pk}"],
            due_at=NOW,
            province_id="11",
        )


def sending(monkeypatch, act, outcome=None):
    """Have ``act`` happen while the first message is being sent."""
    waiting, real = [act], channels.send

    def send(message):
        if waiting:
            waiting.pop()()
            return outcome or real(message)
        return real(message)

    monkeypatch.setattr(channels, "send", send)


def subjects():
    """What left."""
    rows = Notice.objects.filter(state="sent").order_by("subject")
    return list(rows.values_list("subject", flat=True))


def test_words_that_were_just_made_are_made_once(kind, reader, mail_sink):
    tell(reader, 3)

    actions.dispatch_some(now=NOW)

    assert sorted(kind.rendered) == ["issue:0", "issue:1", "issue:2"]
    assert subjects() == ["issue:0", "issue:1", "issue:2"]
    assert mail_sink.connections == 1


def test_words_that_waited_are_made_anew(kind, reader, mail_sink):
    tell(reader, 1)
    packing.pack(NOW, 5)

    actions.dispatch_some(now=NOW)

    assert kind.rendered == ["issue:0", "issue:0"]


def test_what_somebody_ended_while_another_is_sent_does_not_leave(
    kind, reader, mail_sink, monkeypatch
):
    tell(reader, 3)

    def end():
        kind.over.add("issue:1")
        record("test.end", reader, by=reader)

    sending(monkeypatch, end)
    actions.dispatch_some(now=NOW)

    assert subjects() == ["issue:0", "issue:2"]
    assert Notice.objects.get(subject="issue:1").state == "cancelled"
    assert not Attempt.objects.filter(message__notices__subject="issue:1").exists()


def test_what_is_asked_too_long_ago_is_asked_again(kind, reader, mail_sink, monkeypatch):
    monkeypatch.setattr(delivery, "FRESH", 0.0)
    tell(reader, 2)
    sending(monkeypatch, lambda: kind.over.add("issue:1"))

    actions.dispatch_some(now=NOW)

    assert subjects() == ["issue:0"]


def test_what_was_not_begun_in_time_goes_back_as_it_was(kind, reader, mail_sink, monkeypatch):
    monkeypatch.setattr(delivery, "ENOUGH", -1.0)
    tell(reader, 2)

    actions.dispatch_some(now=NOW)

    assert set(Message.objects.values_list("state", "claim_token")) == {("queued", None)}
    assert set(Notice.objects.values_list("state", flat=True)) == {"queued"}
    assert not Attempt.objects.exists()


def test_what_was_ended_is_not_put_back_with_the_rest(kind, reader, mail_sink, monkeypatch):
    monkeypatch.setattr(delivery, "ENOUGH", -1.0)
    tell(reader, 2)
    packing.pack(NOW, 5)
    kind.over.add("issue:0")

    actions.dispatch_some(now=NOW)

    rows = Notice.objects.order_by("subject").values_list("state", "message__state")
    assert list(rows) == [("cancelled", "cancelled"), ("queued", "queued")]


def test_an_act_whose_entry_came_to_stand_late_is_seen(kind, reader):
    tell(reader, 1)
    packing.pack(NOW, 5)
    (claimed,) = delivery.claim(NOW, 5)
    late = record("test.first", reader, by=reader).pk + 1
    AuditEntry.objects.create(pk=late + 1, action="test.second", subject="user:1", actor=reader)
    seen = tries.acts()

    AuditEntry.objects.create(pk=late, action="test.late", subject="user:1", actor=reader)

    assert tries.begin(claimed, seen=seen, now=NOW) is None
    assert tries.begin(claimed, seen=tries.acts(), now=NOW) is not None


def test_a_try_begins_only_with_time_enough_left_of_the_lease(kind, reader):
    tell(reader, 1)
    packing.pack(NOW, 5)
    (claimed,) = delivery.claim(NOW, 5)

    too_late = NOW + delivery.LEASE - dt.timedelta(seconds=59)
    assert tries.begin(claimed, seen=tries.acts(), now=too_late) is None
    assert tries.begin(claimed, seen=tries.acts(), now=NOW) is not None


def test_a_provider_that_asks_for_a_rest_gets_nothing_more_in_the_same_pass(
    kind, reader, mail_sink, monkeypatch
):
    tell(reader, 3)
    rest = TryLater("429", "slowly", wait=dt.timedelta(minutes=5))
    sending(monkeypatch, lambda: None, rest)

    actions.dispatch_some(now=NOW)

    assert mail_sink.messages == []
    assert Attempt.objects.count() == 1
    assert set(Message.objects.values_list("state", flat=True)) == {"queued"}


def test_one_that_cannot_be_made_fails_alone(kind, reader, mail_sink):
    kind.broken.add("issue:1")
    tell(reader, 3)

    actions.dispatch_some(now=NOW)

    assert subjects() == ["issue:0", "issue:2"]
    assert Notice.objects.get(subject="issue:1").reason == packing.BROKEN


def test_one_whose_message_the_database_refuses_fails_alone(kind, reader, mail_sink):
    tell(reader, 3)
    taken = packing.message_id(Notice.objects.get(subject="issue:1"))
    MessageFactory(message_id=taken, state="sent")

    actions.dispatch_some(now=NOW)

    assert subjects() == ["issue:0", "issue:2"]
    assert Notice.objects.get(subject="issue:1").reason == packing.BROKEN


def test_rooms_are_told_at_once_of_all_that_left(kind, reader, mail_sink):
    tell(reader, 3)

    actions.dispatch_some(now=NOW)

    assert kind.left == [["issue:0", "issue:1", "issue:2"]]


def test_a_room_that_fails_takes_nothing_back(kind, reader, mail_sink, monkeypatch):
    monkeypatch.setattr(registry, "left", lambda *_: 1 / 0)
    tell(reader, 1)

    actions.dispatch_some(now=NOW)

    assert subjects() == ["issue:0"]


def test_a_message_more_takes_few_queries_more(
    kind, reader, mail_sink, django_assert_max_num_queries
):
    """Those on both sides of the network; nothing is asked of each by itself."""
    tell(reader, actions.AT_ONCE)

    with django_assert_max_num_queries(4 * actions.AT_ONCE + 50):
        actions.dispatch_some(now=NOW)

    assert len(subjects()) == actions.AT_ONCE
