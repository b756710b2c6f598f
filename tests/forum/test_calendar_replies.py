"""What calendars answer by mail: whose answer it is, whether it counts, and that it counts once."""

import email
from email.policy import SMTP

import pytest
from django.core.management import CommandError, call_command

from audit import clock
from audit.models import AuditEntry
from forum import actions, events, ical, replies
from forum.models import Invitation
from tests.factories import InvitationFactory, SessionFactory, announced, representative_of
from tests.forum import test_ical_replies as samples

pytestmark = pytest.mark.django_db
NOBODY = "secretariat+i1-u1-00000000000000000000@vedika.example"


@pytest.fixture
def invitation(settings):
    settings.REPLY_ADDRESS = "secretariat@vedika.example"
    return InvitationFactory(session=SessionFactory(published_at=clock.now()))


@pytest.fixture
def address(invitation):
    return replies.address(invitation.pk, f"organization:{invitation.organization_id}")


def answered(invitation, partstat, sequence=1, uid=""):
    """A calendar with this one answer."""
    lines = [f"ATTENDEE;PARTSTAT={partstat}:mailto:reader@vedika.example"]
    if sequence is not None:
        lines.append(f"SEQUENCE:{sequence}")
    uid = uid or events.uid_of(invitation.session)
    return samples.calendar(*lines).replace("session-7@vedika.example", uid).encode()


def take(raw, address):
    return [
        (str(one.result), one.invitation and one.invitation.pk)
        for one in actions.take_calendar_reply(raw, address=address, now=clock.now())
    ]


def state(invitation):
    invitation.refresh_from_db()
    entries = AuditEntry.objects.filter(action="forum.answer_invitation").count()
    return invitation.status, invitation.answered_by_way, entries


def sent_for(mail, invitation):
    """A sample as it would answer this invitation's first date."""
    uid = events.uid_of(invitation.session)
    parsed = email.message_from_string(mail, policy=SMTP)
    if not parsed.get_content_type().startswith("multipart"):
        return mail.replace("session-7@vedika.example", uid).encode()
    for part in parsed.walk():
        if part.get_content_type() in ("text/calendar", "application/ics"):
            text = part.get_payload(decode=True).decode()
            method = part.get_param("method")
            part.set_payload(text.replace("session-7@vedika.example", uid).encode())
            del part["Content-Transfer-Encoding"]
            part["Content-Transfer-Encoding"] = "8bit"
            assert part.get_param("method") == method
    return parsed.as_bytes()


@pytest.mark.parametrize(
    ("mail", "result", "status"),
    [
        (samples.GOOGLE, "noted", "declined"),
        (samples.OUTLOOK, "undecided", "pending"),
        (samples.THUNDERBIRD, "noted", "accepted"),
        (samples.APPLE_MAIL, "noted", "accepted"),
        (samples.APPLE, "noted", "accepted"),
    ],
    ids=["google", "outlook", "thunderbird", "apple-mail", "apple-ics"],
)
def test_take_calendar_reply_of_every_usual_program(invitation, address, mail, result, status):
    raw = sent_for(mail, invitation)

    taken = take(raw, address)

    assert taken == [(result, invitation.pk)]
    way = "calendar" if result == "noted" else ""
    assert state(invitation) == (status, way, int(result == "noted"))


def test_take_calendar_reply_twice_notes_it_once(invitation, address):
    raw = answered(invitation, "ACCEPTED")

    first, second = take(raw, address), take(raw, f"Vedika <{address.upper()}>")

    assert (first, second) == ([("noted", invitation.pk)], [("same", invitation.pk)])
    assert state(invitation) == ("accepted", "calendar", 1)


@pytest.mark.parametrize(
    "to", ["secretariat@vedika.example", NOBODY, "", "x" * 500, "secretariat+i9@vedika.example"]
)
def test_take_calendar_reply_without_a_signed_address_acts_on_nothing(invitation, to):
    taken = take(answered(invitation, "DECLINED"), to)

    assert taken == [("unsigned", None)]
    assert state(invitation) == ("pending", "", 0)


def test_take_calendar_reply_from_another_domain_is_read_by_its_seal_alone(invitation, address):
    changed = address.replace("-o", "-u")

    assert take(answered(invitation, "ACCEPTED"), changed) == [("unsigned", None)]


def test_take_calendar_reply_to_another_event_changes_nothing(invitation, address):
    other = SessionFactory(published_at=clock.now())
    raw = answered(invitation, "DECLINED", uid=events.uid_of(other))

    assert take(raw, address) == [("other", invitation.pk)]
    assert state(invitation) == ("pending", "", 0)


