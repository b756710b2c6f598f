"""The room's screen on a phone without an account follows what is pressed in the console."""

import pytest
from playwright.sync_api import expect

from audit import clock
from issues import actions
from issues.models import Screen
from tests.browser.screen import PHONE
from tests.browser.test_pages import violations
from tests.factories import DAY, OutcomeFactory, SessionFactory, coordinator_of, issue_in

pytestmark = pytest.mark.django_db(transaction=True)
SOON = 5_000  # milliseconds until all see what was pressed


def test_screen_follows_a_press_within_five_seconds_and_leaves_no_trace(window):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    session = SessionFactory(status="open", starts_at=clock.now() - DAY / 24)
    by = coordinator_of(session.province)
    item = issue_in("scheduled", session=session).agenda_items.get()
    OutcomeFactory(item=item, kind="addressed", commitment="We repair it in May.")
    actions.start(item, by=by, now=clock.now())
    screen = window("en", PHONE)
    screen.open("issues:room", Screen.objects.create(session=session).key)
    screen.says("Time left")
    screen.hides("We repair it in May.")

    actions.show(item, by=by, now=clock.now())

    expect(screen.page.get_by_text("We repair it in May.")).to_be_visible(timeout=SOON)
    screen.look("screen")
    screen.problems += violations(axe, screen)
    assert screen.page.context.cookies() == []
