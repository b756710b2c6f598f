import pytest
from django.db import Error, transaction
from django.utils import translation

from provinces.models import Authority, ContactPoint
from tests.factories import (
    AuthorityFactory,
    ContactPointFactory,
    LocalityFactory,
    OrganizationFactory,
    ProvinceFactory,
    administrator,
    coordinator_of,
    official_of,
    representative_of,
)

pytestmark = pytest.mark.django_db


def test_full_name_has_the_kind_before_in_khmer_and_behind_in_english():
    province, capital = ProvinceFactory(), ProvinceFactory(code="12")
    commune = LocalityFactory(code="110101", name_km="ជុងផ្លាស់", name_en="Chong Phlah")

    with translation.override("km"):
        assert (province.full_name, capital.full_name) == ("ខេត្តមណ្ឌលគិរី", "រាជធានីភ្នំពេញ")
        assert commune.full_name == "ឃុំជុងផ្លាស់"
    with translation.override("en"):
        assert (province.full_name, capital.full_name) == ("Mondulkiri province", "Phnom Penh")
        assert commune.full_name == "Chong Phlah commune"


def test_line_names_the_superiors_nearest_first(django_assert_num_queries):
    top = AuthorityFactory()
    middle = AuthorityFactory(superior=top)
    low = AuthorityFactory(superior=middle)

    with django_assert_num_queries(1):
        assert low.line == [middle, top]
    assert set(Authority.objects.below([middle.pk])) == {middle, low}


def test_authority_is_never_above_itself():
    top = AuthorityFactory()
    low = AuthorityFactory(superior=top)

    top.superior = low
    with pytest.raises(Error), transaction.atomic():
        top.save()


def test_named_finds_khmer_and_latin_words():
    found = AuthorityFactory(name_km="មន្ទីរបរិស្ថាន", name_en="Department of Environment")
    AuthorityFactory()

    assert list(Authority.objects.named("បរិស្ថាន")) == [found]
    assert list(Authority.objects.named("environ")) == [found]


def test_contacts_are_visible_to_administrators_and_the_provinces_coordinators():
    contact = ContactPointFactory()
    ministry = ContactPointFactory(authority=AuthorityFactory(ministry=True))
    here, there = contact.authority.province, ProvinceFactory(code="16")

    def seen(user):
        return set(ContactPoint.objects.visible_to(user))

    assert seen(coordinator_of(here)) == {contact, ministry}
    assert seen(coordinator_of(None)) == {contact, ministry}
    assert seen(administrator()) == {contact, ministry}
    assert seen(coordinator_of(there)) == {ministry}
    for nobody in (
        official_of(contact.authority),
        representative_of(OrganizationFactory()),
    ):
        assert seen(nobody) == set()
