"""A coordinator moves sessions on the planning board: by mouse, by finger, and by keys."""

import datetime as dt

import pytest
from django.urls import reverse
from playwright.sync_api import TimeoutError

from audit import clock
from forum import actions
from forum.models import Session
from outbox.models import Notice
from tests import factories as f
from tests.browser.screen import DESK, PHONE
from tests.browser.test_pages import violations

pytestmark = pytest.mark.django_db(transaction=True)
MONDAY = dt.date(2028, 12, 11)
PHNOM_PENH = dt.timezone(dt.timedelta(hours=7))


@pytest.fixture
def forum():
    provinces = [f.ProvinceFactory(), f.ProvinceFactory(code="16")]
    return f.ForumFactory(
        name_km="វេទិកា",
        starts_on=MONDAY - 7 * f.DAY,
        ends_on=MONDAY + 11 * f.DAY,
        provinces=provinces,
    )


@pytest.fixture
def session(forum):
    starts_at = dt.datetime.combine(MONDAY, dt.time(8), PHNOM_PENH)
    return f.SessionFactory(forum=forum, starts_at=starts_at)


@pytest.fixture
def user():
    return f.coordinator_of(f.ProvinceFactory())


def board(window, forum, user, language="en", size=DESK, view="month", **options):
    """The window of a coordinator with the board open."""
    screen = window(language, size, user=user, reduced_motion="reduce", **options)
    screen.open(f"{reverse('forum:board', args=[forum.pk])}?view={view}")
    screen.page.wait_for_selector(".plan-keys:not([hidden])")
    return screen


def card(screen, session, cell=""):
    return screen.page.locator(f"{cell} #s{session.pk}".strip())


def at_rest(screen):
    screen.page.wait_for_selector("#said > *")
    screen.page.wait_for_selector("[data-plan]:not([data-busy])")


def drag(screen, session, cell):
    """With the mouse, as a hand does it: not in one leap."""
    mouse = screen.page.mouse
    goal = screen.page.locator(cell)
    goal.scroll_into_view_if_needed()
    here, there = card(screen, session).bounding_box(), goal.bounding_box()
    mouse.move(here["x"] + 40, here["y"] + 20)
    mouse.down()
    mouse.move(here["x"] + 50, here["y"] + 30, steps=3)
    end = there["x"] + there["width"] / 2, there["y"] + there["height"] / 2
    mouse.move(*end, steps=8)
    hold_over(screen, session, cell, lambda by: mouse.move(end[0] + by, end[1] + by))
    mouse.up()


def hold_over(screen, session, cell, nudge):
    """Let go only once the card lies there: it follows some time behind the hand."""
    for turn in range(60):
        try:
            screen.page.wait_for_selector(f"{cell} #s{session.pk}", timeout=250)
        except TimeoutError:
            nudge(turn % 2)
        else:
            return


def day_of(session):
    return Session.objects.get(pk=session.pk).day


@pytest.mark.parametrize("language", ["en", "km"])
def test_session_is_moved_with_the_mouse_and_by_keys(window, forum, session, user, language):
    screen = board(window, forum, user, language)
    keys, focused = screen.page.keyboard, "document.activeElement.closest('.slip')?.id"

    drag(screen, session, "#d-2028-12-13")
    screen.page.wait_for_selector(f"#d-2028-12-13 #s{session.pk}[data-seen='2']")
    at_rest(screen)
    screen.look("board-dragged")
    assert (day_of(session), Notice.objects.count()) == (MONDAY + 2 * f.DAY, 0)

    card(screen, session).locator(".slip-name").focus()
    for key in ("Alt+ArrowRight", "Alt+ArrowDown", "Alt+ArrowLeft"):
        keys.press(key)  # without waiting: one after the other all the same
    screen.page.wait_for_selector(f"#d-2028-12-20 #s{session.pk}[data-seen='5']")
    at_rest(screen)
    screen.says("%(province)s is now on %(day)s, %(starts)s–%(ends)s.", **said(language))
    assert screen.page.evaluate(focused) == f"s{session.pk}"

    keys.press("Alt+t")
    screen.page.wait_for_selector(f"#tray #s{session.pk}[data-seen='6']")
    at_rest(screen)
    assert (day_of(session), screen.page.evaluate(focused)) == (None, f"s{session.pk}")


