"""The console while the connection comes and goes: each press once, in order, none overwritten."""

import pytest
from playwright.sync_api import expect

from audit import clock
from issues import actions
from issues.models import AgendaItem, Outcome
from issues.phones import mark_of
from tests.browser.screen import DESK, PHONE
from tests.browser.test_pages import violations
from tests.factories import (
    DAY,
    AgendaItemFactory,
    AuthorityFactory,
    SessionFactory,
    ThemeFactory,
    coordinator_of,
    issue_in,
)

pytestmark = pytest.mark.django_db(transaction=True)
TITLE = "ផ្លូវលំចូលភូមិត្រូវបានកាត់ផ្ដាច់នៅរដូវវស្សាសិស្សានុសិស្សមិនអាចទៅសាលារៀនបាន"
TABLET = (768, 1024)
# The page lies on the device once its worker runs and it was fetched for keeping.
KEPT = """
async () => Boolean((await navigator.serviceWorker.ready).active)
  && Boolean(await caches.match(location.pathname))
"""


@pytest.fixture
def session():
    now = clock.now()
    made = SessionFactory(
        starts_at=now - DAY / 24, ends_at=now + DAY / 8, status="open", published_at=now
    )
    actions.open_floor(made, now=now)
    AuthorityFactory(kind="administration", name_en="Provincial hall")  # is suggested
    return made


def items_on(session, number):
    theme = ThemeFactory(name_km="ដីធ្លី", name_en="Land")
    fields = {"title": TITLE, "text": TITLE, "language": "km", "theme": theme, "deferrals": 2}
    for _ in range(number):
        issue_in("scheduled", session=session, **fields)
    return list(session.agenda_items.all())


def recorder(window, session, language="en", size=TABLET, **options):
    """Somebody's window with the console, and its item opened by the list."""
    user = coordinator_of(session.province, language=language)
    screen = window(language, size, user=user, **options)
    screen.open("issues:console", session.pk)
    return screen


def go(screen, item):
    screen.page.locator(f'#console-list [data-go="{item.pk}"]').click()


def press(screen, act, **typed):
    """Open the form of a press where it has one, type, and press."""
    form = screen.page.locator(f'[data-act="{act}"]')
    if act not in ("start", "stop", "show", "hide"):
        screen.page.locator(f'[data-decision="{act}"] > summary').click()
    for name, value in typed.items():
        form.locator(f'[name="{name}"]').fill(value)
    form.locator("button[type=submit]").click()


def waits(screen, number):
    shown = screen.page.locator(f'#console-status [data-queue-count="{number}"]')
    expect(shown).to_have_count(1, timeout=20_000)


def without_lost(screen):
    """The browser itself complains of the connection that the test has cut, and of a conflict."""
    known = ("ERR_INTERNET", "ERR_FAILED", "409", "413")
    screen.problems[:] = [one for one in screen.problems if not any(sign in one for sign in known)]


def test_presses_made_offline_are_sent_once_and_in_order_after_a_reload(window, session):
    first, second, third = items_on(session, 3)
    screen = recorder(window, session)
    press(screen, "start")
    waits(screen, 0)
    screen.page.wait_for_function(KEPT)
    screen.page.context.set_offline(True)
    press(screen, "address", text="It was solved here.")
    go(screen, second)
    press(screen, "refer", text="Repair it.", days="10")
    screen.page.locator("[data-next]").click()
    press(screen, "defer", text="No time.")
    press(screen, "show")
    waits(screen, 4)
    screen.says("No connection: everything is kept on this device.")
    screen.picture("console-offline")
    assert Outcome.objects.count() == 0

    screen.page.reload()  # without a connection: the page as it was kept, with all that waits
    waits(screen, 4)
    go(screen, first)
    screen.shows("Addressed here: waiting to be sent")
    screen.page.context.set_offline(False)
    waits(screen, 0)

    found = Outcome.objects.order_by("recorded_at").values_list("item", "kind", "version")
    assert list(found) == [
        (first.pk, "addressed", 1),
        (second.pk, "referred", 1),
        (third.pk, "deferred", 1),
    ]
    assert Outcome.objects.get(item=third).shown_at
    assert AgendaItem.objects.get(pk=first.pk).started_at
    without_lost(screen)


KEEPER = "async () => (await caches.keys()).filter((name) => name.startsWith('vedika-console-'))"


