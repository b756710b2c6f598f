"""Everybody ends with the newest date, told of each change exactly once, whatever comes between.

The real dispatcher sends to a real SMTP server; what its messages hold is read back.
"""

import datetime as dt
import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from icalendar import Calendar

from accounts.models import RoleAssignment
from audit.errors import TransitionError
from forum import actions, programme, telling
from forum.models import Invitation, Programme, Told, Venue
from outbox.models import Message, Notice
from tests.forum.conftest import at
from tests.forum.stories import (
    MINUTE,
    NOW,
    Diary,
    dispatch,
    fresh,
    mails_of,
    move,
    publish,
    told,
    while_it_is_sent,
)

DAY = dt.timedelta(days=1)


@pytest.fixture
def organization(make, province):
    return make.OrganizationFactory(provinces=[province])


@pytest.fixture
def guest(make, organization):
    return make.representative_of(organization, language="en")


@pytest.fixture
def invitation(session, organization, coordinator):
    """A draft: it leaves when the session is published."""
    (made,) = actions.invite(
        session, by=coordinator, now=NOW, quota=2, organizations=[organization]
    )
    return made


@pytest.fixture
def invited(mail_sink, session, coordinator, guest, invitation):
    """The session, of which the guest was told that it is on the 26th."""
    publish(session.forum, coordinator)
    dispatch()
    assert told(mail_sink, guest) == [("REQUEST", 1, 26)]
    return session


def leave(person):
    """They speak for their organization no more."""
    roles = RoleAssignment.objects.filter(user=person)
    roles.update(began_on=dt.date(2026, 1, 1), ended_on=dt.date(2026, 3, 1))


def states(kind):
    rows = Notice.objects.filter(kind=kind).order_by("version", "pk")
    return list(rows.values_list("state", flat=True))


def knows(session, person):
    """The sequence the person was told latest, and whether they expect no session."""
    row = Told.objects.get(session=session, recipient=f"user:{person.pk}")
    return row.entry.sequence, row.is_off, row.is_withdrawn


# --- published ------------------------------------------------------------------------------------
def test_publish_sends_each_invited_person_one_invitation(
    mail_sink, make, session, coordinator, invitation, guest, organization
):
    second = make.representative_of(organization)
    stranger = make.representative_of(make.OrganizationFactory())
    found = actions.tellings(actions.draft_of(session.forum, coordinator))

    publish(session.forum, coordinator)
    dispatch()

    expected = sorted([f"user:{guest.pk}", f"user:{second.pk}"])
    assert [(one.kind, one.reached, one.unreached) for one in found] == [
        ("invitation", expected, [])
    ]
    assert told(mail_sink, guest) == told(mail_sink, second) == [("REQUEST", 1, 26)]
    assert mails_of(mail_sink, stranger) == []
    body = mails_of(mail_sink, guest)[0].body
    assert "Time: 08:00–12:00\r\nVenue: Hall\r\n" in body
    assert "The official letter as PDF:\r\nhttp://testserver/i/" in body
    assert "/letter.pdf\r\n" in body
    assert Invitation.objects.get().released_at == NOW
    assert knows(session, guest) == (1, False, False)


def test_publish_of_a_session_alone_leaves_the_others_as_they_are(
    mail_sink, make, session, coordinator, invitation, guest
):
    other = make.SessionFactory(forum=session.forum, province=session.province, starts_at=at(27, 8))

    made = publish(session.forum, coordinator, sessions=[session])

    assert [one.session for one in made.entries.all()] == [session]
    assert fresh(other).announced is None
    again = publish(session.forum, coordinator)
    changes = {one.session_id: (one.change, one.sequence) for one in again.entries.all()}
    assert changes == {session.pk: ("same", 1), other.pk: ("new", 1)}
    dispatch()
    assert len(mail_sink.messages) == 1


