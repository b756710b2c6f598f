"""An official links a chat, is told in it, asks it for the referrals and acknowledges there."""

import pytest

from audit import clock
from inbox.bot import updates
from issues.models import Referral
from outbox import actions as outbox
from reminders import actions as reminders
from tests.browser.screen import PHONE
from tests.factories import coordinator_of, issue_in, official_of
from tests.providers import Provider

pytestmark = pytest.mark.django_db(transaction=True)
LANGUAGE, CHAT = "km", 77


@pytest.fixture
def telegram(settings):
    made = Provider()
    settings.TELEGRAM_TOKEN, settings.TELEGRAM_BOT = "1:token", "Vedika"
    settings.TELEGRAM_API, settings.TELEGRAM_TIMEOUT = made.url, 2
    yield made
    made.stop()


def say(telegram, text):
    """What the bot answers."""
    telegram.write(text, chat=CHAT, language=LANGUAGE)
    updates.look(now=clock.now())
    return telegram.sent[-1]["text"]


def test_an_official_lives_with_the_bot(window, telegram):
    issue = issue_in("referred", language=LANGUAGE, title="ផ្លូវដាច់")
    issue.referrals.update(handed_over_on=None, due_on=None, note="សូមជួសជុលផ្លូវ។")
    head = official_of(issue.referrals.get().authority, language=LANGUAGE)
    screen = window(LANGUAGE, PHONE, user=head)
    screen.open("outbox:ways")
    screen.look("ways")
    screen.send("outbox:telegram_code")
    screen.look("telegram-code")
    code = screen.page.locator('main a[href*="?start="]').get_attribute("href").split("=")[-1]
    say(telegram, f"/start {code}")
    screen.open("outbox:ways")
    screen.look("ways-linked")

    reminders.plan(now=clock.now())
    while outbox.dispatch_some(now=clock.now()):
        pass

    told = telegram.sent[-1]
    assert (int(told["chat_id"]), issue.reference in told["text"]) == (CHAT, True)
    assert issue.reference in say(telegram, "បញ្ហារបស់ខ្ញុំ")
    assert issue.reference in say(telegram, f"បានទទួល {issue.reference}")
    assert Referral.objects.get().acknowledged_by == head
    coordinator = window(LANGUAGE, PHONE, user=coordinator_of(issue.province))
    coordinator.open("issues:referral", issue.referrals.get().pk)
    coordinator.says("Received")
    coordinator.look("referral-received")
