import pytest
from django.urls import reverse

from audit.models import AuditEntry
from provinces.models import Authority
from tests.factories import (
    AuthorityFactory,
    ContactPointFactory,
    LocalityFactory,
    OrganizationFactory,
    ProvinceFactory,
    ThemeFactory,
    administrator,
    coordinator_of,
    official_of,
    representative_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def english(client):
    """A browser that asks for English pages."""
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def signed_in(english):
    """The same, signed in as a representative."""
    english.force_login(representative_of(OrganizationFactory()))
    return english


def text_of(response):
    return response.content.decode()


@pytest.mark.parametrize(
    "path", ["/authorities/", "/authorities/1/", "/places/districts/", "/contacts/1/"]
)
def test_visitors_are_asked_to_sign_in(client, path):
    response = client.get(path)

    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/")


def test_authorities_are_found_by_word_province_kind_and_theme(signed_in):
    there = ProvinceFactory(code="16")
    land = AuthorityFactory(name_en="Department of Land", province=there)
    land.themes.add(ThemeFactory(code="land"))
    AuthorityFactory(name_en="Department of Health")

    for query in ("q=Land", "province=16", "themes=land", "q=Land&kind=department"):
        page = signed_in.get(f"/authorities/?{query}")
        assert list(page.context["page_obj"]) == [land], query
    assert "No authority matches." in text_of(signed_in.get("/authorities/?kind=ministry"))


def test_authorities_come_by_25_and_cost_the_same_queries(signed_in, django_assert_max_num_queries):
    AuthorityFactory()
    with django_assert_max_num_queries(12) as one:
        signed_in.get("/authorities/")
    AuthorityFactory.create_batch(29)
    with django_assert_max_num_queries(12) as thirty:
        page = signed_in.get("/authorities/")

    assert len(page.context["page_obj"]) == 25
    assert len(one) == len(thirty)
    assert len(signed_in.get("/authorities/?page=2").context["page_obj"]) == 5


def test_authorities_that_ended_are_left_out(signed_in):
    AuthorityFactory(ended_on="2026-01-01")

    assert not signed_in.get("/authorities/").context["page_obj"].object_list


def test_authority_shows_who_is_told_next_and_who_stands_below(signed_in):
    top = AuthorityFactory(name_en="Top")
    middle = AuthorityFactory(superior=top, name_en="Middle")
    AuthorityFactory(superior=middle, name_en="Low")

    page = text_of(signed_in.get(middle.get_absolute_url()))

    assert "Top" in page
    assert "Low" in page
    assert signed_in.get("/authorities/999999/").status_code == 404


def test_contacts_are_shown_to_administrators_and_the_provinces_coordinators(english):
    contact = ContactPointFactory(value="hall@vedika.example")
    authority, here = contact.authority, contact.authority.province
    others = [
        coordinator_of(ProvinceFactory(code="16")),
        official_of(authority),
        representative_of(OrganizationFactory()),
    ]

    for keeper in (coordinator_of(here), administrator()):
        english.force_login(keeper)
        assert "hall@vedika.example" in text_of(english.get(authority.get_absolute_url()))
        assert english.get(f"/contacts/{contact.pk}/").status_code == 200
    for other in others:
        english.force_login(other)
        assert "hall@vedika.example" not in text_of(english.get(authority.get_absolute_url()))
        assert english.get(f"/contacts/{contact.pk}/").status_code == 404
        assert english.get(f"/authorities/{authority.pk}/contacts/new/").status_code == 403


def test_coordinator_adds_and_changes_an_address(english):
    authority = AuthorityFactory()
    english.force_login(coordinator_of(authority.province))
    address = {"channel": "email", "value": "hall@vedika.example", "language": "km"}

    new = reverse("provinces:contact_new", args=[authority.pk])
    assert english.post(new, address | {"value": "hall"}).status_code == 200
    assert english.post(new, address).url == authority.get_absolute_url()
    contact = authority.contacts.get()
    english.post(f"/contacts/{contact.pk}/", address | {"value": "desk@vedika.example"})

    contact.refresh_from_db()
    assert (contact.value, contact.is_active) == ("desk@vedika.example", False)
    assert list(AuditEntry.objects.values_list("action", flat=True)) == [
        "provinces.add_contact",
        "provinces.change_contact",
    ]


def test_same_address_twice_is_refused_with_a_sentence(english):
    contact = ContactPointFactory()
    english.force_login(coordinator_of(contact.authority.province))

    page = english.post(
        f"/authorities/{contact.authority.pk}/contacts/new/",
        {"channel": contact.channel, "value": contact.value, "language": "km"},
    )

    assert page.status_code == 200
    assert "The office has this address already." in text_of(page)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/places/districts/?province=11", ["1101"]),
        ("/places/communes/?district=1101", ["110101"]),
        ("/places/villages/?commune=110101", ["11010101"]),
        ("/places/districts/?province=", []),
        ("/places/villages/", []),
    ],
)
def test_places_are_options_of_the_next_list(signed_in, path, expected):
    LocalityFactory(code="11010101")
    LocalityFactory(code="16010101")

    page = signed_in.get(path)

    assert page.status_code == 200
    assert [place.pk for place in page.context["places"]] == expected
    for code in expected:
        assert f'<option value="{code}">' in text_of(page)


def test_places_empty_the_lists_after_the_next(signed_in):
    page = text_of(signed_in.get("/places/districts/?province=11"))

    assert '<select id="id_commune" hx-swap-oob="innerHTML">' in page
    assert '<select id="id_village" hx-swap-oob="innerHTML">' in page


def test_ended_authority_gets_no_new_address(english):
    authority = AuthorityFactory(ended_on="2026-01-01")
    english.force_login(coordinator_of(authority.province))

    assert english.get(f"/authorities/{authority.pk}/contacts/new/").status_code == 404
    assert Authority.objects.count() == 1
