"""The end of a session: what was decided leaves the room, what was not comes back."""

import uuid

import pytest
from django.core.exceptions import PermissionDenied

from audit.errors import TransitionError
from forum.models import Session
from issues import actions
from issues.models import AgendaItem, Issue, Outcome, Referral
from tests.factories import (
    DAY,
    AgendaItemFactory,
    AuthorityFactory,
    ConcernFactory,
    ProvinceFactory,
    SessionFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.issues.presses import NEW, press
from tests.issues.traces import NOW, TODAY, everything, told, trail

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return SessionFactory(status=Session.Status.OPEN)


@pytest.fixture
def coordinator(session):
    return coordinator_of(session.province)


@pytest.fixture
def item(session):
    return issue_in("scheduled", session=session).agenda_items.get()


def agenda(session):
    return [(one.position, one.issue or one.title) for one in session.agenda_items.all()]


def test_release_hands_the_sessions_referrals_to_their_offices(session, coordinator, item):
    office = AuthorityFactory()
    press("referred", item, coordinator, office)
    AgendaItemFactory(session=session, issue=None)  # a point needs no outcome
    AgendaItemFactory(session=session, issue=None, title="Land", is_heading=True, minutes=0)
    actions.start(item, by=coordinator, now=NOW)

    actions.release(session, by=coordinator, now=NOW + DAY / 24)

    session.refresh_from_db()
    referral = Referral.objects.get()
    assert (session.status, session.released_at) == ("released", NOW + DAY / 24)
    assert (referral.released_at, referral.handed_over_on) == (NOW + DAY / 24, None)
    assert list(Referral.objects.visible_to(official_of(office))) == [referral]
    assert trail()[-1] == (
        "forum.release", f"session:{session.pk}", coordinator, "coordinator", {"referrals": 1}
    )  # fmt: skip
    ran = AgendaItem.objects.get(pk=item.pk)
    assert (ran.started_at, ran.used_seconds) == (None, 3600)


def test_release_leaves_alone_what_is_not_of_the_session_or_ended(session, coordinator, item):
    other = SessionFactory(status=Session.Status.OPEN)
    waiting = issue_in("scheduled", session=other).agenda_items.get()
    press("referred", waiting, coordinator, AuthorityFactory())
    press("referred", item, coordinator, AuthorityFactory())
    theirs, recalled = Referral.objects.order_by("pk")
    actions.recall(recalled, by=coordinator, now=NOW, reason="A wrong office.")

    actions.release(session, by=coordinator, now=NOW)

    assert set(Referral.objects.values_list("pk", "released_at")) == {
        (theirs.pk, None),
        (recalled.pk, None),
    }


@pytest.mark.parametrize("kind", ["higher", "not_competent"])
def test_release_tells_the_office_that_had_it_that_it_was_passed_on(session, coordinator, kind):
    reviews = [AgendaItemFactory(session=session, issue=issue_in("referred")) for _one in range(2)]
    held = [one.issue.referrals.get() for one in reviews]
    officials = [official_of(one.authority) for one in held]
    for one in reviews:
        press(kind, one, coordinator, AuthorityFactory())
    ConcernFactory(issue=reviews[1].issue, authority=held[1].authority)
    mine = lambda: [one for one in told() if one[0] == "referral_passed_on"]  # noqa: E731
    assert mine() == []

    actions.release(session, by=coordinator, now=NOW)

    assert mine() == [
        ("referral_passed_on", f"referral:{held[0].pk}", 1, f"user:{officials[0].pk}")
    ]


def test_release_with_items_left_is_refused(session, coordinator, item):
    before = everything()

    with pytest.raises(TransitionError):
        actions.release(session, by=coordinator, now=NOW)

    session.refresh_from_db()
    assert session.status == "open"
    assert everything() == before


def test_release_may_defer_the_rest_and_leaves_reviews_referred(session, coordinator, item):
    review = AgendaItemFactory(session=session, issue=issue_in("referred"))

    actions.release(session, by=coordinator, now=NOW, defer_rest=True)

    item.issue.refresh_from_db()
    review.issue.refresh_from_db()
    assert (item.issue.status, item.issue.deferrals) == ("accepted", 1)
    assert (review.issue.status, review.issue.deferrals) == ("referred", 0)
    assert {one.item: one.kind for one in Outcome.objects.all()} == {
        item: "deferred",
        review: "noted",
    }


@pytest.mark.parametrize("act", ["resolve", "recall"])
def test_release_is_not_held_up_by_a_review_that_settled_itself(session, coordinator, act):
    issue = issue_in("referred")
    actions.schedule(issue, by=coordinator, now=NOW, session=session)
    referral = issue.referrals.get()
    if act == "resolve":
        facts = {"client_key": issue.client_key, "text": "Done.", "done_on": TODAY}
        actions.resolve(referral, by=official_of(referral.authority), now=NOW, **facts)
    else:
        actions.recall(referral, by=coordinator, now=NOW, reason="A wrong office.")

    actions.release(session, by=coordinator, now=NOW)

    assert agenda(session) == []
    session.refresh_from_db()
    assert session.status == "released"


@pytest.mark.parametrize("status", ["planned", "released", "cancelled"])
def test_release_of_a_session_that_is_not_open_is_refused(status):
    session = SessionFactory(status=status)

    with pytest.raises(TransitionError):
        actions.release(session, by=coordinator_of(session.province), now=NOW)


def test_release_is_the_provinces_secretariats_alone(session, item):
    point, before = AgendaItemFactory(session=session, issue=None), everything()
    seen = [item.pk, point.pk]
    for by in (
        coordinator_of(ProvinceFactory(code="16")),
        official_of(AuthorityFactory()),
        representative_of(item.issue.organization),
    ):
        key = {"by": by, "client_key": uuid.uuid4()}
        for refused in (
            lambda key=key: actions.add_point(session, title="Mine", minutes=5, **key),
            lambda by=by: actions.remove_point(point, by=by),
            lambda by=by: actions.allot(item, by=by, minutes=5),
            lambda by=by: actions.set_voices(item, by=by, presenter=None, expected=[], seen=[0]),
            lambda by=by: actions.schedule_all([item.issue], by=by, now=NOW, session=session),
            lambda by=by: actions.unschedule(item, by=by, now=NOW),
            lambda by=by: actions.arrange(session, by=by, seen=seen, order=seen),
            lambda by=by: actions.release(session, by=by, now=NOW),
            lambda by=by: actions.cancel_session(session, by=by, now=NOW, because="Rain."),
        ):
            with pytest.raises(PermissionDenied):
                refused()

    assert everything() == before


def test_a_session_of_every_kind_of_outcome_can_be_released(session, coordinator):
    for kind in NEW:
        item = issue_in("scheduled", session=session).agenda_items.get()
        press(kind, item, coordinator, AuthorityFactory())

    actions.release(session, by=coordinator, now=NOW)

    assert Referral.objects.filter(released_at=NOW).count() == 5
    waiting = Issue.objects.eligible(session.province_id)
    assert waiting.count() == 2  # deferred and noted: for the next session
