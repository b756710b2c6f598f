import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from audit.errors import Conflict, TransitionError
from forum.models import Session
from issues import actions, packs
from issues.models import Pack
from outbox import registry
from outbox.models import Notice
from tests.factories import (
    AgendaItemFactory,
    AuthorityFactory,
    ConcernFactory,
    ContactPointFactory,
    InvitationFactory,
    OrganizationFactory,
    ProvinceFactory,
    RoleAssignmentFactory,
    SessionFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.issues.traces import NOW, everything, told, trail

pytestmark = pytest.mark.django_db
ONE, TWO = uuid.UUID(int=1), uuid.UUID(int=2)
LATER = NOW.replace(year=NOW.year + 1)


@pytest.fixture
def session():
    """To be held after NOW."""
    return SessionFactory(starts_at=LATER, published_at=NOW)


@pytest.fixture
def coordinator(session):
    return coordinator_of(session.province)


@pytest.fixture
def guests(session):
    """Two parties with one person in both, an office with an address, and one without."""
    organization, office = OrganizationFactory(), AuthorityFactory()
    both = representative_of(organization)
    RoleAssignmentFactory(user=both, role="official", authority=office)
    contact = ContactPointFactory(authority=AuthorityFactory(), channel="email", value="a@b.kh")
    silent = AuthorityFactory()
    InvitationFactory(session=session, organization=organization)
    for authority in (office, contact.authority, silent):
        InvitationFactory(session=session, authority=authority)
    InvitationFactory(session=session, released_at=None)  # a draft
    return [f"authority:{silent.pk}", f"contact:{contact.pk}", f"user:{both.pk}"]


@pytest.fixture
def item(session):
    return issue_in("scheduled", session=session).agenda_items.get()


def test_send_pack_tells_each_person_once_and_the_same_press_once(
    session, coordinator, guests, item
):
    heading = {"issue": None, "is_heading": True, "minutes": 0, "title": "Roads"}
    AgendaItemFactory(session=session, **heading)
    sent = {"by": coordinator, "now": NOW}

    first = actions.send_pack(session, client_key=ONE, **sent)
    again = actions.send_pack(session, client_key=ONE, **sent)
    after_one = told()
    actions.send_pack(session, client_key=TWO, **sent)

    subject = f"session:{session.pk}"
    assert first == again
    assert after_one == [("agenda_pack", subject, 1, guest) for guest in guests]
    assert told()[3:] == [("agenda_pack", subject, 2, guest) for guest in guests]
    facts = Pack.objects.values_list("session", "number", "sent_by", "sent_at", "client_key")
    row = (session.pk, coordinator.pk, NOW)
    assert list(facts) == [(row[0], 1, *row[1:], ONE), (row[0], 2, *row[1:], TWO)]
    assert trail() == [
        (
            "issue.send_pack",
            subject,
            coordinator,
            "coordinator",
            {"number": number, "items": [item.pk]},
        )
        for number in (1, 2)
    ]


def test_send_pack_with_the_key_of_another_session_is_a_conflict(
    session, coordinator, guests, item
):
    actions.send_pack(session, by=coordinator, now=NOW, client_key=ONE)

    with pytest.raises(Conflict):
        actions.send_pack(SessionFactory(), by=coordinator, now=NOW, client_key=ONE)


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ("empty", "Nothing stands on the agenda yet."),
        ("unpublished", "Publish the session with its day first."),
        ("cancelled", "This is not possible now: the session is “Cancelled”."),
        ("uninvited", "No invitation has been sent yet."),
        ("over", "The session is over."),
    ],
)
def test_send_pack_is_refused(session, coordinator, guests, case, sentence):
    if case != "empty":
        issue_in("scheduled", session=session)
    now = LATER.replace(year=LATER.year + 1) if case == "over" else NOW
    if case == "unpublished":
        Session.objects.update(announced=None, published_at=None, sequence=0)
    if case == "cancelled":
        Session.objects.update(status="cancelled", cancelled_because="Rain.")
    if case == "uninvited":
        session.invitations.update(released_at=None)
    before = everything()

    with translation.override("en"), pytest.raises(TransitionError) as refused:
        actions.send_pack(session, by=coordinator, now=now, client_key=ONE)

    assert str(refused.value) == sentence
    assert (everything(), Pack.objects.count()) == (before, 0)


