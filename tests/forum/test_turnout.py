"""Who came: one place that says it, by party and altogether, the hand's count before the ticks."""

import pytest

from forum import turnout
from forum.turnout import Number
from tests.factories import (
    AttendanceFactory,
    AuthorityFactory,
    InvitationFactory,
    OrganizationFactory,
)
from tests.factories_more import DelegateFactory
from tests.forum.conftest import at

pytestmark = pytest.mark.django_db
CAME = at(26, 8)


def delegates(invitation, women=0, men=0, **fields):
    return [
        DelegateFactory(invitation=invitation, sex=sex, **fields)
        for sex in ["woman"] * women + ["man"] * men
    ]


@pytest.fixture
def asked(session):
    """An office and two organizations, in the order in which they are listed."""
    return [
        InvitationFactory(session=session, authority=AuthorityFactory(), quota=3),
        InvitationFactory(session=session, organization=_organization("a"), quota=5),
        InvitationFactory(session=session, organization=_organization("b"), quota=2),
    ]


def _organization(name):
    return OrganizationFactory(name_km=name, name_en=name)


def test_turnout_of_parties_ticked_counted_and_absent(session, asked):
    delegates(asked[0], women=1, men=1, came_at=CAME)
    delegates(asked[1], women=2, came_at=CAME)
    delegates(asked[1], men=1)
    AttendanceFactory(session=session, organization=asked[1].organization, total=9, women=4)
    DelegateFactory(invitation=None, session=session, came_at=CAME)

    found = turnout.of_session(session)

    rows = [(one.party, one.invited, one.named, one.came, one.is_by_hand) for one in found.lines]
    assert rows == [
        (asked[0].authority, 3, 2, Number(2, 1), False),
        (asked[1].organization, 5, 3, Number(9, 4), True),
        (asked[2].organization, 2, 0, Number(0, 0), False),
        (None, 0, 1, Number(1, 1), False),
    ]
    assert (found.came, found.invited, found.named) == (Number(12, 6), 10, 6)
    assert found.lines[1].ticked == Number(2, 2)
    assert turnout.of_sessions([session])[session.pk].came == found.came


def test_turnout_adds_who_came_for_an_invited_party_without_its_invitation(session, asked):
    delegates(asked[1], men=1, came_at=CAME)
    DelegateFactory(
        invitation=None, session=session, organization=asked[1].organization, came_at=CAME
    )

    line = turnout.of_session(session).lines[1]

    assert (line.named, line.came) == (2, Number(2, 1))


def test_turnout_counts_neither_the_replaced_nor_other_sessions_nor_drafts(session, asked):
    delegates(asked[0], women=1, left_at=CAME)
    DelegateFactory(came_at=CAME)
    InvitationFactory(session=session, released_at=None)
    InvitationFactory(session=session, withdrawn_at=CAME)

    found = turnout.of_session(session)

    assert [one.invitation for one in found.lines] == asked
    assert (found.came, found.named, found.is_counted) == (Number(0, 0), 0, False)


def test_party_counted_by_hand_as_nobody_came(session, asked):
    delegates(asked[0], women=1, came_at=CAME)
    AttendanceFactory(
        session=session, authority=asked[0].authority, organization=None, total=0, women=0
    )

    found = turnout.of_session(session)

    assert (found.came, found.is_counted) == (Number(0, 0), True)


def test_values_name_each_party_once(session, asked):
    organization = OrganizationFactory()
    DelegateFactory(invitation=None, session=session, organization=organization)
    DelegateFactory(invitation=None, session=session)

    values = [one.value for one in turnout.of_session(session).lines]

    invited = {f"invitation:{one.pk}" for one in asked}
    assert set(values) == invited | {f"organization:{organization.pk}", ""}


def test_sections_leave_out_a_party_that_declined_unless_somebody_came(session, asked):
    for one in asked[1:]:
        one.status, one.answered_at = "declined", CAME
        one.save()
    came = delegates(asked[2], men=1, came_at=CAME)

    found = turnout.sections(session, turnout.of_session(session))

    assert [(one.line.invitation, one.people) for one in found] == [
        (asked[0], []),
        (asked[2], came),
    ]


@pytest.mark.parametrize("number", [1, 40])
def test_turnout_takes_the_same_queries_for_few_and_many(
    session, number, django_assert_num_queries
):
    for _time in range(number):
        delegates(InvitationFactory(session=session), women=1)
    DelegateFactory(invitation=None, session=session, authority=AuthorityFactory())

    with django_assert_num_queries(6):
        found = turnout.of_session(session)
        sections = turnout.sections(session, found)
        [str(one.line.party) for one in sections]
    with django_assert_num_queries(3):
        turnout.of_sessions([session])
