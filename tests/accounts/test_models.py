import pytest
from django.db import IntegrityError, transaction

from accounts.models import Organization, Role, RoleAssignment, User
from tests.factories import (
    AuthorityFactory,
    OrganizationFactory,
    ProvinceFactory,
    RoleAssignmentFactory,
    UserFactory,
    administrator,
    coordinator_of,
    official_of,
    representative_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return ProvinceFactory(code="11")


@pytest.fixture
def there():
    return ProvinceFactory(code="16")


def test_organizations_are_visible_by_role(here, there):
    ours, theirs = OrganizationFactory(provinces=[here]), OrganizationFactory(provinces=[there])
    both = OrganizationFactory(provinces=[here, there])
    readers = {
        administrator(): {ours, theirs, both},
        coordinator_of(None): {ours, theirs, both},
        coordinator_of(here): {ours, both},
        coordinator_of(there): {theirs, both},
        representative_of(ours): {ours},
        official_of(AuthorityFactory(province=here)): set(),
        UserFactory(): set(),
    }

    for reader, seen in readers.items():
        found = list(Organization.objects.visible_to(reader))
        assert (set(found), len(found)) == (seen, len(seen)), reader.role_assignments.first()


def test_organizations_are_kept_by_those_who_serve_their_province(here, there):
    ours, theirs = OrganizationFactory(provinces=[here]), OrganizationFactory(provinces=[there])
    person = coordinator_of(here)
    RoleAssignmentFactory(user=person, role=Role.REPRESENTATIVE, organization=theirs)

    assert set(Organization.objects.visible_to(person)) == {ours, theirs}
    assert set(Organization.objects.kept_by(person)) == {ours}
    assert not Organization.objects.kept_by(representative_of(ours)).exists()


def test_people_are_visible_to_those_who_keep_their_accounts(here, there):
    ours = representative_of(OrganizationFactory(provinces=[here]))
    office = official_of(AuthorityFactory(province=here))
    theirs = representative_of(OrganizationFactory(provinces=[there]))
    more = representative_of(OrganizationFactory(provinces=[here]))
    RoleAssignmentFactory(user=more, role=Role.ADMINISTRATOR)
    keeper, other, boss = coordinator_of(here), coordinator_of(there), administrator()

    assert set(User.people.visible_to(keeper)) == {ours, office}
    assert set(User.people.visible_to(other)) == {theirs}
    assert set(User.people.visible_to(coordinator_of(None))) == {ours, office, theirs}
    assert set(User.people.visible_to(boss)) == set(User.objects.all())
    for nobody in (ours, office, UserFactory()):
        assert not User.people.visible_to(nobody).exists()


def test_ended_role_gives_nothing(here):
    person = coordinator_of(here)
    RoleAssignment.objects.filter(user=person).update(ended_on="2099-01-01")

    person = User.objects.get(pk=person.pk)

    assert (person.held, person.served_ids, person.is_role(Role.COORDINATOR)) == (
        [],
        frozenset(),
        False,
    )


def test_answerable_are_the_persons_authorities_and_those_below():
    top = AuthorityFactory()
    low = AuthorityFactory(superior=top)
    deputy = official_of(top)

    assert deputy.answerable_ids == {top.pk, low.pk}
    assert official_of(low).commanding_ids == {top.pk, low.pk}


@pytest.mark.parametrize(
    "scope",
    [
        {"role": Role.OFFICIAL},
        {"role": Role.REPRESENTATIVE},
        {"role": Role.ADMINISTRATOR, "province": "11"},
    ],
)
def test_role_without_the_place_it_needs_is_refused(scope):
    if "province" in scope:
        scope = scope | {"province": ProvinceFactory()}

    with pytest.raises(IntegrityError), transaction.atomic():
        RoleAssignmentFactory(**scope)


def test_address_and_number_belong_to_one_person():
    UserFactory(email="one@vedika.example", phone="+85512345678")
    UserFactory(email=None, phone=None)
    UserFactory(email=None, phone=None)

    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(email="ONE@vedika.example")
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(phone="+85512345678")