def test_send_pack_is_for_the_provinces_coordinators(session, guests, item):
    for person in (item.issue.author, coordinator_of(ProvinceFactory(code="16"))):
        with pytest.raises(PermissionDenied):
            actions.send_pack(session, by=person, now=NOW, client_key=ONE)


# --- who gets it, and what is new ---------------------------------------------------------------
def test_reach_names_who_cannot_be_reached_and_who_is_expected_uninvited(session, guests, item):
    uninvited = AuthorityFactory()
    invited = session.invitations.filter(authority__isnull=False).first().authority
    item.expected.set([uninvited, invited])

    reach = packs.reach_of(session)

    silent = [f"authority:{one.authority_id}" for one in reach.unreached]
    assert (reach.people, reach.parties, silent) == (2, 3, [guests[0]])
    assert (sorted(reach.recipients), reach.uninvited) == (guests, [uninvited])


def test_news_since_the_last_sending(session, coordinator, guests, item):
    second, third = (
        issue_in("scheduled", session=session).agenda_items.get() for _number in range(2)
    )
    assert packs.news_of(session) is None
    pack = actions.send_pack(session, by=coordinator, now=NOW, client_key=ONE)
    assert packs.news_of(session) == packs.News(pack, [], 0, 0, is_reordered=False)
    Pack.objects.update(sent_at=pack.sent_at.replace(year=2000))  # the acts below are of now
    pack.refresh_from_db()

    actions.unschedule(third, by=coordinator, now=NOW)
    actions.allot(second, by=coordinator, minutes=25)
    new = AgendaItemFactory(session=session, issue=None)
    seen, order = [item.pk, second.pk, new.pk], [second.pk, new.pk, item.pk]
    actions.arrange(session, by=coordinator, seen=seen, order=order)

    assert packs.news_of(session) == packs.News(pack, [2], 1, 1, is_reordered=True)


# --- still true? --------------------------------------------------------------------------------
def test_a_pack_is_wanted_by_the_invited_until_the_next_one(session, coordinator, guests, item):
    actions.send_pack(session, by=coordinator, now=NOW, client_key=ONE)
    notices = {one.recipient: one for one in Notice.objects.all()}
    stranger = Notice(
        kind="agenda_pack",
        subject=f"session:{session.pk}",
        version=1,
        recipient=f"user:{official_of(AuthorityFactory()).pk}",
    )
    wanted = {who: registry.wanted(one, NOW) for who, one in notices.items()}
    over = {registry.wanted(one, LATER.replace(year=LATER.year + 1)) for one in notices.values()}
    assert wanted == dict.fromkeys(guests, True)
    assert (registry.wanted(stranger, NOW), over) == (False, {False})

    actions.send_pack(session, by=coordinator, now=NOW, client_key=TWO)
    assert {registry.wanted(one, NOW) for one in notices.values()} == {False}


def test_an_office_is_told_how_many_items_it_answers_and_a_contact_gets_its_own_link(
    session, coordinator, guests, item, settings
):
    contact = int(guests[1].partition(":")[2])
    office = session.invitations.get(authority__contacts=contact).authority
    other = issue_in("scheduled", session=session).agenda_items.get()
    barred = issue_in("scheduled", session=session)
    ConcernFactory(issue=barred, authority=office)
    for one in (item, other, barred.agenda_items.get()):
        one.expected.add(office)
    actions.send_pack(session, by=coordinator, now=NOW, client_key=ONE)

    said = {
        one.recipient: registry.render(one, "en")
        for one in Notice.objects.exclude(recipient=guests[0])
    }

    to_contact, to_person = (said[who].body for who in guests[1:])
    assert "expected to answer 2 items" in to_contact
    assert f"{settings.BASE_URL}/i/" in to_contact
    assert f"/sessions/{session.pk}/" not in to_contact
    assert "expected to answer" not in to_person
    files = [f"/sessions/{session.pk}/agenda/pack.pdf?lang={code}" for code in ("km", "en")]
    assert [f"{settings.BASE_URL}{one}" in to_person for one in files] == [True, True]
    assert said[guests[1]].subject.startswith("Agenda of the session in Mondulkiri on ")
