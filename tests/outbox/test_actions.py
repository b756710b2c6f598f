"""A notice from its plan to its end: once, whatever fails on the way."""

import datetime as dt
import threading
import uuid
from dataclasses import dataclass, field

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection

from audit.errors import TransitionError
from audit.models import AuditEntry
from outbox import actions, breaker, channels, delivery, packing, recipients, registry
from outbox.channels import Sent, TryLater, Unknown
from outbox.models import Attempt, Breaker, Message, Notice
from outbox.registry import Calendar, Text
from tests.factories import (
    AttemptFactory,
    ContactPointFactory,
    MessageFactory,
    NoticeFactory,
    ProvinceFactory,
    UserFactory,
    coordinator_of,
)

NOW = dt.datetime(2026, 5, 4, 9, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
MINUTE = 60 * SECOND
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.usefixtures("kind")


@dataclass
class Kind:
    """What the test wants of it, and what it was told."""

    is_wanted: bool = True
    words: str = ""
    broken: set[str] = field(default_factory=set)
    sent: list[str] = field(default_factory=list)
    told: list[int] = field(default_factory=list)
    more: dict = field(default_factory=dict)

    def wanted(self, notice, now):
        return self.is_wanted

    def render(self, notice, language):
        if notice.subject in self.broken:
            raise ValueError(notice.subject)
        return Text(
            f"About {notice.subject}", self.words or f"It is said in {language}.\n", **self.more
        )

    def note(self, notice, at):
        self.sent.append(notice.subject)
        self.told.append(notice.message.told)


@pytest.fixture
def kind(monkeypatch):
    """The kind "test", registered for this test alone."""
    made = Kind()
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
    registry.register("test", label="Test", wanted=made.wanted, render=made.render, sent=made.note)
    return made


@pytest.fixture
def reader(db):
    """Somebody with an address, who reads English."""
    return UserFactory(email="reader@vedika.example", language="en")


@pytest.fixture
def province(db):
    return ProvinceFactory()


def tell(*recipients, subject="issue:1", **more):
    more = {"due_at": NOW, "province_id": "11"} | more
    return actions.tell("test", subject, recipients=recipients, **more)


def states():
    """The state of each notice with that of its message."""
    rows = Notice.objects.order_by("pk").values_list("state", "message__state")
    return list(rows)


def dispatch(now=NOW):
    while actions.dispatch_some(now=now):
        pass


@pytest.fixture
def notice(province, reader):
    """Planned and due, to a reader with an address."""
    tell(f"user:{reader.pk}")
    return Notice.objects.get()


# --- telling ------------------------------------------------------------------------------------
def test_tell_adds_one_notice_a_recipient_and_none_the_second_time(province):
    assert tell("user:1", "user:2", "user:1") == 2
    assert tell("user:1", "user:2", "user:3") == 1
    assert tell("user:1", version=2) == 1
    assert Notice.objects.count() == 4


def test_tell_prepared_waits_for_a_press(province):
    tell("user:1", prepared=True)

    assert actions.dispatch_some(now=NOW) == 0
    assert states() == [("prepared", None)]


# --- the way out --------------------------------------------------------------------------------
def test_dispatch_sends_what_is_due_and_tells_its_room(mail_sink, notice, kind):
    dispatch()

    (received,) = mail_sink.messages
    message = Message.objects.get()
    assert received.recipients == ["reader@vedika.example"]
    assert (message.subject, message.body) == ("About issue:1", "It is said in en.\n")
    assert message.message_id.endswith("@vedika.example>")
    assert message.message_id.encode() in received.content
    assert states() == [("sent", "sent")]
    assert kind.sent == ["issue:1"]
    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.code, attempt.message) == ("sent", "250", message)


def test_dispatch_leaves_what_is_not_due(mail_sink, province, reader):
    tell(f"user:{reader.pk}", due_at=NOW + MINUTE)

    assert actions.dispatch_some(now=NOW) == 0
    assert states() == [("planned", None)]