def said(language):
    """Where the session lies in the end, in words."""
    if language == "en":
        day, starts, ends = "Wednesday 20 December", "08:00", "12:00"
        return {"province": "Mondulkiri", "day": day, "starts": starts, "ends": ends}
    day, starts, ends = "ថ្ងៃពុធ ទី២០ ខែធ្នូ", "០៨:០០", "១២:០០"
    return {"province": "មណ្ឌលគិរី", "day": day, "starts": starts, "ends": ends}


def test_matrix_moves_between_weeks_and_not_between_provinces(window, forum, session, user):
    screen = board(window, forum, user, view="weeks")

    drag(screen, session, "#w-11-2028-12-18")
    screen.page.wait_for_selector(f"#w-11-2028-12-18 #s{session.pk}[data-seen='2']")
    at_rest(screen)
    drag(screen, session, "#w-16-2028-12-18")
    screen.page.get_by_text(screen.words("A session stays in its province.")).wait_for()

    card(screen, session, "#w-11-2028-12-18").wait_for()
    assert day_of(session) == MONDAY + 7 * f.DAY
    forgive(screen, "409")


def test_session_is_dragged_with_a_finger(window, forum, session, user):
    screen = board(window, forum, user, "km", PHONE, has_touch=True, is_mobile=True)
    goal = screen.page.locator(".day:has(#d-2028-12-13)")
    goal.scroll_into_view_if_needed()
    here = card(screen, session).locator(".slip-name").bounding_box()
    there = goal.bounding_box()
    finger = screen.page.context.new_cdp_session(screen.page)

    def touch(kind, *point):
        points = [{"x": point[0], "y": point[1]}] if point else []
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    start = here["x"] + 30, here["y"] + 10
    end = there["x"] + there["width"] / 2, there["y"] + there["height"] / 2
    touch("touchStart", *start)
    screen.page.wait_for_selector(".slip-chosen")  # held long enough
    for step in range(1, 9):
        touch("touchMove", *(a + (b - a) * step / 8 for a, b in zip(start, end, strict=True)))
    hold_over(
        screen,
        session,
        "#d-2028-12-13",
        lambda by: touch("touchMove", end[0] + by, end[1] + by),
    )
    touch("touchEnd")
    card(screen, session, "#d-2028-12-13").wait_for()
    at_rest(screen)

    assert day_of(session) == MONDAY + 2 * f.DAY
    screen.look("board-touched")


def test_a_move_that_came_too_late_goes_back_and_says_why(window, forum, session, user):
    screen = board(window, forum, user)
    other = f.coordinator_of(None)
    actions.move_session(session, by=other, now=clock.now(), day=MONDAY + 3 * f.DAY)

    drag(screen, session, "#d-2028-12-13")
    screen.page.wait_for_selector(f"#d-2028-12-14 #s{session.pk}")
    at_rest(screen)

    screen.shows("Somebody else has changed this session meanwhile, so it was not moved.")
    screen.shows("Mondulkiri is now on Thursday 14 December, 08:00–12:00.")
    assert day_of(session) == MONDAY + 3 * f.DAY
    forgive(screen, "409")
    screen.page.context.set_offline(True)
    drag(screen, session, "#d-2028-12-13")
    screen.page.get_by_text("There is no connection").wait_for()
    card(screen, session, "#d-2028-12-14").wait_for()
    forgive(screen, "ERR_INTERNET_DISCONNECTED", "htmx:")


def forgive(screen, *expected):
    """What the browser says of answers that were wanted in a test is no problem."""
    screen.problems = [one for one in screen.problems if not any(said in one for said in expected)]


def test_board_is_whole_and_readable_to_a_screen_reader(window, forum, session, user):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    f.HolidayFactory(date=MONDAY + f.DAY)
    f.SessionFactory(forum=forum, starts_at=None, ends_at=None)

    screen = board(window, forum, user, size=PHONE)
    for view in ("month", "weeks"):
        screen.open(f"{reverse('forum:board', args=[forum.pk])}?view={view}")
        for width, height in (PHONE, DESK):
            screen.page.set_viewport_size({"width": width, "height": height})
            screen.look(f"board-{view}")
            screen.problems += violations(axe, screen)
