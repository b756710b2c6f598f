"""What the minutes are drawn from, whole, and at what cost."""

import pytest

from minutes import content
from minutes.actions import of_session
from minutes.models import Minutes
from tests.factories import (
    AgendaItemFactory,
    OrganizationFactory,
    OutcomeFactory,
    ReferralFactory,
    issue_in,
)
from tests.factories_more import CosignFactory, PassageFactory
from tests.minutes.story import Story

pytestmark = pytest.mark.django_db


@pytest.fixture
def story():
    return Story()


def drawn(story):
    return content.draw(of_session(story.session))


def item_of(story, name):
    pk = story.items[name].pk
    return next(
        one for part in drawn(story)["sections"] for one in part["items"] if one["item"] == pk
    )


def test_draw_says_who_met_when_and_who_came(story):
    found = drawn(story)

    assert found["session"] == {
        "forum": {"km": story.session.forum.name_km, "en": "Forum of 2026"},
        "province": {"km": story.province.full_name, "en": f"{story.province.name_en} province"},
        "province_code": "11",
        "day": "2026-03-26",
        "starts": "08:00",
        "ends": "12:00",
        "venue": {"km": "សាលាខេត្ត", "en": "Provincial hall"},
        "address": None,
    }
    assert found["presiding"] == [
        {"role": "chair", "title": {"km": "Chair km", "en": "Chair"}},
        {"role": "co_presider", "title": {"km": "Deputy governor km", "en": "Deputy governor"}},
    ]
    works = {"name": {"km": "សាធារណការ", "en": "Works"}, "total": 2, "women": 1}
    assert found["attendance"] == {
        "groups": [
            {"kind": "authorities", "parties": [works], "total": 2, "women": 1},
            {"kind": "organizations", "parties": [], "total": 5, "women": 3},
        ],
        "total": 7,
        "women": 4,
    }
    assert found["figures"] == {"issues": 5, "outcomes": {"referred": 1, "noted": 4}, "left": 0}
    assert not Minutes.objects.exists()  # looking writes nothing


def test_draw_tells_an_item_whole_without_recalled_referrals(story):
    item = story.items["restricted"]
    ReferralFactory(issue=item.issue, outcome=item.outcome, ended_as="recalled")
    found = item_of(story, "restricted")

    place = found.pop("place")
    assert place["en"].endswith(story.province.name_en)
    assert found == {
        "item": item.pk,
        "number": 2,
        "issue": item.issue_id,
        "reference": item.issue.reference,
        "title": {"text": "Issue restricted", "language": "en"},
        "theme": {"km": item.issue.theme.name_km, "en": item.issue.theme.name_en},
        "presenter": None,
        "presenter_id": None,
        "spoke": "",
        "communities": 0,
        "outcome": {
            "kind": "referred",
            "text": "Said of restricted",
            "commitment": "",
            "said_by": "Deputy governor",
            "office": None,
            "by_on": None,
            "review_on": None,
        },
        "referrals": [
            {
                "office": {"km": "សាធារណការ", "en": "Works"},
                "role": "lead",
                "due_on": "2026-05-08",
            }
        ],
    }
    assert [
        (part["heading"], [one["number"] for one in part["items"]])
        for part in drawn(story)["sections"]
    ] == [("Roads", [1, 2, 3, 4, 5, 6])]


def test_draw_never_names_as_presenter_who_is_behind_an_unnamed_issue(story):
    item, other = story.items["restricted"], OrganizationFactory()

    def presented_by(organization):
        type(item).objects.filter(pk=item.pk).update(presenter=organization)
        return item_of(story, "restricted")["presenter_id"]

    assert presented_by(story.party) is None
    assert presented_by(other) == other.pk
    CosignFactory(issue=item.issue, organization=other)
    assert presented_by(other) is None
    type(item.issue).objects.filter(pk=item.issue_id).update(is_named=True)
    assert [presented_by(one) for one in (story.party, other)] == [story.party.pk, other.pk]


def test_draw_costs_the_same_for_one_item_and_for_many(story, django_assert_num_queries):
    minutes = Minutes.objects.create(session=story.session)
    PassageFactory(minutes=minutes)
    with django_assert_num_queries(13):
        content.draw(Minutes.objects.select_related("session__forum", "session__province").get())
    for _number in range(5):
        item = AgendaItemFactory(session=story.session, issue=issue_in("accepted"))
        ReferralFactory(issue=item.issue, outcome=OutcomeFactory(item=item, kind="referred"))

    with django_assert_num_queries(13):
        content.draw(Minutes.objects.select_related("session__forum", "session__province").get())


def test_checksum_depends_on_the_content_alone():
    one = content.checksum_of({"b": "ក", "a": 1})

    assert one == content.checksum_of({"a": 1, "b": "ក"})
    assert one != content.checksum_of({"a": 2, "b": "ក"})
    assert len(one) == 64
