"""Who reads which forums, sessions and invitations; who may act on them."""

import pytest
from django.contrib.auth.models import AnonymousUser

from audit import clock
from forum import permissions, workflow
from forum.models import Forum, Invitation, Session
from tests.factories import (
    AuthorityFactory,
    ForumFactory,
    InvitationFactory,
    OrganizationFactory,
    ProvinceFactory,
    SessionFactory,
    administrator,
    coordinator_of,
    official_of,
    representative_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    """Two provinces with sessions of every kind of reader, and a forum without a session."""
    here, there = ProvinceFactory(code="11"), ProvinceFactory(code="16")
    office = AuthorityFactory(superior=AuthorityFactory())
    rows = {
        "published": SessionFactory(province=there, published_at=clock.now()),
        "ours": SessionFactory(province=here),
        "asks organization": SessionFactory(province=there),
        "asks office": SessionFactory(province=there),
        "hidden": SessionFactory(province=there),
    }
    asked = InvitationFactory(session=rows["asks organization"])
    office_asked = InvitationFactory(session=rows["asks office"], authority=office)
    InvitationFactory(session=rows["published"])
    empty = ForumFactory(provinces=[here])
    return rows, asked, office_asked, empty


def readers(asked, office_asked):
    return {
        "anonymous": AnonymousUser(),
        "administrator": administrator(),
        "representative": representative_of(asked.organization),
        "other representative": representative_of(OrganizationFactory()),
        "official": official_of(office_asked.authority),
        "superior": official_of(office_asked.authority.superior),
        "other official": official_of(AuthorityFactory()),
        "coordinator": coordinator_of(ProvinceFactory(code="11")),
        "other coordinator": coordinator_of(ProvinceFactory(code="19")),
        "coordinator of all": coordinator_of(None),
    }


SESSIONS = {
    "anonymous": {"published"},
    "administrator": {"published"},
    "representative": {"published", "asks organization"},
    "other representative": {"published"},
    "official": {"published", "asks office"},
    "superior": {"published", "asks office"},
    "other official": {"published"},
    "coordinator": {"published", "ours"},
    "other coordinator": {"published"},
    "coordinator of all": {"published", "ours", "asks organization", "asks office", "hidden"},
}


@pytest.mark.parametrize("role", sorted(SESSIONS))
def test_visible_to_for_sessions_and_their_forums(house, role):
    rows, asked, office_asked, empty = house
    reader = readers(asked, office_asked)[role]

    seen = set(Session.objects.visible_to(reader))
    forums = set(Forum.objects.visible_to(reader))

    assert seen == {rows[name] for name in SESSIONS[role]}
    expected = {rows[name].forum for name in SESSIONS[role]}
    if role == "coordinator":  # of a province in which every factory's forum is held
        expected |= {row.forum for row in rows.values()}
    assert forums == expected | ({empty} if role.startswith("coordinator") else set())


INVITATIONS = {
    "anonymous": set(),
    "administrator": set(),
    "representative": {"asks organization"},
    "other representative": set(),
    "official": {"asks office"},
    "superior": {"asks office"},
    "other official": set(),
    "coordinator": set(),
    "other coordinator": set(),
    "coordinator of all": {"published", "asks organization", "asks office"},
}


@pytest.mark.parametrize("role", sorted(INVITATIONS))
def test_visible_to_for_invitations(house, role):
    rows, asked, office_asked, _empty = house
    reader = readers(asked, office_asked)[role]

    seen = {one.session for one in Invitation.objects.visible_to(reader)}

    assert seen == {rows[name] for name in INVITATIONS[role]}


def test_invitations_are_read_by_their_party_only_while_they_are_sent_and_stand():
    session = SessionFactory(province=ProvinceFactory(code="16"))
    draft = InvitationFactory(session=session, released_at=None)
    withdrawn = InvitationFactory(session=session, withdrawn_at=clock.now())
    for one in (draft, withdrawn):
        person = representative_of(one.organization)

        assert not Invitation.objects.visible_to(person).exists()
        assert not Session.objects.visible_to(person).exists()
    everything = Invitation.objects.visible_to(coordinator_of(session.province))
    assert set(everything) == {draft, withdrawn}


def test_visible_to_gives_a_coordinator_the_provinces_invitations():
    invitation = InvitationFactory()
    InvitationFactory(session=SessionFactory(province=ProvinceFactory(code="16")))

    seen = Invitation.objects.visible_to(coordinator_of(invitation.session.province))

    assert list(seen) == [invitation]


def test_a_role_that_has_ended_reads_nothing():
    invitation = InvitationFactory()
    person = representative_of(invitation.organization)
    person.role_assignments.update(ended_on=clock.today())

    assert not Session.objects.visible_to(person).exists()
    assert not permissions.answers(person, invitation)


ANSWERS = {
    "anonymous": (False, False),
    "administrator": (False, False),
    "representative": (True, False),
    "other representative": (False, False),
    "official": (False, True),
    "superior": (False, False),
    "other official": (False, False),
    "coordinator": (False, False),
    "other coordinator": (False, False),
    "coordinator of all": (True, True),
}


@pytest.mark.parametrize("role", sorted(ANSWERS))
def test_answers_are_of_the_partys_own_people_and_its_coordinators(house, role):
    _rows, asked, office_asked, _empty = house
    reader = readers(asked, office_asked)[role]

    given = (permissions.answers(reader, asked), permissions.answers(reader, office_asked))

    assert given == ANSWERS[role]


@pytest.mark.parametrize("role", sorted(SESSIONS))
def test_serves_are_the_coordinators_of_the_province(house, role):
    rows, asked, office_asked, _empty = house
    reader = readers(asked, office_asked)[role]
    served = role in ("coordinator", "coordinator of all")

    assert permissions.serves(reader, rows["ours"]) is served
    assert permissions.serves_one_of(reader, ["16", "11"]) is served
    assert bool(workflow.open_acts(rows["ours"], reader)) is served
    assert permissions.serves(reader, rows["hidden"]) is (role == "coordinator of all")


def test_open_acts_are_those_of_the_state():
    session = SessionFactory(status=Session.Status.RELEASED)

    acts = workflow.open_acts(session, coordinator_of(session.province))

    assert acts == {"check_in", "record_attendance"}
