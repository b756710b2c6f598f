"""What becomes of a mail by itself, by whose word, and what waits for a person."""

import datetime as dt

import pytest
from django.utils import timezone

from audit import clock
from audit.models import AuditEntry
from forum import ical, replies
from forum.events import uid_of
from inbox import actions, addresses
from inbox.models import Incoming
from issues.models import Comment, Evidence, Issue, Response
from outbox import bounces, channels
from outbox.models import Notice
from tests.factories import (
    ContactPointFactory,
    InvitationFactory,
    MessageFactory,
    NoticeFactory,
    OrganizationFactory,
    ReferralFactory,
    SessionFactory,
    announced,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.factories_inbox import IncomingFactory, bounce, mail, pdf

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _mailbox(settings):
    settings.REPLY_ADDRESS = "reply@vedika.example"
    settings.TRUSTED_AUTHSERV = ["mx.vedika.example"]


@pytest.fixture
def issue():
    return issue_in("referred")


@pytest.fixture
def referral(issue):
    return issue.referrals.get()


@pytest.fixture
def official(referral):
    return official_of(referral.authority, email="head@office.example")


@pytest.fixture
def notice(referral, official):
    """The first notice of the referral, as it was sent to the official."""
    message = MessageFactory(recipient=f"user:{official.pk}", state="sent")
    return NoticeFactory(
        subject=f"referral:{referral.pk}",
        kind="first_referral",
        recipient=f"user:{official.pk}",
        state="sent",
        message=message,
    )


def settled(content, **facts):
    """What became of this mail, and why it waits."""
    content = content if isinstance(content, bytes) else content.as_bytes()
    row = IncomingFactory(content=content, **facts)
    actions.settle(row.pk, now=clock.now())
    row.refresh_from_db()
    return row


def standing(row):
    return (row.state, row.why)


def nothing_done():
    return not (
        Response.objects.exists() or Comment.objects.exists() or AuditEntry.objects.exists()
    )


# --- an office answers ----------------------------------------------------------------------------
def test_an_official_answers_by_mail_with_files(notice, referral, official):
    secretariat = coordinator_of(referral.issue.province)
    made = mail(
        sender="Head@office.example",
        to=addresses.of(notice),
        subject="RE: ស្ពាន",
        text="We shall repair it.\n\nOn 7 May 2026, Vedika wrote:\n> Please answer.\n",
    )
    made.add_attachment(pdf(), maintype="application", subtype="pdf", filename="plan.pdf")
    made.add_attachment(b"MZ", maintype="application", subtype="octet-stream", filename="run.exe")

    row = settled(made)

    answer = Response.objects.get()
    assert (row.state, row.response, row.referral, row.issue, row.refused) == (
        "attached", answer, referral, referral.issue, [2],
    )  # fmt: skip
    assert (answer.kind, answer.text, answer.by, answer.on_behalf) == (
        "answer", "We shall repair it.", official, False,
    )  # fmt: skip
    assert Evidence.objects.get().response == answer
    referral.refresh_from_db()
    assert (referral.is_open, referral.issue.status) == (True, "referred")
    told = Notice.objects.filter(kind="response_given").values_list("recipient", flat=True)
    assert f"user:{secretariat.pk}" in told


@pytest.mark.parametrize("way", ["thread", "reference"])
def test_an_answer_is_matched_without_its_address(notice, referral, way):
    facts = {"In_Reply_To": notice.message.message_id, "subject": "Re: a road"}
    if way == "reference":
        khmer = referral.issue.reference.translate(str.maketrans("0123456789", "០១២៣៤៥៦៧៨៩"))
        said = "mx.vedika.example; dmarc=pass"
        facts = {"subject": f"Re: [{khmer}] ស្ពាន", "Authentication_Results": said}

    row = settled(mail(sender="head@office.example", **facts))

    assert (row.state, row.response.referral) == ("attached", referral)


def test_the_same_answer_over_two_servers_is_one(notice):
    made = mail(sender="head@office.example", to=addresses.of(notice))
    first = settled(made)
    made["Received"] = "from elsewhere.example"

    second = settled(made)

    assert (first.state, second.state) == ("attached", "attached")
    assert first.response == second.response == Response.objects.get()
    assert Notice.objects.filter(kind="response_given").values("version").distinct().count() <= 1


def test_a_mail_with_files_alone_says_so(notice):
    made = mail(sender="head@office.example", to=addresses.of(notice), text="\n-- \nDirector")
    empty = settled(made)
    made = mail(sender="head@office.example", to=addresses.of(notice), text="\n-- \nDirector")
    made.add_attachment(pdf(), maintype="application", subtype="pdf", filename="plan.pdf")

    row = settled(made)

    assert standing(empty) == ("held", "empty")
    assert (row.state, bool(row.response.text)) == ("attached", True)


# --- an organization writes -----------------------------------------------------------------------
def test_an_organization_writes_to_the_secretariat(issue):
    guest = representative_of(issue.organization, email="we@weavers.example")
    asked = NoticeFactory(subject=f"issue:{issue.pk}", recipient=f"user:{guest.pk}")
    made = mail(sender="we@weavers.example", to=addresses.of(asked), text="It is not solved.")
    made.add_attachment(pdf(), maintype="application", subtype="pdf", filename="list.pdf")

    row = settled(made)

    said = Comment.objects.get()
    assert (row.state, row.comment, row.issue) == ("attached", said, issue)
    assert (said.text, said.by, said.role, said.to_offices) == (
        "It is not solved.", guest, "representative", False,
    )  # fmt: skip
    assert Evidence.objects.get().is_inside
    issue.refresh_from_db()
    assert issue.status == "referred"


# --- who is not believed --------------------------------------------------------------------------
def test_an_unknown_sender_waits_and_does_nothing(notice, referral):
    row = settled(mail(sender="stranger@example.org", to=addresses.of(notice)))

    assert standing(row) == ("held", "unknown_sender")
    assert (row.issue, row.referral, row.province_id) == (
        referral.issue, referral, referral.issue.province_id,
    )  # fmt: skip
    assert nothing_done()


def test_who_belongs_elsewhere_waits(notice):
    official_of(ReferralFactory().authority, email="other@office.example")
    person = coordinator_of(None, email="me@secretariat.example")

    rows = [
        settled(mail(sender=one, to=addresses.of(notice)))
        for one in ("other@office.example", person.email)
    ]

    assert [standing(one) for one in rows] == [("held", "other_party")] * 2
    assert nothing_done()


def test_a_faked_sender_waits(notice):
    said = "mx.vedika.example; spf=pass smtp.mailfrom=elsewhere.example; dmarc=fail"
    made = mail(sender="head@office.example", to=addresses.of(notice))
    made["Authentication-Results"] = said

    assert standing(settled(made)) == ("held", "faked")
    assert nothing_done()


@pytest.mark.parametrize(
    "said",
    [
        [],
        ["elsewhere.example; dmarc=pass"],
        ["mx.vedika.example; dmarc=none", "mx.vedika.example; dmarc=pass"],
    ],
)
def test_a_reference_and_a_name_are_no_proof_of_the_sender(notice, referral, said):
    made = mail(sender="head@office.example", subject=f"Re: {referral.issue.reference}")
    for one in said:
        made["Authentication-Results"] = one

    assert standing(settled(made)) == ("held", "unproven")
    assert nothing_done()


def test_who_was_told_something_else_cannot_answer_in_the_offices_name(issue, referral, official):
    guest = representative_of(issue.organization)
    theirs = NoticeFactory(subject=f"referral:{referral.pk}", recipient=f"user:{guest.pk}")

    row = settled(mail(sender="head@office.example", to=addresses.of(theirs)))

    assert standing(row) == ("held", "unproven")
    assert nothing_done()


def test_an_offices_own_address_waits_as_it_is_no_person(notice, referral):
    ContactPointFactory(authority=referral.authority, value="Office@dept.example")

    row = settled(mail(sender="office@dept.example", to=addresses.of(notice)))

    assert (*standing(row), row.referral) == ("held", "no_account", referral)


def test_a_changed_address_says_nothing(notice):
    wrong = addresses.of(notice).replace("@", "0@")

    row = settled(mail(sender="head@office.example", to=wrong))

    assert standing(row) == ("held", "no_match")


# --- what is over ---------------------------------------------------------------------------------
def test_after_the_end_a_person_looks(notice, referral, issue):
    official = mail(sender="head@office.example", to=addresses.of(notice))
    representative_of(issue.organization, email="we@weavers.example")
    issue_mail = mail(sender="we@weavers.example", subject=f"Re: {issue.reference}")
    referral.ended_at, referral.ended_as = clock.now(), "recalled"
    referral.save()

    ended = settled(official)
    Issue.objects.filter(pk=issue.pk).update(pressured_at=clock.now())
    frozen = settled(issue_mail)
    closed = issue_in("closed", organization=issue.organization)
    over = settled(mail(sender="we@weavers.example", subject=f"Re: {closed.reference}"))

    assert [standing(one) for one in (ended, frozen, over)] == [
        ("held", "ended"), ("held", "frozen"), ("held", "closed"),
    ]  # fmt: skip
    assert (Comment.objects.count(), AuditEntry.objects.count()) == (0, 0)


def test_what_nobody_can_place_is_of_the_senders_province(official, referral):
    known = settled(mail(sender="head@office.example", subject="Hello"))
    unknown = settled(mail(subject="Hello"))

    province = referral.authority.province_id
    assert [(*standing(one), one.province_id) for one in (known, unknown)] == [
        ("held", "no_match", province), ("held", "no_match", None),
    ]  # fmt: skip


# --- machines -------------------------------------------------------------------------------------
def test_an_automatic_answer_and_our_own_mail_do_nothing(notice):
    away = mail(
        sender="head@office.example", to=addresses.of(notice), Auto_Submitted="auto-replied"
    )
    own = mail(sender="Vedika <secretariat@vedika.example>", to="reply@vedika.example")
    forwarded = mail(sender="head@office.example", Message_ID=notice.message.message_id)

    assert [settled(one).state for one in (away, own, forwarded)] == ["auto"] * 3
    assert nothing_done()


def test_a_mail_that_came_back_fails_its_message_alone(notice):
    other = MessageFactory(state="sent")

    row = settled(bounce(notice.message.message_id))
    delayed = settled(bounce(other.message_id, action="delayed", status="4.4.1"))
    unknown = settled(bounce("<nobody@knows.example>"))

    notice.refresh_from_db()
    other.refresh_from_db()
    assert (row.state, row.message, row.province_id) == (
        "bounce", notice.message, notice.province_id,
    )  # fmt: skip
    assert (notice.state, notice.message.state) == ("failed", "failed")
    assert (delayed.state, other.state) == ("bounce", "sent")
    assert standing(unknown) == ("held", "came_back")


def test_a_mail_that_comes_back_before_its_try_ended_is_looked_at_again(notice):
    message = notice.message
    message.state, message.claim_token = "sending", "6a7e0f2e-52c7-4d0e-8d3a-0a3e3f1c2b4d"
    message.lease_until = clock.now() + dt.timedelta(seconds=60)
    message.save()
    row = settled(bounce(message.message_id))
    assert row.state == "new"
    message.state, message.claim_token, message.lease_until = "sent", None, None
    message.save()

    actions.settle(row.pk, now=clock.now())

    row.refresh_from_db()
    message.refresh_from_db()
    assert (row.state, message.state) == ("bounce", "failed")


# --- calendars ------------------------------------------------------------------------------------
def test_a_calendar_answers_for_who_was_invited_and_for_nobody_else():
    session = announced(SessionFactory())
    guest = representative_of(OrganizationFactory(), email="we@weavers.example")
    asked = InvitationFactory(session=session, organization=guest.held[0].organization)
    to = replies.address(asked.pk, f"user:{guest.pk}")
    stamp = timezone.now()
    text = ical.request(
        ical.Event(
            uid_of(session),
            session.sequence,
            session.starts_at,
            session.ends_at,
            "Session",
            "",
            "",
            "",
            stamp,
            organizer=to,
            attendee=guest.email,
        )
    )
    text = text.replace("METHOD:REQUEST", "METHOD:REPLY").replace("NEEDS-ACTION", "ACCEPTED")

    def answer(sender):
        made = mail(sender=sender, to=to, Auto_Submitted="auto-generated")
        made.add_attachment(text, subtype="calendar", filename="reply.ics")
        return made

    strange = settled(answer("stranger@example.org"))
    asked.refresh_from_db()
    assert (standing(strange), asked.status) == (("held", "unknown_sender"), "pending")
    row = settled(answer("we@weavers.example"))
    asked.refresh_from_db()
    assert (row.state, row.province_id, asked.status) == (
        "calendar", session.province_id, "accepted",
    )  # fmt: skip


# --- poison ---------------------------------------------------------------------------------------
def test_a_mail_that_cannot_be_read_marks_itself_alone(notice):
    poison = IncomingFactory(sealed=b"opened by no key")
    sound = IncomingFactory(
        content=mail(sender="head@office.example", to=addresses.of(notice)).as_bytes()
    )

    actions.settle_some(now=clock.now(), goes_on=lambda: True)

    assert list(Incoming.objects.order_by("pk").values_list("pk", "state", "why")) == [
        (poison.pk, "held", "broken"), (sound.pk, "attached", ""),
    ]  # fmt: skip


def test_a_mail_that_ended_the_process_three_times_waits(notice):
    row = settled(mail(sender="head@office.example", to=addresses.of(notice)), tries=3)

    assert standing(row) == ("held", "broken")
    assert nothing_done()


def test_what_comes_back_to_its_own_return_path_needs_no_copy_of_the_mail(notice):
    path = bounces.return_path(notice.message)

    row = settled(bounce("<lost@mx.example.org>", to=path))
    wrong = settled(bounce("<lost@mx.example.org>", to=path.replace("@", "0@")))

    notice.refresh_from_db()
    assert (row.state, row.message, notice.state) == ("bounce", notice.message, "failed")
    assert standing(wrong) == ("held", "came_back")
    assert notice.reason == bounces.CAME_BACK


def test_mail_leaves_under_its_own_return_path(mail_sink):
    message = MessageFactory()

    channels.send(message)

    (received,) = mail_sink.messages
    assert received.sender == bounces.return_path(message)
    assert len(received.sender.partition("@")[0]) <= 64
