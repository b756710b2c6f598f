"""People write to the bot: linked by a code, told what is theirs, and strangers learn nothing."""

import datetime as dt

import pytest

from audit.models import AuditEntry
from inbox.bot import updates
from issues.models import Referral
from outbox import holding, telling
from outbox.models import Cursor, Preference, TelegramChat, TelegramCode
from tests.factories import AuthorityFactory, UserFactory, issue_in, official_of, representative_of
from tests.providers import Provider

NOW = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)
STRANGER = "Good day. To be told here, please link this chat from your account in Vedika."
HELP = "Thank you. Write “my referrals”, “acknowledge” with a reference, or /stop."
GREETING = "Thank you. This chat is linked: what concerns you is told to you here."
CHAT = 77
pytestmark = pytest.mark.django_db


@pytest.fixture
def telegram(settings):
    made = Provider()
    settings.TELEGRAM_TOKEN, settings.TELEGRAM_BOT = "1:token", "vedika_bot"
    settings.TELEGRAM_API, settings.TELEGRAM_TIMEOUT = made.url, 2
    yield made
    made.stop()


def say(telegram, text, *, now=NOW, **more):
    """What the bot answers, and in which chats."""
    before = len(telegram.sent)
    telegram.write(text, **more)
    updates.look(now=now)
    return [(one["chat_id"], one["text"]) for one in telegram.sent[before:]]


def linked(person):
    TelegramChat.objects.create(user=person, chat_id=CHAT, linked_at=NOW)
    Preference.objects.create(user=person, channel="telegram")
    return person


@pytest.fixture
def referral(db):
    return issue_in("referred").referrals.select_related("issue", "authority").get()


@pytest.fixture
def official(referral):
    return linked(official_of(referral.authority, language="en"))


# --- linking ------------------------------------------------------------------------------------
def test_a_code_links_its_chat_once_and_messages_go_there(telegram):
    person = UserFactory(language="en", email="a@vedika.example")
    code = telling.new_code(person, now=NOW)

    assert TelegramCode.objects.get().code_hash != code
    assert say(telegram, f"/start {code}") == [(CHAT, GREETING)]
    assert say(telegram, f"/start {code}", chat=88) == [(88, STRANGER)]
    assert TelegramChat.objects.values_list("user", "chat_id").get() == (person.pk, CHAT)
    assert Preference.objects.get().channel == "telegram"
    acts = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(acts) == [
        "outbox.make_telegram_code",
        "outbox.link_telegram",
        "outbox.choose_channel",
    ]


@pytest.mark.parametrize("text", ["/start", "/start nonsense", "my referrals", "/stop", "ជំរាបសួរ"])
def test_a_stranger_learns_nothing(telegram, referral, text):
    assert say(telegram, text) == [(CHAT, STRANGER)]


def test_a_code_ends_after_half_an_hour_and_with_the_next_one(telegram):
    person = UserFactory(language="en")
    first = telling.new_code(person, now=NOW)
    second = telling.new_code(person, now=NOW)

    assert say(telegram, f"/start {first}") == [(CHAT, STRANGER)]
    late = NOW + telling.LIFE
    assert say(telegram, f"/start {second}", now=late) == [(CHAT, STRANGER)]
    assert not TelegramChat.objects.exists()


def test_a_chat_that_changes_hands_leaves_the_person_before(telegram):
    before, person = linked(UserFactory()), UserFactory(language="en")
    code = telling.new_code(person, now=NOW)

    say(telegram, f"/start {code}")

    assert TelegramChat.objects.get().user == person
    assert Preference.objects.get(user=before).channel == "email"


def test_stop_unlinks(telegram, official):
    said = "This chat is no longer linked. You are told by e-mail again."

    assert say(telegram, "/stop") == [(CHAT, said)]
    assert say(telegram, "my referrals") == [(CHAT, STRANGER)]
    assert Preference.objects.get().channel == "email"


def test_a_group_and_a_closed_account_are_not_answered_as_a_person(telegram, official):
    assert say(telegram, "my referrals", kind="group") == []
    official.is_active = False
    official.save()
    assert say(telegram, "my referrals") == [(CHAT, STRANGER)]


# --- my referrals, acknowledge ------------------------------------------------------------------
def test_my_referrals_are_references_ages_and_links(telegram, official, referral, settings):
    Referral.objects.update(referred_at=NOW - dt.timedelta(days=12, hours=3))
    link = f"{settings.BASE_URL}/referrals/{referral.pk}/"

    answer = f"1 open referral:\n{referral.issue.reference} · 12 days\n{link}"
    assert say(telegram, "My referrals") == [(CHAT, answer)]


def test_my_referrals_are_those_of_the_own_office(telegram, referral):
    linked(official_of(AuthorityFactory(), language="en"))

    none = "No referral of your office is open. Thank you."
    assert say(telegram, "/referrals") == [(CHAT, none)]


def test_acknowledge_is_the_act_itself_and_changes_nothing_twice(telegram, official, referral):
    reference = referral.issue.reference
    done = f"Thank you. It is noted that your office received {reference}."

    assert say(telegram, f"acknowledge {reference}") == [(CHAT, done)]
    assert say(telegram, f"Acknowledge  {reference}") == [(CHAT, done)]

    referral.refresh_from_db()
    assert (referral.acknowledged_by, referral.acknowledged_at) == (official, NOW)
    assert AuditEntry.objects.filter(action="issue.acknowledge").count() == 1


@pytest.mark.parametrize("who", ["other office", "representative"])
def test_acknowledge_of_what_is_not_theirs_finds_nothing(telegram, referral, who):
    organization = referral.issue.organization
    other = representative_of(organization, language="en") if who == "representative" else None
    linked(other or official_of(AuthorityFactory(), language="en"))

    said = "No open referral of your office has this reference."
    assert say(telegram, f"acknowledge {referral.issue.reference}") == [(CHAT, said)]
    referral.refresh_from_db()
    assert referral.acknowledged_at is None


def test_acknowledge_without_a_reference_and_other_words_get_one_sentence(telegram, official):
    asked = "Please write the reference behind it, as “acknowledge 11-2026-0001”."

    assert say(telegram, "acknowledge") == [(CHAT, asked)]
    assert say(telegram, "thank you") == [(CHAT, HELP)]


# --- updates --------------------------------------------------------------------------------------
def test_an_update_is_done_once_however_often_it_is_read(telegram, official):
    telegram.write("thank you")

    assert [updates.look(now=NOW), updates.look(now=NOW)] == [1, 0]
    Cursor.objects.all()
    assert len(telegram.sent) == 1
    assert Cursor.objects.get().next_id == 1001


def test_an_update_that_breaks_is_left_behind(telegram, official, monkeypatch, caplog):
    telegram.write("thank you")
    telegram.write("thank you")
    real = updates.commands.answer
    broken = [ValueError("no")]

    def breaking(*args, **more):
        if broken:
            raise broken.pop()
        return real(*args, **more)

    monkeypatch.setattr(updates.commands, "answer", breaking)

    assert updates.look(now=NOW) == 1
    assert [one["text"] for one in telegram.sent] == [HELP]
    assert "Update 1000" in caplog.text


def test_nothing_is_read_while_all_outbound_is_held_or_telegram_is_away(telegram, settings):
    settings.TELEGRAM_API = "http://127.0.0.1:1"
    assert updates.look(now=NOW) is None
    holding.hold(by=None, reason="restored", now=NOW)
    assert updates.look(now=NOW) == 0
