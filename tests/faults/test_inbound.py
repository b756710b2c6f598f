"""Faults 25 and 26: mail that comes several times, and mail that would go round for ever."""

from email.policy import SMTP

import pytest
from django.core import mail as sent_mail

from accounts.models import Role, User
from audit import clock
from config import notices
from inbox import addresses, engine
from inbox.models import Incoming
from issues.models import Response
from outbox import actions as outbox
from outbox.models import Notice
from tests.factories import NoticeFactory, coordinator_of, issue_in, official_of
from tests.factories_inbox import bounce, mail

pytest_plugins = ["tests.inbox.mailboxes", "tests.faults.stage"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standing")]


@pytest.fixture
def told(imap):
    """A first notice that has left, with its official."""
    issue = issue_in("referred")
    coordinator_of(issue.province)
    referral = issue.referrals.get()
    head = official_of(referral.authority, email="head@office.example", language="en")
    notice = NoticeFactory(
        subject=f"referral:{referral.pk}",
        kind="first_referral",
        version=referral.due_version,
        recipient=f"user:{head.pk}",
    )
    notices.register()
    leave()
    notice.refresh_from_db()
    assert notice.state == "sent"
    return notice


def leave():
    """Send everything that is due."""
    while outbox.dispatch_some(now=clock.now()):
        pass


def test_the_same_mail_three_times_answers_once(imap, told):
    """Fault 25: fetched again, under other numbers, and over another server."""
    made = mail(sender="head@office.example", to=told.message.reply_to, text="We repair it.")
    same = made.as_bytes(policy=SMTP)
    imap.deliver(same, same)
    engine.look(now=clock.now())
    imap.uidvalidity += 1
    made["Received"] = "from elsewhere.example"
    imap.deliver(made.as_bytes(policy=SMTP))
    engine.look(now=clock.now())
    leave()
    engine.look(now=clock.now())

    assert told.message.reply_to == addresses.of(told)
    assert Response.objects.get().text == "We repair it."
    assert list(Incoming.objects.order_by("pk").values_list("state", flat=True)) == ["attached"] * 2
    answers = Notice.objects.filter(kind="response_given")
    assert answers.count() == answers.values("recipient").distinct().count() > 0


def test_no_machine_is_answered(imap, told):
    """Fault 26: an automatic answer, a mail that came back, and our own notice sent to us."""
    own = sent_mail.outbox[0].message().as_bytes(linesep="\r\n")
    away = mail(
        sender="head@office.example", to=told.message.reply_to, Auto_Submitted="auto-replied"
    )
    imap.deliver(own, away.as_bytes(policy=SMTP), bounce(told.message.message_id))

    engine.look(now=clock.now())
    leave()

    # What came back is said to the secretariat, and nothing to any machine.
    more = Notice.objects.exclude(pk=told.pk)
    assert set(more.values_list("kind", flat=True)) == {"address_failed"}
    asked = {address for one in sent_mail.outbox[1:] for address in one.to}
    assert asked == {user.email for user in User.people.holding(Role.COORDINATOR)}
    assert list(Incoming.objects.order_by("pk").values_list("state", flat=True)) == [
        "auto", "auto", "bounce",
    ]  # fmt: skip
    told.refresh_from_db()
    assert (told.state, Response.objects.exists()) == ("failed", False)
