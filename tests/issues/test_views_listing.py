import datetime as dt

import pytest
from django.urls import reverse

from audit import clock
from issues.models import Issue, Referral, SavedView
from tests.factories import (
    AuthorityFactory,
    IssueFactory,
    LocalityFactory,
    OrganizationFactory,
    ProvinceFactory,
    administrator,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def coordinator(english):
    user = coordinator_of(ProvinceFactory())
    english.force_login(user)
    return user


def listed(client, **query):
    """Titles of the rows of the list, in order."""
    answer = client.get(reverse("issues:issues"), query)
    assert answer.status_code == 200
    return [row.issue.title for row in answer.context["rows"]]


# --- the list -----------------------------------------------------------------------------------
def test_list_asks_a_visitor_to_sign_in(english):
    assert english.get(reverse("issues:issues")).status_code == 302


def test_list_shows_each_reader_what_they_may_read(english):
    issue, other = issue_in("referred", title="Ours"), issue_in("accepted", title="Theirs")
    public = issue_in("accepted", title="All", disclosure="public", published_at=clock.now())
    seen = {}
    for name, user in [
        ("representative", issue.author),
        ("official", official_of(issue.referrals.get().authority)),
        ("coordinator", coordinator_of(issue.province)),
        ("elsewhere", coordinator_of(ProvinceFactory(code="19"))),
    ]:
        english.force_login(user)
        seen[name] = (set(listed(english)), set(listed(english, scope="others")))

    assert {other.title, public.title} == {"Theirs", "All"}
    assert seen == {
        "representative": ({"Ours"}, {"All"}),
        "official": ({"Ours"}, {"All"}),
        "coordinator": ({"Ours", "Theirs", "All"}, set()),
        "elsewhere": (set(), {"All"}),
    }


def test_list_has_no_halves_for_whom_no_issue_concerns(english):
    issue_in("accepted", title="All", disclosure="public", published_at=clock.now())
    english.force_login(administrator())

    answer = english.get(reverse("issues:issues"))

    assert [row.issue.title for row in answer.context["rows"]] == ["All"]
    assert not answer.context["listing"].scopes


def test_list_keeps_its_half_through_filters_and_tabs(english, coordinator):
    page = english.get(reverse("issues:issues"), {"scope": "others", "state": "closed"})

    shown = page.content.decode()
    assert '<input type="hidden" name="scope" value="others">' in shown
    assert "?scope=mine&amp;state=closed" in shown


def test_list_hides_organization_and_commune_of_a_confidential_issue_from_its_office(english):
    commune = LocalityFactory(code="110203", name_en="Srae Ampum")
    issue = issue_in(
        "referred",
        disclosure="confidential",
        is_named=True,
        commune=commune,
        organization=OrganizationFactory(name_en="River Watch"),
    )
    english.force_login(official_of(issue.referrals.get().authority))

    (row,) = english.get(reverse("issues:issues")).context["rows"]
    page = english.get(reverse("issues:issues")).content.decode()

    assert (row.shown.place, row.shown.organization) == ("Mondulkiri", "The raising organization")
    assert "Srae Ampum" not in page
    assert "River Watch" not in page


def test_list_shows_an_office_the_organization_that_lets_itself_be_named(english):
    issue = issue_in(
        "referred", is_named=True, organization=OrganizationFactory(name_en="River Watch")
    )
    english.force_login(official_of(issue.referrals.get().authority))

    assert "River Watch" in english.get(reverse("issues:issues")).content.decode()


def test_list_marks_what_is_late_from_the_day_after_the_due_date(english, coordinator):
    for title, days in [("late", -1), ("today", 0), ("later", 1)]:
        due_on = clock.today() + days * DAY
        issue_in("referred", title=title).referrals.update(due_on=due_on, wanted_on=due_on)

    rows = english.get(reverse("issues:issues")).context["rows"]

    marks = {row.issue.title: row.due for row in rows}
    assert marks == {"late": "overdue", "today": "due-today", "later": ""}


@pytest.mark.parametrize("make_reader", ["coordinator", "official", "representative"])
def test_list_costs_the_same_queries_with_one_row_and_with_thirty(
    english, django_assert_max_num_queries, make_reader
):
    office, organization = AuthorityFactory(), OrganizationFactory()
    reader = {
        "coordinator": lambda: coordinator_of(ProvinceFactory()),
        "official": lambda: official_of(office),
        "representative": lambda: representative_of(organization),
    }[make_reader]()
    english.force_login(reader)
    counts = []
    for more in (1, 29):
        for _ in range(more):
            issue_in("referred", authority=office, organization=organization)
        with django_assert_max_num_queries(16) as queries:
            answer = english.get(reverse("issues:issues"))
        counts.append((len(answer.context["rows"]), len(queries)))

    (one, few), (page, many) = counts
    assert (one, page) == (1, 25)
    assert many <= few  # a full page leaves out the rows without the value it is sorted by


def test_list_keeps_the_query_string_from_page_to_page(english, coordinator):
    for _ in range(26):
        issue_in("accepted")

    page = english.get(reverse("issues:issues"), {"state": "accepted", "sort": "oldest"})

    assert "?state=accepted&amp;sort=oldest&amp;after=" in page.content.decode()


def test_list_sorts_newest_first_oldest_first_and_by_due_date(english, coordinator):
    for title, days in [("a", 3), ("b", 9), ("c", 6)]:
        issue = issue_in("referred", title=title)
        Issue.objects.filter(pk=issue.pk).update(submitted_at=clock.now() - days * DAY)
        due_on = clock.today() + days * DAY
        Referral.objects.filter(issue=issue).update(due_on=due_on, wanted_on=due_on)

    orders = {order: listed(english, sort=order) for order in ["", "oldest", "due"]}

    assert orders == {
        "": ["a", "c", "b"],
        "oldest": ["b", "c", "a"],
        "due": ["a", "c", "b"],
    }


def test_list_offers_representatives_a_large_link_to_raise_an_issue(english):
    english.force_login(representative_of(OrganizationFactory()))

    page = english.get(reverse("issues:issues")).content.decode()

    assert f'<a class="btn btn-primary btn-large" href="{reverse("issues:issue_new")}">' in page


def test_empty_list_says_what_to_do(english):
    sentences = {}
    for name, user in [
        ("official", official_of(AuthorityFactory())),
        ("representative", representative_of(OrganizationFactory())),
        ("coordinator", coordinator_of(ProvinceFactory())),
    ]:
        english.force_login(user)
        page = english.get(reverse("issues:issues")).content.decode()
        sentences[name] = page.split('<div class="empty">')[1].split("<p>")[1].split(".")[0]
    searched = english.get(reverse("issues:issues"), {"q": "nothing"}).content.decode()

    assert sentences == {
        "official": "No issue has been referred to your office",
        "representative": "Your organization has not raised an issue yet",
        "coordinator": "No issue has come in yet",
    }
    assert "clear the filters" in searched


def test_own_drafts_stand_first_in_the_list_of_a_representative(english):
    organization = OrganizationFactory()
    user = representative_of(organization)
    issue_in("submitted", title="Sent", organization=organization)
    IssueFactory(title="Begun", organization=organization, author=user)
    english.force_login(user)

    assert listed(english) == ["Begun", "Sent"]


def rows_of(client, **query):
    answer = client.get(reverse("issues:issues"), query)
    assert answer.status_code == 200
    return answer.context["rows"]


def matches(pieces):
    """The marked parts."""
    return [text for text, is_match in pieces if is_match]


# --- words --------------------------------------------------------------------------------------
def test_words_are_marked_in_the_title_and_shown_where_they_stand_in_the_text(english, coordinator):
    issue_in("accepted", title="ផ្លូវចូលភូមិខូច", text="ប្រជាពលរដ្ឋមិនអាចដឹកផលដំណាំតាមផ្លូវនេះបានទេ។")

    (row,) = rows_of(english, q="ផ្លូវ")
    page = english.get(reverse("issues:issues"), {"q": "ផ្លូវ"}).content.decode()

    assert (matches(row.title), matches(row.excerpt)) == (["ផ្លូវ"], ["ផ្លូវ"])
    assert "<mark>ផ្លូវ</mark>ចូលភូមិខូច" in page
    assert "ដំណាំតាម<mark>ផ្លូវ</mark>នេះ" in page


def test_an_excerpt_is_shown_only_where_the_text_has_the_words(english, coordinator):
    issue = issue_in("accepted", title="Bridge", text="Broken planks")

    (row,) = rows_of(english, q="bridge")
    (by_reference,) = rows_of(english, q=issue.reference)
    (unsearched,) = rows_of(english)

    assert (matches(row.title), row.excerpt) == (["Bridge"], [])
    assert matches(by_reference.reference) == [issue.reference]
    assert (unsearched.title, unsearched.excerpt) == ([("Bridge", False)], [])


def test_no_place_is_marked_that_the_reader_does_not_see(english):
    commune = LocalityFactory(code="110203", name_en="Srae Ampum")
    issue = issue_in(
        "referred", title="Ampum bridge", text="x", commune=commune, disclosure="confidential"
    )
    english.force_login(official_of(issue.referrals.get().authority))

    (row,) = rows_of(english, q="ampum")

    assert (matches(row.title), row.place) == (["Ampum"], [("Mondulkiri", False)])


def test_typed_words_are_no_markup(english, coordinator):
    issue_in("accepted", title="<b>bridge</b>", text="<i>bridge</i>")

    page = english.get(reverse("issues:issues"), {"q": "bridge"}).content.decode()

    assert "&lt;b&gt;<mark>bridge</mark>&lt;/b&gt;" in page
    assert "&lt;i&gt;<mark>bridge</mark>&lt;/i&gt;" in page


# --- filters in use -----------------------------------------------------------------------------
def test_each_value_in_use_is_a_link_to_the_list_without_it(english, coordinator):
    issue_in("accepted", commune=LocalityFactory(code="110203", name_en="Ampum"))
    query = "state=accepted&state=closed&province=11&district=1102&overdue=&q=&page=3&kind=lost"

    answer = english.get(f"{reverse('issues:issues')}?{query}&sort=oldest")

    found = {(one.label, one.value): one.query for one in answer.context["chips"]}
    place = "province=11&"
    states = "state=accepted&state=closed&"
    district = LocalityFactory(code="1102").name_en
    assert found == {
        ("State", "Accepted"): f"{place}state=closed&district=1102&sort=oldest",
        ("State", "Closed"): f"{place}state=accepted&district=1102&sort=oldest",
        ("Province", "Mondulkiri"): f"{states}sort=oldest",
        ("District or municipality", f"{district} district"): f"{place}{states}sort=oldest",
    }


def test_values_in_use_are_written_as_people_read_them(english, coordinator):
    query = {"due_from": "2026-03-01", "deferred": "2", "overdue": "on", "q": "well"}

    answer = english.get(reverse("issues:issues"), query)

    assert [(one.label, one.value) for one in answer.context["chips"]] == [
        ("Words or reference", "well"),
        ("Due from", "1 March 2026"),
        ("Deferred at least so many times", "2"),
        ("Date passed", ""),
    ]


def test_more_issues_than_are_counted_are_said_to_be_more(english, coordinator, monkeypatch):
    monkeypatch.setattr("issues.listing.MOST_COUNTED", 2)
    monkeypatch.setattr("issues.views.listing.MOST_COUNTED", 2)
    for _ in range(2):
        issue_in("accepted")
    exact = english.get(reverse("issues:issues")).content.decode()
    issue_in("accepted")

    more = english.get(reverse("issues:issues")).content.decode()

    assert "2 issues" in exact
    assert "More than 2 issues" not in exact
    assert "More than 2 issues" in more


# --- saved views --------------------------------------------------------------------------------
def keep(client, name="Waiting", query="state=accepted&sort=oldest"):
    return client.post(reverse("issues:views"), {"name": name, "query": query})


def kept_by(user):
    return list(SavedView.objects.visible_to(user).values_list("name", "query"))


def test_view_is_kept_under_a_name_and_stands_above_the_list(english, coordinator):
    answer = keep(english)
    page = english.get(answer.url).content.decode()

    assert answer.url == f"{reverse('issues:issues')}?state=accepted&sort=oldest"
    assert kept_by(coordinator) == [("Waiting", "state=accepted&sort=oldest")]
    assert 'href="/issues/?state=accepted&amp;sort=oldest" aria-current="page">Waiting</a>' in page


def test_view_keeps_only_filters_there_are(english, coordinator):
    keep(english, query="?state=closed&state=lost&next=//x&after=1~2&page=9&q=&kind=request")
    keep(english, "Nothing", "csrf=1")

    assert kept_by(coordinator) == [("Nothing", ""), ("Waiting", "kind=request")]


def test_view_of_the_same_name_takes_the_place_of_the_other(english, coordinator):
    keep(english)
    keep(english, query="state=closed")

    assert kept_by(coordinator) == [("Waiting", "state=closed")]


def test_view_without_a_name_or_with_too_many_words_is_refused(english, coordinator):
    pages = [
        keep(english, "").content.decode(),
        keep(english, query=f"q={'ក' * 200}").content.decode(),
    ]

    assert "This field is required." in pages[0]
    assert "These filters are too long to be kept." in pages[1]
    assert kept_by(coordinator) == []


def test_thirty_views_are_the_most_a_person_keeps(english, coordinator):
    for number in range(30):
        assert keep(english, f"View {number}").status_code == 302

    page = keep(english, "One more").content.decode()

    assert "You keep 30 views already." in page
    assert keep(english, "View 7", "state=closed").status_code == 302
    assert len(kept_by(coordinator)) == 30


def test_view_is_renamed_but_not_to_a_name_that_stands(english, coordinator):
    keep(english)
    keep(english, "Closed", "state=closed")
    address = reverse("issues:view", args=[SavedView.objects.get(name="Waiting").pk])

    refused = english.post(address, {"name": "Closed"}).content.decode()
    renamed = english.post(address, {"name": "To do"})

    assert "You keep another view under this name." in refused
    assert renamed.url == reverse("issues:views")
    assert [name for name, _query in kept_by(coordinator)] == ["Closed", "To do"]


def test_view_is_deleted_by_nobody_else(english, coordinator):
    keep(english)
    view = SavedView.objects.get()
    address = reverse("issues:view_delete", args=[view.pk])
    english.force_login(coordinator_of(ProvinceFactory()))
    answers = [english.post(address).status_code]
    answers.append(english.post(reverse("issues:view", args=[view.pk]), {"name": "x"}).status_code)
    assert "Waiting" not in english.get(reverse("issues:views")).content.decode()
    english.force_login(coordinator)

    assert answers == [404, 404]
    assert english.post(address).url == reverse("issues:views")
    assert kept_by(coordinator) == []
