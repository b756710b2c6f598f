import datetime as dt

import pytest
from django.utils import translation

from audit import clock
from issues.forms.triage import OfficeForm, ReferForm, grouped_offices, in_words, offices_for
from provinces.models import Authority
from tests.factories import (
    AuthorityFactory,
    ConcernFactory,
    LocalityFactory,
    ProvinceFactory,
    ThemeFactory,
    issue_in,
)

pytestmark = pytest.mark.django_db
Kind = Authority.Kind


def groups(issue):
    """The offered offices as {group: names}, in English."""
    with translation.override("en"):
        offered = grouped_offices(issue, offices_for(issue))
        return {label: [name for _pk, name in choices] for label, choices in offered}


def test_offices_are_offered_by_theme_then_place_then_the_rest_then_ministries():
    issue = issue_in("accepted", theme=ThemeFactory(code="roads"))
    ministry = AuthorityFactory(ministry=True, name_en="Ministry")
    AuthorityFactory(name_en="Health", sort_key="a")
    commune, district = issue.commune, issue.commune.parent
    AuthorityFactory(kind=Kind.COMMUNE, locality=commune, name_en="Commune", sort_key="b")
    AuthorityFactory(kind=Kind.DISTRICT, locality=district, name_en="District", sort_key="a")
    following = LocalityFactory(code="110102")
    AuthorityFactory(kind=Kind.COMMUNE, locality=following, name_en="Next", sort_key="b")
    themed = AuthorityFactory(name_en="Works")
    themed.themes.add(issue.theme)
    ministry.themes.add(issue.theme)
    AuthorityFactory(province=ProvinceFactory(code="16"), name_en="Elsewhere")
    AuthorityFactory(ended_on=clock.today(), name_en="Ended")

    assert list(groups(issue)) == [
        "They answer for this theme",
        "Of the place",
        "Other offices of the province",
        "Ministries",
    ]
    assert groups(issue) == {
        "They answer for this theme": ["Works"],
        "Of the place": ["District", "Commune"],
        "Other offices of the province": ["Health", "Next"],
        "Ministries": ["Ministry"],
    }


def test_the_likeliest_office_is_marked_and_chosen_beforehand():
    issue = issue_in("accepted")
    AuthorityFactory(name_en="Health")
    themed = AuthorityFactory(name_en="Land")
    themed.themes.add(issue.theme)

    with translation.override("en"):
        field = ReferForm(issue=issue, today=clock.today()).fields["authority"]

    assert field.initial == themed.pk
    assert [label for _pk, label in field.choices[1][1]] == ["Land (suggested)"]


def test_offices_the_issue_concerns_and_those_below_are_not_offered():
    issue = issue_in("accepted")
    above, free = AuthorityFactory(), AuthorityFactory()
    concerned = AuthorityFactory(superior=above)
    AuthorityFactory(superior=concerned)
    ConcernFactory(issue=issue, authority=concerned)

    assert set(offices_for(issue)) == {above, free}


def test_an_office_that_holds_the_issue_is_not_offered_again():
    issue = issue_in("referred")

    assert groups(issue) == {}


@pytest.mark.parametrize(("days", "errors"), [(-1, 1), (0, 1), (1, 0)])
def test_a_due_date_lies_after_today(days, errors):
    issue, office, today = issue_in("accepted"), AuthorityFactory(), clock.today()
    data = {"authority": office.pk, "due_on": str(today + dt.timedelta(days=days))}

    form = OfficeForm(data, issue=issue, today=today)

    assert len(form.errors) == errors


def test_the_date_input_begins_tomorrow_and_is_repeated_in_words():
    today = dt.date(2026, 3, 2)

    with translation.override("en"):
        field = ReferForm(issue=issue_in("accepted"), today=today).fields["due_on"]

    assert (field.initial, field.widget.attrs["min"]) == (dt.date(2026, 3, 30), "2026-03-03")
    assert field.help_text.startswith("Monday 30 March 2026 is 20 working days from now.")


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Wednesday 28 March 2018"), ("km", "ថ្ងៃពុធ ទី២៨ ខែមីនា ឆ្នាំ២០១៨")],
)
def test_a_day_in_words_speaks_the_readers_language(language, words):
    with translation.override(language):
        assert in_words(dt.date(2018, 3, 28)) == words