def test_dispatch_sends_the_most_urgent_first(mail_sink, province, reader):
    tell(f"user:{reader.pk}", subject="issue:1")
    tell(f"user:{reader.pk}", subject="issue:2", urgency=2)

    dispatch()

    subjects = [one.content.split(b"About ")[1][:7] for one in mail_sink.messages]
    assert subjects == [b"issue:2", b"issue:1"]


def test_dispatch_cancels_what_is_no_longer_wanted(mail_sink, notice, kind):
    kind.is_wanted = False

    dispatch()

    notice.refresh_from_db()
    assert (notice.state, notice.reason) == ("cancelled", packing.OVERTAKEN)
    assert mail_sink.messages == []


def test_dispatch_asks_again_right_before_it_sends(mail_sink, notice, kind):
    packing.pack(NOW, 5)
    kind.is_wanted = False

    dispatch()

    assert states() == [("cancelled", "cancelled")]
    assert mail_sink.connections == 0
    assert not Attempt.objects.exists()


def test_dispatch_says_what_may_be_said_now_not_when_it_was_packed(mail_sink, notice, kind):
    packing.pack(NOW, 5)
    kind.words = "Without the place."

    dispatch()

    (received,) = mail_sink.messages
    assert b"Without the place." in received.content


def test_dispatch_keeps_the_words_of_what_may_have_left(mail_sink, notice, kind):
    mail_sink.close("data", keep=True)
    dispatch()
    kind.words = "Other words."
    mail_sink.reset()

    dispatch(NOW + 20 * MINUTE)

    (received,) = mail_sink.messages
    assert b"Other words." not in received.content


# --- with a calendar ----------------------------------------------------------------------------
def asked(version, *, reply_to="answers@vedika.example"):
    """What a text says more that asks to a meeting, of this version."""
    calendar = Calendar("REQUEST", f"BEGIN:VCALENDAR\r\nSEQUENCE:{version}\r\n")
    return {"calendar": calendar, "told": version, "reply_to": reply_to}


def frozen():
    return Message.objects.values_list("calendar_method", "calendar", "told", "reply_to").get()


def test_dispatch_sends_the_calendar_as_it_is_now_and_says_which_version_left(
    mail_sink, notice, kind
):
    kind.more = asked(3)
    packing.pack(NOW, 5)
    assert frozen()[2] == 3
    kind.more = asked(4)

    dispatch()

    assert frozen() == (
        "REQUEST",
        "BEGIN:VCALENDAR\r\nSEQUENCE:4\r\n",
        4,
        "answers@vedika.example",
    )
    assert kind.told == [4]
    (received,) = mail_sink.messages
    assert b"Content-Type: text/calendar; method=" in received.content
    assert b"Reply-To: answers@vedika.example" in received.content


def test_dispatch_keeps_the_calendar_of_what_may_have_left(mail_sink, notice, kind):
    kind.more = asked(3)
    mail_sink.close("data", keep=True)
    dispatch()
    first = mail_sink.messages[0].content.partition(b"\r\n\r\n")[2]  # with its borders
    before, kind.more = frozen(), asked(4, reply_to="")
    mail_sink.reset()

    dispatch(NOW + 20 * MINUTE)

    assert frozen() == before
    (received,) = mail_sink.messages
    assert received.content.partition(b"\r\n\r\n")[2] == first
    assert kind.told == [3]


def test_dispatch_takes_a_calendar_back_that_is_no_longer_said(mail_sink, notice, kind):
    kind.more = asked(3)
    packing.pack(NOW, 5)
    kind.more = {}

    dispatch()

    assert frozen() == ("", "", 0, "")
    assert b"text/calendar" not in mail_sink.messages[0].content


def test_freeze_fills_a_message_that_never_left_anew(notice, kind):
    kind.more = asked(3)
    packing.pack(NOW, 5)
    Notice.objects.update(message=None, state="planned")
    Message.objects.update(state="cancelled")
    kind.more = asked(5)

    packing.pack(NOW, 5)

    assert frozen()[1:3] == ("BEGIN:VCALENDAR\r\nSEQUENCE:5\r\n", 5)


