import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command

from audit.models import AuditEntry
from provinces import actions
from provinces.models import (
    Authority,
    ContactPoint,
    Holiday,
    Honorific,
    Locality,
    Province,
    Theme,
)
from tests.factories import (
    AuthorityFactory,
    ContactPointFactory,
    ProvinceFactory,
    coordinator_of,
)

pytestmark = pytest.mark.django_db
YEARS = (2026, 2027)


def test_load_gazetteer_makes_places_authorities_and_holidays():
    loaded = actions.load_gazetteer(years=YEARS)

    assert (loaded.provinces, loaded.districts, loaded.communes) == (25, 210, 1661)
    assert (loaded.villages, loaded.themes, loaded.holidays) == (14_487, 14, 43)
    assert (loaded.roads, loaded.honorifics) == (300, 5)
    commune = Locality.objects.get(code="110501")
    assert (commune.kind, commune.parent_id, commune.province_id) == ("sangkat", "1105", "11")
    council = Authority.objects.get(slug="110501-council")
    assert [one.slug for one in council.line] == ["1105-administration", "11-administration"]
    assert council.name_km == f"ក្រុមប្រឹក្សាសង្កាត់{commune.name_km}"
    land = Authority.objects.get(slug="16-land")
    assert land.superior.slug == "16-administration"
    assert set(land.themes.values_list("code", flat=True)) == {"land", "indigenous"}
    assert land.name_en.endswith(", Ratanakkiri")
    ministry = Authority.objects.get(slug="ministry-interior")
    assert (ministry.superior, ministry.province, ministry.kind) == (None, None, "ministry")
    assert not Holiday.objects.exclude(confirmed_by=None).exists()

    # A second loading repairs the gazetteer and leaves what people changed.
    Province.objects.filter(pk="11").update(name_en="Mundul")
    Locality.objects.filter(pk="110501").update(name_km="x", sort_key="x")
    Theme.objects.filter(pk="land").update(name_en="Land")
    Honorific.objects.filter(pk="ms").update(name_en="Miss")
    land.themes.clear()

    again = actions.load_gazetteer(years=YEARS)

    assert again == loaded
    assert Province.objects.get(pk="11").name_en == "Mondulkiri"
    assert Locality.objects.get(pk="110501") == commune
    assert Locality.objects.get(pk="110501").name_km == commune.name_km
    assert Theme.objects.get(pk="land").name_en == "Land"
    assert Honorific.objects.get(pk="ms").name_en == "Miss"
    assert not land.themes.exists()


def test_load_gazetteer_prints_one_line(capsys, monkeypatch):
    counts = actions.Loaded(25, 210, 1661, 14_487, 24, 65, 14, 194, 43, 300, 5)
    monkeypatch.setattr(actions, "load_gazetteer", lambda years: counts)

    call_command("load_gazetteer")

    assert capsys.readouterr().out == (
        "25 provinces, 210 districts, 1661 communes, 14487 villages (left out: 24 with a repeated "
        "code, 65 without their commune), 14 themes, 194 authorities, 43 holidays, "
        "300 roads, 5 honorifics.\n"
    )


def test_save_contact_adds_an_address_and_leaves_a_trace():
    authority = AuthorityFactory()
    keeper = coordinator_of(authority.province)
    contact = ContactPoint(authority=authority, channel="email", value="hall@vedika.example")

    actions.save_contact(contact, by=keeper)

    assert authority.contacts.get().value == "hall@vedika.example"
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.change) == (
        "provinces.add_contact",
        keeper,
        {"contact": contact.pk},
    )


def test_save_contact_of_another_province_is_refused():
    contact = ContactPointFactory()
    contact.value = "other@vedika.example"

    with pytest.raises(PermissionDenied):
        actions.save_contact(contact, by=coordinator_of(ProvinceFactory(code="16")))

    assert not AuditEntry.objects.exists()
