"""The account page on which a person chooses how to be told, and what a gateway may report."""

import datetime as dt
import hashlib
import hmac
import json
import re

import pytest
from django.urls import reverse

from audit import clock
from outbox import post, recipients, telling
from outbox.models import FailedAddress, Message, Preference, Receipt, TelegramChat
from tests.factories import (
    AuthorityFactory,
    MessageFactory,
    NoticeFactory,
    UserFactory,
    coordinator_of,
    official_of,
)

pytestmark = pytest.mark.django_db
WAYS, RECEIPT = "/account/telling/", "/outbox/receipts/sms/"
KEY = "k3y"


@pytest.fixture(autouse=True)
def _set_up(settings):
    settings.TELEGRAM_TOKEN, settings.TELEGRAM_BOT = "1:token", "vedika_bot"
    settings.SMS_URL, settings.SMS_RECEIPT_KEY = "http://127.0.0.1:1/", KEY


@pytest.fixture
def person(client):
    made = UserFactory(language="en", email="a@vedika.example", phone="+85512000001")
    client.force_login(made)
    return made


def link_chat(person, chat_id=77):
    TelegramChat.objects.create(user=person, chat_id=chat_id, linked_at=clock.now())


# --- the choice ---------------------------------------------------------------------------------
def test_ways_keeps_the_choice(client, person):
    assert client.post(WAYS, {"channel": "sms"}).status_code == 302
    assert client.post(WAYS, {"channel": "sms"}).status_code == 302

    assert Preference.objects.values_list("user", "channel").get() == (person.pk, "sms")
    assert recipients.resolve(f"user:{person.pk}").channel == "sms"


def test_ways_refuses_a_way_without_an_address(client, person):
    page = client.post(WAYS, {"channel": "telegram"})

    assert "There is no address of yours for this yet." in page.content.decode()
    assert not Preference.objects.exists()


def test_ways_offers_only_what_is_set_up(client, person, settings):
    settings.TELEGRAM_TOKEN = settings.SMS_URL = ""

    page = client.get(WAYS).content.decode()

    assert (page.count('type="radio" name="channel"'), "Telegram" in page) == (1, False)


def test_saving_tries_a_mended_address_again(client, person):
    link_chat(person)
    Preference.objects.create(user=person, channel="telegram")
    FailedAddress.objects.create(
        channel="telegram", address="77", recipient=f"user:{person.pk}", failed_at=clock.now()
    )
    assert recipients.resolve(f"user:{person.pk}").channel == "email"
    assert "came back" in client.get(WAYS).content.decode()

    client.post(WAYS, {"channel": "telegram"})

    assert recipients.resolve(f"user:{person.pk}").channel == "telegram"


def test_who_has_no_mail_is_told_where_they_can_be(person):
    person.email = None
    person.save()
    assert recipients.resolve(f"user:{person.pk}") is None  # nobody gets an SMS unasked

    link_chat(person)

    assert recipients.resolve(f"user:{person.pk}") == recipients.Recipient(
        "77", "en", str(person), "telegram"
    )


def test_coordinators_without_mail_are_found_by_their_chat():
    officer = coordinator_of(None, email=None)
    assert recipients.coordinators(["11"]) == {"11": ["province:11"]}

    link_chat(officer)

    assert recipients.coordinators(["11"]) == {"11": [f"user:{officer.pk}"]}


def test_a_calendar_goes_by_mail(person):
    link_chat(person)
    Preference.objects.create(user=person, channel="telegram")

    assert recipients.resolve(f"user:{person.pk}", "email").address == "a@vedika.example"


def test_telegram_code_is_shown_once_and_kept_nowhere(client, person):
    page = client.post(reverse("outbox:telegram_code"))

    (code,) = set(re.findall(r"start(?:=| )([\w-]{32})", page.content.decode()))
    assert "https://t.me/vedika_bot?start=" in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
    assert telling.link(code, 77, now=clock.now() + dt.timedelta(minutes=29)) == person


def test_telegram_unlink_goes_back_to_mail(client, person):
    link_chat(person)
    Preference.objects.create(user=person, channel="telegram")

    client.post(reverse("outbox:telegram_unlink"))

    assert recipients.resolve(f"user:{person.pk}").channel == "email"