@pytest.mark.parametrize(
    ("calendar", "method"), [("BEGIN", ""), ("", "REQUEST"), ("BEGIN", "REPLY")]
)
def test_a_calendar_stands_with_its_method(db, calendar, method):
    with pytest.raises(IntegrityError, match="message_has_a_calendar_exactly_with_its_method"):
        MessageFactory(calendar=calendar, calendar_method=method)


def test_coordinators_nobody_of_whom_has_an_address_fail_visibly(province):
    assert recipients.coordinators([province.pk]) == {province.pk: [f"province:{province.pk}"]}
    tell(f"province:{province.pk}")

    dispatch()

    assert Notice.objects.get().state == "failed"
    assert recipients.labels([f"province:{province.pk}"]) == {
        f"province:{province.pk}": str(province)
    }


def test_dispatch_fails_a_notice_to_somebody_without_an_address(mail_sink, province, reader):
    reader.email = None
    reader.save()
    tell(f"user:{reader.pk}", "authority:7")

    dispatch()

    assert states() == [("failed", None), ("failed", None)]
    assert set(Notice.objects.values_list("reason", flat=True)) == {packing.NO_ADDRESS}


def test_dispatch_writes_to_the_address_of_an_office(mail_sink, province):
    contact = ContactPointFactory(value="office@vedika.example")
    tell(f"contact:{contact.pk}")

    dispatch()

    assert [one.recipients for one in mail_sink.messages] == [["office@vedika.example"]]
    assert b"It is said in km." in mail_sink.messages[0].content


def test_dispatch_lets_only_the_poisoned_notice_die(mail_sink, province, reader, kind):
    kind.broken = {"issue:1"}
    tell(f"user:{reader.pk}", subject="issue:1")
    tell(f"user:{reader.pk}", subject="issue:2")

    dispatch()

    assert states() == [("failed", None), ("sent", "sent")]


# --- outcomes -----------------------------------------------------------------------------------
def test_dispatch_fails_for_good_what_is_refused(mail_sink, notice):
    mail_sink.refuse("rcpt", "550 5.1.1 no such mailbox")

    dispatch()
    dispatch(NOW + DAY)

    notice.refresh_from_db()
    assert (notice.state, notice.reason) == ("failed", "550 5.1.1 no such mailbox")
    assert mail_sink.connections == 1


def test_dispatch_tries_again_after_a_temporary_refusal(mail_sink, notice):
    mail_sink.refuse("rcpt", "450 4.2.1 busy", times=1)

    dispatch()
    assert states()[0] in [("queued", "queued"), ("sent", "sent")]  # the jitter may be no wait
    dispatch(NOW + 2 * MINUTE)

    assert states() == [("sent", "sent")]
    assert list(Attempt.objects.values_list("code", flat=True)) == ["450", "250"]


def test_backoff_doubles_up_to_an_hour():
    assert all(0 <= delivery.backoff(0) <= 30 for _ in range(50))
    assert max(delivery.backoff(20) for _ in range(200)) <= 3600
    assert max(delivery.backoff(4) for _ in range(200)) > 240


def test_dispatch_gives_up_after_five_days(mail_sink, notice):
    mail_sink.refuse("rcpt", "450 4.2.1 busy")

    dispatch()
    dispatch(NOW + 5 * DAY)

    notice.refresh_from_db()
    assert (notice.state, notice.reason) == ("dead", delivery.TOO_OLD)


