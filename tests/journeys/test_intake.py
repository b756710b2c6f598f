"""An issue is written down on a telephone, step by step, also where the connection is lost."""

import pytest
from playwright.sync_api import expect

from audit import clock
from issues import actions, steps
from issues.models import Issue
from issues.sealing import Protected, protected_of
from tests.browser.test_pages import violations
from tests.factories import representative_of
from tests.issues.stories import draft_of
from tests.journeys.place import VILLAGE, make_place, photo

pytestmark = pytest.mark.django_db(transaction=True)
SMALL = (360, 640)
ON, BACK = "button[name=go][value=on]", "button[name=go][value=back]"
TYPED = {
    "km": {
        "title": "អណ្ដូងទឹករីងស្ងួត",
        "text": "អណ្ដូងរីងស្ងួតតាំងពីខែមករា។",
        "asked": "សូមជួសជុលអណ្ដូង។",
        "contact": "មេភូមិ",
    },
    "en": {
        "title": "The well has run dry",
        "text": "It has been dry since January.",
        "asked": "Please repair the well.",
        "contact": "The elder of the village",
    },
}
KEPT = """
async () => {
  const names = (await indexedDB.databases()).map((one) => one.name);
  if (!names.includes("vedika")) return [];
  return await new Promise((resolve) => {
    const request = indexedDB.open("vedika");
    request.onsuccess = () => {
      const rows = request.result.transaction("typed").objectStore("typed").getAll();
      rows.onsuccess = () => { request.result.close(); resolve(rows.result); };
    };
  });
}
"""


@pytest.fixture(params=["km", "en"])
def language(request):
    return request.param


@pytest.fixture
def place(language):
    return make_place(language)


def examine(screen, name):
    """Whole, in one language, and readable to all."""
    screen.look(name)
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    screen.problems += [f"{name}: {one}" for one in violations(axe, screen)]


def onward(screen, pattern):
    screen.page.locator(ON).click()
    screen.page.wait_for_url(f"**{pattern}")
    screen.page.wait_for_load_state()


def choose_place(screen):
    for name, length in (("district", 4), ("commune", 6), ("village", 8)):
        screen.page.wait_for_selector(
            f"#id_{name} option[value='{VILLAGE[:length]}']", state="attached"
        )
        screen.fill(**{name: VILLAGE[:length]})


def agree(screen):
    screen.page.check("#id_keep")


def settle(screen):
    """Until what was typed lies on the telephone."""
    screen.page.wait_for_timeout(600)


def without_lost(screen):
    """The browser itself complains of the connection that the test has cut."""
    screen.problems[:] = [one for one in screen.problems if "ERR_INTERNET" not in one]


def test_issue_with_photos_is_written_down_on_a_small_telephone(window, place, language):
    screen, typed = window(language, SMALL, user=place.representative), TYPED[language]
    screen.open("home")
    screen.follow("issues:issue_new")
    examine(screen, "step-what")
    screen.fill(title=typed["title"], text=typed["text"], theme=place.theme.pk, language=language)
    onward(screen, "/where/")
    examine(screen, "step-where")
    choose_place(screen)
    onward(screen, "/who/")
    screen.fill(people=120, women=64, spoken="bunong", contact=typed["contact"])
    screen.page.check("[name=needs_interpreter]")
    examine(screen, "step-who")
    onward(screen, "/asked/")
    screen.fill(asked=typed["asked"])
    examine(screen, "step-asked")
    onward(screen, "/files/")
    screen.fill(files=photo())
    screen.page.locator("button[name=go][value=stay]").click()
    screen.page.wait_for_selector("#evidence img")
    examine(screen, "step-files")
    onward(screen, "/disclosure/")
    watch_who_sees(screen)
    examine(screen, "step-disclosure")
    screen.page.locator(ON).click()
    screen.page.wait_for_selector("#preview-office")
    examine(screen, "step-check")
    draft = Issue.objects.get()
    screen.send("issues:draft_submit", draft.client_key)
    screen.page.wait_for_url(lambda url: "/drafts/" not in url)

    issue = Issue.objects.get()
    screen.shows(issue.reference, typed["title"], typed["asked"])
    assert (issue.status, issue.people, issue.women) == ("submitted", 120, 64)
    assert (issue.spoken, issue.needs_interpreter) == ("bunong", True)
    assert (issue.disclosure, issue.is_named) == ("public", True)
    assert protected_of(issue) == Protected(VILLAGE, typed["contact"])
    assert issue.evidence.count() == 1


