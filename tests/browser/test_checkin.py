"""A hundred people at the door while the connection comes and goes: none lost, none doubled."""

import pytest
from playwright.sync_api import expect

from audit import clock
from forum.models import Delegate, Tick
from tests.browser.screen import PHONE
from tests.browser.test_pages import violations
from tests.factories import (
    DAY,
    AuthorityFactory,
    InvitationFactory,
    OrganizationFactory,
    SessionFactory,
    coordinator_of,
)
from tests.factories_more import DelegateFactory, HonorificFactory

pytestmark = pytest.mark.django_db(transaction=True)
BOUNCE = 450  # milliseconds after which a second press of a row is one
KEPT = "() => Object.keys(localStorage).filter((name) => name.startsWith('vedika.checkin.')).length"
# By a script: a hundred presses of a mouse would take the test half a minute.
PRESS = """
([first, last]) => document.querySelectorAll("#door-list .press").forEach((button, place) => {
  if (place >= first && place < last) button.click();
})
"""


@pytest.fixture
def session():
    return SessionFactory(starts_at=clock.now() - DAY / 24, status="open")


def expected(session, number):
    """So many delegates, every other one a woman, half of an office, half of an organization."""
    asked = [
        InvitationFactory(
            session=session,
            authority=AuthorityFactory(name_km="មន្ទីរបរិស្ថាន", name_en="Department of environment"),
            quota=number // 2,
        ),
        InvitationFactory(
            session=session,
            organization=OrganizationFactory(name_km="បណ្ដាញព្រៃឈើ", name_en="Forest network"),
            quota=number // 2,
        ),
    ]
    excellency = HonorificFactory(name_km="ឯកឧត្តម", name_en="H.E.")
    Delegate.objects.bulk_create(
        DelegateFactory.build(
            invitation=asked[place % 2],
            session=session,
            number=place // 2 + 1,
            honorific=excellency if place == 0 else None,
            title="អនុប្រធានការិយាល័យ",
            sex="woman" if place // 2 % 2 else "man",
        )
        for place in range(number)
    )
    return asked


def press(screen, first, last):
    screen.page.evaluate(PRESS, [first, last])


def is_sent(screen):
    expect(screen.page.locator("#door-unsent")).to_be_hidden(timeout=20_000)
    assert screen.page.evaluate(KEPT) == 0


def total(screen, people, women):
    text = screen.words("%(total)s here, of whom %(women)s women", total=people, women=women)
    expect(screen.page.locator("#door-total")).to_have_text(text)


def without_lost(screen):
    """The browser itself complains of the connection that the test has cut."""
    screen.problems[:] = [one for one in screen.problems if "ERR_INTERNET" not in one]


def test_sixty_of_a_hundred_are_ticked_with_the_connection_cut_in_between(window, session):
    expected(session, 100)
    screen = window("en", PHONE, user=coordinator_of(session.province, language="en"))
    other = window("en", user=coordinator_of(session.province, language="en"))
    screen.open("forum:check_in", session.pk)
    other.open("forum:check_in", session.pk)
    press(screen, 0, 20)
    is_sent(screen)
    screen.page.context.set_offline(True)
    press(screen, 20, 40)
    screen.page.wait_for_timeout(BOUNCE)
    press(screen, 19, 20)  # it was a mistake
    screen.fill(title="Village elder", sex="woman")
    screen.page.locator("#walk-in button[type=submit]").click()
    screen.shows("22 waiting to be sent.", "No connection.")
    total(screen, 40, 20)
    screen.picture("check-in-lost")
    assert (Tick.objects.count(), screen.page.evaluate(KEPT)) == (20, 22)
    press(other, 20, 25)  # another device ticks some of the same people
    press(other, 60, 61)
    is_sent(other)
    screen.page.context.set_offline(False)
    screen.page.reload()
    is_sent(screen)
    press(screen, 40, 60)
    is_sent(screen)
    total(screen, 61, 30)

    assert session.delegates.all().counted() == {"total": 61, "women": 30}
    assert session.delegates.filter(title="Village elder").count() == 1
    assert Tick.objects.values("client_key").distinct().count() == Tick.objects.count()
    without_lost(screen)


def test_what_one_person_ticked_nobody_else_on_the_device_sees_or_sends(window, session):
    expected(session, 4)
    screen = window("en", PHONE, user=coordinator_of(session.province, language="en"))
    screen.open("forum:check_in", session.pk)
    screen.page.context.set_offline(True)
    press(screen, 0, 2)
    assert screen.page.evaluate(KEPT) == 2
    screen.enter(coordinator_of(session.province, language="en"))  # the first one's page stays open
    screen.page.context.set_offline(False)
    press(screen, 2, 3)
    screen.page.wait_for_selector("#door-why:has-text('signed in as yourself')")
    screen.page.reload()

    total(screen, 0, 0)
    expect(screen.page.locator("#door-unsent")).to_be_hidden()
    assert (screen.page.evaluate(KEPT), Tick.objects.exists()) == (3, False)
    asked = []
    screen.page.on("dialog", lambda dialog: asked.append(dialog.message))
    screen.open("account_logout")
    screen.page.locator("main form button[type=submit]").click()
    screen.page.wait_for_url(lambda url: "logout" not in url)
    assert ["unsent" in one for one in asked] == [True]
    screen.problems[:] = [one for one in screen.problems if "403" not in one]
    without_lost(screen)


def test_door_in_khmer_on_a_phone_is_whole_and_readable_to_all(window, session):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    asked = expected(session, 8)
    screen = window("km", PHONE, user=coordinator_of(session.province, language="km"))
    screen.open("forum:check_in", session.pk)
    press(screen, 0, 3)
    is_sent(screen)
    screen.look("check-in")
    screen.problems += violations(axe, screen)
    screen.page.fill("#door-q", "៤ ព្រៃ")
    expect(screen.page.locator("#door-list .press:visible")).to_have_count(1)
    screen.open("forum:check_in_one", session.pk, asked[0].delegates.get(number=4).code)
    screen.send()
    screen.look("check-in-one")
    screen.problems += violations(axe, screen)
    assert session.delegates.all().counted()["total"] == 4


def test_door_without_a_script_ticks_by_its_buttons(window, session):
    expected(session, 2)
    user = coordinator_of(session.province, language="en")
    screen = window("en", PHONE, user=user, java_script_enabled=False)
    screen.open("forum:check_in", session.pk)
    screen.page.locator("#door-list .press").first.click()
    screen.page.wait_for_load_state()

    screen.shows("1 here, of whom 0 women")
    assert session.delegates.all().counted() == {"total": 1, "women": 0}