def test_dispatch_sends_the_unknown_at_most_twice_again_under_one_message_id(
    mail_sink, notice, settings
):
    settings.EMAIL_TIMEOUT = 0.5
    mail_sink.close("data", keep=True)

    dispatch()
    assert states() == [("unknown", "unknown")]
    dispatch(NOW + 14 * MINUTE)
    assert Attempt.objects.count() == 1
    for hours in range(1, 6):
        dispatch(NOW + hours * 60 * MINUTE)

    assert len(mail_sink.messages) == 3
    ids = {one.content.split(b"Message-ID: ")[1].split(b"\r\n")[0] for one in mail_sink.messages}
    assert ids == {Message.objects.get().message_id.encode()}
    assert len({one.content.split(b"\r\n\r\n", 1)[1] for one in mail_sink.messages}) == 1
    assert states() == [("unknown", "unknown")]


def test_dispatch_keeps_unknown_what_is_no_longer_wanted_after_it_may_have_left(
    mail_sink, notice, kind
):
    mail_sink.close("data", keep=True, times=1)
    dispatch()
    kind.is_wanted = False

    dispatch(NOW + 16 * MINUTE)

    assert states() == [("unknown", "unknown")]
    assert len(mail_sink.messages) == 1


def test_dispatch_counts_a_hook_that_fails_as_sent(mail_sink, notice, kind, monkeypatch):
    monkeypatch.setattr(kind, "sent", None)  # the hook appends to it

    dispatch()

    assert states() == [("sent", "sent")]


# --- lost and found -----------------------------------------------------------------------------
def leased(notice, **more):
    """A message somebody claimed two minutes ago, with its notice."""
    message = MessageFactory(
        state="sending",
        kind=notice.kind,
        recipient=notice.recipient,
        created_at=NOW - 10 * MINUTE,
        claim_token=uuid.uuid4(),
        lease_until=NOW - MINUTE,
        **more,
    )
    Notice.objects.filter(pk=notice.pk).update(state="sending", message=message)
    return message


def test_recover_queues_again_what_was_claimed_and_never_begun(notice):
    message = leased(notice)

    assert delivery.recover(NOW, 5) == 1

    message.refresh_from_db()
    assert (message.state, message.next_try_at, message.claim_token) == ("queued", NOW, None)
    assert states() == [("queued", "queued")]


def test_recover_marks_unknown_what_was_begun(notice):
    message = leased(notice)
    AttemptFactory(message=message, claim_token=message.claim_token)

    delivery.recover(NOW, 5)

    message.refresh_from_db()
    assert (message.state, message.next_try_at) == ("unknown", NOW + 15 * MINUTE)
    assert states() == [("unknown", "unknown")]


def test_recover_leaves_a_lease_that_has_not_lapsed(notice):
    leased(notice)

    assert delivery.recover(NOW - 2 * MINUTE, 5) == 0


def test_a_late_worker_still_adds_what_it_knows(notice, kind):
    message = leased(notice, told=5)
    attempt = AttemptFactory(message=message, claim_token=message.claim_token)
    delivery.recover(NOW, 5)

    delivery.finish(attempt, Sent("250", "OK"), NOW + MINUTE)

    attempt.refresh_from_db()
    assert (attempt.outcome, attempt.code) == ("sent", "250")
    assert states() == [("sent", "sent")]
    assert kind.sent == ["issue:1"]
    assert kind.told == [5]


def test_a_late_worker_does_not_touch_somebody_elses_claim(notice):
    message = leased(notice)
    attempt = AttemptFactory(message=message, claim_token=message.claim_token)
    delivery.recover(NOW, 5)
    (again,) = delivery.claim(NOW + 16 * MINUTE, 5)

    delivery.finish(attempt, TryLater("450", "busy"), NOW + 16 * MINUTE)

    again.refresh_from_db()
    assert again.state == "sending"
    assert again.claim_token != message.claim_token


def test_deliver_does_nothing_under_a_lost_claim(notice, mail_sink):
    packing.pack(NOW, 5)
    (claimed,) = delivery.claim(NOW, 5)
    delivery.recover(NOW + 3 * MINUTE, 5)

    delivery.deliver([claimed], delivery.Watch(NOW + 3 * MINUTE))

    assert mail_sink.connections == 0
    assert states() == [("queued", "queued")]


