"""The forums that a demonstration begins with: one that was, one that is planned."""

import datetime as dt
from types import SimpleNamespace

import pytest

from accounts.models import Role
from config.demonstration import mails, rounds
from forum import programme, turnout
from forum.models import Delegate, Forum, Invitation, Told
from inbox.models import Incoming, Mailbox
from issues.models import Referral
from outbox.models import Notice
from provinces.models import ContactPoint
from tests.factories import (
    AuthorityFactory,
    OrganizationFactory,
    ProvinceFactory,
    RoleAssignmentFactory,
    UserFactory,
    issue_in,
    official_of,
    representative_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    """A coordinator; in each province an organization, an office, and a council without address."""
    person = UserFactory(username="coordinator")
    for code in rounds.PROVINCES:
        province = ProvinceFactory(code=code)
        RoleAssignmentFactory(user=person, role=Role.COORDINATOR, province=province)
        for _number in range(4):
            representative_of(OrganizationFactory(provinces=[province]))
        official_of(AuthorityFactory(province=province))
        AuthorityFactory(province=province, kind="commune")
    AuthorityFactory(ministry=True)
    return person


# A week, and the turn of the year.
@pytest.mark.parametrize(
    "today", [dt.date(2026, 11, day) for day in range(16, 23)] + [dt.date(2026, 12, 25)], ids=str
)
def test_rounds_stand_on_any_day(people, today):
    made = rounds.load_rounds(today)

    days = [one.day.weekday() for one in (*made.held.values(), *made.coming.values())]
    assert max(days) < 5
    planned = Forum.objects.get(client_key=rounds.COMING)
    changes = {one.pk: programme.change_of(one) for one in planned.sessions.all()}
    assert sorted(map(str, changes.values())) == ["None", "moved", "same", "same"]
    assert changes[made.coming["16"].pk] == "moved"


def test_rounds_have_something_of_everything(people):
    made = rounds.load_rounds(dt.date(2026, 11, 18))

    planned = Forum.objects.get(client_key=rounds.COMING)
    assert (planned.programmes.count(), planned.calls.count()) == (2, 3)
    assert list(planned.team.all()) == [people]
    tray = planned.sessions.get(starts_at=None)
    assert tray.invitations.filter(released_at=None).count() == 4
    assert Invitation.objects.filter(session=made.coming["16"], released_at=None).exists()
    assert [one.recipient for one in Told.objects.outdated()] == [
        f"authority:{made.coming['19'].invitations.get(authority__kind='commune').authority_id}"
    ]
    assert Delegate.objects.filter(session=made.coming["11"]).exists()
    came = turnout.of_sessions(made.held.values())
    assert all(one.came.total > one.came.women > 0 for one in came.values())
    assert not Notice.objects.exists()


def test_mails_came_in_once_one_of_them_on_its_issue():
    province = ProvinceFactory(code="11")
    offices = {
        slug: AuthorityFactory(province=province, slug=slug, kind=kind)
        for slug, kind in (
            ("11-land", "department"), ("11-roads", "department"), ("1104", "district"),
        )
    }  # fmt: skip
    for office in offices.values():
        issue_in("referred", authority=office)
    address = ContactPoint.objects.create(
        authority=offices["1104"], channel="email", value="1104@district.example"
    )
    people = {one.pk: official_of(one) for one in offices.values()}
    cast = SimpleNamespace(officials=people)

    for _time in range(2):
        mails.fill(cast)

    found = Incoming.objects.order_by("pk")
    answered = Referral.objects.get(authority=offices["11-roads"])
    roads, land = (people[offices[one].pk].email for one in ("11-roads", "11-land"))
    assert list(found.values_list("state", "why", "sender", "province")) == [
        ("auto", "", address.value, "11"),
        ("held", "unknown_sender", "clerk@commune.example", "11"),
        ("attached", "", roads, "11"),
        ("held", "no_match", roads, "11"),
        ("held", "unproven", land, "11"),
        ("held", "no_account", address.value, "11"),
    ]
    assert found[2].response.referral == answered
    assert "របាយការណ៍" in found[2].response.text
    assert Mailbox.objects.count() == 1
