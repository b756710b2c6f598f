import re

import pytest

from accounts.models import Organization, Role, User
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
PERSON = {
    "username": "sokha.lumphat",
    "title_km": "សុខា",
    "title_en": "",
    "email": "",
    "phone": "០១២ ៣៤៥ ៦៧៨",
    "language": "km",
}


@pytest.fixture
def english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def organization():
    return OrganizationFactory(name_en="Network of communities")


@pytest.fixture
def keeper(english):
    """A browser in which a coordinator of Mondulkiri is signed in."""
    english.keeper = coordinator_of(ProvinceFactory())
    english.force_login(english.keeper)
    return english


def text_of(response):
    return response.content.decode()


@pytest.mark.parametrize(
    "path", ["/organizations/", "/organizations/new/", "/people/", "/people/new/", "/account/"]
)
def test_visitors_are_asked_to_sign_in(client, path):
    assert client.get(path).url.startswith("/accounts/login/")


def test_pages_are_there_for_the_roles_they_are_for(client, organization):
    """Rows: role; columns: organizations, one, its form, new, people, new, one, account."""
    other = coordinator_of(ProvinceFactory(code="16"))
    official = official_of(AuthorityFactory())
    person = representative_of(organization)
    paths = [
        "/organizations/",
        f"/organizations/{organization.pk}/",
        f"/organizations/{organization.pk}/edit/",
        "/organizations/new/",
        "/people/",
        "/people/new/",
        f"/people/{person.pk}/",
        "/account/",
    ]
    table = {
        administrator(): [200, 200, 200, 200, 200, 200, 200, 200],
        coordinator_of(None): [200, 200, 200, 200, 200, 200, 200, 200],
        coordinator_of(ProvinceFactory()): [200, 200, 200, 200, 200, 200, 200, 200],
        other: [200, 404, 404, 200, 200, 200, 404, 200],
        person: [200, 200, 403, 403, 404, 404, 404, 200],
        official: [404, 404, 404, 403, 404, 404, 404, 200],
        UserFactory(): [404, 404, 404, 403, 404, 404, 404, 200],
    }

    for reader, expected in table.items():
        client.force_login(reader)
        assert [client.get(path).status_code for path in paths] == expected, reader.held


@pytest.mark.parametrize("path", ["/organizations/", "/people/"])
def test_lists_cost_the_same_queries_with_1_and_30_rows(
    keeper, organization, path, django_assert_max_num_queries
):
    representative_of(organization)
    with django_assert_max_num_queries(14) as one:
        keeper.get(path)
    for made in OrganizationFactory.create_batch(29):
        representative_of(made)
    with django_assert_max_num_queries(14) as thirty:
        page = keeper.get(path)

    assert len(page.context["page_obj"]) == 25
    assert len(one) == len(thirty)


def test_organizations_are_found_by_word_province_and_kind(keeper, organization):
    OrganizationFactory(kind="union")

    for query in ("q=communities", "kind=ngo", "kind=ngo&provinces=11"):
        page = keeper.get(f"/organizations/?{query}")
        assert list(page.context["page_obj"]) == [organization], query


def test_coordinator_adds_and_changes_an_organization(keeper):
    answers = {
        "name_km": "បណ្តាញ",
        "name_en": "Net",
        "slug": "net",
        "kind": "ngo",
        "provinces": ["11"],
    }

    response = keeper.post("/organizations/new/", answers)
    made = Organization.objects.get()
    keeper.post(f"/organizations/{made.pk}/edit/", answers | {"name_en": "Network"})

    made.refresh_from_db()
    assert response.url == made.get_absolute_url()
    assert (made.name_en, list(made.provinces.values_list("pk", flat=True))) == ("Network", ["11"])


def test_coordinator_is_offered_the_own_provinces_and_keeps_the_others(keeper):
    here, there = ProvinceFactory(), ProvinceFactory(code="16")
    both = OrganizationFactory(provinces=[here, there])
    answers = {"name_km": "ក", "name_en": "K", "slug": "k", "kind": "ngo", "provinces": ["11"]}

    page = keeper.get(f"/organizations/{both.pk}/edit/")
    assert 'value="16"' not in text_of(page)
    keeper.post(f"/organizations/{both.pk}/edit/", answers)
    refused = keeper.post("/organizations/new/", answers | {"slug": "l", "provinces": ["16"]})

    assert set(both.provinces.all()) == {here, there}
    assert refused.status_code == 200
    assert Organization.objects.count() == 1


