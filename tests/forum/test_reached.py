"""Whom invitations reached, answers that a move outlives, and what the invited press."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import translation

from audit import clock
from audit.models import AuditEntry
from forum import actions, replies
from forum.models import Invitation, Session
from outbox.models import Notice
from outbox.packing import OVERTAKEN
from provinces.models import ContactPoint
from tests.factories import (
    AuthorityFactory,
    ContactPointFactory,
    InvitationFactory,
    NoticeFactory,
    OrganizationFactory,
    VenueFactory,
    announced,
    representative_of,
)
from tests.factories_more import DelegateFactory, ToldFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def session(make, forum, province):
    starts = (clock.now() + 30 * DAY).replace(hour=2, minute=0, second=0, microsecond=0)
    hall = VenueFactory(province=province, name_en="Hall", capacity=120)
    return announced(
        make.SessionFactory(
            forum=forum,
            province=province,
            starts_at=starts,
            ends_at=starts + dt.timedelta(hours=3),
            venue=hall,
        )
    )


@pytest.fixture
def english(client, coordinator):
    coordinator.language = "en"
    coordinator.save()
    client.force_login(coordinator)
    return client


def url(name, row):
    return reverse(f"forum:{name}", args=[row.pk])


def words_of(response):
    main = response.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())


def notice(invitation, kind, recipient, state):
    return NoticeFactory(
        subject=f"invitation:{invitation.pk}", kind=kind, recipient=recipient, state=state
    )


def move(session, coordinator, days=1):
    """To a later day, and published."""
    fresh = Session.objects.get(pk=session.pk)
    Session.objects.filter(pk=session.pk).update(
        starts_at=fresh.starts_at + days * DAY,
        ends_at=fresh.ends_at + days * DAY,
        version=fresh.version + 1,
    )
    return publish(session, coordinator)


def publish(session, coordinator):
    from forum.programme import fingerprint  # noqa: PLC0415 - reads models

    chosen = actions.chosen_of(actions.draft_of(session.forum, coordinator), [session.pk])
    return actions.publish(
        session.forum,
        by=coordinator,
        now=clock.now(),
        expected=fingerprint(chosen),
        session_ids=[session.pk],
    )


# --- reached ------------------------------------------------------------------------------------
@pytest.fixture
def office(session):
    """Invited, without an address; its reminder is planned all the same."""
    invited = InvitationFactory(session=session, authority=AuthorityFactory(name_en="Office"))
    party = f"authority:{invited.authority_id}"
    ContactPointFactory(
        authority=invited.authority, channel=ContactPoint.Channel.PHONE, value="+85512000001"
    )
    notice(invited, "invitation", party, "failed")
    notice(invited, "invitation_reminder", party, "planned")
    return invited


def test_told_lists_whom_nothing_reached_until_they_are_called(english, session, office):
    reached = InvitationFactory(session=session)
    notice(reached, "invitation", "contact:5", "planned")
    page = english.get(url("told", session.forum))
    found = {"invitation": office.pk, "way": "phone", "seen": session.sequence}
    late = english.post(url("told", session.forum), found | {"seen": 9}, follow=True)
    done = english.post(url("told", session.forum), found, follow=True)

    assert [row.invitation for row in page.context["missed"]] == [office]
    assert 'href="tel:+85512000001"' in page.content.decode()
    assert "Everybody who was told" not in words_of(page)
    assert "the session has changed again" in late.content.decode()
    assert done.context["missed"] == []
    assert "Everybody who was told of a session knows its newest date." in words_of(done)
    told = session.told.get()
    assert (told.recipient, told.way) == (f"authority:{office.authority_id}", "phone")


def test_told_notes_the_letter_of_whom_nothing_reached(english, session, office, make, neighbor):
    found = {"invitation": office.pk, "way": "letter", "seen": session.sequence}

    english.post(url("told", session.forum), found)
    office.refresh_from_db()
    other = make.coordinator_of(neighbor)
    english.force_login(other)
    strange = english.post(url("told", session.forum), found)

    assert office.handed_over_on == clock.today()
    assert session.told.get().way == "letter"
    assert strange.status_code == 404


def test_told_asks_as_often_for_one_party_as_for_many(
    english, session, office, django_assert_max_num_queries
):
    def count():
        with django_assert_max_num_queries(20) as queries:
            english.get(url("told", session.forum))
        return len(queries)

    few = count()
    for _ in range(3):
        one = InvitationFactory(session=session, authority=AuthorityFactory())
        notice(one, "invitation", f"authority:{one.authority_id}", "failed")
    assert count() == few


def test_invitations_tells_nobody_reached_from_on_its_way(english, session, office):
    page = words_of(english.get(url("invitations", session)))

    assert "Could not be reached No address is known. Mend the address Print the letter" in page
    assert "On its way" not in page


def test_invitations_forgets_what_was_told_of_a_withdrawn_one(english, session):
    former = InvitationFactory(session=session, withdrawn_at=clock.now())
    person = representative_of(former.organization)
    notice(former, "invitation", f"user:{person.pk}", "sent")
    ToldFactory(
        session=session,
        recipient=f"user:{person.pk}",
        entry=session.announced,
        is_off=True,
        is_withdrawn=True,
    )
    again = InvitationFactory(session=session, organization=former.organization, released_at=None)

    page = english.get(url("invitations", session))

    assert [(row.invitation, len(row.told)) for row in page.context["rows"]] == [
        (again, 0),
        (former, 1),
    ]
    assert "holds an old date" not in words_of(page)
    assert "told that it is taken back" in words_of(page)


def test_planned_reminders_end_with_the_invitation_and_with_the_session(session, coordinator):
    taken, kept = (InvitationFactory(session=session) for _ in range(2))
    for one in (taken, kept):
        notice(one, "invitation_reminder", f"organization:{one.organization_id}", "planned")
    reminders = Notice.objects.filter(kind="invitation_reminder").order_by("pk")

    actions.uninvite(taken, by=coordinator, now=clock.now())
    assert [one.state for one in reminders.all()] == ["cancelled", "planned"]
    actions.cancel_session(session, by=coordinator, now=clock.now(), because="Flood")
    publish(session, coordinator)

    assert [(one.state, one.reason) for one in reminders.all()] == [("cancelled", OVERTAKEN)] * 2


def test_remind_counts_people_and_parties_without_address_apart(session, coordinator, office):
    other = InvitationFactory(session=session)
    representative_of(other.organization)
    representative_of(other.organization)

    told = actions.remind_silent(session, by=coordinator, now=clock.now())

    assert (told.reached, told.unreached) == (2, 1)


def test_invitations_counts_the_seats_of_the_hall_that_is_published(english, session):
    smaller = VenueFactory(province=session.province, capacity=30)
    Session.objects.filter(pk=session.pk).update(venue=smaller)

    assert english.get(url("invitations", session)).context["capacity"] == 120


# --- answers for a former day ---------------------------------------------------------------------
def test_answer_for_a_former_day_is_asked_anew(english, session, coordinator):
    asked = InvitationFactory(session=session, status="accepted")
    person = representative_of(asked.organization)
    assert asked.answered_sequence == 1
    move(session, coordinator)

    listed = words_of(english.get(url("invitations", session)))
    filtered = english.get(url("invitations", session), {"state": "former"}).context["rows"]
    shown = words_of(english.get(session.get_absolute_url()))
    told = actions.remind_silent(session, by=coordinator, now=clock.now())
    for _ in range(2):
        actions.answer_invitation(asked, by=person, now=clock.now(), status="accepted")

    assert "Coming (answered for the former day)" in listed
    assert "Remind the 1 who has not answered" in listed
    assert [row.invitation for row in filtered] == [asked]
    assert "Coming (answered for the former day) 1" in shown
    assert told.reached == 1
    asked.refresh_from_db()
    assert (asked.status, asked.answered_sequence, asked.is_answer_former) == ("accepted", 2, False)
    trail = AuditEntry.objects.filter(action="forum.answer_invitation")
    assert [one.change["status"] for one in trail] == [["accepted", "accepted"]]


def test_move_plans_a_reminder_for_who_answered_the_former_day(session, coordinator):
    asked = InvitationFactory(session=session, status="accepted")
    person = representative_of(asked.organization)

    move(session, coordinator)

    planned = Notice.objects.get(kind="invitation_reminder")
    assert (planned.recipient, planned.version, planned.state) == (
        f"user:{person.pk}",
        2,
        "planned",
    )


def test_naming_a_delegate_answers_for_the_new_day(session, coordinator):
    asked = InvitationFactory(session=session, status="accepted")
    person = representative_of(asked.organization)
    move(session, coordinator)
    who = {"honorific": None, "title": "Director", "sex": "woman"}

    actions.name_delegate(
        Invitation.objects.get(), by=person, now=clock.now(),
        client_key="5f1c0b1e-6a55-4c57-9c43-1d2b7a3a0c11", **who,
    )  # fmt: skip

    assert Invitation.objects.get().answered_sequence == 2


# --- what the invited and coordinators press ------------------------------------------------------
def test_not_coming_asks_again_where_delegates_are_named(client, session):
    asked = InvitationFactory(session=session, status="accepted", quota=3)
    DelegateFactory.create_batch(2, invitation=asked)
    party = f"organization:{asked.organization_id}"
    path = reverse("forum:reply", args=[replies.token_of(asked.pk, party)])
    client.cookies["django_language"] = "en"

    first = client.post(path, {"status": "declined"})
    stale = client.post(path, {"status": "declined", "confirmed": 1})
    assert Invitation.objects.get().status == "accepted"
    client.post(path, {"status": "declined", "confirmed": 2})

    for page in (first, stale):
        assert "the 2 delegates who were named are taken off the list" in words_of(page)
        assert "Yes, we are not coming" in words_of(page)
    assert Invitation.objects.get().status == "declined"
    assert not asked.delegates.standing().exists()


def test_not_coming_asks_again_with_an_account(english, session):
    asked = InvitationFactory(session=session, status="accepted")
    DelegateFactory(invitation=asked)

    first = english.post(url("invitation_answer", asked), {"status": "declined"})
    english.post(url("invitation_answer", asked), {"status": "declined", "confirmed": 1})

    assert "Yes, they are not coming" in words_of(first)
    assert Invitation.objects.get().status == "declined"


def test_invite_offers_its_boxes_by_kind(english, session, province):
    kinds = ["commune", "district", "administration", "department"]
    offices = {one: AuthorityFactory(province=province, kind=one) for one in kinds}
    OrganizationFactory(provinces=[province])
    page = english.get(url("invitations", session))
    wrong = english.post(url("invitations", session), {
        "authorities": [offices["commune"].pk], "quota": 0,
    })  # fmt: skip

    with translation.override("en"):
        groups = [(str(one.label), one.is_open) for one in page.context["form"].groups()]
        ticked = {str(one.label): one.is_open for one in wrong.context["form"].groups()}
    assert groups == [
        ("Organizations", True),
        ("Provincial administration", True),
        ("Provincial departments", True),
        ("Districts", False),
        ("Communes and sangkats", False),
    ]
    assert ticked["Communes and sangkats"]


def test_delegates_says_who_waits_and_where_places_are_raised(english, session):
    asked = InvitationFactory(session=session, status="accepted", quota=2)
    DelegateFactory(invitation=asked, number=1)
    DelegateFactory(invitation=asked, number=2, is_waiting=True)

    page = english.get(url("delegates", asked))

    shown = words_of(page)
    assert "Delegates who have a place: 1, who wait for one: 1." in shown
    assert "first raise the number of places. Change the number of places" in shown
    assert "ask the secretariat" not in shown
