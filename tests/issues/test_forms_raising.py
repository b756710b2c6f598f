"""What may be typed to raise an issue."""

import uuid

import pytest
from django.core.exceptions import ValidationError

from issues.forms.fields import LineField, LongField
from issues.forms.raising import IssueForm, ReasonForm, initial_of
from issues.models import Issue
from issues.sealing import Protected
from provinces.fields import DayField, NumberField
from tests import factories as f
from tests.issues.typed import typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    """A village of Mondulkiri with all above it, and places beside it."""
    for code in ("110102", "110201"):
        f.LocalityFactory(code=code)
    return f.LocalityFactory(code="11010101")


@pytest.fixture
def organization(place):
    return f.OrganizationFactory(provinces=[place.province])


@pytest.fixture
def user(organization):
    return f.representative_of(organization)


def errors_of(user, organization, /, **changes) -> dict[str, str]:
    form = IssueForm(typed(organization, **changes), user=user)
    return {name: errors[0].code for name, errors in form.errors.as_data().items()}


def test_form_gives_the_actions_what_they_take(user, organization, place):
    office = f.AuthorityFactory()
    form = IssueForm(typed(organization, concerns=[office.pk], is_named="on"), user=user)

    assert form.is_valid(), form.errors
    assert form.content == {
        "organization": organization,
        "kind": "challenge",
        "title": "ផ្លូវចូលភូមិខូច",
        "text": "ផ្លូវត្រូវបានកាត់ផ្ដាច់នៅរដូវវស្សា។",
        "language": "km",
        "asked": "សូមជួសជុលផ្លូវ។",
        "theme": f.ThemeFactory(),
        "province": organization.provinces.get(),
        "commune": f.LocalityFactory(code="110101"),
        "people": 120,
        "women": 64,
        "spoken": "bunong",
        "needs_interpreter": False,
        "disclosure": "restricted",
        "is_named": True,
    }
    assert form.village == "11010101"
    assert form.named_contact == ""
    assert form.offices == [office]


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"title": ""}, {"title": "required"}),
        ({"title": "ក" * 121}, {"title": "max_length"}),
        ({"text": "   "}, {"text": "required"}),
        ({"text": "ក" * 4001}, {"text": "max_length"}),
        ({"asked": "ក" * 1001}, {"asked": "max_length"}),
        ({"contact": "ក" * 301}, {"contact": "max_length"}),
        ({"spoken": "french"}, {"spoken": "invalid_choice"}),
        ({"theme": "gold"}, {"theme": "invalid_choice"}),
        ({"kind": ""}, {"kind": "required"}),
        ({"disclosure": "secret"}, {"disclosure": "invalid_choice"}),
        ({"language": "fr"}, {"language": "invalid_choice"}),
        ({"people": "0", "women": "0"}, {"people": "min_value"}),
        ({"people": "20000001"}, {"people": "max_value"}),
        ({"people": "many"}, {"people": "invalid"}),
        ({"women": "-1"}, {"women": "min_value"}),
        ({"women": "121"}, {"women": "too_many"}),
        ({"women": ""}, {"women": "required"}),
        ({"province": ""}, {"province": "required", "district": "invalid_choice"}),
        ({"commune": "110201"}, {"commune": "invalid_choice", "village": "invalid_choice"}),
        ({"commune": ""}, {"commune": "required", "village": "invalid_choice"}),
        ({"village": "11010199"}, {"village": "invalid_choice"}),
        ({"commune": "110102"}, {"village": "invalid_choice"}),
        ({"client_key": "1"}, {"client_key": "invalid"}),
        ({"concerns": [0]}, {"concerns": "invalid_choice"}),
    ],
)
def test_form_refuses(user, organization, changes, errors):
    found = errors_of(user, organization, **changes)

    assert found.items() >= errors.items()


def test_form_takes_a_text_of_4000_with_line_breaks_as_browsers_count_them(user, organization):
    text = "ក\r\n" * 1_999 + "កក"

    form = IssueForm(typed(organization, text=text), user=user)

    assert form.is_valid(), form.errors
    assert len(form.content["text"]) == 4_000


def test_form_takes_no_other_organization_and_no_other_province(user, organization):
    other = f.OrganizationFactory(provinces=[f.ProvinceFactory(code="16")])

    assert errors_of(user, organization, organization=other.pk)["organization"] == "invalid_choice"
    assert errors_of(user, organization, province="16")["province"] == "invalid_choice"


def test_form_of_two_organizations_keeps_each_to_its_provinces(user, organization):
    other = f.OrganizationFactory(provinces=[f.ProvinceFactory(code="16")])
    f.RoleAssignmentFactory(user=user, role="representative", organization=other)

    assert errors_of(user, organization, organization=other.pk) == {"province": "elsewhere"}


