"""A mailed answer of an office whose director has to approve what leaves it."""

from email.policy import SMTP

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.models import RoleAssignment
from audit import clock
from inbox import actions, addresses, engine
from inbox.models import Incoming
from issues import actions as issue_actions
from issues.models import DraftedAnswer, Response
from outbox.models import Notice
from tests.factories import (
    AuthorityFactory,
    MessageFactory,
    NoticeFactory,
    coordinator_of,
    issue_in,
    official_of,
)
from tests.factories_inbox import IncomingFactory, mail, pdf

pytest_plugins = ["tests.inbox.mailboxes"]
pytestmark = pytest.mark.django_db
SECRET = "The bridge stands on our list of next year."


@pytest.fixture(autouse=True)
def _in_english(client, settings):
    settings.REPLY_ADDRESS = "reply@vedika.example"
    client.cookies["django_language"] = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def referral():
    office = AuthorityFactory(needs_approval=True)
    return issue_in("referred", authority=office).referrals.get()


@pytest.fixture
def director(referral):
    made = official_of(referral.authority, email="director@office.example")
    RoleAssignment.objects.filter(user=made).update(approves=True)
    return made


@pytest.fixture
def author(referral, director):
    return official_of(referral.authority, email="engineer@office.example")


def letter(referral, person, text=SECRET):
    """The person's mail with a file, in answer to the first notice."""
    notice = Notice.objects.filter(kind="first_referral").first() or NoticeFactory(
        subject=f"referral:{referral.pk}", kind="first_referral", recipient=f"user:{person.pk}",
        state="sent", message=MessageFactory(recipient=f"user:{person.pk}", state="sent"),
    )  # fmt: skip
    made = mail(sender=person.email, to=addresses.of(notice), text=text)
    made.add_attachment(pdf(), maintype="application", subtype="pdf", filename="plan.pdf")
    return made.as_bytes(policy=SMTP)


def settle(content):
    row = IncomingFactory(content=content)
    actions.settle(row.pk, now=clock.now())
    row.refresh_from_db()
    return row


def test_a_mailed_answer_is_drafted_for_the_director(imap, client, referral, author, director):
    imap.deliver(letter(referral, author))

    engine.look(now=clock.now())

    row, draft = Incoming.objects.get(), DraftedAnswer.objects.get()
    assert (row.state, row.why, row.draft, row.response, row.referral) == (
        "attached", "", draft, None, referral,
    )  # fmt: skip
    assert (draft.kind, draft.text, draft.by, draft.state, draft.files.count()) == (
        "answer", SECRET, author, "waiting", 1,
    )  # fmt: skip
    assert not Response.objects.exists()
    told = Notice.objects.exclude(kind="first_referral").values_list("kind", "subject", "recipient")
    assert list(told) == [("answer_drafted", f"draftedanswer:{draft.pk}", f"user:{director.pk}")]

    client.force_login(coordinator_of(referral.issue.province))
    page = client.get(row.get_absolute_url()).content.decode()
    whole = reverse("inbox:incoming_raw", args=[row.pk])
    assert "Drafted for the director’s approval." in page
    assert [SECRET in page, "plan.pdf" in page, whole in page] == [False] * 3
    assert client.get(whole).status_code == 403

    answer = issue_actions.approve(draft, by=director, now=clock.now(), seen=1)
    assert (answer.text, answer.by) == (SECRET, author)
    page = client.get(row.get_absolute_url()).content.decode()
    assert [SECRET in page, "plan.pdf" in page, whole in page] == [True] * 3
    assert "approved since" in page


def test_a_second_mail_waits_and_the_same_mail_is_one_draft(referral, author):
    content = letter(referral, author)
    first, again = settle(content), settle(b"Received: from elsewhere.example\r\n" + content)
    other = settle(letter(referral, author, text="And next year it is built."))

    assert [(one.state, one.why) for one in (first, again, other)] == [
        ("attached", ""), ("attached", ""), ("held", "refused"),
    ]  # fmt: skip
    assert first.draft == again.draft == DraftedAnswer.objects.get()


def test_the_director_s_own_mail_leaves_at_once(referral, director):
    row = settle(letter(referral, director))

    assert (row.state, row.draft, row.response) == ("attached", None, Response.objects.get())