def test_publish_of_another_province_is_refused(make, session, neighbor):
    with pytest.raises(PermissionDenied):
        publish(session.forum, make.coordinator_of(neighbor))
    assert not Programme.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_publish_by_two_at_once_makes_one_version(session, coordinator, invitation, guest):
    ends, answers = threading.Barrier(2), []

    def press():
        try:
            chosen = actions.chosen_of(actions.draft_of(session.forum, coordinator), None)
            expected = programme.fingerprint(chosen)
            ends.wait(10)
            made = actions.publish(session.forum, by=coordinator, now=NOW, expected=expected)
            answers.append(made.number)
        except TransitionError:
            answers.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers, key=str) == [1, "refused"]
    assert states("invitation") == ["planned"]


# --- moved ----------------------------------------------------------------------------------------
def test_move_tells_old_and_new_in_one_message(mail_sink, invited, coordinator, guest):
    Venue.objects.update(address_en="Street 5", address_km="Street 5")
    move(invited, coordinator, 27)
    dispatch()
    assert told(mail_sink, guest) == [("REQUEST", 1, 26)]  # nobody is told of a draft

    publish(invited.forum, coordinator)
    dispatch()

    assert told(mail_sink, guest)[1:] == [("REQUEST", 2, 27)]
    mail = mails_of(mail_sink, guest)[1]
    assert mail.subject == "Changed: the session in Mondulkiri is now on Friday 27 March 2026"
    assert "Until now: Thursday 26 March 2026, 08:00–12:00, Hall, Street 5" in mail.body
    assert "Now: Friday 27 March 2026, 08:00–12:00, Hall, Street 5" in mail.body
    assert knows(invited, guest) == (2, False, False)
    assert not Told.objects.outdated().exists()


def test_move_before_the_invitation_left_is_said_by_the_invitation_alone(
    mail_sink, session, coordinator, invitation, guest
):
    publish(session.forum, coordinator)
    move(session, coordinator, 27)
    publish(session.forum, coordinator)

    dispatch()

    assert told(mail_sink, guest) == [("REQUEST", 2, 27)]
    assert mails_of(mail_sink, guest)[0].subject.startswith("Invitation to the session")
    assert states("session_changed") == ["cancelled"]


def test_move_while_the_invitation_is_on_its_way_is_said_once(
    mail_sink, monkeypatch, session, coordinator, invitation, guest
):
    def moved():
        move(session, coordinator, 27)
        publish(session.forum, coordinator)

    while_it_is_sent(monkeypatch, moved)
    publish(session.forum, coordinator)
    dispatch()

    assert told(mail_sink, guest) == [("REQUEST", 1, 26), ("REQUEST", 2, 27)]
    assert "Until now: Thursday 26 March 2026" in mails_of(mail_sink, guest)[1].body
    assert knows(session, guest) == (2, False, False)


def test_move_and_its_message_overtake_an_invitation_that_hangs(
    mail_sink, monkeypatch, session, coordinator, invitation, guest
):
    """The change arrives first; that the invitation arrived too becomes known only after it."""

    def moved():
        move(session, coordinator, 27)
        publish(session.forum, coordinator)
        dispatch(NOW + MINUTE)

    while_it_is_sent(monkeypatch, moved)
    publish(session.forum, coordinator)
    dispatch()

    assert told(mail_sink, guest) == [("REQUEST", 2, 27), ("REQUEST", 1, 26)]
    assert "Until now: Thursday 26 March 2026" in mails_of(mail_sink, guest)[0].body
    assert Diary().read(mails_of(mail_sink, guest)).days() == [27]
    assert knows(session, guest) == (2, False, False)  # a late fact does not step back


def test_move_after_an_unknown_outcome_is_told_and_the_old_date_never_again(
    mail_sink, session, coordinator, invitation, guest
):
    mail_sink.close("data", keep=True, times=1)
    publish(session.forum, coordinator)
    dispatch()
    assert (states("invitation"), Told.objects.count()) == (["unknown"], 0)

    move(session, coordinator, 27)
    publish(session.forum, coordinator)
    for minutes in (0, 20, 60):
        dispatch(NOW + minutes * MINUTE)

    assert told(mail_sink, guest) == [("REQUEST", 1, 26), ("REQUEST", 2, 27)]
    assert "Until now: Thursday 26 March 2026" in mails_of(mail_sink, guest)[1].body
    assert (states("invitation"), states("session_changed")) == (["unknown"], ["sent"])


