"""An office reports it done, its organization says not yet: three people, three telephones."""

import pytest

from audit import clock
from audit.models import AuditEntry
from issues import actions
from tests.browser.screen import PHONE
from tests.browser.test_pages import violations
from tests.factories import DAY
from tests.issues.stories import accepted
from tests.journeys.story import Story
from tests.journeys.test_main_thread import (
    ask_the_organization,
    resolve_as_office,
    say_not_yet,
    say_solved,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["km"])
def story(request, window, mail_sink, settings):
    """An issue that an office was just asked to solve."""
    made = Story(request.param, window, mail_sink, settings, desk=PHONE)
    place = made.place
    made.issue = accepted(
        place.organization,
        place.representative,
        place.coordinator,
        title=made.typed["title"],
        text=made.typed["text"],
        theme=place.theme,
        language=request.param,
    )
    made.referral = actions.refer(
        made.issue,
        by=place.coordinator,
        now=clock.now(),
        authority=place.office,
        due_on=clock.today() + 30 * DAY,
    )
    for name in ("coordinator", "representative", "official"):
        getattr(made, name).enter(getattr(place, name))
    return made


def test_claim_is_disputed_and_solved_at_last_on_telephones(story):
    resolve_as_office(story, "done")
    ask_the_organization(story, asked=1)
    say_not_yet(story)
    see_it_among_the_disputed(story)
    resolve_as_office(story, "done_again")
    ask_the_organization(story, asked=2)
    say_solved(story)
    everybody_reads_how_it_ended(story)

    acts = AuditEntry.objects.filter(subject=f"issue:{story.issue.pk}").order_by("pk")
    told = [one.removeprefix("issue.") for one in acts.values_list("action", flat=True)]
    course = ("resolve", "dispute", "confirm")
    assert [one for one in told if one in course] == ["resolve", "dispute", "resolve", "confirm"]


def see_it_among_the_disputed(story):
    screen = story.coordinator
    screen.follow("issues:issue", story.issue.reference)
    screen.shows(story.typed["not_yet"])
    screen.look("dispute-coordinator")


def everybody_reads_how_it_ended(story):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for name in ("coordinator", "representative", "official"):
        screen = getattr(story, name)
        screen.open("issues:issue", story.issue.reference)
        screen.says("Confirmed solved")
        screen.look(f"dispute-ended-{name}")
        screen.problems += [f"ended-{name}: {one}" for one in violations(axe, screen)]
