"""What a person presses: without scripts, twice, back again, and with the keyboard alone."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from issues.models import AgendaItem, Issue
from tests.browser.screen import DESK, PASSWORD, PHONE
from tests.factories import (
    LocalityFactory,
    OrganizationFactory,
    ProvinceFactory,
    SessionFactory,
    ThemeFactory,
    coordinator_of,
    issue_in,
    representative_of,
)

pytestmark = pytest.mark.django_db(transaction=True)
COMMUNE = "110101"


@pytest.fixture
def representative():
    LocalityFactory(code=COMMUNE)
    return representative_of(OrganizationFactory(provinces=[ProvinceFactory()]), language="en")


@pytest.fixture
def coordinator():
    return coordinator_of(ProvinceFactory(), language="en")


ON = "main form button[name=go][value=on]"
SUBMIT = "main form[data-step=check] .btn-primary"


def go_on(screen, pattern="**/issues/drafts/**"):
    """Press "Save and continue"."""
    screen.page.locator(ON).click()
    screen.page.wait_for_url(pattern)
    screen.page.wait_for_load_state()


def type_issue(screen, theme):
    """Step by step to the page on which it is sent."""
    begin_issue(screen, theme)
    go_on(screen, "**/where/")
    choose_place(screen)
    go_on(screen, "**/who/")
    screen.fill(people=120, women=64)
    for step in ("asked", "files", "disclosure"):
        go_on(screen, f"**/{step}/")
    screen.page.locator(ON).click()
    screen.page.wait_for_selector(SUBMIT)


def begin_issue(screen, theme):
    """The first step, whose address has a key by now."""
    screen.open("issues:issue_new")
    screen.page.wait_for_url("**key=**")
    screen.fill(title="The well has run dry", text="It is dry since January.", theme=theme.pk)


def choose_place(screen):
    """Step by step, each list as the script or the button of the form brings it."""
    for step, length in (("district", 4), ("commune", 6)):
        screen.fill(**{step: COMMUNE[:length]})
        refresh = screen.page.locator("#place button[name=refresh]")
        if refresh.count():
            refresh.click()
        else:
            screen.page.wait_for_load_state("networkidle")


# --- without a script -----------------------------------------------------------------------------
def test_issue_is_raised_without_a_script(window, representative):
    screen = window("en", PHONE, user=representative, java_script_enabled=False)
    type_issue(screen, ThemeFactory())
    screen.shows("The well has run dry")
    screen.send("issues:draft_submit", Issue.objects.get().client_key)

    issue = Issue.objects.get()
    assert (issue.status, issue.commune_id, issue.people) == ("submitted", COMMUNE, 120)
    screen.shows(issue.reference)


def test_issue_is_accepted_without_a_script(window, coordinator):
    issue = issue_in("submitted")
    screen = window("en", DESK, user=coordinator, java_script_enabled=False)
    screen.open("issues:issue", issue.reference)
    screen.follow("issues:issue_accept", issue.reference)
    screen.send()

    issue.refresh_from_db()
    assert issue.status == "accepted"


def test_agenda_is_ordered_without_a_script(window, coordinator):
    session = SessionFactory()
    first, second = (issue_in("scheduled", session=session) for _ in range(2))
    screen = window("en", DESK, user=coordinator, java_script_enabled=False)
    screen.open("issues:agenda", session.pk)

    screen.page.locator("button[name=down]").first.click()
    assert order_of(session) == [second.pk, first.pk]
    screen.page.locator("button[name=up]").last.click()
    assert order_of(session) == [first.pk, second.pk]


def order_of(session):
    rows = AgendaItem.objects.filter(session=session).order_by("position")
    return list(rows.values_list("issue", flat=True))


def test_menu_opens_without_a_script(window, representative):
    screen = window("en", PHONE, user=representative, java_script_enabled=False)
    screen.open("home")
    assert not screen.page.locator("nav.nav").is_visible()

    screen.page.click("details.menu summary")

    assert screen.page.locator("nav.nav").is_visible()


# --- twice ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("scripts", [True, False])
def test_double_click_makes_one_issue(scripts, window, representative):
    screen = window("en", PHONE, user=representative, java_script_enabled=scripts)
    begin_issue(screen, ThemeFactory())

    screen.page.locator(ON).dblclick()
    expect(screen.page).to_have_url(re.compile("/where/$"))  # the second press ends a navigation
    assert Issue.objects.count() == 1

    issue = Issue.objects.get()
    Issue.objects.update(commune=COMMUNE, people=120, women=64)
    screen.open("issues:draft", issue.client_key)
    screen.page.locator(SUBMIT).dblclick()
    expect(screen.page).not_to_have_url(re.compile("/drafts/"))
    issue.refresh_from_db()
    assert issue.status == "submitted"
    expect(screen.page.locator("body")).to_contain_text(issue.reference)


@pytest.mark.parametrize("scripts", [True, False])
def test_back_and_send_again_makes_one_issue(scripts, window, representative):
    screen = window("en", PHONE, user=representative, java_script_enabled=scripts)
    screen.open("home")
    begin_issue(screen, ThemeFactory())
    go_on(screen, "**/where/")
    begun = Issue.objects.get()

    screen.page.go_back()
    screen.page.wait_for_url("**/what/")
    assert screen.page.input_value("[name=title]") == "The well has run dry"
    go_on(screen, "**/where/")
    assert list(Issue.objects.all()) == [begun]

    Issue.objects.update(commune=COMMUNE, people=120, women=64)
    screen.open("issues:draft", begun.client_key)
    screen.send("issues:draft_submit", begun.client_key)
    screen.page.wait_for_url(lambda url: "/drafts/" not in url)
    reference = Issue.objects.get().reference
    screen.page.go_back()
    if screen.page.locator(SUBMIT).count():
        screen.send("issues:draft_submit", begun.client_key)
    assert list(Issue.objects.values_list("reference", flat=True)) == [reference]
    screen.shows(reference)


# --- two languages --------------------------------------------------------------------------------
def test_language_switch_keeps_one_on_the_page(window, coordinator):
    address = reverse("issues:issues") + "?state=submitted"
    screen = window("en", PHONE, user=coordinator)
    screen.open(address)
    screen.page.click("header .language button")
    screen.page.wait_for_load_state()

    assert screen.page.url.endswith(address)
    assert screen.page.locator("html").get_attribute("lang") == "km"
    coordinator.refresh_from_db()
    assert coordinator.language == "km"


def test_language_switch_keeps_what_was_typed_and_leaves_nothing_behind(window, representative):
    screen = window("en", PHONE, user=representative)
    begin_issue(screen, ThemeFactory())
    screen.page.check("[name=kind][value=request]")
    screen.page.click("header .language button")
    screen.page.wait_for_load_state("networkidle")

    value = screen.page.locator
    assert screen.page.locator("html").get_attribute("lang") == "km"
    assert value("[name=title]").input_value() == "The well has run dry"
    assert value("[name=kind][value=request]").is_checked()
    assert "typed" not in screen.page.evaluate("Object.keys(sessionStorage)")
    assert "The well" not in screen.page.evaluate("JSON.stringify(sessionStorage)")


def test_summary_of_a_refused_form_has_the_focus_and_leads_to_the_field(window, representative):
    screen = window("en", PHONE, user=representative)
    screen.open("issues:issue_new")
    screen.page.locator(ON).click()
    screen.page.wait_for_selector(".error-summary")

    assert screen.page.evaluate("document.activeElement.className").endswith("error-summary")
    screen.page.click(".error-summary a[href='#id_title']")
    assert screen.page.evaluate("document.activeElement.id") == "id_title"


def test_visitor_reads_the_language_of_the_browser_until_choosing(window):
    screen = window("km", PHONE)
    screen.open("home")
    assert screen.page.locator("html").get_attribute("lang") == "km"

    screen.page.click("header .language button")
    screen.open("issues:published")

    assert screen.page.locator("html").get_attribute("lang") == "en"


# --- the keyboard ---------------------------------------------------------------------------------
def test_keyboard_alone_signs_in_and_accepts_an_issue(window, coordinator):
    issue = issue_in("submitted")
    screen = window("en", DESK)
    screen.open("account_login")
    tab_to(screen, "[name=login]")
    screen.page.keyboard.type(coordinator.email)
    tab_to(screen, "[name=password]")
    screen.page.keyboard.type(PASSWORD)
    press_enter(screen)
    tab_to(screen, f"main a[href='{issue.get_absolute_url()}']")
    press_enter(screen)
    tab_to(screen, f"main a[href='{reverse('issues:issue_accept', args=[issue.reference])}']")
    press_enter(screen)
    tab_to(screen, "main form[method=post] button.btn-primary")
    press_enter(screen)

    issue.refresh_from_db()
    assert issue.status == "accepted"


def tab_to(screen, selector):
    """Press Tab until the element has the focus, which must be seen; it may take 60 presses."""
    for _ in range(60):
        seen = screen.page.evaluate(
            """(selector) => {
              const one = document.activeElement;
              return one.matches(selector) ? getComputedStyle(one).outlineStyle : "";
            }""",
            selector,
        )
        if seen:
            assert seen != "none", f"the focus on {selector} cannot be seen"
            return
        screen.page.keyboard.press("Tab")
    raise AssertionError(f"no Tab leads to {selector}")


def press_enter(screen):
    with screen.page.expect_navigation():
        screen.page.keyboard.press("Enter")
