"""Each kind of outcome: what it does, that it is recorded once, and who is told of the first."""

import uuid
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.models import User
from audit.errors import Conflict, TransitionError
from forum.models import Session
from issues import actions
from issues.actions import Charge, Press, Said
from issues.models import AgendaItem, Issue, Outcome, Referral
from tests.factories import (
    DAY,
    AgendaItemFactory,
    AuthorityFactory,
    ProvinceFactory,
    SessionFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.issues.presses import LATE, NEW, REVIEW, REVIEWED, STORED, WORDS, press
from tests.issues.traces import NOW, TODAY, everything, states, told, trail

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


@pytest.fixture
def review(session):
    """The turn of an issue that an office has already."""
    return AgendaItemFactory(session=session, issue=issue_in("referred"))


def rows():
    """Everything that a press writes."""
    referrals = list(Referral.objects.order_by("pk").values())
    return everything(), referrals, list(Outcome.objects.values())


# --- each kind ----------------------------------------------------------------------------------
AFTER = {  # the state it leads to, the act it is, its other columns of the issue
    "addressed": ("resolved", "address", {"resolved_at": NOW, "claims": 1}),
    "referred": ("referred", "refer", {}),
    "study": ("referred", "study", {}),
    "suspended": ("referred", "suspend", {}),
    "higher": ("referred", "send_higher", {}),
    "not_competent": ("referred", "not_competent", {}),
    "declined": ("closed", "not_competent", {"closed_as": "declined", "reason": WORDS}),
    "deferred": ("accepted", "defer", {"deferrals": 1}),
    "withdrawn": ("closed", "withdraw", {"closed_as": "withdrawn", "reason": WORDS}),
    "noted": ("accepted", "note", {}),
}


@pytest.mark.parametrize("kind", NEW)
def test_outcome_is_recorded_once_however_often_it_is_pressed(kind, session, coordinator, item):
    office, key = AuthorityFactory(), uuid.uuid4()

    outcome = press(kind, item, coordinator, office, key=key)

    state, act, columns = AFTER[kind]
    issue = Issue.objects.get()
    assert (issue.status, {name: getattr(issue, name) for name in columns}) == (state, columns)
    assert states(issue)[-2:] == ["scheduled", state]
    assert (outcome.kind, outcome.text, outcome.version) == (STORED.get(kind, kind), WORDS, 1)
    assert [entry[:4] for entry in trail()] == [
        (f"issue.{act}", f"issue:{issue.pk}", coordinator, "coordinator")
    ]
    before = rows()

    assert press(kind, item, coordinator, office, key=key, now=NOW + DAY) == outcome
    assert rows() == before

    with pytest.raises(Conflict):
        press(kind, item, coordinator, office, key=key, words="Something else.")
    if act in ("refer", "study", "suspend", "send_higher", "not_competent"):
        with pytest.raises(Conflict):
            press("referred", item, coordinator, AuthorityFactory(), key=key)
        with pytest.raises(Conflict):
            press(kind, item, coordinator, AuthorityFactory(), key=key) if kind != "declined" else (
                press("not_competent", item, coordinator, office, key=key)
            )
    assert rows() == before


REFERRALS = {
    "referred": (None, None, 43),
    "study": (REVIEW, None, 43),
    "suspended": (REVIEW, REVIEW, 22),
    "higher": (None, None, 43),
    "not_competent": (None, None, 43),
}


@pytest.mark.parametrize("kind", REFERRALS)
def test_outcome_with_an_office_opens_what_leaves_with_the_draft_minutes(kind, coordinator, item):
    office = AuthorityFactory()

    outcome = press(kind, item, coordinator, office)

    referral = Referral.objects.get()
    review_on, suspended_until, days = REFERRALS[kind]
    assert (referral.authority, referral.outcome, referral.note) == (office, outcome, WORDS)
    assert (referral.wanted_on, referral.days) == (LATE, days)
    assert (referral.review_on, referral.suspended_until) == (review_on, suspended_until)
    assert (referral.released_at, referral.handed_over_on, referral.due_on) == (None, None, None)
    assert not Referral.objects.visible_to(official_of(office)).exists()
    assert told() == []


def test_outcome_keeps_the_commitment_who_made_it_and_by_when(coordinator, item):
    office = AuthorityFactory()
    said = Said("It is opened.", "We open it by Friday.", "Deputy governor", office.pk, REVIEW)

    outcome = actions.address(item, by=coordinator, now=NOW, said=said)

    outcome.refresh_from_db()
    assert (outcome.commitment, outcome.said_by, outcome.said_office, outcome.by_on) == (
        "We open it by Friday.",
        "Deputy governor",
        office,
        REVIEW,
    )
    assert (outcome.recorded_by, outcome.recorded_at) == (coordinator, NOW)


@translation.override("en")
def test_second_recorder_is_told_what_the_first_recorded(session, item):
    first = coordinator_of(session.province, title_en="First recorder")
    second = coordinator_of(session.province)
    office = AuthorityFactory()
    press("deferred", item, first, office)
    before = rows()

    for kind in NEW:
        with pytest.raises(TransitionError) as refusal:
            press(kind, item, second, office)
        assert str(refusal.value) == "Meanwhile First recorder recorded “Deferred” for this item."
    assert rows() == before


def test_a_key_of_another_item_is_a_conflict(session, coordinator, item):
    key, office = uuid.uuid4(), AuthorityFactory()
    press("noted", item, coordinator, office, key=key)
    other = issue_in("scheduled", session=session).agenda_items.get()

    with pytest.raises(Conflict):
        press("noted", other, coordinator, office, key=key)

    assert Outcome.objects.count() == 1


# --- on what an office has ----------------------------------------------------------------------
def test_review_can_be_decided_in_these_ways_alone(coordinator, review):
    for kind in ("addressed", "deferred"):
        with pytest.raises(TransitionError):
            press(kind, review, coordinator, AuthorityFactory())

    assert not Outcome.objects.exists()
    assert set(REVIEWED).isdisjoint({"addressed", "deferred"})


@pytest.mark.parametrize("kind", ["higher", "not_competent"])
def test_passing_on_ends_what_led_and_keeps_the_chain(kind, coordinator, review):
    held = review.issue.referrals.get()
    office = AuthorityFactory()
    with pytest.raises(TransitionError):
        press(kind, review, coordinator, held.authority)

    press(kind, review, coordinator, office)

    held.refresh_from_db()
    (following,) = Referral.objects.open()
    assert (held.ended_at, held.ended_as) == (NOW, "redirected")
    assert (following.authority, following.redirected_from) == (office, held)
    assert trail()[0][4]["passed_on"] == [held.pk]
    assert told() == []  # the office learns of it with the release


def test_nothing_is_left_without_a_leading_office(coordinator, item, review):
    office, helper = AuthorityFactory(), AuthorityFactory()
    before = rows()
    for kind, turn, role in (
        ("referred", item, "supporting"),
        ("study", item, "supporting"),
        ("suspended", item, "information"),
        ("higher", review, "supporting"),
        ("not_competent", review, "supporting"),
    ):
        with pytest.raises(TransitionError):
            press(kind, turn, coordinator, office, role=role)
    for act in (actions.refer_in_session, actions.send_higher):
        with pytest.raises(TransitionError):
            act(review, by=coordinator, now=NOW, charges=[])
    with pytest.raises(TransitionError):
        actions.study(item, by=coordinator, now=NOW, review_on=REVIEW)
    assert rows() == before

    former = review.issue.referrals.get().authority
    charges = [Charge(former.pk, LATE, "supporting"), Charge(office.pk, LATE)]
    actions.send_higher(review, by=coordinator, now=NOW, charges=charges)
    charges = [Charge(office.pk, LATE), Charge(helper.pk, LATE, "information")]
    actions.refer_in_session(item, by=coordinator, now=NOW, charges=charges)

    parts = Referral.objects.open().values_list("issue", "authority", "role")
    assert set(parts) == {
        (review.issue_id, office.pk, "lead"),
        (review.issue_id, former.pk, "supporting"),
        (item.issue_id, office.pk, "lead"),
        (item.issue_id, helper.pk, "information"),
    }


def test_a_review_or_suspension_ends_after_today(coordinator, item):
    office = [Charge(AuthorityFactory().pk, LATE)]
    facts = {"by": coordinator, "now": NOW, "charges": office, "said": Said(WORDS)}
    for refused in (
        lambda: actions.study(item, review_on=TODAY, **facts),
        lambda: actions.suspend(item, until=TODAY, **facts),
        lambda: actions.suspend(item, until=LATE, **facts),  # due on the day it ends
    ):
        with pytest.raises(TransitionError):
            refused()
    assert not Outcome.objects.exists()


def test_note_of_a_review_moves_nothing(coordinator, review):
    press("noted", review, coordinator, AuthorityFactory())

    assert Issue.objects.get().status == "referred"
    assert Referral.objects.open().count() == 1


# --- when, where and by whom --------------------------------------------------------------------
@pytest.mark.parametrize("status", ["planned", "released", "cancelled"])
def test_outcome_is_recorded_only_in_an_open_session(status):
    session = SessionFactory(status=status)
    item = issue_in("scheduled", session=session).agenda_items.get()
    by, office, before = coordinator_of(session.province), AuthorityFactory(), rows()

    for kind in NEW:
        with pytest.raises(TransitionError):
            press(kind, item, by, office)

    assert rows() == before


def test_outcome_is_recorded_by_the_provinces_secretariat_alone(session, item):
    office, before = AuthorityFactory(), rows()
    for person in (
        coordinator_of(ProvinceFactory(code="16")),
        official_of(AuthorityFactory()),
        representative_of(item.issue.organization),
    ):
        for kind in NEW:
            with pytest.raises(PermissionDenied):
                press(kind, item, person, office)
    assert rows() == before


def test_outcome_of_an_issue_that_was_withdrawn_is_refused(coordinator, item):
    issue = item.issue
    actions.withdraw(issue, by=representative_of(issue.organization), now=NOW, reason="Solved.")
    office, before = AuthorityFactory(), rows()

    for kind in NEW:
        with pytest.raises(TransitionError):
            press(kind, item, coordinator, office)

    assert rows() == before


def test_point_and_heading_are_no_issues(session, coordinator):
    point = AgendaItemFactory(session=session, issue=None)
    for kind in NEW[:-1]:
        with pytest.raises(TransitionError):
            press(kind, point, coordinator, AuthorityFactory())
    assert not Outcome.objects.exists()

    outcome = press("noted", point, coordinator, None)

    assert (outcome.item, trail()) == (point, [])


@pytest.mark.parametrize("kind", sorted({*NEW, *REVIEWED}))
def test_a_press_is_a_handful_of_queries(kind, session, coordinator, item, review):
    turn = AgendaItem.objects.get(pk=(item if kind in NEW else review).pk)
    by, office = User.objects.get(pk=coordinator.pk), AuthorityFactory()

    with CaptureQueriesContext(connection) as caught:
        press(kind, turn, by, office)

    done = [one for one in caught if "SAVEPOINT" not in one["sql"]]
    assert len(done) <= QUERIES.get(kind, 10), [one["sql"] for one in done]


# Five tell people at once; what rests ends a pause that stands.
QUERIES = {"declined": 14, "withdrawn": 14, "rested": 11}


def test_more_offices_and_taking_them_back_cost_no_more_queries(session, coordinator):
    counts = []
    for number in (1, 4):
        item = issue_in("scheduled", session=session).agenda_items.get()
        offices = [AuthorityFactory() for _ in range(number)]
        roles = ["lead", *["supporting"] * (number - 1)]
        charges = [Charge(one.pk, LATE, role) for one, role in zip(offices, roles, strict=True)]
        referred, corrected = Press(uuid.uuid4()), Press(uuid.uuid4(), 1)
        for act in (
            partial(actions.refer_in_session, charges=charges, press=referred),
            partial(actions.defer, press=corrected),
        ):
            turn, by = AgendaItem.objects.get(pk=item.pk), User.objects.get(pk=coordinator.pk)
            with CaptureQueriesContext(connection) as caught:
                act(turn, by=by, now=NOW)
            counts.append(len([one for one in caught if "SAVEPOINT" not in one["sql"]]))

    assert counts == [10, 15, 10, 15]  # one of each is the recorder's roles
