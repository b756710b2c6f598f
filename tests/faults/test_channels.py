"""Faults 20 to 22: Telegram and an SMS gateway, slow, silent, refusing, or reporting too early.

In this process, against HTTP servers on this machine; the outbox is the real one.
"""

import datetime as dt
import threading

import pytest
from django.db import connection

from outbox import actions, breaker, delivery, packing, receipts, registry, tries
from outbox.models import (
    Attempt,
    Channel,
    FailedAddress,
    Message,
    Notice,
    Preference,
    Receipt,
    TelegramChat,
)
from outbox.outcomes import Sent
from outbox.registry import Text
from tests.factories import ProvinceFactory, UserFactory, coordinator_of
from tests.providers import Provider

NOW = dt.datetime(2026, 5, 4, 9, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
MINUTE, HOUR = 60 * SECOND, 3600 * SECOND
CHAT, PHONE = 77, "+85512000001"


@pytest.fixture
def provider(settings):
    """Stands in for Telegram and for the gateway."""
    made = Provider()
    settings.TELEGRAM_TOKEN, settings.TELEGRAM_BOT = "1:token", "vedika_bot"
    settings.TELEGRAM_API, settings.TELEGRAM_TIMEOUT = made.url, 0.4
    settings.SMS_URL, settings.SMS_TIMEOUT = f"{made.url}/send", 0.4
    yield made
    made.stop()


pytest_plugins = ["tests.faults.stage"]
pytestmark = pytest.mark.usefixtures("standing")


@pytest.fixture(autouse=True)
def _kind(monkeypatch):
    """The kind "test", whose words have a link."""
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
    registry.register(
        "test",
        label="Test",
        wanted=lambda notice, now: True,
        render=lambda notice, language: Text(
            "A subject", "Good day.\n\nhttps://vedika.example/1/\n"
        ),
    )


@pytest.fixture
def province(db):
    return ProvinceFactory()


@pytest.fixture
def officer(province):
    return coordinator_of(province, email="officer@vedika.example", language="en")


def person_by(channel, **more):
    """Somebody with all addresses who chose this way."""
    more = {"email": "reader@vedika.example", "language": "en", "phone": PHONE} | more
    person = UserFactory(**more)
    Preference.objects.create(user=person, channel=channel)
    TelegramChat.objects.create(user=person, chat_id=CHAT, linked_at=NOW)
    return person


def tell(person, province, *, version=1, now=NOW):
    actions.tell(
        "test",
        "issue:1",
        recipients=[f"user:{person.pk}"],
        due_at=NOW,
        version=version,
        province_id=province.pk,
    )
    dispatch(now)


def dispatch(now=NOW):
    while actions.dispatch_some(now=now):
        pass


def story():
    """The kind and way of each notice, its state, the way its message went, each try's code."""
    rows = Notice.objects.select_related("message").order_by("pk")
    return [
        (one.kind, one.channel, one.state, one.message.channel, codes(one.message)) for one in rows
    ]


def codes(message):
    return list(message.attempts.order_by("pk").values_list("code", flat=True))


# --- told by the chosen way ---------------------------------------------------------------------
def test_telegram_is_told_once_in_the_chat_and_its_number_is_kept(provider, province):
    person = person_by(Channel.TELEGRAM)

    tell(person, province)
    tell(person, province)  # planned again by whoever sweeps

    assert story() == [("test", "usual", "sent", "telegram", ["200"])]
    assert provider.sent == [
        {
            "chat_id": CHAT,
            "text": "A subject\n\nGood day.\n\nhttps://vedika.example/1/",
            "link_preview_options": {"is_disabled": True},
        }
    ]
    assert Message.objects.get().provider_id == f"{CHAT}:1"


def test_who_changes_the_way_is_not_told_again(provider, province, mailoutbox):
    person = person_by(Channel.TELEGRAM)
    tell(person, province)

    Preference.objects.update(channel=Channel.EMAIL)
    tell(person, province)

    assert (len(provider.sent), len(mailoutbox)) == (1, 0)


def test_a_short_message_bears_what_the_settings_say(provider, province, settings):
    settings.SMS_TOKEN, settings.SMS_FORMAT = "s3cret", "form"
    settings.SMS_PARAMETERS = {
        "dest": "{to}",
        "msg": "{text}",
        "key": "{token}",
        "id": "{reference}",
    }

    tell(person_by(Channel.SMS), province)

    message = Message.objects.get()
    reference = message.message_id.strip("<>").partition("@")[0]
    assert provider.sent == [
        {"dest": PHONE, "msg": "A subject https://vedika.example/1/", "key": "s3cret"}
        | {"id": reference}
    ]
    assert "Authorization" not in provider.asked[0][2]
    assert (message.state, message.provider_id) == ("sent", "gw-1")


# --- fault 20: slow, then delivered ---------------------------------------------------------------
@pytest.mark.parametrize("channel", [Channel.TELEGRAM, Channel.SMS])
@pytest.mark.parametrize("trouble", [0.8, "close"])
def test_silence_after_the_request_is_unknown_and_never_resent(
    provider, province, mailoutbox, channel, trouble
):
    provider.plan = [trouble]

    tell(person_by(channel), province)
    for hours in (1, 12, 23):
        dispatch(NOW + hours * HOUR)

    assert story() == [("test", "usual", "unknown", channel, ["silence"])]
    assert (len(provider.sent), len(mailoutbox)) == (1, 0)


def test_a_try_that_was_cut_off_is_unknown_and_never_resent(provider, province):
    person = person_by(Channel.TELEGRAM)
    actions.tell("test", "issue:1", recipients=[f"user:{person.pk}"], due_at=NOW)
    packing.pack(NOW, 5)
    (claimed,) = delivery.claim(NOW, 5)
    tries.begin(claimed, seen=tries.acts(), now=NOW)  # and killed

    for hours in (1, 12, 23):
        dispatch(NOW + hours * HOUR)

    assert story() == [("test", "usual", "unknown", "telegram", [""])]
    assert provider.sent == []


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_server_that_failed_with_the_message_may_have_sent_it(provider, province, status):
    provider.plan = [(status, "oops", {})]

    tell(person_by(Channel.SMS), province)
    dispatch(NOW + HOUR)

    assert story() == [("test", "usual", "unknown", "sms", [str(status)])]


def test_a_provider_that_is_not_there_is_asked_again(provider, province, settings):
    person, there = person_by(Channel.TELEGRAM), settings.TELEGRAM_API
    settings.TELEGRAM_API = "http://127.0.0.1:1"
    tell(person, province)
    settings.TELEGRAM_API = there

    dispatch(NOW + MINUTE)

    assert story() == [("test", "usual", "sent", "telegram", ["connection", "200"])]
    assert len(provider.sent) == 1


# --- fault 21: 429 with Retry-After, 403 ----------------------------------------------------------
def test_who_asks_us_to_wait_is_spared_that_long_and_mail_goes_on(provider, province, mailoutbox):
    limited = {"ok": False, "description": "Too Many Requests", "parameters": {"retry_after": 300}}
    provider.plan = [(429, limited, {})]
    person = person_by(Channel.TELEGRAM)
    tell(person, province)

    tell(person, province, version=2, now=NOW + MINUTE)  # nor is the next one sent
    other = UserFactory(email="other@vedika.example")
    tell(other, province, now=NOW + 4 * MINUTE)
    assert (len(provider.sent), len(mailoutbox)) == (1, 1)
    assert breaker.is_open("telegram")

    dispatch(NOW + 6 * MINUTE)
    dispatch(NOW + 7 * MINUTE)

    assert [one[2:] for one in story()] == [
        ("sent", "telegram", ["429", "200"]),
        ("sent", "telegram", ["200"]),
        ("sent", "email", ["file"]),
    ]
    assert not breaker.is_open("telegram")


def test_a_gateway_is_waited_for_as_its_header_says(provider, province):
    provider.plan = [(429, "slowly", {"Retry-After": "120"})]
    tell(person_by(Channel.SMS), province)

    dispatch(NOW + MINUTE)
    assert len(provider.sent) == 1
    dispatch(NOW + 3 * MINUTE)

    assert story() == [("test", "usual", "sent", "sms", ["429", "200"])]


@pytest.mark.parametrize(
    ("channel", "address", "answer"),
    [
        (Channel.TELEGRAM, str(CHAT), (403, {"ok": False, "description": "bot was blocked"}, {})),
        (Channel.TELEGRAM, str(CHAT), (400, {"description": "Bad Request: chat not found"}, {})),
        (Channel.SMS, PHONE, (422, "no such number", {})),
    ],
)
def test_an_address_that_failed_is_marked_told_by_mail_and_said(
    provider, province, officer, mailoutbox, channel, address, answer
):
    person = person_by(channel)
    provider.plan = [answer]

    tell(person, province)
    tell(person, province, version=2)  # straight to the mail now
    dispatch(NOW + MINUTE)

    code = str(answer[0])
    assert story() == [
        ("test", "usual", "failed", channel, [code]),
        ("address_failed", "usual", "sent", "email", ["file"]),
        ("test", "email", "sent", "email", ["file"]),
        ("test", "usual", "sent", "email", ["file"]),
    ]
    assert len(provider.sent) == 1
    marked = FailedAddress.objects.values_list("channel", "address", "recipient", "code")
    assert list(marked) == [(channel, address, f"user:{person.pk}", code)]
    assert [one.to for one in mailoutbox].count(["officer@vedika.example"]) == 1


def test_a_message_refused_for_itself_goes_by_mail_and_marks_nobody(provider, province, officer):
    provider.plan = [(400, {"ok": False, "description": "Bad Request: message is too long"}, {})]

    tell(person_by(Channel.TELEGRAM), province)
    dispatch(NOW + MINUTE)

    assert story() == [
        ("test", "usual", "failed", "telegram", ["400"]),
        ("test", "email", "sent", "email", ["file"]),
    ]
    assert not FailedAddress.objects.exists()


def test_what_waits_for_an_unlinked_chat_goes_by_mail(provider, province):
    person = person_by(Channel.TELEGRAM)
    actions.tell("test", "issue:1", recipients=[f"user:{person.pk}"], due_at=NOW)
    packing.pack(NOW, 5)
    TelegramChat.objects.update(user=UserFactory())  # the telephone is somebody else's now

    dispatch()
    dispatch(NOW + MINUTE)

    assert [one[2:] for one in story()] == [
        ("failed", "telegram", ["unlinked"]),
        ("sent", "email", ["file"]),
    ]
    assert provider.sent == []


# --- fault 22: receipts ---------------------------------------------------------------------------
def report(said, *, provider_id="", reference="", now=NOW):
    return receipts.take("sms", receipts.Report(provider_id, reference, said), now=now)


@pytest.mark.parametrize(
    ("said", "expected"),
    [("DELIVRD", "delivered"), ("undelivered", "failed"), ("buffered", "sent")],
)
def test_a_receipt_before_our_own_record_counts_once_that_is_written(
    provider, province, monkeypatch, said, expected
):
    send = delivery._send

    def send_and_report(message):
        outcome = send(message)
        if isinstance(outcome, Sent) and outcome.provider_id:
            assert report(said, provider_id=outcome.provider_id)
        return outcome

    monkeypatch.setattr(delivery, "_send", send_and_report)
    tell(person_by(Channel.SMS, email=None), province)

    assert [one[2] for one in story()] == [expected]


def test_a_receipt_counts_once_and_nothing_ends_twice(provider, province):
    tell(person_by(Channel.SMS), province)

    assert report("delivered", provider_id="gw-1")
    assert not report("delivered", provider_id="gw-1")
    assert report("failed", provider_id="gw-1")  # kept, and too late

    assert story() == [("test", "usual", "delivered", "sms", ["200"])]
    assert Receipt.objects.count() == 2


def test_a_receipt_of_nothing_we_know_is_kept_and_changes_nothing(provider, province):
    tell(person_by(Channel.SMS), province)

    assert report("failed", provider_id="gw-999", reference="nobody")

    assert [one[2] for one in story()] == ["sent"]


def test_a_receipt_by_our_own_name_settles_what_was_unknown(provider, province):
    provider.plan = ["close"]
    tell(person_by(Channel.SMS), province)
    reference = Message.objects.get().message_id.strip("<>").partition("@")[0]

    report("delivered", reference=reference)

    assert [one[2] for one in story()] == ["delivered"]


def test_what_its_provider_could_not_deliver_goes_by_mail(provider, province):
    tell(person_by(Channel.SMS), province)
    report("undelivered", provider_id="gw-1")
    dispatch(NOW + MINUTE)

    assert story() == [
        ("test", "usual", "failed", "sms", ["200"]),
        ("test", "email", "sent", "email", ["file"]),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_receipt_and_our_own_record_at_once_lose_neither(provider):
    for number in range(3):
        _one_at_once(f"gw-x{number}")

    assert set(Message.objects.values_list("state", flat=True)) == {"delivered"}
    assert not Attempt.objects.exclude(outcome="sent").exists()


def _one_at_once(name):
    """The outcome is written and the receipt is taken by two threads that start together."""
    person = UserFactory(email=None, phone=f"+8551200{name[-1]}001")
    Preference.objects.create(user=person, channel=Channel.SMS)
    actions.tell("test", f"issue:{person.pk}", recipients=[f"user:{person.pk}"], due_at=NOW)
    packing.pack(NOW, 5)
    (claimed,) = delivery.claim(NOW, 5)
    attempt = tries.begin(claimed, seen=tries.acts(), now=NOW)
    ready = threading.Barrier(2)

    def run(act):
        try:
            ready.wait()
            act()
        finally:
            connection.close()

    acts = [
        lambda: delivery.finish(attempt, Sent("200", "", provider_id=name), NOW),
        lambda: report("delivered", provider_id=name),
    ]
    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
