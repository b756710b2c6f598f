"""What lies on a telephone is its owner's alone, names nobody, and goes with its draft."""

import pytest
from playwright.sync_api import expect

from audit import clock
from issues import actions, steps
from issues.models import Issue
from tests.factories import representative_of
from tests.issues.stories import draft_of
from tests.journeys.place import VILLAGE, make_place
from tests.journeys.test_intake import KEPT, SMALL, TYPED, agree, settle

pytestmark = pytest.mark.django_db(transaction=True)
OLD = """
(row) => new Promise((resolve) => {
  localStorage.setItem("vedika.keep", "yes");
  const request = indexedDB.open("vedika", 1);
  request.onupgradeneeded = () =>
    request.result.createObjectStore("typed", { keyPath: "id" }).put(row);
  request.onsuccess = () => { request.result.close(); resolve(); };
})
"""


@pytest.fixture(params=["km"])
def language(request):
    return request.param


@pytest.fixture
def place(language):
    return make_place(language)


def keep_who(screen, issue):
    """Agree, and leave the number of people unsent on the telephone."""
    screen.open(steps.url_of(issue, "who"))
    agree(screen)
    screen.fill(people=77)
    settle(screen)


def test_the_contact_is_never_kept_on_the_telephone(window, place, language):
    screen, typed = window(language, SMALL, user=place.representative), TYPED[language]
    issue = draft_of(place.organization, place.representative)
    keep_who(screen, issue)
    screen.fill(contact=typed["contact"])
    settle(screen)

    row = screen.page.evaluate(KEPT)[0]
    assert ["people", "", "77"] in row["values"]
    assert "contact" not in str(row)
    assert typed["contact"] not in str(row)
    assert str(place.representative.email) not in str(row)


def test_an_older_telephone_loses_the_village_and_the_contact(window, place, language):
    screen = window(language, SMALL, user=place.representative)
    issue = draft_of(place.organization, place.representative)
    screen.open("home")
    values = [["people", "", "77"], ["contact", "", "Her name"], ["village", "", VILLAGE]]
    key = str(issue.client_key)
    old = {"id": f"{key}/who", "key": key, "values": values, "shown": values, "seen": "1"}
    screen.page.evaluate(OLD, old | {"url": "/", "number": 1, "at": 1})
    screen.open(steps.url_of(issue, "who"))
    settle(screen)

    kept = screen.page.evaluate(KEPT)
    assert [(row["values"], row["shown"]) for row in kept] == [([values[0]], [values[0]])]
    agree(screen)
    screen.page.reload()
    expect(screen.page.locator("[name=people]")).to_have_value("77")


def test_a_deleted_draft_is_forgotten_by_the_telephone(window, place, language):
    screen = window(language, SMALL, user=place.representative)
    issue = draft_of(place.organization, place.representative)
    keep_who(screen, issue)
    colleague = representative_of(place.organization, language=language)
    screen.enter(colleague)
    screen.open("issues:draft_delete", issue.client_key)
    assert len(screen.page.evaluate(KEPT)) == 1
    screen.send()
    screen.page.wait_for_url("**/issues/")

    assert not Issue.objects.exists()
    assert screen.page.evaluate(KEPT) == []


@pytest.mark.parametrize(
    ("page", "act"),
    [
        ("issues:drafts", actions.submit),
        ("issues:issues", actions.discard),
        ("issues:on_this_phone", actions.submit),
    ],
)
def test_what_is_gone_elsewhere_is_forgotten_but_not_the_rest(window, place, language, page, act):
    screen, typed = window(language, SMALL, user=place.representative), TYPED[language]
    gone, still = (draft_of(place.organization, place.representative) for _ in range(2))
    for issue in (gone, still):
        keep_who(screen, issue)
    screen.open("issues:issue_new")
    screen.fill(title=typed["title"])
    settle(screen)
    unsent = screen.page.input_value("[name=client_key]")
    act(gone, by=place.representative, now=clock.now())
    with screen.page.expect_response("**/issues/drafts/known/"):
        screen.open(page)
    settle(screen)

    keys = {row["key"] for row in screen.page.evaluate(KEPT)}
    assert keys == {str(still.client_key), unsent}


def test_somebody_else_on_the_same_telephone_sees_nothing_of_it(window, place, language):
    screen = window(language, SMALL, user=place.representative)
    issue = draft_of(place.organization, place.representative)
    keep_who(screen, issue)
    screen.enter(representative_of(place.organization, language=language))
    screen.open(steps.url_of(issue, "who"))
    settle(screen)
    assert not screen.page.is_checked("#id_keep")
    agree(screen)
    screen.page.reload()
    settle(screen)
    assert screen.page.input_value("[name=people]") != "77"
    screen.open("issues:on_this_phone")
    says = screen.page.locator("#phone-says")
    expect(says).not_to_be_empty()
    assert screen.page.locator("#phone-drafts a").count() == 0

    screen.enter(place.representative)
    screen.open("issues:on_this_phone")
    expect(screen.page.locator("#phone-drafts a")).to_have_count(1)
    screen.open(steps.url_of(issue, "who"))
    expect(screen.page.locator("[name=people]")).to_have_value("77")
    screen.enter(representative_of(place.organization, language=language))
    screen.open("issues:on_this_phone")
    screen.page.click("#phone-clear")
    expect(says).to_have_text(screen.words("This phone has been cleared."))
    assert screen.page.evaluate(KEPT) == []
