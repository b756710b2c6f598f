"""The signed link of an invitation: shown by GET, answered by POST, and by nobody else's."""

import datetime as dt

import pytest
from django.test import Client
from icalendar import Calendar

from audit import clock
from audit.models import AuditEntry
from forum import actions, events, replies
from forum.models import Invitation
from tests.factories import (
    AuthorityFactory,
    ContactPointFactory,
    InvitationFactory,
    SessionFactory,
    VenueFactory,
    announced,
    coordinator_of,
    representative_of,
)
from tests.paper.reading import opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    made = SessionFactory(
        published_at=clock.now(),
        forum__rules_en="Speak in turn.",
        forum__rules_km="Speak in turn.",
        venue=VenueFactory(address_km="Street 5"),
    )
    made.refresh_from_db()
    return made


@pytest.fixture
def invitation(session):
    return InvitationFactory(session=session, quota=3)


@pytest.fixture
def path(invitation):
    return (
        "/i/" + replies.token_of(invitation.pk, f"organization:{invitation.organization_id}") + "/"
    )


def page(client, path, **more):
    return client.get(path, headers={"accept-language": "en"}, **more)


def state(invitation):
    invitation.refresh_from_db()
    return invitation.status, invitation.answered_by_way


def test_reply_shows_the_session_as_published_its_places_and_rules(
    client, session, invitation, path
):
    published = session.announced
    session.starts_at += dt.timedelta(days=3)
    session.ends_at += dt.timedelta(days=3)
    session.save()

    response = page(client, path)

    shown = response.content.decode()
    assert response.status_code == 200
    assert f"{published.starts_at + dt.timedelta(hours=7):%-d %B %Y}" in shown
    assert f"{session.starts_at + dt.timedelta(hours=7):%-d %B %Y}" not in shown
    for words in (
        invitation.organization.name_en, "Street 5", "Speak in turn.", "We are coming",
        "Not answered",
    ):  # fmt: skip
        assert words in shown
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "same-origin"


def test_reply_by_get_and_head_changes_nothing_fifty_times(client, invitation, path):
    for _time in range(25):
        assert client.get(path).status_code == 200
        assert client.head(path).status_code == 200

    assert state(invitation) == ("pending", "")
    assert AuditEntry.objects.count() == 0


def test_reply_to_a_day_that_has_changed_meanwhile_is_refused_and_shows_the_new_one(
    client, session, invitation, path
):
    assert f'name="seen" value="{session.sequence}"' in page(client, path).content.decode()
    session.starts_at += dt.timedelta(days=3)
    session.ends_at += dt.timedelta(days=3)
    announced(session)
    headers = {"accept-language": "en"}

    refused = client.post(path, {"status": "accepted", "seen": "1"}, headers=headers)

    shown = refused.content.decode()
    assert "Meanwhile the day or the venue has changed" in shown
    assert f"{session.starts_at + dt.timedelta(hours=7):%-d %B %Y}" in shown
    assert state(invitation) == ("pending", "")
    assert client.post(path, {"status": "accepted", "seen": "2"}).status_code == 302
    assert state(invitation) == ("accepted", "link")


def test_reply_twice_gives_the_same_page_and_one_entry(client, invitation, path):
    first = client.post(path, {"status": "accepted"})
    second = client.post(path, {"status": "accepted"})

    assert (first.status_code, second.status_code) == (302, 302)
    assert first.url == second.url == path
    assert state(invitation) == ("accepted", "link")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.role, entry.change) == (
        "forum.answer_invitation",
        None,
        "system",
        {
            "status": ["pending", "accepted"],
            "way": "link",
            "recipient": f"organization:{invitation.organization_id}",
        },
    )
    assert "Coming" in page(client, path).content.decode()


def test_reply_can_be_changed_and_names_its_person(client, invitation):
    person = representative_of(invitation.organization)
    path = f"/i/{replies.token_of(invitation.pk, f'user:{person.pk}')}/"

    client.post(path, {"status": "accepted"})
    client.post(path, {"status": "declined"})

    assert state(invitation) == ("declined", "link")
    assert [one.actor for one in AuditEntry.objects.all()] == [person, person]


@pytest.mark.parametrize("status", ["", "pending", "maybe"])
def test_reply_with_no_answer_is_refused_on_the_page(client, invitation, path, status):
    response = client.post(path, {"status": status})

    assert response.status_code == 200
    assert b"alert-error" in response.content
    assert state(invitation) == ("pending", "")