def watch_who_sees(screen):
    """What is explained changes with what is chosen."""
    shown = [screen.page.locator("#who-sees").inner_text()]
    for change in ("[value=confidential]", "[value=public]"):
        with screen.page.expect_response("**/issues/who-sees/**"):
            screen.page.check(f"[name=disclosure]{change}")
        screen.page.wait_for_timeout(100)
        shown.append(screen.page.locator("#who-sees").inner_text())
    with screen.page.expect_response("**/issues/who-sees/**"):
        screen.page.check("[name=is_named]")
    screen.page.wait_for_timeout(100)
    shown.append(screen.page.locator("#who-sees").inner_text())
    assert len(set(shown)) == 4


def test_lost_connection_keeps_what_was_typed_and_sends_it_once(window, place, language):
    screen, typed = window(language, SMALL, user=place.representative), TYPED[language]
    screen.open("issues:issue_new")
    agree(screen)
    screen.fill(title=typed["title"], text=typed["text"], theme=place.theme.pk)
    screen.page.context.set_offline(True)
    for _press in range(2):
        screen.page.locator(ON).click()
        screen.page.wait_for_selector("#device-says:not([hidden])")
    screen.says("Not sent: no connection. It is kept on this phone.")
    examine(screen, "step-lost")

    kept = screen.page.evaluate(KEPT)
    assert [row["number"] for row in kept] == [1]
    assert ["title", "", typed["title"]] in kept[0]["values"]
    assert not Issue.objects.exists()

    screen.page.context.set_offline(False)
    screen.page.wait_for_url("**/where/")
    assert Issue.objects.get().title == typed["title"]
    assert screen.page.evaluate(KEPT) == []
    assert Issue.objects.get().version == 1
    without_lost(screen)


def test_lost_answer_is_asked_for_again_and_kept_once(window, place, language):
    """The server has it, but the telephone was never told."""
    screen, typed = window(language, SMALL, user=place.representative), TYPED[language]
    issue = draft_of(place.organization, place.representative, title=typed["title"])
    screen.open(steps.url_of(issue, "asked"))
    screen.fill(asked=typed["asked"])
    address = f"**{steps.url_of(issue, 'asked')}"
    screen.page.route(address, lambda route: (route.fetch(max_redirects=0), route.abort()))
    screen.page.locator(ON).click()
    screen.page.wait_for_selector("#device-says:not([hidden])")
    screen.page.unroute(address)
    screen.page.evaluate("() => window.dispatchEvent(new Event('online'))")
    screen.page.wait_for_url("**/files/")

    seen = issue.version
    issue.refresh_from_db()
    assert (issue.asked, issue.version) == (typed["asked"], seen + 1)
    screen.problems[:] = [one for one in screen.problems if "ERR_FAILED" not in one]


def test_what_a_colleague_changed_meanwhile_is_not_overwritten(window, place, language):
    """What lay on the telephone is shown again, and the server says that it was changed."""
    screen, typed = window(language, SMALL, user=place.representative), TYPED[language]
    issue = draft_of(place.organization, place.representative, title=typed["title"])
    screen.open(steps.url_of(issue, "asked"))
    agree(screen)
    screen.fill(asked=typed["asked"])
    settle(screen)
    colleague = representative_of(place.organization)
    content = {"asked": "Another wish."}
    actions.edit(issue, by=colleague, now=clock.now(), content=content, seen=issue.version)
    screen.page.reload()
    screen.page.wait_for_selector("#device-says:not([hidden])")
    screen.page.locator(ON).click()
    screen.page.wait_for_selector(".error-summary")

    assert screen.page.input_value("[name=asked]") == typed["asked"]
    issue.refresh_from_db()
    assert issue.asked == "Another wish."


