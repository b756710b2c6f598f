"""What happens on the floor: which item runs and how long, what is shown, who spoke."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.models import User
from audit.errors import Conflict, TransitionError
from forum.models import Session
from issues import actions
from issues.actions import Press, Said
from issues.actions.floor import tell_screen
from issues.models import AgendaItem, Correction, Issue, Outcome, Referral, Screen
from tests.factories import (
    AgendaItemFactory,
    AuthorityFactory,
    ConcernFactory,
    ProvinceFactory,
    SessionFactory,
    coordinator_of,
    issue_in,
)
from tests.factories_more import ScreenFactory
from tests.issues.presses import WORDS, press
from tests.issues.traces import NOW, everything, trail

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def session():
    return SessionFactory(status=Session.Status.OPEN)


@pytest.fixture
def coordinator(session):
    return coordinator_of(session.province)


@pytest.fixture
def item(session):
    return issue_in("scheduled", session=session).agenda_items.get()


@pytest.fixture
def point(session, item):
    return AgendaItemFactory(session=session, issue=None, title="Remarks")


def clocks():
    rows = AgendaItem.objects.order_by("position")
    return [(one.started_at, one.used_seconds) for one in rows]


# --- which item runs ----------------------------------------------------------------------------
def test_start_ends_the_turn_before_and_adds_what_it_took(session, coordinator, item, point):
    actions.start(item, by=coordinator, now=NOW)
    before = everything()
    actions.start(item, by=coordinator, now=NOW + MINUTE)  # pressed again
    assert everything() == before

    actions.start(point, by=coordinator, now=NOW + 2 * MINUTE)
    assert clocks() == [(None, 120), (NOW + 2 * MINUTE, 0)]
    actions.stop(point, by=coordinator, now=NOW + 3 * MINUTE)
    actions.stop(point, by=coordinator, now=NOW + 9 * MINUTE)
    actions.start(item, by=coordinator, now=NOW + 9 * MINUTE)
    actions.stop(item, by=coordinator, now=NOW + 10 * MINUTE)

    assert clocks() == [(None, 180), (None, 60)]
    subject = f"session:{session.pk}"
    assert trail() == [
        (f"issue.{act}", subject, coordinator, "coordinator", {"item": one.pk})
        for act, one in (
            ("start_item", item),
            ("start_item", point),
            ("stop_item", point),
            ("start_item", item),
            ("stop_item", item),
        )
    ]


def test_start_counts_from_when_it_was_pressed_as_far_as_that_can_be(coordinator, item, point):
    Session.objects.update(starts_at=NOW - 60 * MINUTE, ends_at=NOW + 60 * MINUTE)
    actions.start(item, by=coordinator, now=NOW, at=NOW - 20 * MINUTE)
    actions.start(point, by=coordinator, now=NOW, at=NOW - 5 * MINUTE)
    assert clocks() == [(None, 900), (NOW - 5 * MINUTE, 0)]

    for wrong in (NOW + MINUTE, NOW - 90 * MINUTE):  # a clock that is wrong
        actions.stop(point, by=coordinator, now=NOW, at=wrong)
        actions.start(point, by=coordinator, now=NOW, at=wrong)
        assert clocks()[1][0] == NOW


def test_a_press_that_had_to_wait_does_not_overtake_a_later_one(coordinator, item, point):
    Session.objects.update(starts_at=NOW - 60 * MINUTE, ends_at=NOW + 60 * MINUTE)
    actions.start(point, by=coordinator, now=NOW)
    before = clocks()

    with pytest.raises(TransitionError, match=r"started another item\.$"):
        actions.start(item, by=coordinator, now=NOW + MINUTE, at=NOW - 10 * MINUTE)
    actions.stop(point, by=coordinator, now=NOW + MINUTE, at=NOW - 10 * MINUTE)

    assert clocks() == before


def test_start_of_what_left_the_agenda_is_refused(coordinator, point):
    actions.remove_point(AgendaItem.objects.get(pk=point.pk), by=coordinator)

    with pytest.raises(TransitionError):
        actions.start(point, by=coordinator, now=NOW)


# --- the screen ---------------------------------------------------------------------------------
def test_open_floor_makes_the_screen_and_takes_up_reviews(session):
    issue = issue_in("referred")

    screen = actions.open_floor(session, now=NOW)

    assert actions.open_floor(session, now=NOW) == screen == Screen.objects.get()
    assert [one.issue for one in session.agenda_items.all()] == [issue]


def test_show_and_hide_an_outcome(session, coordinator, item):
    with pytest.raises(TransitionError):
        actions.show(item, by=coordinator, now=NOW)
    press("noted", item, coordinator, None)
    done = len(trail())

    for shown, at in ((True, NOW), (True, NOW), (False, None), (False, None), (True, NOW)):
        actions.show(item, by=coordinator, now=NOW, shown=shown)
        assert Outcome.objects.get().shown_at == at

    acts = ["issue.show_outcome", "issue.hide_outcome", "issue.show_outcome"]
    assert [act for act, *_rest in trail()[done:]] == acts
    press("deferred", item, coordinator, None, corrects=1)
    assert Outcome.objects.get().shown_at is None  # shown again once somebody says so


def test_everything_the_screen_may_show_is_news_to_it(session, coordinator, item, point):
    screen = ScreenFactory(session=session)
    other = ScreenFactory(session=SessionFactory(status="open"))
    issue, office = item.issue, AuthorityFactory()

    def news(act):
        before = Screen.objects.get(pk=screen.pk).revision
        act()
        return Screen.objects.get(pk=screen.pk).revision > before

    told = {
        "start": lambda: actions.start(item, by=coordinator, now=NOW),
        "outcome": lambda: press("referred", item, coordinator, office),
        "show": lambda: actions.show(item, by=coordinator, now=NOW),
        "title": lambda: Issue.objects.filter(pk=issue.pk).update(title="Another"),
        "disclosure": lambda: Issue.objects.filter(pk=issue.pk).update(disclosure="confidential"),
        "freeze": lambda: Issue.objects.filter(pk=issue.pk).update(pressured_at=NOW),
        "concern": lambda: ConcernFactory(issue=issue),
        "no concern": lambda: issue.concerns.all().delete(),
        "order": lambda: AgendaItem.objects.filter(pk=point.pk).update(position=9),
        "removed": lambda: actions.remove_point(point, by=coordinator),
        "session": lambda: tell_screen(session),
    }
    assert {name: news(act) for name, act in told.items()} == dict.fromkeys(told, True)
    assert not news(lambda: Issue.objects.filter(pk=issue.pk).update(priority=2))
    assert Screen.objects.get(pk=other.pk).revision == 1


# --- who spoke ----------------------------------------------------------------------------------
def test_record_speakers_keeps_titles_and_a_count(session, coordinator, item):
    said = {"spoke": "Deputy governor\nDirector of lands", "communities": 3}
    actions.record_speakers(item, by=coordinator, now=NOW, **said)
    before = everything()
    actions.record_speakers(item, by=coordinator, now=NOW, **said)

    assert everything() == before
    assert AgendaItem.objects.values("spoke", "communities").get() == said
    assert trail() == [
        ("issue.record_speakers", f"session:{session.pk}", coordinator, "coordinator",
         {"item": item.pk})
    ]  # fmt: skip
    with pytest.raises(TransitionError):
        actions.record_speakers(
            item, by=coordinator, now=NOW, spoke="Others", communities=1, seen=("", 0)
        )
    assert AgendaItem.objects.values("spoke", "communities").get() == said


# --- other words --------------------------------------------------------------------------------
def test_reword_keeps_what_the_outcome_moved_and_gives_the_office_the_words(coordinator, item):
    outcome, key = press("referred", item, coordinator, AuthorityFactory()), uuid.uuid4()
    words = Said("Repair the road.", "By the rains.", "Director")
    facts = {"by": coordinator, "now": NOW, "said": words, "press": Press(key, 1)}

    actions.reword(item, **facts)
    before = everything()
    assert actions.reword(item, **facts) == outcome

    assert everything() == before
    outcome.refresh_from_db()
    assert (outcome.text, outcome.commitment, outcome.kind, outcome.version) == (
        "Repair the road.",
        "By the rains.",
        "referred",
        2,
    )
    assert Referral.objects.get().note == "Repair the road."
    (trace,) = Correction.objects.all()
    assert (trace.version, trace.before["text"]) == (1, WORDS)
    assert [act for act, *_rest in trail()] == ["issue.refer", "issue.reword_outcome"]
    with pytest.raises(TransitionError):
        actions.reword(item, **facts | {"press": Press(uuid.uuid4(), 1)})
    with pytest.raises(Conflict):
        actions.reword(item, **facts | {"said": Said("Others.")})
    assert everything() == before


def test_reword_of_what_was_not_recorded_is_refused(coordinator, item):
    with pytest.raises(TransitionError):
        actions.reword(item, by=coordinator, now=NOW, said=Said("x"), press=Press(uuid.uuid4(), 1))


def acts(item, by):
    press_ = Press(uuid.uuid4(), 1)
    return {
        "start": lambda: actions.start(item, by=by, now=NOW),
        "stop": lambda: actions.stop(item, by=by, now=NOW),
        "show": lambda: actions.show(item, by=by, now=NOW),
        "speakers": lambda: actions.record_speakers(
            item, by=by, now=NOW, spoke="Governor", communities=1
        ),
        "reword": lambda: actions.reword(item, by=by, now=NOW, said=Said("x"), press=press_),
    }


def test_floor_is_the_provinces_secretariats_and_each_act_a_handful_of_queries(coordinator, item):
    press("deferred", item, coordinator, None)
    for refused in acts(item, coordinator_of(ProvinceFactory(code="16"))).values():
        with pytest.raises(PermissionDenied):
            refused()

    counts = {}
    for name in acts(item, coordinator):
        by = User.objects.get(pk=coordinator.pk)
        with CaptureQueriesContext(connection) as caught:
            acts(item, by)[name]()
        counts[name] = sum("SAVEPOINT" not in one["sql"] for one in caught)
    assert counts == {"start": 5, "stop": 5, "show": 5, "speakers": 5, "reword": 7}