@pytest.mark.parametrize("partstat", ["TENTATIVE", "DELEGATED"])
def test_take_calendar_reply_that_is_undecided_changes_nothing(invitation, address, partstat):
    assert take(answered(invitation, partstat), address) == [("undecided", invitation.pk)]
    assert state(invitation) == ("pending", "", 0)


def test_take_calendar_reply_that_says_two_things_changes_nothing(invitation, address):
    raw = answered(invitation, "ACCEPTED").replace(
        b"END:VEVENT", b"ATTENDEE;PARTSTAT=DECLINED:mailto:other@vedika.example\r\nEND:VEVENT"
    )

    assert take(raw, address) == [("unclear", invitation.pk)] * 2
    assert state(invitation) == ("pending", "", 0)


@pytest.mark.parametrize(
    ("partstat", "sequence", "result", "status"),
    [
        ("ACCEPTED", 1, "old_date", "pending"),
        ("ACCEPTED", None, "old_date", "pending"),
        ("ACCEPTED", 2, "noted", "accepted"),
        ("ACCEPTED", 3, "noted", "accepted"),
        ("DECLINED", 1, "noted", "declined"),
        ("DECLINED", None, "noted", "declined"),
    ],
)
def test_take_calendar_reply_to_an_old_date_counts_as_a_refusal_alone(
    invitation, address, partstat, sequence, result, status
):
    session = invitation.session
    session.ends_at += session.ends_at - session.starts_at
    announced(session)

    taken = take(answered(invitation, partstat, sequence), address)

    assert taken == [(result, invitation.pk)]
    assert state(invitation)[0] == status


def test_take_calendar_reply_to_the_new_date_answers_anew_what_stays_the_same(invitation, address):
    take(answered(invitation, "ACCEPTED", 1), address)
    announced(invitation.session)
    asked = Invitation.objects.get(pk=invitation.pk)
    assert asked.is_answer_former

    results = [take(answered(invitation, "ACCEPTED", 2), address)[0][0] for _ in range(2)]

    asked.refresh_from_db()
    assert results == ["noted", "same"]
    assert (asked.status, asked.answered_sequence, asked.is_answer_former) == ("accepted", 2, False)


def test_take_calendar_reply_late_never_declines_the_new_date_they_accepted(invitation, address):
    announced(invitation.session)
    take(answered(invitation, "ACCEPTED", 2), address)

    taken = take(answered(invitation, "DECLINED", 1), address)

    assert taken == [("old_date", invitation.pk)]
    assert state(invitation) == ("accepted", "calendar", 1)


def test_take_calendar_reply_to_what_was_withdrawn_says_so(invitation, address):
    Invitation.objects.filter(pk=invitation.pk).update(withdrawn_at=clock.now())

    assert take(answered(invitation, "ACCEPTED"), address) == [("withdrawn", invitation.pk)]
    assert state(invitation) == ("pending", "", 0)


def test_take_calendar_reply_to_a_cancelled_session_says_so(invitation, address):
    session = invitation.session
    session.status, session.cancelled_because = "cancelled", "The road is cut."
    announced(session)

    assert take(answered(invitation, "ACCEPTED", 2), address) == [("closed", invitation.pk)]


def test_take_calendar_reply_names_the_person_in_the_trail(invitation):
    person = representative_of(invitation.organization)
    address = replies.address(invitation.pk, f"user:{person.pk}")

    take(answered(invitation, "DECLINED"), address)

    entry = AuditEntry.objects.get(action="forum.answer_invitation")
    assert (entry.actor, entry.change) == (
        person,
        {
            "status": ["pending", "declined"],
            "way": "calendar",
            "recipient": f"user:{person.pk}",
        },
    )


def test_take_calendar_reply_of_who_has_left_is_nobodys(invitation):
    person = representative_of(invitation.organization)
    address = replies.address(invitation.pk, f"user:{person.pk}")
    person.role_assignments.update(ended_on=clock.today())

    assert take(answered(invitation, "DECLINED"), address) == [("unsigned", None)]


def test_take_calendar_reply_of_something_else_is_refused(address):
    with pytest.raises(ical.NotAReply):
        take(b"Subject: Thank you\n\nWe shall come.", address)


def test_command_takes_a_mail_from_a_file(invitation, address, tmp_path, capsys):
    mail, other = tmp_path / "mail.eml", tmp_path / "other.eml"
    mail.write_bytes(sent_for(samples.THUNDERBIRD, invitation))
    other.write_bytes(b"Hello")

    call_command("take_calendar_reply", mail, to=address)

    assert capsys.readouterr().out.split(":")[0] == "noted"
    assert state(invitation) == ("accepted", "calendar", 1)
    with pytest.raises(CommandError):
        call_command("take_calendar_reply", other, to=address)
