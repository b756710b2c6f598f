import datetime as dt
import re

import pytest
from django.urls import reverse

from accounts.models import User
from audit.errors import TransitionError
from issues import actions
from issues.models import Issue
from issues.repeats import Words, alike
from issues.steps import url_of as step_url
from issues.thread import thread_of
from tests.factories import (
    AuthorityFactory,
    ConcernFactory,
    IssueFactory,
    LocalityFactory,
    OrganizationFactory,
    ProvinceFactory,
    RoleAssignmentFactory,
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


def test_alike_keeps_from_who_is_of_a_barred_office_what_concerns_it(place, theme):
    above = AuthorityFactory()
    own, barred, free = (
        raised(place, theme, disclosure="public", published_at=NOW) for _each in range(3)
    )
    held = raised(place, theme, state="referred", disclosure="confidential", authority=above)
    for issue in (own, barred):
        ConcernFactory(issue=issue, authority=above)
    person = representative_of(own.organization)
    coordinator = coordinator_of(own.province)
    before = [set(found(one, place, theme)) for one in (person, coordinator)]
    for one in (person, coordinator):
        RoleAssignmentFactory(user=one, role="official", authority=above)
    after = [set(found(User.objects.get(pk=one.pk), place, theme)) for one in (person, coordinator)]

    assert before == [{own, barred, free}, {own, barred, free, held}]
    assert after == [{own, free}, {free, held}]


def test_alike_shows_no_draft_and_not_itself(place, theme):
    well = raised(place, theme)
    IssueFactory(commune=place, theme=theme, title=WELL[:60], text=WELL)

    assert found(coordinator_of(well.province), place, theme, leave_out=well.pk) == []


def test_alike_shows_a_coordinator_nothing_of_other_provinces(place, theme):
    raised(place, theme)

    assert found(coordinator_of(ProvinceFactory(code="16")), place, theme) == []


def test_alike_is_two_queries(place, theme, django_assert_num_queries):
    for _each in range(12):
        well = raised(place, theme)
    person = coordinator_of(well.province)
    person.served_ids, person.organization_ids  # noqa: B018 - read once a request

    with django_assert_num_queries(2):
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


def test_a_link_is_taken_away_beside_it(client, place, theme):
    before = raised(place, theme)
    draft = draft_near(before)
    client.force_login(draft.author)
    address = reverse("issues:draft_link", args=[draft.client_key])
    client.post(address, {"earlier": before.reference})

    linked = near(client, draft)
    client.post(address)

    assert ("Take the link away" in linked, "We raise it again" in linked) == (True, False)
    assert "Take the link away" not in near(client, draft)
    draft.refresh_from_db()
    assert (draft.follows, draft.root, draft.link) == (None, None, "")


def test_what_follows_on_another_ground_offers_no_link(client, place, theme):
    before, other = raised(place, theme), raised(place, theme)
    rest = raised(place, theme, follows=before)
    client.force_login(coordinator_of(rest.province))

    page = near(client, rest)

    assert other.reference in page
    assert f"/issues/{rest.reference}/link/" not in page


def test_a_draft_leads_to_co_signing_what_its_organization_may(client, place, theme):
    shown = raised(place, theme, disclosure="public", published_at=NOW)
    ended = raised(place, theme, state="closed", disclosure="public", published_at=NOW)
    draft = draft_near(shown, organization=OrganizationFactory())
    own = raised(place, theme, organization=draft.organization)
    client.force_login(draft.author)

    page = near(client, draft)

    links = [
        f"{reverse('issues:issue_cosign', args=[one.reference])}?draft={draft.client_key}" in page
        for one in (shown, ended, own)
    ]
    assert links == [True, False, False]


def test_who_only_represents_the_organization_may_not_link_what_was_sent(client, place, theme):
    well = raised(place, theme)
    raised(place, theme, organization=well.organization)
    client.force_login(representative_of(well.organization))

    page = near(client, well)

    assert [word for word in ("/link/", "/merge/") if word in page] == []


# --- while typing -------------------------------------------------------------------------------
def draft_near(issue, **fields):
    """A draft that says nearly the same, by default of the same organization."""
    fields = {"organization": issue.organization, "text": AGAIN, "title": AGAIN[:50]} | fields
    return IssueFactory(commune=issue.commune, theme=issue.theme, **fields)


def near(client, issue):
    name, key = "issue_alike", issue.reference
    if key is None:
        name, key = "draft_alike", issue.client_key
    page = client.get(reverse(f"issues:{name}", args=[key]), headers={"Accept-Language": "en"})
    return page.content.decode()


def typing(client, draft, **typed):
    answer = client.post(reverse("issues:draft_alike", args=[draft.client_key]), typed)
    assert answer.status_code == 200
    return answer.content.decode().strip()


def test_typing_finds_what_is_like_the_typed_words_and_keeps_nothing(client, place, theme):
    well = raised(place, theme)
    school = raised(place, theme, SCHOOL, organization=well.organization)
    draft = draft_near(well)
    client.force_login(draft.author)

    kept = typing(client, draft)
    typed = typing(client, draft, title=SCHOOL[:60], text=SCHOOL, theme=theme.pk)

    assert [one.reference in kept for one in (well, school)] == [True, False]
    assert [one.reference in typed for one in (well, school)] == [False, True]
    assert "<form" not in typed  # it stands in the form of the step
    draft.refresh_from_db()
    assert (draft.title, draft.text) == (AGAIN[:50], AGAIN)


def test_typing_looks_at_the_place_that_is_chosen(client, place, theme):
    far = LocalityFactory(code="110201", parent=LocalityFactory(code="1102"))
    here = raised(place, theme)
    there = raised(far, theme, organization=here.organization)
    draft = draft_near(here)
    client.force_login(draft.author)

    answers = [typing(client, draft, commune=one) for one in (place.pk, far.pk, "")]

    assert [[one.reference in answer for one in (here, there)] for answer in answers] == [
        [True, False],
        [False, True],
        [False, False],
    ]
    assert answers[2] == ""


@pytest.mark.parametrize(
    "typed",
    [
        {"title": "ក" * 121},
        {"text": "ក" * 4001},
        {"title": "\0"},
        {"commune": "1101"},
        {"commune": "none"},
        {"theme": "none"},
    ],
)
def test_typing_what_cannot_be_is_answered_with_nothing(client, place, theme, typed):
    draft = draft_near(raised(place, theme))
    client.force_login(draft.author)

    assert typing(client, draft, **typed) == ""


def test_typing_is_for_who_reads_the_draft(client, place, theme):
    draft = draft_near(raised(place, theme))
    client.force_login(representative_of(OrganizationFactory()))

    answer = client.post(reverse("issues:draft_alike", args=[draft.client_key]), {"title": "a"})

    assert answer.status_code == 404


def test_steps_look_while_typing_and_send_no_village(client, place, theme):
    draft = draft_near(raised(place, theme))
    placeless = IssueFactory(
        commune=None, organization=draft.organization, author=draft.author, title=WELL[:60]
    )
    client.force_login(draft.author)

    looks = {
        (step, issue == draft): re.findall(
            r'hx-post="([^"]+)".*hx-params="([^"]+)"',
            client.get(step_url(issue, step)).content.decode(),
        )
        for step in ("what", "where")
        for issue in (draft, placeless)
    }

    ours, theirs = (
        reverse("issues:draft_alike", args=[one.client_key]) for one in (draft, placeless)
    )
    assert looks == {
        ("what", True): [(ours, "title,text,theme")],
        ("what", False): [],
        ("where", True): [(ours, "commune")],
        ("where", False): [(theirs, "commune")],
    }


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
    thread = thread_of(third, coordinator, inside=True)
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
    assert thread_of(first, coordinator, inside=True) is None


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


def test_thread_counts_for_outsiders_what_they_may_read():
    first = year(issue_in("accepted", disclosure="public", published_at=NOW), 2018)
    second = year(issue_in("accepted", disclosure="confidential"), 2026)
    actions.link(second, by=coordinator_of(first.province), now=NOW, earlier=first)
    visitor = representative_of(OrganizationFactory())

    assert thread_of(first, visitor, inside=False) is None
    assert thread_of(first, coordinator_of(first.province), inside=True).times == 2
