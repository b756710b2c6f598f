"""What the timeline tells to each audience, and how often it asks the database."""

import datetime as dt
import uuid

import pytest
from django.utils import translation

from audit import clock
from issues import actions, history
from issues.models import Confirmation, Issue, ProtectedPart, Response
from issues.permissions import Audience
from tests import factories as f

pytestmark = pytest.mark.django_db
START = clock.now() - dt.timedelta(days=40)


def timeline(issue, audience, referral_ids=()):
    """What the audience is told of the issue, from rows read anew: five queries."""
    referrals = list(issue.referrals.select_related("authority"))
    responses = list(Response.objects.filter(referral__issue=issue))
    rows = history.Rows.of(issue, referrals, responses, list(issue.confirmations.all()))
    return history.tell(rows, audience, referral_ids)


def on(day: int) -> dt.datetime:
    """The so-manieth day of the story."""
    return START + dt.timedelta(days=day)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def coordinator():
    return f.coordinator_of(f.ProvinceFactory(), title_en="Coordinator Dara")


@pytest.fixture
def offices():
    return [f.AuthorityFactory(name_en=name) for name in ("Roads", "Water")]


@pytest.fixture
def story(coordinator, offices) -> Issue:
    """An issue that was returned, referred to two offices, reported resolved and disputed."""
    draft = f.IssueFactory(created_at=on(0))
    f.IntervalFactory(issue=draft)
    author = draft.author
    issue = actions.submit(draft, by=author, now=on(0))
    actions.return_(issue, by=coordinator, now=on(2), question="Where?")
    actions.reply(issue, by=author, now=on(5), text="There.")
    actions.accept(issue, by=coordinator, now=on(6))
    leads = [
        actions.refer(issue, by=coordinator, now=on(8), authority=one, due_on=on(30).date())
        for one in offices
    ]
    for lead, one in zip(leads, offices, strict=True):
        official = f.official_of(one, title_en=f"Official of {one.name_en}")
        actions.respond(
            lead, by=official, now=on(9), client_key=uuid.uuid4(), text=f"{one.name_en} looks."
        )
        actions.resolve(
            lead,
            by=official,
            now=on(20),
            client_key=uuid.uuid4(),
            text=f"{one.name_en} did it.",
            done_on=on(19).date(),
        )
    actions.dispute(issue, by=author, now=on(25), reason="It fell again.")
    issue.refresh_from_db()
    return issue


def told(issue, audience):
    return [
        (event.act, event.who, event.states, event.spent) for event in timeline(issue, audience)
    ]


def test_timeline_tells_the_organization_everything_with_times_in_each_state(story):
    raiser, secretariat = "the raising organization", "the secretariat"
    asked = "Referred → Reported resolved"

    assert told(story, Audience.ORGANIZATION) == [
        ("submit", raiser, "Draft → Submitted", 0),
        ("return", secretariat, "Submitted → Returned with a question", 2),
        ("reply", raiser, "Returned with a question → Submitted", 3),
        ("accept", secretariat, "Submitted → Accepted", 1),
        ("refer", secretariat, "Accepted → Referred", 2),
        ("refer", secretariat, "", None),
        ("respond", "Roads", "", None),
        ("respond", "Water", "", None),
        ("resolve", "Roads", "", None),
        ("resolve", "Water", asked, 12),
        ("dispute", raiser, "Reported resolved → Referred", 5),
    ]


def test_timeline_names_offices_and_their_words_inside(story):
    events = timeline(story, Audience.SECRETARIAT)

    sentences = [event.sentence for event in events]
    words = [event.text for event in events if event.text]
    assert {"Referred to Roads", "Referred to Water"} <= set(sentences)
    assert words == [
        "Roads looks.",
        "Water looks.",
        "Roads did it.",
        "Water did it.",
        "It fell again.",
    ]


def test_timeline_tells_an_office_roles_and_its_own_words_alone(story, offices):
    mine = story.referrals.get(authority=offices[0])

    events = timeline(story, Audience.OFFICE, {mine.pk})

    assert [(event.act, event.who) for event in events] == [
        ("submit", "the raising organization"),
        ("accept", "the secretariat"),
        ("refer", "the secretariat"),
        ("respond", "the office"),
        ("resolve", "the office"),
        ("resolve", "the office"),
        ("dispute", "the raising organization"),
    ]
    assert [event.text for event in events if event.text] == ["Roads looks.", "Roads did it."]
    assert not [event for event in events if "Roads" in event.sentence + event.who]


def test_timeline_tells_the_public_changes_of_the_state_alone(story):
    events = timeline(story, Audience.PUBLIC)

    assert [(event.act, event.states) for event in events] == [
        ("submit", ""),
        ("accept", "Submitted → Accepted"),
        ("refer", "Accepted → Referred"),
        ("resolve", "Referred → Reported resolved"),
        ("dispute", "Reported resolved → Referred"),
    ]
    assert not [event for event in events if event.text or event.note]


def test_timeline_tells_the_room_nothing(story):
    assert timeline(story, Audience.ROOM) == []


def test_timeline_tells_who_read_the_protected_part_to_the_secretariat_alone(coordinator):
    issue = f.issue_in("accepted")
    f.AuditEntryFactory(
        subject=f"issue:{issue.pk}",
        action="issue.read_protected",
        actor=coordinator,
        role="coordinator",
        change={"reason": "place"},
    )

    (event,) = timeline(issue, Audience.SECRETARIAT)

    words = str(ProtectedPart.Reading.PLACE.label)
    assert (event.who, event.note) == ("Coordinator Dara", words)
    for audience in (Audience.ORGANIZATION, Audience.OFFICE, Audience.PUBLIC):
        assert timeline(issue, audience) == []


def test_timeline_tells_answers_and_words_that_have_no_entry():
    issue = f.issue_in("closed")

    assert [(event.act, event.who) for event in timeline(issue, Audience.ORGANIZATION)] == [
        ("resolve", "the office"),
        ("confirm", "the raising organization"),
    ]


def test_timeline_asks_as_often_for_a_long_history_as_for_a_short_one(
    story, django_assert_num_queries
):
    for issue in (f.issue_in("submitted"), story):
        with django_assert_num_queries(5):
            timeline(issue, Audience.SECRETARIAT)


def test_timeline_knows_every_verdict_and_kind_of_answer():
    assert set(history.JUDGED) == set(Confirmation.Verdict.values)
    assert set(history.SAID) == set(Response.Kind.values)


@pytest.mark.parametrize("status", [one for one in Issue.Status if one != "closed"])
def test_stands_has_a_sentence_for_every_state(status):
    assert history.stands(Issue(status=status))


@pytest.mark.parametrize("closing", Issue.Closing)
def test_stands_has_a_sentence_for_every_closing(closing):
    assert history.stands(Issue(status="closed", closed_as=closing))
