import datetime as dt
from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from audit import clock
from issues.filters import IssueFilter
from issues.forms.referring import ReferralFilter
from issues.models import Issue, Referral
from tests.factories import (
    AuthorityFactory,
    LocalityFactory,
    OrganizationFactory,
    ProvinceFactory,
    ThemeFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def found(user, **query):
    """Titles of what the filter leaves of all the user may read."""
    rows = Issue.objects.visible_to(user)
    asked = QueryDict(urlencode(query, doseq=True))
    filtered = IssueFilter(asked, queryset=rows, user=user, today=clock.today())
    return {issue.title for issue in filtered.qs}


@pytest.fixture
def coordinator():
    return coordinator_of(None)


@pytest.mark.parametrize("query", ["Ratanakiri", "Ratanak Kiri", "Rattanakiri", "រតនៈគិរី", "រតនគិរី"])
def test_search_finds_a_province_in_every_spelling(coordinator, query):
    issue_in("accepted", title="there", province=ProvinceFactory(code="16"))
    issue_in("accepted", title="elsewhere")

    assert found(coordinator, q=query) == {"there"}


@pytest.mark.parametrize("query", ["ផ្តាច់", "ផ្ដាច់"])
def test_search_takes_subscript_ta_for_da(coordinator, query):
    issue_in("accepted", title="ផ្លូវត្រូវបានកាត់ផ្ដាច់", text="ក")
    issue_in("accepted", title="អណ្ដូង", text="ក")

    assert found(coordinator, q=query) == {"ផ្លូវត្រូវបានកាត់ផ្ដាច់"}


def test_search_finds_title_text_commune_and_reference(coordinator):
    commune = LocalityFactory(code="110203", name_en="Srae Ampum", name_km="ស្រែអំពូម")
    issue = issue_in("accepted", title="Bridge", text="Broken planks", commune=commune)
    issue_in("accepted", title="Well", text="No water")

    queries = ["bridge", "plank", "ampum", "ស្រែអំពូម", issue.reference]
    assert [found(coordinator, q=query) for query in queries] == [{"Bridge"}] * len(queries)


def test_search_needs_every_word(coordinator):
    issue_in("accepted", title="Bridge", text="Broken planks")

    assert found(coordinator, q="bridge water") == set()


def test_an_office_does_not_find_a_confidential_issue_by_its_commune():
    commune = LocalityFactory(code="110203", name_en="Srae Ampum")
    fields = {"title": "Bridge", "text": "Broken planks", "commune": commune}
    issue = issue_in("referred", disclosure="confidential", **fields)
    official = official_of(issue.referrals.get().authority)

    queries = {query: found(official, q=query) for query in ["ampum", "bridge", issue.reference]}
    assert queries == {"ampum": set(), "bridge": {"Bridge"}, issue.reference: {"Bridge"}}


def test_narrows_by_province_state_and_theme(coordinator):
    issue_in("accepted", title="a", theme=ThemeFactory(code="roads"))
    issue_in("submitted", title="b")
    issue_in("accepted", title="c", province=ProvinceFactory(code="16"))

    assert found(coordinator, province="11") == {"a", "b"}
    assert found(coordinator, state="submitted") == {"b"}
    assert found(coordinator, theme="roads") == {"a"}
    assert found(coordinator, province="11", state="accepted", theme="land") == set()


def test_narrows_by_the_office_it_was_referred_to_but_not_by_mistake(coordinator):
    office = AuthorityFactory()
    issue_in("referred", title="held", authority=office)
    issue_in("resolved", title="solved", authority=office)
    issue_in("referred", title="other")
    recalled = issue_in("accepted", title="recalled")
    Referral.objects.create(
        issue=recalled,
        authority=office,
        referred_at=clock.now(),
        referred_by=coordinator,
        wanted_on=clock.today(),
        days=1,
        ended_at=clock.now(),
        ended_as="recalled",
    )

    assert found(coordinator, authority=office.pk) == {"held", "solved"}


def test_offers_only_offices_of_referrals_the_reader_may_read():
    held, other = AuthorityFactory(), AuthorityFactory()
    issue_in("referred", authority=held)
    issue_in("referred", authority=other)
    user = official_of(held)

    filtered = IssueFilter({}, queryset=Issue.objects.all(), user=user, today=clock.today())

    choices = dict(filtered.form["authority"].field.choices)
    assert held.pk in choices
    assert other.pk not in choices


def test_overdue_begins_the_day_after_the_due_date(coordinator):
    for title, days in [("late", -1), ("today", 0)]:
        issue = issue_in("referred", title=title)
        due_on = clock.today() + days * DAY
        issue.referrals.update(due_on=due_on, wanted_on=due_on)

    assert found(coordinator, overdue="on") == {"late"}


def test_coordinators_narrow_by_organization_but_only_where_they_serve():
    organization = OrganizationFactory()
    public = {"disclosure": "public", "published_at": clock.now(), "organization": organization}
    issue_in("accepted", title="here", organization=organization)
    issue_in("accepted", title="other")
    issue_in("accepted", title="there", province=ProvinceFactory(code="16"), **public)

    user = coordinator_of(ProvinceFactory())

    assert found(user) == {"here", "other", "there"}
    assert found(user, organization=organization.pk) == {"here"}


def test_representatives_narrow_to_their_own_organization():
    organization = OrganizationFactory()
    issue_in("accepted", title="ours", organization=organization)
    other = issue_in("accepted", title="all", disclosure="public", published_at=clock.now())
    user = representative_of(organization)

    assert found(user, organization=organization.pk) == {"ours"}
    filtered = IssueFilter({}, queryset=Issue.objects.all(), user=user, today=clock.today())
    choices = dict(filtered.form["organization"].field.choices)
    assert organization.pk in choices
    assert other.organization_id not in choices


def test_offices_cannot_narrow_by_organization():
    issue = issue_in("referred", title="held")
    user = official_of(issue.referrals.get().authority)

    assert found(user, organization=issue.organization_id + 1000) == {"held"}
    filtered = IssueFilter({}, queryset=Issue.objects.all(), user=user, today=clock.today())
    assert "organization" not in filtered.form.fields


@pytest.mark.parametrize("query", [{"province": "99"}, {"state": "lost"}, {"sort": "size"}])
def test_an_unknown_value_narrows_nothing(coordinator, query):
    issue_in("accepted", title="a")

    assert found(coordinator, **query) == {"a"}


@pytest.mark.parametrize("query", ["Mondulkiri province", "ខេត្តមណ្ឌលគិរី", "ឃុំស្រែអំពូម", "Ampum commune"])
def test_search_finds_a_place_as_the_pages_name_it(coordinator, query):
    commune = LocalityFactory(code="110203", name_en="Srae Ampum", name_km="ស្រែអំពូម")
    issue_in("accepted", title="there", text="ក", commune=commune)

    assert found(coordinator, q=query) == {"there"}


def test_a_confidential_issue_is_found_by_its_commune_only_from_inside():
    commune = LocalityFactory(code="110203", name_en="Srae Ampum", name_km="ស្រែអំពូម")
    superior = AuthorityFactory()
    office = AuthorityFactory(superior=superior)
    issue = issue_in(
        "referred", title="Bridge", commune=commune, authority=office, disclosure="confidential"
    )
    inside = [issue.author, coordinator_of(issue.province), coordinator_of(None)]
    outside = [official_of(office), official_of(superior)]

    def finds(person, query):
        rows = Referral.objects.visible_to(person)
        filters = ReferralFilter({"q": query}, rows=rows, user=person, today=clock.today())
        return bool(found(person, q=query)), filters.qs.exists()

    assert [finds(one, "ampum") for one in inside] == [(True, True)] * 3
    assert [finds(one, "ampum") for one in outside] == [(False, False)] * 2
    assert [finds(one, "bridge") for one in inside + outside] == [(True, True)] * 5
