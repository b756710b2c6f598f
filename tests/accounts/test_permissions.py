import pytest

from accounts import permissions
from accounts.models import Role, RoleAssignment
from tests.factories import (
    AuthorityFactory,
    OrganizationFactory,
    ProvinceFactory,
    UserFactory,
    administrator,
    coordinator_of,
    official_of,
    representative_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def actors():
    """A person of every role, each by a name."""
    here, there = ProvinceFactory(code="11"), ProvinceFactory(code="16")
    return {
        "administrator": administrator(),
        "everywhere": coordinator_of(None),
        "here": coordinator_of(here),
        "there": coordinator_of(there),
        "official": official_of(AuthorityFactory(province=here)),
        "representative": representative_of(OrganizationFactory(provinces=[here])),
        "nobody": UserFactory(),
    }


def allowed(actors, rule, *args):
    return {name for name, actor in actors.items() if rule(actor, *args)}


def test_people_are_kept_by_administrators_and_coordinators(actors):
    keepers = {"administrator", "everywhere", "here", "there"}

    assert allowed(actors, permissions.keeps_people) == keepers


def test_roles_are_given_within_the_own_provinces(actors):
    here = ProvinceFactory(code="11")
    office = RoleAssignment(role=Role.OFFICIAL, authority=AuthorityFactory(province=here))
    ministry = RoleAssignment(role=Role.OFFICIAL, authority=AuthorityFactory(ministry=True))
    speaker = RoleAssignment(
        role=Role.REPRESENTATIVE, organization=OrganizationFactory(provinces=[here])
    )

    assert allowed(actors, permissions.grants, office) == {"administrator", "everywhere", "here"}
    assert allowed(actors, permissions.grants, speaker) == {"administrator", "everywhere", "here"}
    assert allowed(actors, permissions.grants, ministry) == {"administrator", "everywhere"}
    for role in (Role.ADMINISTRATOR, Role.COORDINATOR):
        assert allowed(actors, permissions.grants, RoleAssignment(role=role)) == {"administrator"}


def test_roles_are_ended_by_those_who_give_them_but_not_the_own(actors):
    office = actors["official"].role_assignments.get()
    boss = actors["administrator"].role_assignments.get()

    assert allowed(actors, permissions.ends, office) == {"administrator", "everywhere", "here"}
    assert allowed(actors, permissions.ends, boss) == set()


def test_own_account_is_not_kept(actors):
    assert allowed(actors, permissions.keeps_person, actors["administrator"]) == set()
    assert allowed(actors, permissions.keeps_person, actors["official"]) == {
        "administrator",
        "everywhere",
        "here",
    }
