"""What each reader is shown of the minutes, and what is hidden once it was made stricter."""

import pytest
from django.contrib.auth.models import AnonymousUser

from issues.models import Issue
from issues.permissions import Audience
from minutes import content, editions
from minutes.actions import of_session
from tests.minutes.story import TODAY, Story

pytestmark = pytest.mark.django_db
ROOM, PUBLIC, SECRETARIAT = Audience.ROOM, Audience.PUBLIC, Audience.SECRETARIAT


@pytest.fixture
def story():
    return Story()


def edition_for(story, audience, user):
    minutes = of_session(story.session)
    return editions.edition(minutes, content.of_minutes(minutes), audience, user)


def shown(story, audience, user):
    """Of each item its title, or why it is hidden; by the name of the item."""
    lines = [one for part in edition_for(story, audience, user).parts for one in part["lines"]]
    names = {item.pk: name for name, item in story.items.items()}
    for line in lines:
        assert (line["item"] is None) == bool(line["hidden"])
    return {names[line["pk"]]: line["hidden"] or line["item"]["title"]["text"] for line in lines}


ALL = {
    "public": "Issue public",
    "restricted": "Issue restricted",
    "confidential": "Issue confidential",
    "frozen": "Issue frozen",
    "concerning": "Issue concerning",
    "point": "Remarks",
}
IN_THE_ROOM = ALL | {"confidential": "confidential", "frozen": "withheld"}
BEFORE_ALL = dict.fromkeys(ALL, "not_public") | {"public": "Issue public", "point": "Remarks"}


@pytest.mark.parametrize("settled", [False, True])
def test_each_reader_is_shown_what_is_theirs(story, settled):
    if settled:
        story.settled()

    assert shown(story, SECRETARIAT, story.coordinator) == ALL
    assert shown(story, ROOM, story.representative) == IN_THE_ROOM
    assert shown(story, ROOM, story.official) == IN_THE_ROOM | {"concerning": "withheld"}
    # What a coordinator hands over may come to any office.
    assert shown(story, ROOM, story.coordinator) == IN_THE_ROOM | {"concerning": "withheld"}
    assert shown(story, PUBLIC, AnonymousUser()) == BEFORE_ALL
    assert shown(story, PUBLIC, story.official) == BEFORE_ALL


def test_no_outcome_of_a_hidden_issue_is_found_by_subtracting(story):
    def figures(audience, user):
        found = edition_for(story, audience, user)
        return found.content["figures"]["outcomes"], found.untold

    assert figures(SECRETARIAT, story.coordinator) == ({"referred": 1, "noted": 4}, 0)
    assert figures(ROOM, story.representative) == ({"referred": 1, "noted": 2}, 2)
    assert figures(ROOM, story.official) == ({"referred": 1, "noted": 1}, 3)
    # Before all stands what merely has not been published, yet nothing that concerns an office.
    assert figures(PUBLIC, AnonymousUser()) == ({"referred": 1, "noted": 1}, 3)
    assert figures(PUBLIC, story.official) == ({"referred": 1, "noted": 1}, 3)


def test_what_is_made_stricter_after_the_approval_is_hidden(story):
    story.settled(published=True)
    Issue.objects.filter(title="Issue public").update(published_at=None, disclosure="restricted")
    Issue.objects.filter(title="Issue restricted").update(disclosure="confidential")

    assert shown(story, PUBLIC, AnonymousUser())["public"] == "not_public"
    assert shown(story, ROOM, story.representative)["restricted"] == "confidential"


def test_passages_and_amendments_of_a_hidden_item_are_hidden_with_it(story):
    story.write("We opened.")
    for name in ("public", "confidential"):
        story.write(f"Word on {name}", kind="discussion", item=story.items[name])
    story.settled()
    story.amend(item=story.items["confidential"], text_en="Secret.", reason="A reason.")
    found = edition_for(story, ROOM, story.representative)

    item = story.items
    assert found.passage("opening", "en") == "We opened."
    assert found.passage("discussion", "en", item["public"].pk) == "Word on public"
    assert found.passage("discussion", "en", item["confidential"].pk) == ""
    assert found.amendments == [
        {
            "number": 1,
            "on": TODAY.isoformat(),
            "item": 3,
            "hidden": "confidential",
            "text": {"km": "", "en": ""},
            "reason": "",
        }
    ]
    assert found.hidden == {item["confidential"].pk, item["frozen"].pk}


def test_a_presenter_is_dropped_once_the_issue_names_nobody(story):
    item = story.items["public"]
    type(item).objects.filter(pk=item.pk).update(presenter=story.party)
    story.settled()

    def presenter():
        parts = edition_for(story, SECRETARIAT, story.coordinator).parts
        return parts[0]["lines"][0]["item"]["presenter_id"]

    assert presenter() == story.party.pk
    Issue.objects.filter(pk=item.issue_id).update(is_named=False)
    assert presenter() is None


def test_an_edition_costs_the_same_however_many_items(story, django_assert_num_queries):
    minutes = story.settled()
    with django_assert_num_queries(3):
        editions.edition(minutes, minutes.content, ROOM, story.coordinator)