def test_moved_back_before_anything_left_tells_nobody(mail_sink, invited, coordinator, guest):
    for day in (27, 26):
        move(invited, coordinator, day)
        publish(invited.forum, coordinator)

    dispatch()

    assert fresh(invited).sequence == 3
    assert told(mail_sink, guest) == [("REQUEST", 1, 26)]
    assert states("session_changed") == ["cancelled", "cancelled"]
    assert not Told.objects.outdated().exists()


def test_moved_back_while_the_change_is_on_its_way_is_told(
    mail_sink, monkeypatch, invited, coordinator, guest
):
    def moved_back():
        move(invited, coordinator, 26)
        publish(invited.forum, coordinator)

    move(invited, coordinator, 27)
    publish(invited.forum, coordinator)
    while_it_is_sent(monkeypatch, moved_back)
    dispatch()

    assert told(mail_sink, guest)[1:] == [("REQUEST", 2, 27), ("REQUEST", 3, 26)]
    assert "Until now: Friday 27 March 2026" in mails_of(mail_sink, guest)[2].body


def test_person_asked_by_two_parties_gets_one_change_message(
    mail_sink, make, session, coordinator, invitation, guest
):
    second = make.OrganizationFactory(provinces=[session.province])
    make.RoleAssignmentFactory(user=guest, role="representative", organization=second)
    actions.invite(session, by=coordinator, now=NOW, quota=1, organizations=[second])
    publish(session.forum, coordinator)
    dispatch()
    assert told(mail_sink, guest) == [("REQUEST", 1, 26)] * 2

    move(session, coordinator, 27)
    publish(session.forum, coordinator)
    dispatch()

    assert told(mail_sink, guest)[2:] == [("REQUEST", 2, 27)]
    assert Diary().read(mails_of(mail_sink, guest)).days() == [27]


def test_who_joined_since_is_invited_by_the_change(
    mail_sink, make, invited, coordinator, organization
):
    newcomer = make.representative_of(organization, language="en")

    move(invited, coordinator, 27)
    publish(invited.forum, coordinator)
    dispatch()

    (mail,) = mails_of(mail_sink, newcomer)
    assert (mail.method, mail.sequence, mail.day) == ("REQUEST", 2, 27)
    assert mail.subject.startswith("Invitation to the session")
    assert "Until now" not in mail.body


def test_refused_and_given_up_invitations_are_caught_up_by_the_next_change(
    mail_sink, session, coordinator, invitation, guest
):
    mail_sink.refuse("rcpt", "550 5.1.1 no such mailbox", times=1)
    publish(session.forum, coordinator)
    dispatch()
    assert states("invitation") == ["failed"]

    move(session, coordinator, 27)
    publish(session.forum, coordinator)
    dispatch()

    assert told(mail_sink, guest) == [("REQUEST", 2, 27)]


# --- cancelled ------------------------------------------------------------------------------------
def cancel(session, by):
    return actions.cancel_session(fresh(session), by=by, now=NOW, because="Rain.")


def test_cancel_reaches_everyone_who_was_told_once_and_nobody_else(
    mail_sink, make, invited, coordinator, guest, organization
):
    leave(guest)
    newcomer = make.representative_of(organization)
    cancel(invited, coordinator)
    (telling_,) = actions.tellings(actions.draft_of(invited.forum, coordinator))

    publish(invited.forum, coordinator)
    dispatch()
    dispatch(NOW + DAY)

    assert (telling_.kind, telling_.reached) == ("session_cancelled", [f"user:{guest.pk}"])
    assert told(mail_sink, guest)[1:] == [("CANCEL", 2, 26)]
    mail = mails_of(mail_sink, guest)[1]
    assert mail.subject == "Cancelled: the session in Mondulkiri on Thursday 26 March 2026"
    assert "Why: Rain." in mail.body
    assert mails_of(mail_sink, newcomer) == []
    assert knows(invited, guest) == (2, True, False)
    assert Diary().read(mails_of(mail_sink, guest)).days() == []


