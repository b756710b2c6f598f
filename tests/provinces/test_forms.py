import pytest
from django import forms
from django.utils import translation

from provinces.forms import ContactPointForm, PlaceFields, place_initial
from provinces.models import ContactPoint, Province
from tests.factories import AuthorityFactory, LocalityFactory, ProvinceFactory

pytestmark = pytest.mark.django_db


class PlaceForm(PlaceFields, forms.Form):
    title = forms.CharField()


@pytest.fixture
def village():
    LocalityFactory(code="11010102", name_km="ខ")
    LocalityFactory(code="11010201", name_km="គ")
    LocalityFactory(code="16010101")
    return LocalityFactory(code="11010101", name_km="ក")


def answers(**changed):
    return {
        "title": "Road",
        "province": "11",
        "district": "1101",
        "commune": "110101",
        "village": "11010101",
    } | changed


def codes_of(form, step):
    return [place.pk for place in form.fields[step].queryset]


def test_places_are_those_chosen(village):
    form = PlaceForm(answers())

    assert form.is_valid()
    assert form.cleaned_data == {
        "title": "Road",
        "province": Province.objects.get(pk="11"),
        "district": village.parent.parent,
        "commune": village.parent,
        "village": village,
    }


def test_village_may_be_left_out(village):
    assert PlaceForm(answers(village="")).is_valid()
    assert list(PlaceForm(answers(commune="", village="")).errors) == ["commune"]


@pytest.mark.parametrize(
    ("step", "code", "sentence"),
    [
        ("district", "1601", "That district does not lie in the province you chose."),
        ("commune", "160101", "That commune does not lie in the district you chose."),
        ("village", "11010201", "That village does not lie in the commune you chose."),
        ("village", "x' OR 1=1", "That village does not lie in the commune you chose."),
    ],
)
def test_place_outside_the_one_before_is_refused(village, step, code, sentence):
    with translation.override("en"):
        form = PlaceForm(answers(**{step: code}))

        assert form.errors[step] == [sentence]


def test_lists_hold_what_lies_in_the_choice_before_in_khmer_order(village):
    form = PlaceForm(answers(commune="110101", village=""))

    assert codes_of(form, "district") == ["1101"]
    assert codes_of(form, "village") == ["11010101", "11010102"]
    assert codes_of(PlaceForm(), "district") == []


def test_refresh_shows_the_next_list_and_no_errors(village):
    form = PlaceForm({"title": "", "province": "16", "refresh": "1"})

    assert not form.is_valid()
    assert form.errors == {}
    assert codes_of(form, "district") == ["1601"]
    assert 'value="16" selected' in str(form["province"])


def test_initial_place_fills_all_lists(village):
    form = PlaceForm(initial=place_initial(village))

    assert place_initial(village) == {
        "province": "11",
        "district": "1101",
        "commune": "110101",
        "village": "11010101",
    }
    assert codes_of(form, "village") == ["11010101", "11010102"]
    assert 'value="11010101" selected' in str(form["village"])


def test_provinces_may_be_limited(village):
    form = PlaceForm(provinces=Province.objects.filter(pk="16"))

    assert codes_of(form, "province") == ["16"]


def test_each_choice_loads_the_next_list():
    ProvinceFactory()

    html = str(PlaceForm()["province"])

    assert 'hx-get="/places/districts/"' in html
    assert 'hx-target="#id_district"' in html


def test_contact_is_checked_by_its_channel():
    contact = ContactPoint(authority=AuthorityFactory())

    answers = {"channel": "email", "value": "no address", "language": "km"}
    assert list(ContactPointForm(answers, instance=contact).errors) == ["value"]
    answers = {"channel": "phone", "value": "០១២ ៣៤៥ ៦៧៨", "language": "km"}
    form = ContactPointForm(answers, instance=contact)
    assert form.is_valid()
    assert form.cleaned_data["value"] == "012 345 678"
