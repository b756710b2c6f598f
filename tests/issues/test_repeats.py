import datetime as dt

import pytest
from django.urls import reverse

from audit.errors import TransitionError
from issues import actions
from issues.models import Issue
from issues.repeats import Words, alike
from issues.thread import thread_of
from tests.factories import (
    AuthorityFactory,
    IssueFactory,
    LocalityFactory,
    OrganizationFactory,
    ProvinceFactory,
    ThemeFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.issues.traces import NOW

pytestmark = pytest.mark.django_db

WELL = "អណ្ដូងទឹកក្នុងភូមិរីងហួតហែងនៅរដូវប្រាំង ប្រជាពលរដ្ឋត្រូវដើរទៅដងទឹកឆ្ងាយ។"
AGAIN = "ប្រជាពលរដ្ឋត្រូវដើរទៅដងទឹកឆ្ងាយ ព្រោះអណ្ដូងទឹកក្នុងភូមិរីងហួតហែងនៅរដូវប្រាំង"
SCHOOL = "សាលាបឋមសិក្សាខ្វះគ្រូបង្រៀនពីរនាក់ និងគ្មានតុរៀនគ្រប់គ្រាន់សម្រាប់សិស្ស។"


@pytest.fixture
def place():
    district = LocalityFactory(code="1101")
    return LocalityFactory(code="110101", parent=district)


@pytest.fixture
def theme():
    return ThemeFactory()


def raised(place, theme, text=WELL, state="accepted", **fields):
    return issue_in(state, commune=place, theme=theme, title=text[:60], text=text, **fields)


def found(person, place, theme, text=AGAIN, leave_out=None):
    words = Words(text[:40], text, place, theme)
    return [one.issue for one in alike(words, person, leave_out=leave_out)]


def test_alike_finds_the_same_matter_in_other_words(place, theme):
    well, _school = raised(place, theme), raised(place, theme, SCHOOL)

    assert found(coordinator_of(well.province), place, theme) == [well]


@pytest.mark.parametrize("state", ["submitted", "scheduled", "referred", "resolved", "closed"])
def test_alike_finds_open_and_past_ones_with_their_state(place, theme, state):
    well = raised(place, theme, state=state)

    (one,) = alike(Words.of(well), coordinator_of(well.province))

    assert (one.issue, bool(one.stands)) == (well, True)


def test_alike_looks_in_the_district_for_the_theme_and_in_the_commune_for_all(place, theme):
    near = LocalityFactory(code="110102", parent=place.parent)
    far = LocalityFactory(code="110201", parent=LocalityFactory(code="1102"))
    other = ThemeFactory(code="roads")
    seen = [raised(place, theme), raised(place, other), raised(near, theme)]
    raised(near, other), raised(far, theme)

    assert set(found(coordinator_of(seen[0].province), place, theme)) == set(seen)


def test_alike_puts_the_same_commune_first(place, theme):
    near = LocalityFactory(code="110102", parent=place.parent)
    second, first = raised(near, theme), raised(place, theme)

    assert found(coordinator_of(first.province), place, theme) == [first, second]


def test_alike_shows_a_representative_their_own_and_published_ones(place, theme):
    own = raised(place, theme, disclosure="confidential")
    shown = raised(place, theme, disclosure="public", published_at=NOW)
    for disclosure in ("public", "restricted", "confidential"):
        raised(place, theme, disclosure=disclosure)
    raised(place, theme, disclosure="public", published_at=NOW, pressured_at=NOW)
    person = representative_of(own.organization)

    assert set(found(person, place, theme)) == {own, shown}


def test_alike_shows_no_draft_and_not_itself(place, theme):
    well = raised(place, theme)
    IssueFactory(commune=place, theme=theme, title=WELL[:60], text=WELL)

    assert found(coordinator_of(well.province), place, theme, leave_out=well.pk) == []


def test_alike_shows_a_coordinator_nothing_of_other_provinces(place, theme):
    raised(place, theme)

    assert found(coordinator_of(ProvinceFactory(code="16")), place, theme) == []


def test_alike_is_one_query(place, theme, django_assert_num_queries):
    for _each in range(12):
        well = raised(place, theme)
    person = coordinator_of(well.province)
    person.served_ids, person.organization_ids  # noqa: B018 - read once a request

    with django_assert_num_queries(1):
        assert len(found(person, place, theme)) == 5


# --- the page -----------------------------------------------------------------------------------
def test_similar_page_is_for_those_inside(client, place, theme):
    well = raised(place, theme, disclosure="public", published_at=NOW)
    address = reverse("issues:issue_alike", args=[well.reference])
    answers = {}
    for name, person in {
        "coordinator": coordinator_of(well.province),
        "own": representative_of(well.organization),
        "other": representative_of(OrganizationFactory()),
        "official": official_of(AuthorityFactory()),
    }.items():
        client.force_login(person)
        answers[name] = client.get(address).status_code

    assert answers == {"coordinator": 200, "own": 200, "other": 403, "official": 403}


def test_draft_is_linked_with_what_it_raises_again(client, place, theme):
    before = raised(place, theme, state="closed")
    draft = IssueFactory(
        commune=place, theme=theme, organization=before.organization, text=AGAIN, title=AGAIN[:50]
    )
    client.force_login(draft.author)

    page = client.get(reverse("issues:draft_alike", args=[draft.client_key])).content.decode()
    client.post(
        reverse("issues:draft_link", args=[draft.client_key]), {"earlier": before.reference}
    )

    draft.refresh_from_db()
    assert before.reference in page
    assert (draft.follows, draft.root, draft.link) == (before, before, "again")


# --- the thread ---------------------------------------------------------------------------------
def year(issue, number):
    at = dt.datetime(number, 3, 26, 2, 0, tzinfo=dt.UTC)
    Issue.objects.filter(pk=issue.pk).update(submitted_at=at)
    issue.refresh_from_db()
    return issue


def test_link_keeps_the_thread_over_the_years():
    first, second, third = (year(issue_in("accepted"), one) for one in (2018, 2022, 2026))
    coordinator = coordinator_of(first.province)

    actions.link(third, by=coordinator, now=NOW, earlier=second)
    actions.link(second, by=coordinator, now=NOW, earlier=first)

    third.refresh_from_db()
    thread = thread_of(third, coordinator)
    assert third.root == first
    assert (thread.times, thread.since) == (3, 2018)
    assert [one.issue for one in thread.relatives] == [second]


def test_link_is_taken_away_with_all_that_follows():
    first, second, third = (year(issue_in("accepted"), one) for one in (2018, 2022, 2026))
    coordinator = coordinator_of(first.province)
    actions.link(second, by=coordinator, now=NOW, earlier=first)
    actions.link(third, by=coordinator, now=NOW, earlier=second)

    actions.link(second, by=coordinator, now=NOW, earlier=None)

    for one in (second, third):
        one.refresh_from_db()
    assert (second.root, second.follows, second.link) == (None, None, "")
    assert (third.root, third.follows) == (second, second)
    assert thread_of(first, coordinator) is None


def test_link_refuses_a_circle_and_the_later_one():
    first, second = (year(issue_in("accepted"), one) for one in (2018, 2022))
    coordinator = coordinator_of(first.province)
    actions.link(second, by=coordinator, now=NOW, earlier=first)

    for issue, earlier in ((first, second), (first, first)):
        with pytest.raises(TransitionError):
            actions.link(issue, by=coordinator, now=NOW, earlier=earlier)


def test_link_of_what_remained_stays():
    before = issue_in("closed")
    rest = issue_in("accepted", follows=before)

    with pytest.raises(TransitionError):
        actions.link(rest, by=coordinator_of(rest.province), now=NOW, earlier=None)
