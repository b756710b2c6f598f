"""Honorifics: what administrators add and rename by themselves."""

import pytest
from django.core.exceptions import PermissionDenied

from audit.models import AuditEntry
from provinces import actions
from provinces.models import Honorific
from tests.factories import (
    AuthorityFactory,
    OrganizationFactory,
    ProvinceFactory,
    administrator,
    coordinator_of,
    official_of,
    representative_of,
)
from tests.factories_more import HonorificFactory

pytestmark = pytest.mark.django_db
DOCTOR = {"code": "doctor", "name_km": "វេជ្ជបណ្ឌិត", "name_en": "Dr.", "position": "៦"}


@pytest.fixture
def english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def keeper(english):
    user = administrator()
    english.force_login(user)
    return user


def trail():
    rows = AuditEntry.objects.order_by("pk")
    return [(one.action, one.subject, one.actor, one.role, one.change) for one in rows]


def test_new_honorific_stands_in_the_list_and_the_same_form_twice_is_one(english, keeper):
    for _time in range(2):
        assert english.post("/honorifics/new/", DOCTOR).url == "/honorifics/"

    row = Honorific.objects.get()
    assert (row.pk, row.name_km, row.name_en, row.position) == (
        "doctor",
        DOCTOR["name_km"],
        "Dr.",
        6,
    )
    subject = "honorific:doctor"
    assert trail() == [("provinces.add_honorific", subject, keeper, "administrator", {})]
    assert 'href="/honorifics/doctor/"' in english.get("/honorifics/").content.decode()


def test_a_code_that_stands_for_another_honorific_is_refused(english, keeper):
    HonorificFactory(code="doctor", name_en="Doctor")

    page = english.post("/honorifics/new/", DOCTOR)

    assert (page.status_code, Honorific.objects.get().name_en) == (409, "Doctor")
    assert page.context["form"].non_field_errors() == ["Another honorific has this code."]


def test_change_of_an_honorific_says_which_fields(english, keeper):
    HonorificFactory(code="doctor", name_km=DOCTOR["name_km"], name_en="Doctor", position=6)

    for _time in range(2):
        assert english.post("/honorifics/doctor/", DOCTOR | {"code": "x"}).url == "/honorifics/"

    row = Honorific.objects.get()
    assert (row.pk, row.name_en) == ("doctor", "Dr.")
    change = {"fields": ["name_en"]}
    subject = "honorific:doctor"
    assert trail() == [("provinces.change_honorific", subject, keeper, "administrator", change)]


@pytest.mark.parametrize(
    "changes", [{"code": "no code"}, {"name_km": ""}, {"name_en": ""}, {"position": "-1"}]
)
def test_an_honorific_without_its_names_is_refused(english, keeper, changes):
    page = english.post("/honorifics/new/", DOCTOR | changes)

    assert list(page.context["form"].errors) == list(changes)
    assert not Honorific.objects.exists()


def test_nobody_else_changes_honorifics(english):
    row = HonorificFactory(code="doctor")
    for user in (
        coordinator_of(ProvinceFactory()),
        coordinator_of(None),
        official_of(AuthorityFactory()),
        representative_of(OrganizationFactory()),
    ):
        english.force_login(user)
        for address in ("/honorifics/new/", "/honorifics/doctor/"):
            assert english.post(address, DOCTOR).status_code == 403
        for act in (actions.add_honorific, actions.change_honorific):
            with pytest.raises(PermissionDenied):
                act(row, by=user)
        assert "/honorifics/" not in english.get("/authorities/").content.decode()

    assert trail() == []


def test_the_list_of_honorifics_costs_the_same_queries(
    english, keeper, django_assert_max_num_queries
):
    HonorificFactory(code="h0")
    with django_assert_max_num_queries(10) as one:
        english.get("/honorifics/")
    for number in range(1, 30):
        HonorificFactory(code=f"h{number}")
    with django_assert_max_num_queries(10) as thirty:
        english.get("/honorifics/")

    assert len(one) == len(thirty)