def test_cancel_after_a_move_nobody_was_told_of_names_the_date_they_hold(
    mail_sink, invited, coordinator, guest
):
    move(invited, coordinator, 28)
    cancel(invited, coordinator)
    publish(invited.forum, coordinator)
    dispatch()

    assert told(mail_sink, guest)[1:] == [("CANCEL", 2, 26)]


def test_cancel_before_the_invitation_left_sends_nothing(
    mail_sink, session, coordinator, invitation, guest
):
    publish(session.forum, coordinator)
    cancel(session, coordinator)
    publish(session.forum, coordinator)

    dispatch()

    assert mail_sink.messages == []
    assert (states("invitation"), states("session_cancelled")) == (["cancelled"], ["cancelled"])
    assert not Notice.objects.filter(kind="invitation_reminder", version=2).exists()


def test_cancel_reaches_who_may_have_been_told(mail_sink, session, coordinator, invitation, guest):
    """Also when that became hopeless to know, and they have left the organization since."""
    mail_sink.close("data", keep=True)
    publish(session.forum, coordinator)
    for days in range(7):
        dispatch(NOW + days * DAY)
    mail_sink.reset()
    leave(guest)

    cancel(session, coordinator)
    publish(session.forum, coordinator, now=NOW + 7 * DAY)
    dispatch(NOW + 7 * DAY)

    assert told(mail_sink, guest) == [("CANCEL", 2, 26)]


def test_postponed_then_a_new_day_takes_out_and_puts_in_again(
    mail_sink, invited, coordinator, guest
):
    move(invited, coordinator, None)
    publish(invited.forum, coordinator)
    dispatch()
    assert told(mail_sink, guest)[1:] == [("CANCEL", 2, 26)]
    assert Diary().read(mails_of(mail_sink, guest)).days() == []

    move(invited, coordinator, 28)
    publish(invited.forum, coordinator)
    dispatch()

    assert told(mail_sink, guest)[2:] == [("REQUEST", 3, 28)]
    _invited, postponed, anew = mails_of(mail_sink, guest)
    assert postponed.subject == "Postponed: the session in Mondulkiri on Thursday 26 March 2026"
    assert anew.subject == "New day: the session in Mondulkiri is on Saturday 28 March 2026"
    assert Diary().read(mails_of(mail_sink, guest)).days() == [28]


def test_postponed_then_cancelled_is_told_too(mail_sink, invited, coordinator, guest):
    move(invited, coordinator, None)
    publish(invited.forum, coordinator)
    dispatch()
    cancel(invited, coordinator)
    publish(invited.forum, coordinator)
    dispatch()

    assert told(mail_sink, guest)[1:] == [("CANCEL", 2, 26), ("CANCEL", 3, 26)]


# --- withdrawn ------------------------------------------------------------------------------------
def uninvite(invitation, by, now=NOW):
    actions.uninvite(Invitation.objects.get(pk=invitation.pk), by=by, now=now)


def test_withdrawn_before_sending_is_never_sent(mail_sink, session, coordinator, invitation, guest):
    publish(session.forum, coordinator)
    uninvite(invitation, coordinator)

    dispatch()
    dispatch(NOW + 30 * DAY)

    assert mail_sink.messages == []
    assert {one.state for one in Notice.objects.all()} == {"cancelled"}


def test_withdrawn_while_it_is_sent_is_taken_back_and_stays_so(
    mail_sink, monkeypatch, session, coordinator, invitation, guest
):
    """The withdrawal is sent before it is known that the invitation arrived."""

    def withdrawn():
        uninvite(invitation, coordinator, NOW + MINUTE)
        dispatch(NOW + MINUTE)

    while_it_is_sent(monkeypatch, withdrawn)
    publish(session.forum, coordinator)
    dispatch()

    assert told(mail_sink, guest) == [("CANCEL", 1, 26), ("REQUEST", 1, 26)]
    assert Diary().read(mails_of(mail_sink, guest)).days() == []
    assert knows(session, guest) == (1, True, True)


