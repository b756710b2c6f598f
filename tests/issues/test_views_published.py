"""The public list: what stands in it, page by page, counted and marked."""

import datetime as dt
from urllib.parse import urlencode

import pytest

from audit import clock
from issues.models import Issue
from tests import factories as f
from tests.issues.stories import NAME, at

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.issues.people"]


def publish(**fields) -> Issue:
    known = {"disclosure": "public", "published_at": clock.now()}
    return f.issue_in("accepted", **known | fields)


def test_published_lists_published_issues_alone(client, organization):
    shown = publish(organization=organization)
    hidden = f.issue_in("accepted", organization=organization, disclosure="public")

    page = at(client, None).get("/published/").content.decode()

    assert shown.title in page
    assert shown.commune.name_en in page
    assert hidden.reference not in page
    assert NAME not in page


def test_published_is_narrowed_by_words_province_theme_and_state(client):
    road = publish(title="A broken road")
    other = publish(
        title="A dry well",
        province=f.ProvinceFactory(code="16"),
        theme=f.ThemeFactory(code="water"),
    )
    client = at(client, None)

    def found(**query):
        cards = client.get("/published/", query).context["cards"]
        return {card.issue.pk for card in cards}

    assert found() == {road.pk, other.pk}
    assert found(q="broken") == {road.pk}
    assert found(q=other.reference) == {other.pk}
    assert found(province="16") == {other.pk}
    assert found(theme="water") == {other.pk}
    assert found(state="resolved") == set()
    assert found(state="submitted", province="99") == found()


def test_published_has_25_on_a_page_and_asks_as_often_for_one_as_for_thirty(
    client, django_assert_max_num_queries
):
    client, counts = at(client, None), []
    publish()
    for _more in range(2):
        with django_assert_max_num_queries(12) as asked:
            response = client.get("/published/")
        counts.append(len(asked))
        for _n in range(29):
            publish(organization=f.OrganizationFactory())

    assert counts[0] == counts[1]
    assert len(response.context["cards"]) == 25


def test_published_goes_on_page_by_page_and_back_by_the_place_in_the_list(client):
    now, client = clock.now(), at(client, None)
    made = [publish(published_at=now - dt.timedelta(days=n // 2)) for n in range(60)]
    wanted = [one.pk for one in sorted(made, key=lambda one: (one.published_at, one.pk))][::-1]

    def page(query):
        found = client.get(f"/published/?state=accepted&{query}")
        pks = [card.issue.pk for card in found.context["cards"]]
        return pks, found.context["listing"].page

    first, beside_first = page("")
    second, beside_second = page(urlencode({"after": beside_first.after}))
    third, beside_third = page(urlencode({"after": beside_second.after}))
    back, _beside = page(urlencode({"before": beside_third.before}))

    assert first + second + third == wanted
    assert back == second
    assert (beside_first.before, beside_third.after) == ("", "")
    assert page("after=nothing") == page("page=3") == (first, beside_first)
    shown = client.get("/published/?state=accepted").content.decode()
    following = urlencode({"after": beside_first.after})
    assert f'href="?state=accepted&amp;{following}" rel="next"' in shown


def test_published_counts_exactly_up_to_a_number_and_says_more_than_beyond(client, monkeypatch):
    client = at(client, None)
    publish()
    publish()
    for module in ("issues.published", "issues.views.published"):
        monkeypatch.setattr(f"{module}.MOST_COUNTED", 2)

    exact = client.get("/published/").content.decode()
    publish()
    more = client.get("/published/").content.decode()

    assert "2 issues" in exact
    assert "More than 2 issues" not in exact
    assert "More than 2 issues" in more


def test_published_marks_what_was_searched_for_in_title_text_and_place(client):
    title, text = "ផ្លូវទៅសាលាខូច", "ខែវស្សាទឹកជន់លិចផ្លូវ។"
    issue = publish(title=title, text=text)

    def marks(words):
        (card,) = client.get("/published/", {"q": words}).context["cards"]
        return {
            name: [piece for piece, is_match in getattr(card, name) if is_match]
            for name in ("title", "reference", "place", "excerpt")
        }

    client = at(client, None)
    none = {"title": [], "reference": [], "place": [], "excerpt": []}
    assert marks("សាលា") == none | {"title": ["សាលា"]}
    assert marks("ផ្លូវ") == none | {"title": ["ផ្លូវ"], "excerpt": ["ផ្លូវ"]}
    assert marks(issue.reference) == none | {"reference": [issue.reference]}
    page = client.get("/published/", {"q": "ទឹក"}).content.decode()
    assert "<mark>ទឹក</mark>" in page
