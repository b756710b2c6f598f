"""A session's day and its minutes: every page of everybody, in each state, as phone and desk."""

import pytest
from django.urls import reverse

from minutes.models import Minutes
from tests.browser.day import make_day
from tests.browser.scene import make_scene
from tests.browser.screen import DESK, PHONE, WIDER
from tests.browser.test_pages import violations

pytestmark = pytest.mark.django_db(transaction=True)
STATES = Minutes.Status.values


def pages_of(scene, day):
    """By role the address and arguments of each page, as ``Screen.open`` takes them."""
    minutes = [("minutes:minutes", day.held[state].pk) for state in STATES]
    return {
        "visitor": [
            ("issues:room", day.room),
            ("minutes:minutes", day.held["published"].pk),
            ("minutes:verify", day.code),
        ],
        "representative": [
            ("issues:agenda", scene.ahead.pk),
            ("issues:screen", scene.running.pk),
            ("minutes:minutes", day.held["for_comment"].pk),
            ("minutes:comment", day.held["for_comment"].pk, "opening"),
        ],
        "official": [
            ("issues:replies", scene.ahead.pk),
            ("minutes:minutes", day.held["approved"].pk),
        ],
        "coordinator": coordinators(scene, day) + minutes,
    }


def coordinators(scene, day):
    ahead, running, held = scene.ahead.pk, scene.running.pk, day.held
    return [
        ("issues:agenda", ahead),
        ("issues:agenda_grouped", ahead),
        ("issues:agenda_suggested", ahead),
        ("issues:item_voices", scene.ahead.agenda_items.turns().first().pk),
        ("issues:agenda_send", ahead),
        ("issues:session_papers", ahead),
        ("issues:screen_address", running),
        ("issues:session_release", running),
        ("issues:session_papers", held["published"].pk),
        ("issues:session_result", held["published"].pk),
        ("minutes:number", held["draft"].pk),
        ("minutes:passage", held["draft"].pk, "opening", "km"),
        ("minutes:send", held["draft"].pk),
        ("minutes:discussion", held["for_comment"].pk, day.item.pk, "en"),
        ("minutes:comment_answer", held["for_comment"].pk, day.comment),
        ("minutes:approve", held["for_comment"].pk),
        ("minutes:scan_add", held["approved"].pk),
        ("minutes:amend", held["approved"].pk),
        ("minutes:publish", held["approved"].pk),
        ("minutes:withdraw", held["published"].pk),
    ]


@pytest.mark.parametrize("language", ["km", "en"])
def test_page_of_a_session_is_whole_and_readable_to_a_screen_reader(language, window):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    scene = make_scene(language)
    pages = pages_of(scene, make_day(scene, language))

    for role, addresses in pages.items():
        screen = window(language, PHONE, user=scene.people.get(role))
        for number, (name, *arguments) in enumerate(addresses):
            look(screen, axe, f"day-{role}-{number:02}-{name.replace(':', '-')}", name, *arguments)


def look(screen, axe, label, name, *arguments):
    """The page opens, is no other one, and is whole; English ones are heard and seen wide, too."""
    screen.open(name, *arguments)
    if screen.page.url.split("?")[0] != screen.base + reverse(name, args=arguments):
        screen.problems.append(f"{label} leads to {screen.page.url}")
    screen.look(label)
    if screen.language == "en":
        screen.problems += [f"{label}: {one}" for one in violations(axe, screen)]
        screen.page.set_viewport_size(dict(zip(("width", "height"), DESK, strict=True)))
        if seen := screen.page.evaluate(WIDER):
            screen.problems.append(f"{label}: cut off at a desk: {seen}")
        screen.page.set_viewport_size(dict(zip(("width", "height"), PHONE, strict=True)))
