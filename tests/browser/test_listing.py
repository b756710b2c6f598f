"""The list of issues as a person searches it, on a phone and on a desk."""

import pytest

from issues.models import Issue, SavedView
from provinces.models import Locality
from tests.browser.scene import make_scene
from tests.browser.screen import DESK, PHONE
from tests.factories import LocalityFactory, issue_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene():
    return make_scene("en")


def open_filters(screen):
    """On a phone the search itself is folded up, too."""
    summary = screen.page.locator("main .filter-toggle > summary")
    if summary.is_visible():
        summary.click()
    screen.page.click("text=More filters")


def titles(screen):
    return screen.page.locator("main tbody tr td:first-child > a").all_inner_texts()


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_place_is_chosen_step_by_step_and_each_filter_taken_off_again(window, scene, size):
    LocalityFactory(code="110203", name_en="Ampum")
    commune = Locality.objects.get(code="110203")
    issue_in("accepted", title="The bridge of Ampum", commune=commune)
    screen = window("en", size, user=scene.people["coordinator"])
    screen.open("issues:issues")
    open_filters(screen)
    screen.look("list-filters")

    screen.page.select_option("[name=province]", "11")
    screen.page.wait_for_selector("[name=district] option[value='1102']", state="attached")
    screen.page.select_option("[name=district]", "1102")
    screen.page.wait_for_selector("[name=commune] option[value='110203']", state="attached")
    screen.page.select_option("[name=commune]", "110203")
    screen.page.check("[name=state][value=accepted]")
    screen.page.click("main form[role=search] button[type=submit]")
    screen.page.wait_for_load_state()

    assert titles(screen) == ["The bridge of Ampum"]
    screen.look("list-filtered")
    assert screen.page.locator("main a.chip").count() == 4
    screen.page.click("main a.chip:has-text('Province')")
    screen.page.wait_for_load_state()
    assert screen.page.locator("main a.chip").count() == 1
    assert screen.page.url.endswith("?state=accepted")


@pytest.mark.parametrize("language", ["km"])
def test_list_is_searched_and_kept_under_a_name(window, language):
    scene = make_scene(language)
    issue_in("accepted", title="ផ្លូវចូលភូមិខូច", text="ដឹកផលដំណាំតាមផ្លូវនេះមិនបាន។", province=scene.province)
    screen = window(language, PHONE, user=scene.people["coordinator"])
    screen.open("/issues/?q=ផ្លូវ&sort=oldest")
    assert screen.page.locator("mark").count() >= 2
    screen.page.locator("main details.card summary").click()
    screen.page.fill("main [name=name]", "ផ្លូវ")
    screen.page.locator("main details.card button").click()
    screen.page.wait_for_load_state()

    screen.look("list-kept")
    assert SavedView.objects.get().user == scene.people["coordinator"]
    assert screen.page.locator(".tabs [aria-current]:has-text('ផ្លូវ')").count() == 1
    screen.follow("issues:views")
    screen.page.wait_for_load_state()
    screen.look("views")
    screen.page.locator("main .btn-danger").click()
    screen.page.wait_for_load_state()
    assert not SavedView.objects.exists()
    screen.look("views-none")


def test_pages_go_on_and_back(window, scene):
    for _ in range(30):
        issue_in("accepted", province=scene.province)
    screen = window("en", PHONE, user=scene.people["coordinator"])
    screen.open("/issues/?state=accepted")
    first = titles(screen)
    screen.page.click("a[rel=next]")
    screen.page.wait_for_load_state()
    second = titles(screen)
    screen.look("list-last-page")
    screen.page.click("a[rel=prev]")
    screen.page.wait_for_load_state()

    assert titles(screen) == first
    assert len(first) == 25
    assert len({*first, *second}) == Issue.objects.filter(status="accepted").count()


def test_table_is_downloaded(window, scene):
    screen = window("en", DESK, user=scene.people["coordinator"])
    screen.open("/issues/?state=accepted")
    with screen.page.expect_download() as download:
        screen.page.click("text=Download as a table")

    assert download.value.suggested_filename.startswith("issues-")
    assert download.value.path().read_bytes().startswith(b"\xef\xbb\xbf")
