"""An office answers by replying to the e-mail; what comes from a stranger is put in its place."""

from email.policy import SMTP

import pytest

from audit import clock
from inbox import engine
from inbox.models import Incoming
from issues.models import Response
from outbox import actions as outbox
from outbox.models import Message
from reminders import actions as reminders
from tests.browser.screen import PHONE
from tests.factories import coordinator_of, issue_in, official_of, representative_of
from tests.factories_inbox import mail

pytest_plugins = ["tests.inbox.mailboxes"]
pytestmark = pytest.mark.django_db(transaction=True)
LANGUAGE = "km"
ANSWER = "ក្រុមការងារនឹងចុះជួសជុលផ្លូវនៅសប្ដាហ៍ក្រោយ។"
FROM_ELSEWHERE = "ខ្ញុំសូមជម្រាបថា គ្រឿងចក្របានមកដល់ហើយ។"


def read(imap, made):
    imap.deliver(made.as_bytes(policy=SMTP))
    engine.look(now=clock.now())


def test_a_reply_by_mail_ends_on_the_issue(window, imap):
    issue = issue_in("referred", language=LANGUAGE, title="ផ្លូវដាច់")
    referral = issue.referrals.get()
    official_of(referral.authority, language=LANGUAGE, email="head@office.example")
    issue.referrals.update(handed_over_on=None, due_on=None, note="សូមជួសជុលផ្លូវ។")
    reminders.plan(now=clock.now())
    while outbox.dispatch_some(now=clock.now()):
        pass
    told = Message.objects.get(kind="first_referral")

    read(imap, mail(sender="head@office.example", to=told.reply_to, text=ANSWER))
    read(imap, mail(subject="Re: ផ្លូវ", text=FROM_ELSEWHERE))

    representative = window(LANGUAGE, PHONE, user=representative_of(issue.organization))
    representative.open("issues:issue", issue.reference)
    representative.shows(ANSWER)
    representative.hides(FROM_ELSEWHERE)
    representative.look("answered-by-mail")

    coordinator = window(LANGUAGE, PHONE, user=coordinator_of(None))
    held = Incoming.objects.get(state="held")
    coordinator.open("inbox:inbox")
    coordinator.follow("inbox:incoming", held.pk)
    coordinator.shows(FROM_ELSEWHERE)
    coordinator.look("mail-held")
    coordinator.follow("inbox:attach", held.pk)
    coordinator.page.fill("[name=q]", issue.reference)
    coordinator.page.locator("main form[method=get] button").click()
    coordinator.fill(target=f"referral:{referral.pk}", title="មន្ទីរសាធារណការ")
    coordinator.send()

    representative.open("issues:issue", issue.reference)
    representative.shows(ANSWER, FROM_ELSEWHERE)
    assert list(Response.objects.order_by("pk").values_list("text", "on_behalf")) == [
        (ANSWER, False), (FROM_ELSEWHERE, True),
    ]  # fmt: skip