def test_reply_needs_the_token_of_a_form(invitation, path):
    assert Client(enforce_csrf_checks=True).post(path, {"status": "accepted"}).status_code == 403
    assert state(invitation) == ("pending", "")


def _withdraw(session, invitation):
    actions.uninvite(invitation, by=coordinator_of(session.province), now=clock.now())


def _cancel(session, invitation):
    session.status, session.cancelled_because = "cancelled", "The road is cut."
    announced(session)


def _cancel_in_the_draft(session, invitation):
    session.status, session.cancelled_because = "cancelled", "The road is cut."
    session.save()


def _postpone(session, invitation):
    session.starts_at = session.ends_at = None
    announced(session)


def _hold(session, invitation):
    session.starts_at = clock.now() - dt.timedelta(hours=5)
    session.ends_at = clock.now() - dt.timedelta(hours=1)
    announced(session)


@pytest.mark.parametrize(
    ("happen", "sentence"),
    [
        (_withdraw, "The invitation has been taken back."),
        (_cancel, "The session has been cancelled."),
        (_cancel_in_the_draft, "Nothing can be answered here just now."),
        (_postpone, "The session was postponed. You will be told its new date."),
        (_hold, "The session is over."),
    ],
)
def test_reply_says_why_there_is_nothing_to_answer(
    client, session, invitation, path, happen, sentence
):
    happen(session, invitation)

    shown = page(client, path).content.decode()
    posted = client.post(path, {"status": "accepted"}, headers={"accept-language": "en"})

    assert sentence in shown
    assert sentence in posted.content.decode()
    assert "We are coming" not in shown
    assert "The road is cut." not in shown
    assert state(invitation) == ("pending", "")
    assert client.get(f"{path}letter.pdf").status_code == 404
    assert client.get(f"{path}session.ics").status_code == 404


def test_reply_by_a_wrong_link_is_not_found(client, invitation, path):
    office = AuthorityFactory()
    left = representative_of(invitation.organization)
    left.role_assignments.update(ended_on=clock.today())
    draft = InvitationFactory(session=invitation.session, released_at=None)
    contact = ContactPointFactory(authority=office)
    wrong = [
        f"{path[:-2]}x/",
        "/i/nothing/",
        *(
            f"/i/{replies.token_of(pk, recipient)}/"
            for pk, recipient in (
                (invitation.pk, f"authority:{office.pk}"),
                (invitation.pk, f"contact:{contact.pk}"),
                (invitation.pk, f"user:{left.pk}"),
                (invitation.pk, "user:999999"),
                (draft.pk, f"organization:{draft.organization_id}"),
                (999999, f"organization:{invitation.organization_id}"),
            )
        ),
    ]

    got = [client.get(one).status_code for one in wrong]
    posted = [client.post(one, {"status": "accepted"}).status_code for one in wrong]

    assert got == posted == [404] * len(wrong)
    assert "not valid any more" in page(client, wrong[0]).content.decode()
    assert not Invitation.objects.exclude(status="pending").exists()


def test_reply_link_of_an_office_address_is_its_own(client, session):
    contact = ContactPointFactory()
    invitation = InvitationFactory(session=session, authority=contact.authority)
    path = f"/i/{replies.token_of(invitation.pk, f'contact:{contact.pk}')}/"

    client.post(path, {"status": "accepted"})

    assert state(invitation) == ("accepted", "link")


def test_reply_page_speaks_both_languages(client, path):
    client.post("/language/", {"language": "en", "next": path})
    english = client.get(path).content.decode()
    client.post("/language/", {"language": "km", "next": path})
    khmer = client.get(path).content.decode()

    assert '<html lang="en"' in english
    assert '<html lang="km"' in khmer
    assert f'name="next" value="{path}"' in english


def test_reply_gives_the_letter_and_the_date_for_the_calendar(client, session, path):
    letter = client.get(f"{path}letter.pdf")
    calendar = client.get(f"{path}session.ics")

    assert letter["Content-Disposition"] == 'inline; filename="invitation.pdf"'
    assert len(opened(letter.content).pages) == 2
    event = next(iter(Calendar.from_ical(calendar.content).walk("VEVENT")))
    assert (event["UID"], event["SEQUENCE"]) == (events.uid_of(session), 1)
    assert "ATTENDEE" not in event