# --- how often, and silence -----------------------------------------------------------------------
def test_ways_keeps_how_often_and_unlinking_a_chat_does_not_forget_it(client, person):
    link_chat(person)
    choice = {"channel": "telegram", "often": "True"}
    assert client.post(WAYS, choice).status_code == 302

    often = client.get(WAYS).context["form"]["often"]
    assert [one.data["value"] for one in often if one.data["selected"]] == ["True"]
    client.post(reverse("outbox:telegram_unlink"))

    assert Preference.objects.values_list("channel", "is_digest").get() == ("email", True)
    client.post(WAYS, {"channel": "email", "often": ""})
    assert Preference.objects.get().is_digest is None


def test_an_official_mutes_early_reminders_for_at_most_three_days(client, monkeypatch):
    official = official_of(AuthorityFactory(), language="en")
    client.force_login(official)
    friday = dt.datetime(2026, 6, 12, 3, 0, tzinfo=dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: friday)

    page = client.post(reverse("outbox:mute"), {"days": "4"})
    assert page.status_code == 422
    assert "can be muted for at most 3 working days" in page.content.decode()
    assert not Preference.objects.exists()

    client.post(reverse("outbox:mute"), {"days": "3"})
    assert Preference.objects.get().muted_until == dt.date(2026, 6, 16)
    assert "muted until the end of" in client.get(WAYS).content.decode()
    waiting = NoticeFactory(
        state="held", reason=post.MUTED, recipient=f"user:{official.pk}", message=None
    )

    client.post(reverse("outbox:unmute"))

    waiting.refresh_from_db()
    assert (Preference.objects.get().muted_until, waiting.state, waiting.due_at) == (
        None, "planned", friday,
    )  # fmt: skip


def test_who_gets_no_reminders_has_nothing_to_mute(client, person):
    assert client.post(reverse("outbox:mute"), {"days": "1"}).status_code == 403
    assert "Early reminders" not in client.get(WAYS).content.decode()


# --- what a gateway reports -----------------------------------------------------------------------
def signed(body):
    return hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest()


@pytest.fixture
def sent(db):
    notice = NoticeFactory(
        state="sent", message=MessageFactory(channel="sms", state="sent", provider_id="gw-1")
    )
    return notice.message


@pytest.mark.parametrize("way", ["signed json", "signed form", "bearer"])
def test_a_receipt_of_the_gateway_counts(client, sent, way):
    body = json.dumps({"id": "gw-1", "status": "DELIVRD"}).encode()
    kind, headers = "application/json", {"X-Signature": f"sha256={signed(body)}"}
    if way == "signed form":
        body, kind = b"id=gw-1&status=delivered", "application/x-www-form-urlencoded"
        headers = {"X-Signature": signed(body)}
    elif way == "bearer":
        headers = {"Authorization": f"Bearer {KEY}"}

    answers = [client.post(RECEIPT, body, kind, headers=headers).status_code for _ in range(2)]

    assert answers == [204, 204]
    assert Message.objects.get().state == "delivered"
    assert Receipt.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "key", "expected"),
    [
        (b'{"id": "gw-1", "status": "delivered"}', "other", 403),
        (b'{"id": "gw-1", "status": "delivered"}', "", 403),
        (b'{"status": "delivered"}', KEY, 400),
        (b"[1]", KEY, 400),
        (b"nonsense", KEY, 400),
        (b" " * 30_000, KEY, 400),
    ],
)
def test_a_receipt_that_is_not_theirs_or_says_nothing_changes_nothing(
    client, sent, body, key, expected
):
    headers = {"Authorization": f"Bearer {key}"} if key else {}

    answer = client.post(RECEIPT, body, "application/json", headers=headers)

    assert (answer.status_code, Message.objects.get().state) == (expected, "sent")
    assert not Receipt.objects.exists()


def test_without_a_key_no_receipts_are_taken(client, settings):
    settings.SMS_RECEIPT_KEY = ""

    answer = client.post(RECEIPT, {"id": "1", "status": "x"}, headers={"Authorization": "Bearer "})

    assert answer.status_code == 404


# --- copied by hand -------------------------------------------------------------------------------
def test_a_notice_can_be_copied_as_text(client):
    officer = coordinator_of(None, language="en")
    client.force_login(officer)
    notice = NoticeFactory(state="sent")

    page = client.get(notice.get_absolute_url()).content.decode()

    assert 'data-copy="plain"' in page
    assert f"{notice.message.subject}\n\n{notice.message.body}" in page