def test_form_of_a_coordinator_offers_the_organizations_of_the_province(organization):
    f.OrganizationFactory(provinces=[f.ProvinceFactory(code="16")])
    form = IssueForm(user=f.coordinator_of(organization.provinces.get()))

    assert list(form.fields["organization"].queryset) == [organization]


def test_form_starts_in_the_only_province_with_its_districts(user):
    form = IssueForm(user=user)

    assert form["province"].value() == "11"
    assert {one.code for one in form.fields["district"].queryset} == {"1101", "1102"}
    assert not form.fields["commune"].queryset.exists()
    assert uuid.UUID(str(form["client_key"].value()))


def test_form_sent_for_the_next_list_shows_it_without_errors(user, organization):
    data = typed(organization, title="", commune="", village="", refresh="place")
    form = IssueForm(data, user=user)

    assert not form.is_valid()
    assert form.errors == {}
    assert {one.code for one in form.fields["commune"].queryset} == {"110101", "110102"}


def test_form_offers_the_offices_of_the_chosen_place_alone(user, organization, place):
    district, commune = place.parent.parent, place.parent
    here = [
        f.AuthorityFactory(kind="administration"),
        f.AuthorityFactory(kind="department"),
        f.AuthorityFactory(kind="district", locality=district),
        f.AuthorityFactory(kind="commune", locality=commune),
    ]
    f.AuthorityFactory(kind="commune", locality=f.LocalityFactory(code="110102"))
    f.AuthorityFactory(kind="department", province=f.ProvinceFactory(code="16"))
    f.AuthorityFactory(ministry=True)
    f.AuthorityFactory(ended_on="2020-01-01")

    form = IssueForm(typed(organization), user=user)

    assert set(form.fields["concerns"].queryset) == set(here)


def test_form_finds_an_office_by_its_name_and_keeps_those_that_are_ticked(user, organization):
    land = f.AuthorityFactory(name_en="Department of land")
    ticked = f.AuthorityFactory(name_en="Department of forests")
    f.AuthorityFactory(name_en="Department of health")

    data = typed(organization, office="LAND", concerns=[ticked.pk], refresh="office")
    form = IssueForm(data, user=user)

    shown = {pk for pk, _name in form.fields["concerns"].widget.choices}
    assert shown == {land.pk, ticked.pk}


def test_form_names_no_organization_of_a_confidential_issue(user, organization):
    data = typed(organization, disclosure="confidential", is_named="on")
    form = IssueForm(data, user=user)

    assert form.is_valid(), form.errors
    assert form.content["is_named"] is False


def test_form_of_an_issue_shows_what_was_typed(user, place, organization):
    issue = f.IssueFactory(organization=organization, commune=place.parent)
    office = f.AuthorityFactory(ministry=True)
    f.ConcernFactory(issue=issue, authority=office)

    kept = Protected("11010101", "The elder")
    form = IssueForm(user=user, issue=issue, initial=initial_of(issue, kept, user=user))

    assert form["commune"].value() == "110101"
    assert form["village"].value() == "11010101"
    assert form["contact"].value() == "The elder"
    assert form["concerns"].value() == [office.pk]
    assert office in form.fields["concerns"].queryset
    assert "organization" not in form.fields
    assert "client_key" not in form.fields


def test_form_of_a_submitted_issue_keeps_its_province(place):
    coordinator = f.coordinator_of(None)
    f.ProvinceFactory(code="16")
    issue = f.issue_in("submitted")

    form = IssueForm(user=coordinator, issue=issue, with_village=False)

    assert [one.pk for one in form.fields["province"].queryset] == [issue.province_id]
    assert "village" not in form.fields


def test_reason_asks_a_coordinator_how_it_was_told():
    own = ReasonForm({"text": "done"}, on_behalf=False)
    others = ReasonForm({"text": "done"}, on_behalf=True)

    assert own.is_valid()
    assert list(others.errors) == ["how_told"]


def test_fields_understand_khmer_digits():
    assert NumberField().clean("១ ២០០".replace(" ", "")) == 1200
    assert DayField().clean("២០២៦-០៣-០៤").isoformat() == "2026-03-04"
    assert LongField(max_length=5).clean(" a\r\nb ") == "a\nb"


def test_titles_and_texts_are_as_long_as_the_tables_allow():
    fields = IssueForm.base_fields

    assert fields["title"].max_length == Issue._meta.get_field("title").max_length == 120
    assert fields["text"].max_length == 4_000


@pytest.mark.parametrize("typed_text", ["\u200b", " \u200b \n\ufeff", "\u17b4"])
@pytest.mark.parametrize("field", [LineField(max_length=9), LongField(max_length=9)])
def test_words_that_nobody_can_see_are_no_words(field, typed_text):
    with pytest.raises(ValidationError) as refused:
        field.clean(typed_text)

    assert refused.value.code == "required"


def test_words_keep_the_signs_between_them():
    assert LineField().clean("ខ\u200bគ") == "ខ\u200bគ"