def test_person_without_an_address_gets_a_card_shown_once(keeper, organization):
    wanted = {"role": "representative", "organization": organization.pk}

    response = keeper.post("/people/new/", PERSON | wanted)

    person = User.objects.get(username="sokha.lumphat")
    password = re.search(r"(?:[a-z0-9]{4}-){2}[a-z0-9]{4}", text_of(response))[0]
    assert person.check_password(password)
    assert (person.phone, person.email) == ("+85512345678", None)
    assert "no-store" in response["Cache-Control"]
    assert password not in text_of(keeper.get(person.get_absolute_url()))
    assert "Another account has this name." in text_of(keeper.post("/people/new/", PERSON | wanted))


def test_person_with_an_address_gets_no_card(keeper, organization):
    wanted = {"role": "representative", "organization": organization.pk}

    response = keeper.post("/people/new/", PERSON | wanted | {"email": "Sokha@vedika.example"})

    person = User.objects.get(username="sokha.lumphat")
    assert response.url == person.get_absolute_url()
    assert person.email == "sokha@vedika.example"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"username": "១២៣"}, "Begin with a Latin letter"),
        ({"username": "a@b"}, "Begin with a Latin letter"),
        ({"phone": "12"}, "Write the number as 012 345 678"),
        ({"title_km": ""}, "Write the name or title in Khmer or in English."),
        ({"organization": ""}, "Choose the organization of the representative."),
        ({"role": "official"}, "Choose the authority of the official."),
        ({"role": "administrator"}, "Select a valid choice."),
    ],
)
def test_person_is_refused_with_a_sentence(keeper, organization, changed, sentence):
    wanted = {"role": "representative", "organization": organization.pk}

    response = keeper.post("/people/new/", PERSON | wanted | changed)

    assert response.status_code == 200
    assert sentence in text_of(response)
    assert not User.objects.filter(title_km="សុខា").exists()


def test_number_and_address_of_another_account_are_refused(keeper, organization):
    UserFactory(phone="+85512345678", email="sokha@vedika.example")

    response = keeper.post("/people/new/", PERSON | {"email": "SOKHA@vedika.example"})

    assert "Another account has this number." in text_of(response)
    assert "Another account has this address." in text_of(response)


def test_administrator_makes_a_coordinator_of_all_provinces(english):
    english.force_login(administrator())

    english.post("/people/new/", PERSON | {"role": "coordinator", "province": ""})

    assert User.objects.get(username="sokha.lumphat").serves_all


def test_role_is_given_and_ended(keeper, organization):
    person = representative_of(organization)
    office = AuthorityFactory()
    given = {"role": "official", "authority": office.pk, "organization": organization.pk}

    keeper.post(person.get_absolute_url(), given)
    again = keeper.post(person.get_absolute_url(), given)
    first, second = person.role_assignments.order_by("pk")
    keeper.post(f"/roles/{first.pk}/end/")

    first.refresh_from_db()
    assert "The person has this role already." in text_of(again)
    assert (second.role, second.authority, second.organization) == (Role.OFFICIAL, office, None)
    assert first.ended_on is not None
    assert second.ended_on is None


def test_role_out_of_reach_is_not_found(keeper):
    boss = administrator()

    assert keeper.post(f"/roles/{boss.role_assignments.get().pk}/end/").status_code == 404
    assert keeper.post(f"/people/{boss.pk}/card/").status_code == 404


def test_new_card_is_made_by_post_alone(keeper, organization):
    person = representative_of(organization)

    assert keeper.get(f"/people/{person.pk}/card/").status_code == 405
    assert "shown only this once" in text_of(keeper.post(f"/people/{person.pk}/card/"))


def test_account_is_changed_by_its_person(english, settings):
    person = UserFactory()
    english.force_login(person)

    response = english.post(
        "/account/",
        {"title_km": "នាយក", "title_en": "Director", "phone": "012345678", "language": "km"},
    )

    person.refresh_from_db()
    assert (person.title_en, person.phone, person.language) == ("Director", "+85512345678", "km")
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "km"