# --- two at once --------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_two_dispatchers_at_once_send_each_message_once(mail_sink, kind, reader):
    ProvinceFactory()
    for number in range(20):
        tell(f"user:{reader.pk}", subject=f"issue:{number}")

    def work():
        try:
            dispatch()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(mail_sink.messages) == 20
    assert set(states()) == {("sent", "sent")}
    assert Attempt.objects.count() == 20


@pytest.mark.django_db(transaction=True)
def test_claim_skips_what_another_holds(kind, reader):
    ProvinceFactory()
    tell(f"user:{reader.pk}")
    packing.pack(NOW, 5)
    seen, held, done = [], threading.Event(), threading.Event()

    def hold():
        from django.db import transaction  # noqa: PLC0415

        with transaction.atomic():
            list(Message.objects.select_for_update())
            held.set()
            done.wait(10)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    seen = delivery.claim(NOW, 5)
    done.set()
    thread.join()

    assert seen == []
    assert len(delivery.claim(NOW, 5)) == 1


# --- the breaker --------------------------------------------------------------------------------
def test_breaker_opens_after_five_failures_and_probes_once_a_minute(
    mail_sink, province, reader, monkeypatch
):
    monkeypatch.setattr(delivery, "backoff", lambda tries: 0.0)
    mail_sink.refuse("greeting", "421 4.3.2 not now")
    for number in range(8):
        tell(f"user:{reader.pk}", subject=f"issue:{number}")
    packing.pack(NOW, 20)

    for _ in range(10):
        actions.dispatch_some(now=NOW, limit=1)
    assert mail_sink.connections == breaker.FAILURES
    later = NOW + MINUTE + 5 * SECOND
    actions.dispatch_some(now=later)
    actions.dispatch_some(now=later + 5 * SECOND)
    assert mail_sink.connections == breaker.FAILURES + 1
    assert sum(Message.objects.values_list("tries", flat=True)) == breaker.FAILURES
    assert Breaker.objects.get().opened_at is not None

    mail_sink.reset()
    actions.dispatch_some(now=later + 2 * MINUTE)
    assert (Breaker.objects.get().failures, Breaker.objects.get().opened_at) == (0, None)
    dispatch(later + 2 * MINUTE)
    assert states().count(("sent", "sent")) == 1 + breaker.FIRST  # slowly at first
    dispatch(later + 2 * MINUTE + breaker.DOUBLES)
    assert set(states()) == {("sent", "sent")}


def errors(number, now, outcome="try_later"):
    """So many tries that ended so just now."""
    message = MessageFactory()
    for _ in range(number):
        AttemptFactory(message=message, outcome=outcome, began_at=now, ended_at=now)


@pytest.mark.django_db
def test_breaker_opens_at_fifty_errors_of_any_kind_within_a_minute():
    errors(24, NOW - MINUTE, "unknown")  # too long ago
    errors(25, NOW - 59 * SECOND, "unknown")
    errors(24, NOW)
    breaker.note("email", Unknown("silence", ""), NOW)
    breaker.note("telegram", TryLater("500", "busy"), NOW)
    assert not breaker.is_open("email")

    errors(1, NOW)
    breaker.note("email", TryLater("450", "busy"), NOW)
    assert (breaker.is_open("email"), breaker.is_open("telegram")) == (True, False)
    breaker.note("email", TryLater("450", "busy"), NOW)  # no answer that ends a message
    assert breaker.is_open("email")

    breaker.note("email", Sent("250", ""), NOW + SECOND)
    errors(1, NOW + 2 * SECOND)
    breaker.note("email", TryLater("450", "busy"), NOW + 2 * SECOND)  # those before count no more
    assert not breaker.is_open("email")