def test_withdrawn_reaches_who_was_asked_and_hears_nothing_after(
    mail_sink, make, invited, coordinator, invitation, guest, organization
):
    leave(guest)
    uninvite(invitation, coordinator)
    move(invited, coordinator, 27)
    publish(invited.forum, coordinator)
    dispatch()
    cancel(invited, coordinator)
    publish(invited.forum, coordinator)
    dispatch()

    (withdrawal,) = mails_of(mail_sink, guest)[1:]
    assert withdrawn_of(withdrawal) == ("CANCEL", 26)
    assert withdrawal.subject == (
        "Invitation withdrawn: the session in Mondulkiri on Thursday 26 March 2026"
    )
    assert knows(invited, guest)[1:] == (True, True)


def withdrawn_of(mail):
    return mail.method, mail.day


def test_withdrawn_and_invited_anew_stands_again(
    mail_sink, invited, coordinator, invitation, guest, organization
):
    uninvite(invitation, coordinator, NOW + MINUTE)
    dispatch(NOW + MINUTE)
    assert Diary().read(mails_of(mail_sink, guest)).days() == []

    (again,) = actions.invite(
        fresh(invited), by=coordinator, now=NOW, quota=2, organizations=[organization]
    )
    actions.send_invitations(
        fresh(invited), by=coordinator, now=NOW + 2 * MINUTE, expected=[again.pk]
    )
    dispatch(NOW + 2 * MINUTE)
    assert Diary().read(mails_of(mail_sink, guest)).days() == [26]

    move(invited, coordinator, 27)
    publish(invited.forum, coordinator, now=NOW + 3 * MINUTE)
    dispatch(NOW + 3 * MINUTE)

    methods = [one.method for one in mails_of(mail_sink, guest)]
    assert methods == ["REQUEST", "CANCEL", "REQUEST", "REQUEST"]
    assert Diary().read(mails_of(mail_sink, guest)).days() == [27]
    assert knows(invited, guest) == (2, False, False)


def test_withdrawn_by_one_party_leaves_what_another_asked(
    mail_sink, make, invited, coordinator, invitation, guest
):
    second = make.OrganizationFactory(provinces=[invited.province])
    make.RoleAssignmentFactory(user=guest, role="representative", organization=second)
    make.InvitationFactory(session=invited, organization=second)

    uninvite(invitation, coordinator)
    dispatch()

    assert told(mail_sink, guest) == [("REQUEST", 1, 26)]
    assert states("invitation_withdrawn") == ["cancelled"]


# --- reminded -------------------------------------------------------------------------------------
def test_reminder_leaves_five_working_days_before_to_the_silent_and_moves_with_the_session(
    mail_sink, make, session, coordinator, invitation, guest
):
    answering = make.OrganizationFactory(provinces=[session.province])
    speaker = make.representative_of(answering)
    actions.invite(session, by=coordinator, now=NOW, quota=1, organizations=[answering])
    publish(session.forum, coordinator)
    dispatch()
    theirs = Invitation.objects.get(organization=answering)
    actions.answer_invitation(theirs, by=speaker, now=NOW, status="accepted")
    move(session, coordinator, 28)  # from Thursday the 26th to Saturday
    publish(session.forum, coordinator)
    dispatch()
    actions.answer_invitation(theirs, by=speaker, now=NOW, status="accepted")

    dispatch(at(20, 7, 59))
    assert len(mails_of(mail_sink, guest)) == 2
    dispatch(at(23, 8))
    dispatch(at(27, 8))

    assert told(mail_sink, guest)[2:] == [("REQUEST", 2, 28)]
    assert mails_of(mail_sink, guest)[2].subject.startswith("Do you come?")
    assert len(mails_of(mail_sink, speaker)) == 2
    due = Notice.objects.filter(kind="invitation_reminder", recipient=f"user:{guest.pk}")
    assert [(one.version, one.due_at, one.state) for one in due.order_by("version")] == [
        (1, at(19, 8), "cancelled"),
        (2, at(23, 8), "sent"),
    ]


