"""A coordinator orders the agenda: by mouse, by keys, and without any script."""

import pytest

from issues.models import AgendaItem
from tests.browser.screen import DESK
from tests.factories import ProvinceFactory, SessionFactory, coordinator_of, issue_in

pytestmark = pytest.mark.django_db(transaction=True)


def order_of(session):
    rows = AgendaItem.objects.filter(session=session).select_related("issue")
    return [one.issue.title for one in rows]


def drag(screen, source, target):
    """By its handle to the upper edge of the other one, as a hand does it: not in one leap."""
    mouse, handle = screen.page.mouse, screen.page.locator(f"{source} .grip")
    handle.scroll_into_view_if_needed()
    here = handle.bounding_box()
    there = screen.page.locator(target).bounding_box()
    mouse.move(here["x"] + 8, here["y"] + 8)
    mouse.down()
    mouse.move(here["x"] + 8, here["y"] + 20, steps=3)
    goal = there["x"] + 40, there["y"] + 6
    mouse.move(*goal, steps=8)
    screen.page.wait_for_selector(f"[data-items] > .drag-ghost + {target}")
    mouse.up()


def at_rest(screen, sentence):
    screen.page.locator("#said").get_by_text(sentence).wait_for()
    screen.page.wait_for_selector("[data-agenda]:not([data-busy])")


def test_agenda_is_ordered_by_mouse_by_keys_and_without_a_script(window):
    user, session = coordinator_of(ProvinceFactory()), SessionFactory()
    for title in ("Road", "Well", "Forest"):
        issue_in("scheduled", session=session, title=title)
    school = issue_in("accepted", title="School")
    road, well, forest = AgendaItem.objects.all()
    screen = window("en", DESK, user=user, reduced_motion="reduce")
    screen.open("issues:agenda", session.pk)
    screen.page.wait_for_selector(".agenda-keys:not([hidden])")

    drag(screen, f"#item-{forest.pk}", f"#item-{road.pk}")
    at_rest(screen, "“Forest” now stands at place 1 of 3.")
    assert order_of(session) == ["Forest", "Road", "Well"]

    drag(screen, f"[data-issue='{school.pk}']", f"#item-{road.pk}")
    at_rest(screen, "“School” now stands at place 2 of 4.")
    assert order_of(session) == ["Forest", "School", "Road", "Well"]

    screen.page.locator(f"#item-{well.pk} a").first.focus()
    screen.page.keyboard.press("Alt+ArrowUp")
    screen.page.keyboard.press("Alt+ArrowUp")
    at_rest(screen, "“Well” now stands at place 2 of 4.")
    assert order_of(session) == ["Forest", "Well", "School", "Road"]
    focused = "document.activeElement.closest('[data-item]').id"
    assert screen.page.evaluate(focused) == f"item-{well.pk}"

    bare = window("en", DESK, user=user, java_script_enabled=False)
    bare.open("issues:agenda", session.pk)
    bare.page.locator(f"#item-{well.pk} button[name=down]").click()
    assert order_of(session) == ["Forest", "School", "Well", "Road"]

    screen.page.locator(f"#item-{well.pk} button[name=up]").click()  # of what no longer stands
    at_rest(screen, "Meanwhile the agenda has changed.")
    assert screen.page.locator("[data-item] .card-title a").all_inner_texts() == order_of(session)
    screen.problems = [one for one in screen.problems if "409" not in one]