# --- coordinators -------------------------------------------------------------------------------
def test_retry_sends_what_failed_under_the_same_message_id(mail_sink, notice, province, reader):
    mail_sink.refuse("rcpt", "550 5.1.1 no such mailbox", times=1)
    dispatch()
    before = Message.objects.get().message_id
    reader.email = "right@vedika.example"
    reader.save()
    officer = coordinator_of(province)
    notice.refresh_from_db()

    actions.retry(notice, by=officer, now=NOW + DAY)
    dispatch(NOW + DAY)

    assert states() == [("sent", "sent")]
    assert Message.objects.get().message_id == before
    assert mail_sink.messages[0].recipients == ["right@vedika.example"]
    entry = AuditEntry.objects.get(action="outbox.retry")
    assert (entry.actor, entry.subject) == (officer, f"notice:{notice.pk}")
    assert entry.change == {"state": ["failed", "queued"]}


def test_retry_plans_again_what_never_had_an_address(mail_sink, notice, province, reader):
    address, reader.email = reader.email, None
    reader.save()
    dispatch()
    reader.email = address
    reader.save()
    notice.refresh_from_db()

    actions.retry(notice, by=coordinator_of(province), now=NOW)
    dispatch()

    assert states() == [("sent", "sent")]


def test_retry_of_what_was_sent_is_refused(mail_sink, notice, province):
    dispatch()

    with pytest.raises(TransitionError):
        actions.retry(notice, by=coordinator_of(province), now=NOW)
    assert not AuditEntry.objects.exists()


def test_cancel_keeps_a_message_from_being_sent(mail_sink, notice, province):
    packing.pack(NOW, 5)

    actions.cancel(notice, by=coordinator_of(province), reason="Told by telephone.")
    dispatch()

    notice.refresh_from_db()
    assert notice.reason == "Told by telephone."
    assert states() == [("cancelled", "cancelled")]
    assert mail_sink.messages == []


def test_release_lets_a_prepared_notice_leave_with_its_companions(mail_sink, province, reader):
    for subject in ("referral:1", "referral:2"):
        tell(f"user:{reader.pk}", "user:999", subject=subject, rung="+10", prepared=True)
    officer = coordinator_of(province)

    assert actions.release(Notice.objects.earliest("pk"), by=officer, now=NOW) == 2

    assert [state for state, _ in states()] == ["planned", "planned", "prepared", "prepared"]
    assert AuditEntry.objects.filter(action="outbox.release", actor=officer).count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_presses_on_one_group_never_wait_for_each_other(kind, reader):
    officer = coordinator_of(ProvinceFactory())
    tell(*(f"user:{one}" for one in range(40)), rung="+10", prepared=True)
    ends = [Notice.objects.earliest("pk"), Notice.objects.latest("pk")]
    meet, answers = threading.Barrier(2), []

    def press(notice):
        try:
            meet.wait(timeout=10)
            answers.append(actions.release(notice, by=officer, now=NOW))
        except TransitionError:
            answers.append("meanwhile")
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=[one]) for one in ends]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers, key=str) == [40, "meanwhile"]


def test_release_all_wants_the_number_that_was_shown(province, reader):
    tell("user:1", "user:2", prepared=True)
    NoticeFactory(province=ProvinceFactory(code="16"), state="prepared")
    officer = coordinator_of(province)

    with pytest.raises(TransitionError):
        actions.release_all(by=officer, now=NOW, expected=3)
    assert actions.release_all(by=officer, now=NOW, expected=2) == 2
    assert Notice.objects.prepared().count() == 1


@pytest.mark.parametrize("act", ["retry", "cancel", "release"])
def test_acts_of_another_provinces_coordinator_are_refused(notice, act):
    stranger = coordinator_of(ProvinceFactory(code="16"))
    more = {"reason": "x"} if act == "cancel" else {"now": NOW}

    with pytest.raises(PermissionDenied):
        getattr(actions, act)(notice, by=stranger, **more)
    assert not AuditEntry.objects.exists()


def test_send_that_fails_in_an_unforeseen_way_is_unknown(notice, monkeypatch):
    def explode(message):
        raise ZeroDivisionError

    monkeypatch.setattr(channels, "send", explode)
    dispatch()

    assert states() == [("unknown", "unknown")]