def test_what_was_typed_is_there_after_a_reload_and_gone_once_kept(window, place, language):
    screen, typed = window(language, SMALL, user=place.representative), TYPED[language]
    screen.open("issues:issue_new")
    screen.fill(title=typed["title"])
    agree(screen)
    onward(screen, "/where/")
    issue = Issue.objects.get()
    screen.open(steps.url_of(issue, "asked"))
    screen.fill(asked=typed["asked"])
    settle(screen)
    screen.page.reload()

    screen.page.wait_for_selector("#device-says:not([hidden])")
    assert screen.page.input_value("[name=asked]") == typed["asked"]
    screen.open("issues:on_this_phone")
    screen.page.wait_for_selector("#phone-drafts a")
    examine(screen, "on-this-phone")
    screen.hides(typed["asked"], typed["title"])
    screen.page.click("#phone-drafts a")
    screen.page.wait_for_selector("#device-says:not([hidden])")
    onward(screen, "/files/")

    issue.refresh_from_db()
    assert issue.asked == typed["asked"]
    assert screen.page.evaluate(KEPT) == []


def test_the_place_is_put_back_list_by_list_but_for_the_village(window, place, language):
    screen = window(language, SMALL, user=place.representative)
    screen.open("issues:issue_new")
    screen.fill(title=TYPED[language]["title"])
    agree(screen)
    onward(screen, "/where/")
    choose_place(screen)
    settle(screen)
    assert VILLAGE not in str(screen.page.evaluate(KEPT))
    screen.page.reload()

    expect(screen.page.locator("#id_commune")).to_have_value(VILLAGE[:6])
    expect(screen.page.locator(f"#id_village option[value='{VILLAGE}']")).to_be_attached()
    expect(screen.page.locator("#id_village")).to_have_value("")
    onward(screen, "/who/")
    assert Issue.objects.get().commune_id == VILLAGE[:6]


def test_without_agreement_nothing_is_kept(window, place, language):
    screen, typed = window(language, SMALL, user=place.representative), TYPED[language]
    screen.open("issues:issue_new")
    screen.fill(title=typed["title"])
    settle(screen)

    assert screen.page.evaluate(KEPT) == []
    assert screen.page.evaluate("JSON.stringify(localStorage)") == "{}"


def test_clearing_the_telephone_leaves_nothing(window, place, language):
    screen, typed = window(language, SMALL, user=place.representative), TYPED[language]
    screen.open("issues:issue_new")
    agree(screen)
    screen.fill(title=typed["title"])
    settle(screen)
    assert len(screen.page.evaluate(KEPT)) == 1

    screen.open("home")
    screen.follow("issues:on_this_phone")
    screen.page.click("#phone-clear")

    expect(screen.page.locator("#phone-says")).not_to_be_empty()
    screen.says("This phone has been cleared.")
    examine(screen, "phone-cleared")
    assert screen.page.evaluate(KEPT) == []
    assert screen.page.evaluate("JSON.stringify(localStorage)") == "{}"


def test_the_last_step_is_sent_once_the_connection_is_back(window, place, language):
    screen, typed = window(language, SMALL, user=place.representative), TYPED[language]
    issue = draft_of(place.organization, place.representative, title=typed["title"])
    screen.open("issues:draft", issue.client_key)
    screen.page.context.set_offline(True)
    screen.page.locator("form[data-step=check] .btn-primary").click()
    screen.page.wait_for_selector("#device-says:not([hidden])")
    screen.page.context.set_offline(False)
    screen.page.wait_for_url(lambda url: "/drafts/" not in url)

    issue.refresh_from_db()
    assert issue.status == "submitted"
    assert issue.intervals.filter(status="submitted").count() == 1
    without_lost(screen)


def test_a_coordinator_records_a_letter_for_an_organization(window, place, language):
    screen, typed = window(language, SMALL, user=place.coordinator), TYPED[language]
    screen.open("issues:issues")
    screen.follow("issues:issue_new")
    screen.fill(source="letter", title=typed["title"], text=typed["text"], theme=place.theme.pk)
    examine(screen, "step-what-on-behalf")
    onward(screen, "/where/")
    choose_place(screen)
    onward(screen, "/who/")
    screen.fill(people=120, women=64)
    onward(screen, "/asked/")
    onward(screen, "/files/")
    screen.fill(scan=photo())
    examine(screen, "step-files-on-behalf")
    onward(screen, "/disclosure/")
    screen.page.locator(ON).click()
    screen.page.wait_for_selector("#preview-office")

    issue = Issue.objects.get()
    assert (issue.source, issue.organization, issue.author) == (
        "letter",
        place.organization,
        place.coordinator,
    )
    assert issue.evidence.get().is_inside
