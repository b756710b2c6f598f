import datetime as dt
import re

import pytest
from django.core.exceptions import PermissionDenied

from accounts import actions
from accounts.models import Organization, Role, RoleAssignment, User
from audit.errors import TransitionError
from audit.models import AuditEntry
from khmer import sorting
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
TODAY = dt.date(2099, 5, 12)


@pytest.fixture
def keeper():
    return coordinator_of(ProvinceFactory())


def speaker():
    return RoleAssignment(role=Role.REPRESENTATIVE, organization=OrganizationFactory())


def trail():
    return list(AuditEntry.objects.values_list("action", "role"))


def test_first_password_is_readable_and_never_the_same():
    passwords = {actions.first_password() for _time in range(50)}

    assert len(passwords) == 50
    assert all(re.fullmatch(r"([a-z0-9]{4}-){2}[a-z0-9]{4}", one) for one in passwords)


def test_grant_refuses_to_make_an_official_a_coordinator_and_the_other_way_round():
    province = ProvinceFactory()
    sides = [
        (official_of(AuthorityFactory()), RoleAssignment(role="coordinator", province=province)),
        (
            coordinator_of(province),
            RoleAssignment(role="official", authority=AuthorityFactory()),
        ),
    ]
    for person, wanted in sides:
        with pytest.raises(TransitionError):
            actions.grant(person, wanted, by=administrator())

    assert RoleAssignment.objects.filter(user__in=[one for one, _ in sides]).count() == 2


def test_add_person_without_an_address_answers_the_first_password(keeper):
    person, wanted = User(username="sokha", title_en="Sokha"), speaker()

    password = actions.add_person(person, wanted, by=keeper)

    person.refresh_from_db()
    assert person.check_password(password)
    assert person.organization_ids == {wanted.organization_id}
    assert trail() == [("accounts.add_person", "coordinator"), ("accounts.grant", "coordinator")]
    assert password not in str(AuditEntry.objects.values_list("change", flat=True))


def test_add_person_with_an_address_has_no_password_yet(keeper):
    person = User(username="sokha", email="sokha@vedika.example")

    assert actions.add_person(person, speaker(), by=keeper) == ""
    assert not person.has_usable_password()


def test_add_person_with_a_role_of_another_province_leaves_nothing(keeper):
    elsewhere = AuthorityFactory(province=ProvinceFactory(code="16"))

    with pytest.raises(PermissionDenied):
        actions.add_person(
            User(username="sokha"),
            RoleAssignment(role=Role.OFFICIAL, authority=elsewhere),
            by=keeper,
        )

    assert not User.objects.filter(username="sokha").exists()
    assert not AuditEntry.objects.exists()


def test_add_person_by_an_official_is_refused():
    with pytest.raises(PermissionDenied):
        actions.add_person(User(username="x"), speaker(), by=official_of(AuthorityFactory()))


def test_nobody_gives_a_role_to_themselves():
    boss = administrator()

    with pytest.raises(PermissionDenied):
        actions.grant(boss, RoleAssignment(role=Role.COORDINATOR), by=boss)


def test_end_role_ends_it_today_and_once(keeper):
    assignment = representative_of(OrganizationFactory()).role_assignments.get()

    actions.end_role(assignment, by=keeper, today=TODAY)
    actions.end_role(assignment, by=keeper, today=TODAY + dt.timedelta(days=1))

    assignment.refresh_from_db()
    assert assignment.ended_on == TODAY
    assert trail() == [("accounts.end_role", "coordinator")]


def test_end_role_of_an_administrator_by_a_coordinator_is_refused(keeper):
    with pytest.raises(PermissionDenied):
        actions.end_role(administrator().role_assignments.get(), by=keeper, today=TODAY)


def test_renew_password_replaces_the_old_one(keeper):
    person = representative_of(OrganizationFactory())

    password = actions.renew_password(person, by=keeper)

    assert User.objects.get(pk=person.pk).check_password(password)
    assert trail() == [("accounts.renew_password", "coordinator")]


def test_renew_password_of_someone_with_another_role_is_refused(keeper):
    person = representative_of(OrganizationFactory())
    RoleAssignmentFactory(user=person, role=Role.ADMINISTRATOR)

    with pytest.raises(PermissionDenied):
        actions.renew_password(person, by=keeper)


def test_change_account_names_the_fields_and_not_their_words():
    person = UserFactory()
    person.title_en = "Director"

    actions.change_account(person, changed=["title_en"])
    actions.change_account(person, changed=[])

    assert User.objects.get(pk=person.pk).title_en == "Director"
    assert AuditEntry.objects.get().change == {"fields": ["title_en"]}


def test_save_organization_keeps_names_sortable(keeper):
    organization = Organization(slug="net", kind="ngo", name_km="បណ្តាញ\u200b", name_en="Net")

    actions.save_organization(organization, by=keeper, provinces=[ProvinceFactory()])

    organization.refresh_from_db()
    assert organization.name_km == "បណ្តាញ"
    assert organization.sort_key == sorting.sort_key("បណ្តាញ")
    assert trail() == [("accounts.add_organization", "coordinator")]


def test_save_organization_into_another_province_is_refused(keeper):
    organization, there = OrganizationFactory(), ProvinceFactory(code="16")

    with pytest.raises(PermissionDenied):
        actions.save_organization(organization, by=keeper, provinces=[ProvinceFactory(), there])
    with pytest.raises(PermissionDenied):
        actions.save_organization(
            OrganizationFactory(provinces=[there]), by=keeper, provinces=[there]
        )

    assert [one.pk for one in organization.provinces.all()] == ["11"]


def test_save_organization_leaves_provinces_of_others(keeper):
    here, there = ProvinceFactory(), ProvinceFactory(code="16")
    organization = OrganizationFactory(provinces=[here, there])
    organization.name_en = "Renamed"

    actions.save_organization(organization, by=keeper, provinces=[here, there])

    assert set(organization.provinces.all()) == {here, there}
    assert AuditEntry.objects.get().change == {"provinces": [["11", "16"], ["11", "16"]]}
