"""Ten issues triaged on a phone's width by a keyboard alone, in both languages."""

import pytest

from audit.models import AuditEntry
from issues.models import Issue
from tests.browser.screen import DESK, PHONE
from tests.factories import (
    LocalityFactory,
    OrganizationFactory,
    administrator,
    ago,
    issue_in,
    representative_of,
)
from tests.journeys.place import make_place

pytestmark = pytest.mark.django_db(transaction=True)

TITLES = {
    "km": "ផ្លូវចូលភូមិត្រូវបានកាត់ផ្ដាច់នៅរដូវវស្សា",
    "en": "The road to the village is cut in the rainy season",
}
TEXTS = {"km": "ឡានមិនអាចចូលបានទេ។", "en": "No car can pass."}
QUESTION = {"km": "តើនៅភូមិណា?", "en": "In which village is it?"}
REASON = {"km": "វេទិកានេះមិនទទួលបញ្ហានេះទេ។", "en": "This forum does not take it up."}
MOST_TABS = 40  # presses until something is reached, at the most


class Hands:
    """Somebody who has only a keyboard; every step must be seen by where the focus is."""

    def __init__(self, screen):
        self.screen, self.page = screen, screen.page

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def tab_to(self, selector):
        """Press Tab until the focus is on it, and see that it is shown."""
        for _press in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if self.is_at(selector):
                self.sees_where_it_is()
                return
        raise AssertionError(f"{selector} is not reached: {self.place}")

    def waits_at(self, selector):
        self.page.wait_for_function(
            "(selector) => document.activeElement?.matches(selector)", arg=selector
        )

    def is_at(self, selector):
        return self.page.evaluate("(one) => document.activeElement.matches(one)", selector)

    @property
    def place(self):
        return self.page.evaluate("document.activeElement.outerHTML.slice(0, 120)")

    def sees_where_it_is(self):
        outline = self.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", self.place

    def opens(self, issue):
        """The issue is open, and the reading begins at its title."""
        self.page.wait_for_selector(f'#opened[data-reference="{issue.reference}"]')
        self.waits_at("#opened-title")


@pytest.fixture
def axe():
    return pytest.importorskip("axe_playwright_python.sync_playwright").Axe()


def ten_issues(language):
    place = make_place(language)
    LocalityFactory(code="110102")
    organization = OrganizationFactory(
        name_km="សមាគមផ្លូវថ្នល់", name_en="Association of roads", provinces=[place.office.province]
    )
    common = {
        "author": representative_of(organization),
        "organization": organization,
        "language": language,
        "text": TEXTS[language],
        "theme": place.theme,
    }
    issues = []
    for number in range(10):
        issue = issue_in("submitted", title=f"{TITLES[language]} {number}", **common)
        Issue.objects.filter(pk=issue.pk).update(submitted_at=ago(30 - number))
        issues.append(issue)
    return place, issues


@pytest.mark.parametrize("language", ["km"])
def test_ten_issues_are_triaged_by_keyboard_alone_on_a_phone(language, window, axe):
    place, issues = ten_issues(language)
    screen = window(language, PHONE, user=place.coordinator)
    hands = Hands(screen)
    screen.open("issues:triage")
    look(screen, axe, "triage-list")

    hands.waits_at("[data-board]")  # its keys work from the first moment
    hands.press("j", "j", "k", "o")
    hands.opens(issues[0])
    look(screen, axe, "triage-opened")
    for number in range(4):
        accept(hands, issues, number)
    ask(hands, language, issues, 4)
    decline(hands, language, issues, 5)
    accept_and_refer(hands, place, issues, 6)
    correct_on_the_way(hands, issues, 7)
    without_single_keys(hands, issues, 8)
    accept(hands, issues, 9, is_last=True)

    screen.page.wait_for_selector(".empty")
    look(screen, axe, "triage-empty")
    states = list(Issue.objects.order_by("submitted_at").values_list("status", flat=True))
    assert states == ["accepted"] * 4 + ["returned", "closed", "referred"] + ["accepted"] * 3
    acts = ["accept"] * 4 + ["return", "decline", "accept", "refer"] + ["accept"] * 3
    entries = AuditEntry.objects.filter(action__startswith="issue.").order_by("pk")
    assert [one.action.removeprefix("issue.") for one in entries] == acts
    assert set(entries.values_list("actor", flat=True)) == {place.coordinator.pk}