# --- a whole life ---------------------------------------------------------------------------------
@pytest.fixture
def mailbox(settings):
    """Answers of calendars go to an address that says whose they are."""
    settings.REPLY_ADDRESS = "reply@vedika.example"


def test_calendar_parts_of_a_whole_life_leave_one_entry(
    mail_sink, mailbox, invited, coordinator, guest, settings
):
    for day in (27, None, 28, 26):
        move(invited, coordinator, day)
        publish(invited.forum, coordinator)
        dispatch()

    mails = mails_of(mail_sink, guest)
    events = [one.event for one in mails]
    assert {str(one["UID"]) for one in events} == {f"{invited.client_key}@{host(settings)}"}
    sequences = [one.sequence for one in mails]
    assert sequences == sorted(set(sequences))
    assert {str(one["ORGANIZER"]) for one in events} == {str(events[0]["ORGANIZER"])}
    assert {one["DTSTART"].params["TZID"] for one in events} == {"Asia/Phnom_Penh"}
    assert {one["DTSTART"].dt.utcoffset() for one in events} == {dt.timedelta(hours=7)}
    assert events[-1]["DTSTART"].dt == at(26, 8)
    assert Diary().read(mails).days() == [26]
    assert Diary().read(reversed(mails)).days() == [26]
    cancel(invited, coordinator)
    publish(invited.forum, coordinator)
    dispatch()
    ended = mails_of(mail_sink, guest)
    assert len(ended) == len(mails) + 1
    assert str(ended[-1].event["ORGANIZER"]) == str(events[0]["ORGANIZER"])
    assert Diary().read(ended).days() == Diary().read(reversed(ended)).days() == []
    assert all("VTIMEZONE" in one.calendar for one in Message.objects.all())
    assert all(Calendar.from_ical(one.calendar) for one in Message.objects.all())


def host(settings):
    return settings.BASE_URL.split("//")[1].split(":")[0]


# --- what is known --------------------------------------------------------------------------------
def test_told_by_hand_counts_until_the_next_change(mail_sink, invited, coordinator, guest):
    move(invited, coordinator, 27)
    publish(invited.forum, coordinator)
    recipient = f"user:{guest.pk}"
    with pytest.raises(TransitionError):  # an older version was shown
        actions.tell_by_hand(
            invited, by=coordinator, now=NOW, recipient=recipient, way="phone", seen=1
        )
    assert Told.objects.outdated().count() == 1
    actions.tell_by_hand(invited, by=coordinator, now=NOW, recipient=recipient, way="phone", seen=2)
    dispatch()

    assert not Told.objects.outdated().exists()
    assert told(mail_sink, guest) == [("REQUEST", 1, 26)]
    move(invited, coordinator, 28)
    publish(invited.forum, coordinator)
    dispatch()
    assert told(mail_sink, guest)[1:] == [("REQUEST", 3, 28)]


def test_letter_handed_over_is_outdated_until_they_are_told(
    mail_sink, invited, coordinator, invitation, organization
):
    actions.hand_over_letter(Invitation.objects.get(pk=invitation.pk), by=coordinator, now=NOW)
    move(invited, coordinator, 27)
    publish(invited.forum, coordinator)
    dispatch()

    (row,) = Told.objects.outdated()
    assert (row.recipient, row.way) == (f"organization:{organization.pk}", "letter")
    assert telling.known_by(invited, row.recipient).entry.sequence == 1


def test_unreachable_party_is_named_before_and_fails_visibly(
    mail_sink, make, session, coordinator, organization
):
    actions.invite(session, by=coordinator, now=NOW, quota=2, organizations=[organization])
    (found,) = actions.tellings(actions.draft_of(session.forum, coordinator))

    publish(session.forum, coordinator)
    dispatch()

    assert (found.reached, found.unreached) == ([], [f"organization:{organization.pk}"])
    assert states("invitation") == ["failed"]