def test_a_kept_page_is_its_recorders_alone(window, session):
    items_on(session, 1)
    screen = recorder(window, session)
    page, other = screen.page, coordinator_of(session.province)
    page.wait_for_function(KEPT)
    own = page.locator("#console").get_attribute("data-owner")
    assert page.evaluate(KEEPER) == [f"vedika-console-{own}"]

    screen.enter(other)  # on the same tablet, without signing out
    screen.open("issues:agenda", session.pk)
    page.wait_for_function(f"async () => (await ({KEEPER})()).length === 0")
    screen.open("issues:console", session.pk)
    page.wait_for_function(KEPT)
    assert page.evaluate(KEEPER) == [f"vedika-console-{mark_of(other)}"]

    page.context.clear_cookies()  # the session has ended
    page.reload()
    assert page.evaluate(KEEPER) == []


# A disk that takes nothing, and then does not take a press off either.
FULL = """
() => {
  const full = () => { throw new DOMException("full", "QuotaExceededError"); };
  for (const name of ["add", "put", "delete"]) IDBObjectStore.prototype[name] = full;
}
"""


def test_a_full_disk_loses_nothing_and_holds_nothing_up(window, session):
    first, second, third = items_on(session, 3)
    screen = recorder(window, session)
    screen.page.route(f"**/{third.pk}/address/", lambda route: route.fulfill(status=413))
    screen.page.context.set_offline(True)
    go(screen, third)
    press(screen, "address", text="More than the server takes.")
    press(screen, "start")
    go(screen, first)
    press(screen, "defer", text="On the disk.")
    waits(screen, 2)  # the first one was refused at once
    screen.page.evaluate(FULL)
    go(screen, second)
    press(screen, "defer", text="In the window.")
    waits(screen, 3)
    screen.says("This browser keeps nothing: leave the page open until all is sent.")
    screen.page.context.set_offline(False)
    waits(screen, 0)

    found = Outcome.objects.order_by("recorded_at").values_list("item", "text", "version")
    assert list(found) == [(first.pk, "On the disk.", 1), (second.pk, "In the window.", 1)]
    refusal = screen.page.locator(f'[data-refusal="{third.pk}"]')
    expect(refusal).to_contain_text("More than the server takes.")
    assert AgendaItem.objects.get(pk=third.pk).started_at  # whatever became of the decision
    without_lost(screen)


def test_second_recorder_is_told_and_keeps_what_was_typed(window, session):
    item, _other = items_on(session, 2)
    one, two = recorder(window, session), recorder(window, session)
    two.page.locator('[data-decision="defer"] > summary').click()
    typed = two.page.locator('[data-act="defer"] [name=text]')
    typed.fill("No time was left.")
    press(one, "address", text="It was solved here.")
    waits(one, 0)

    expect(two.page.locator("[data-told]")).to_be_visible(timeout=20_000)
    expect(typed).to_have_value("No time was left.")
    two.shows("It was solved here.")
    two.page.locator('[data-act="defer"] button').click()
    refusal = two.page.locator(f'[data-refusal="{item.pk}"]')
    expect(refusal).to_contain_text("It was solved here.")
    expect(refusal).to_contain_text("No time was left.")
    two.picture("console-not-taken")
    refusal.locator("[data-open]").click()
    two.page.locator('[data-act="defer"] button').click()  # now as a correction
    expect(refusal).to_have_count(0, timeout=20_000)
    waits(two, 0)

    found = Outcome.objects.values_list("item", "kind", "text", "version").get()
    assert found == (item.pk, "deferred", "No time was left.", 2)
    without_lost(two)


def test_console_is_whole_on_a_phone_and_works_without_a_script(window, session):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    items_on(session, 2)
    AgendaItemFactory(session=session, issue=None, title="ពាក្យស្វាគមន៍")
    shown = recorder(window, session, "km", PHONE)
    shown.page.locator('[data-decision="refer"] > summary').click()
    shown.look("console")
    shown.problems += violations(axe, shown)
    plain = recorder(window, session, "en", DESK, java_script_enabled=False)
    plain.page.locator('[data-decision="defer"] > summary').click()
    plain.page.locator('[data-act="defer"] [name=text]').fill("No time was left.")
    plain.page.locator('[data-act="defer"] button').click()
    plain.page.wait_for_load_state()

    plain.says("It is recorded as deferred.")
    assert Outcome.objects.get().text == "No time was left."