def look(screen, axe, name):
    screen.look(name)
    found = axe.run(screen.page).response["violations"]
    screen.problems += [f"{name}: {one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


def go_on(hands, issues, number, is_last=False):
    """After an act the next issue is open."""
    if not is_last:
        hands.opens(issues[number + 1])


def accept(hands, issues, number, is_last=False):
    hands.press("a")
    hands.waits_at("[data-act=accept] button")
    hands.sees_where_it_is()
    hands.press("Enter")
    go_on(hands, issues, number, is_last)


def ask(hands, language, issues, number):
    hands.press("r")
    hands.waits_at("[name=question]")
    hands.page.keyboard.insert_text(QUESTION[language])
    hands.tab_to("[data-act=return] button")
    hands.press("Enter")
    go_on(hands, issues, number)
    issues[number].refresh_from_db()
    assert issues[number].question == QUESTION[language]


def decline(hands, language, issues, number):
    """Letters in a field are letters: only the reason is typed, nothing else happens."""
    hands.press("d")
    hands.waits_at("[name=reason]")
    hands.page.keyboard.type("a d r j x ")
    hands.press("Control+a")
    hands.page.keyboard.insert_text(REASON[language])
    hands.tab_to("[data-act=decline] button")
    hands.press("Enter")
    go_on(hands, issues, number)
    issues[number].refresh_from_db()
    assert issues[number].reason == REASON[language]


def accept_and_refer(hands, place, issues, number):
    """The suggested office is the first that the arrow reaches."""
    hands.press("a", "Shift+Tab")
    hands.waits_at("[name=office]")
    hands.press("ArrowDown")
    hands.tab_to("[data-act=accept] button")
    hands.press("Enter")
    hands.page.wait_for_url("**/refer/?office=*")
    hands.tab_to("[name=authority]")
    hands.tab_to("form.form button[type=submit].btn-primary")
    hands.press("Enter")
    go_on(hands, issues, number)
    assert issues[number].referrals.get().authority == place.office


def correct_on_the_way(hands, issues, number):
    """Another commune, chosen by arrows in a list that came with the district."""
    hands.press("a")
    for name in ("office", "disclosure", "priority", "commune"):
        shift_to(hands, f"[name={name}]")
    hands.press("ArrowDown")
    hands.tab_to("[data-act=accept] button")
    hands.press("Enter")
    go_on(hands, issues, number)
    issues[number].refresh_from_db()
    assert issues[number].commune_id == "110102"


def shift_to(hands, selector):
    for _press in range(MOST_TABS):
        hands.page.keyboard.press("Shift+Tab")
        if hands.is_at(selector):
            return
    raise AssertionError(f"{selector} is not reached: {hands.place}")


def without_single_keys(hands, issues, number):
    """Switched off, letters do nothing, also after the page was left; Tab and Enter do it all."""
    hands.tab_to(".board-back a")
    hands.press("Enter")
    hands.page.wait_for_selector("#rows")
    hands.waits_at("[data-board]")
    hands.press("?")
    hands.waits_at("#keys > summary")
    hands.tab_to("#keys-on")
    hands.press("Space")
    hands.page.reload()
    hands.page.evaluate("document.querySelector('[data-board]').focus()")
    hands.press("j", "o", "a", "?")
    assert hands.is_at("[data-board]")
    hands.tab_to(".card-link")
    hands.press("Enter")
    hands.opens(issues[number])
    hands.tab_to("[data-act=accept] button")
    hands.press("Enter")
    go_on(hands, issues, number)
    hands.page.evaluate("localStorage.clear()")
    hands.page.reload()
    hands.opens(issues[number + 1])


@pytest.mark.parametrize("language", ["km", "en"])
def test_list_and_issue_stand_side_by_side_on_a_desk(language, window, axe):
    place, issues = ten_issues(language)
    screen = window(language, DESK, user=place.coordinator)
    hands = Hands(screen)
    screen.open("issues:triage")
    hands.waits_at("[data-board]")

    khmer_key(hands, "KeyJ", "្")  # the J of a Khmer keyboard
    hands.press("ArrowDown", "ArrowDown", "ArrowUp")
    hands.waits_at(f'[data-reference="{issues[1].reference}"]')
    hands.press("Enter")
    hands.opens(issues[1])
    assert screen.page.locator("#rows").is_visible()
    assert issues[1].reference in screen.page.url
    assert screen.page.locator("#rows [aria-current=true]").count() == 1
    look(screen, axe, "triage-desk")
    hands.press("j")  # from the opened issue to the row below its own
    hands.waits_at(f'[data-reference="{issues[2].reference}"]')
    hands.press("r")  # which is opened first
    hands.waits_at(f'[data-reference="{issues[2].reference}"] [name=question]')
    screen.page.go_back()
    screen.page.wait_for_selector(f'#opened[data-reference="{issues[1].reference}"]')

    select_and_accept(hands, issues[1:4])
    look(screen, axe, "triage-selected")
    confirm(hands)
    states = list(Issue.objects.order_by("submitted_at").values_list("status", flat=True))
    assert states == ["submitted"] + ["accepted"] * 3 + ["submitted"] * 6


def khmer_key(hands, code, key):
    hands.page.evaluate(
        "([code, key]) => document.activeElement.dispatchEvent("
        "new KeyboardEvent('keydown', { code, key, bubbles: true, cancelable: true }))",
        [code, key],
    )


def select_and_accept(hands, issues):
    """Tick the rows, then go on to the page that states their number."""
    hands.page.locator(f'.card-link[data-reference="{issues[0].reference}"]').focus()
    hands.press("x", "j", "x", "j", "x")
    hands.tab_to("#bulk-act")
    hands.tab_to("#selection button")
    hands.press("Enter")
    hands.page.wait_for_url("**/selected/?*")
    english = "You accept %(number)s issues"
    screen = hands.screen
    if screen.language == "en":
        screen.shows(english % {"number": 3})
    screen.shows(*(one.reference for one in issues))


def confirm(hands):
    hands.tab_to(".action-bar button")
    hands.press("Enter")
    hands.page.wait_for_selector(".alert-success")


@pytest.mark.parametrize("language", ["km"])
def test_all_of_a_page_are_selected_at_once(language, window):
    place, issues = ten_issues(language)
    screen = window(language, PHONE, user=place.coordinator)
    screen.open("issues:triage")

    counts = []
    for _press in range(2):
        screen.page.click("#select-all")
        counts.append(screen.page.locator("[name=issue]:checked").count())

    assert counts == [len(issues), 0]


@pytest.mark.parametrize("language", ["km"])
def test_administrators_change_themes_on_a_phone(language, window, axe):
    place = make_place(language)
    screen = window(language, PHONE, user=administrator(language=language))
    pages = [
        ("provinces:themes",),
        ("provinces:theme_new",),
        ("provinces:theme", place.theme.pk),
        ("provinces:authority", place.office.pk),
        ("provinces:authority_themes", place.office.pk),
    ]
    for name, *arguments in pages:
        screen.open(name, *arguments)
        look(screen, axe, name.replace(":", "-"))
    screen.page.uncheck("[name=themes]")
    screen.send()

    assert not place.office.themes.exists()
