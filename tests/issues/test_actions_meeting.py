import uuid

import pytest
from django.core.exceptions import PermissionDenied

from audit.errors import Conflict, TransitionError
from forum.models import Session
from issues import actions
from issues.models import AgendaItem, Issue, Outcome, Referral
from tests.factories import (
    AgendaItemFactory,
    AuthorityFactory,
    OutcomeFactory,
    ProvinceFactory,
    SessionFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.forum.stories import publish
from tests.issues.traces import DUE, NOW, TODAY, everything, states, told, trail

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return SessionFactory(status=Session.Status.OPEN)


@pytest.fixture
def coordinator(session):
    return coordinator_of(session.province)


@pytest.fixture
def item(session):
    """A scheduled issue's turn in the open session."""
    return issue_in("scheduled", session=session).agenda_items.get()


def by_the_coordinator(action, subject, coordinator, **change):
    return (f"{action}", subject, coordinator, "coordinator", change)


def agenda(session):
    return [(one.position, one.issue or one.title) for one in session.agenda_items.all()]


# --- the agenda ---------------------------------------------------------------------------------
def test_schedule_puts_the_issue_last_and_tells_its_organization(session, coordinator):
    AgendaItemFactory(session=session, issue=None, title="Opening")
    issue = issue_in("accepted")

    item = actions.schedule(issue, by=coordinator, now=NOW, session=session, minutes=15)

    issue.refresh_from_db()
    assert (issue.status, item.minutes) == ("scheduled", 15)
    assert agenda(session) == [(1, "Opening"), (2, issue)]
    assert states(issue)[-2:] == ["accepted", "scheduled"]
    assert trail() == [
        by_the_coordinator(
            "issue.schedule",
            f"issue:{issue.pk}",
            coordinator,
            session=session.pk,
            status=["accepted", "scheduled"],
        )
    ]
    assert told() == [
        ("issue_scheduled", f"agendaitem:{item.pk}", item.pk, f"user:{issue.author.pk}")
    ]


def test_schedule_for_review_leaves_the_issue_referred(session, coordinator):
    issue = issue_in("referred")

    actions.schedule(issue, by=coordinator, now=NOW, session=session)

    issue.refresh_from_db()
    assert issue.status == "referred"
    assert states(issue)[-1] == "referred"
    assert issue.referrals.open().count() == 1
    assert [change for *_rest, change in trail()] == [{"session": session.pk}]
    assert told() == []


def test_schedule_of_an_issue_that_stands_there_is_refused(session, coordinator):
    issue = issue_in("referred")
    actions.schedule(issue, by=coordinator, now=NOW, session=session)
    before = everything()

    with pytest.raises(TransitionError):
        actions.schedule(issue, by=coordinator, now=NOW, session=session)

    assert everything() == before


@pytest.mark.parametrize("status", ["released", "cancelled"])
def test_schedule_into_a_session_that_is_over_is_refused(status):
    session, issue = SessionFactory(status=status), issue_in("accepted")
    before = everything()

    with pytest.raises(TransitionError):
        actions.schedule(issue, by=coordinator_of(None), now=NOW, session=session)

    assert everything() == before


def test_schedule_into_another_provinces_session_is_refused(session):
    issue = issue_in("accepted", province=ProvinceFactory(code="16"))

    with pytest.raises(TransitionError):
        actions.schedule(issue, by=coordinator_of(None), now=NOW, session=session)

    assert agenda(session) == []


def test_unschedule_makes_the_issue_eligible_again(session, coordinator, item):
    issue = item.issue

    actions.unschedule(item, by=coordinator, now=NOW)

    assert agenda(session) == []
    assert list(Issue.objects.eligible(session.province_id)) == [issue]
    assert trail() == [
        by_the_coordinator(
            "issue.unschedule",
            f"issue:{issue.pk}",
            coordinator,
            session=session.pk,
            status=["scheduled", "accepted"],
        )
    ]


def test_unschedule_of_a_review_leaves_the_issue_referred(session, coordinator):
    item = AgendaItemFactory(session=session, issue=issue_in("referred"))

    actions.unschedule(item, by=coordinator, now=NOW)

    assert agenda(session) == []
    assert Issue.objects.get().status == "referred"


def test_unschedule_twice_tells_the_second_what_the_first_did(coordinator, item):
    again = AgendaItem.objects.get()
    actions.unschedule(item, by=coordinator, now=NOW)
    before = everything()

    with pytest.raises(TransitionError):
        actions.unschedule(again, by=coordinator, now=NOW)

    assert everything() == before


def test_unschedule_after_an_outcome_is_refused(coordinator, item):
    OutcomeFactory(item=item)
    before = everything()

    with pytest.raises(TransitionError):
        actions.unschedule(item, by=coordinator, now=NOW)

    assert everything() == before


def test_points_are_added_noted_and_removed(session, coordinator):
    point = actions.add_point(
        session, by=coordinator, title="Opening", minutes=5, client_key=uuid.uuid4()
    )
    noted = actions.add_point(
        session, by=coordinator, title="Remarks", minutes=5, client_key=uuid.uuid4()
    )
    outcome = actions.note(noted, by=coordinator, now=NOW, text="The chair thanked all.")
    actions.remove_point(point, by=coordinator)

    assert agenda(session) == [(2, "Remarks")]
    assert (outcome.kind, outcome.text, outcome.recorded_by) == (
        "noted",
        "The chair thanked all.",
        coordinator,
    )
    subject = f"session:{session.pk}"
    assert [(act, about) for act, about, *_rest in trail()] == [
        ("issue.add_point", subject),
        ("issue.add_point", subject),
        ("issue.remove_point", subject),
    ]


def test_points_are_no_issues(session, coordinator, item):
    point = AgendaItemFactory(session=session, issue=None)
    before = everything()

    for refused in (
        lambda: actions.remove_point(item, by=coordinator),
        lambda: actions.unschedule(point, by=coordinator, now=NOW),
        lambda: actions.address(point, by=coordinator, now=NOW, text="Solved."),
        lambda: actions.defer(point, by=coordinator, now=NOW),
    ):
        with pytest.raises(TransitionError):
            refused()

    assert everything() == before
    assert not Outcome.objects.exists()


def test_a_point_that_was_removed_is_noted_no_more(session, coordinator):
    point = AgendaItemFactory(session=session, issue=None)
    actions.remove_point(AgendaItem.objects.get(), by=coordinator)

    for late in (
        lambda: actions.note(point, by=coordinator, now=NOW),
        lambda: actions.remove_point(point, by=coordinator),
    ):
        with pytest.raises(TransitionError):
            late()


def test_arrange_puts_the_agenda_in_this_order(session, coordinator):
    first, second, third = AgendaItemFactory.create_batch(3, session=session, issue=None)

    seen, order = [first.pk, second.pk, third.pk], [third.pk, first.pk, second.pk]
    actions.arrange(session, by=coordinator, seen=seen, order=order)

    assert list(session.agenda_items.values_list("pk", "position")) == [
        (third.pk, 1),
        (first.pk, 2),
        (second.pk, 3),
    ]
    assert trail() == [
        by_the_coordinator(
            "issue.arrange",
            f"session:{session.pk}",
            coordinator,
            order=[third.pk, first.pk, second.pk],
        )
    ]


@pytest.mark.parametrize("change", ["one more", "one less", "one twice"])
def test_arrange_of_an_agenda_that_changed_is_refused(session, coordinator, change):
    first, second = (
        one.pk for one in AgendaItemFactory.create_batch(2, session=session, issue=None)
    )
    order = {
        "one more": [second],
        "one less": [second, first, second + 1],
        "one twice": [second, first, first],
    }
    seen, before = [first, second], everything()

    with pytest.raises(TransitionError):
        actions.arrange(session, by=coordinator, seen=seen, order=order[change])

    assert everything() == before
    assert list(session.agenda_items.values_list("pk", flat=True)) == [first, second]


def test_arrange_after_somebody_else_arranged_is_refused(session, coordinator):
    first, second = (
        one.pk for one in AgendaItemFactory.create_batch(2, session=session, issue=None)
    )
    actions.arrange(session, by=coordinator, seen=[first, second], order=[second, first])
    before = everything()

    with pytest.raises(TransitionError):
        actions.arrange(session, by=coordinator, seen=[first, second], order=[first, second])

    assert everything() == before
    assert list(session.agenda_items.values_list("pk", flat=True)) == [second, first]


def test_allot_changes_the_minutes_and_leaves_a_trace(session, coordinator, item):
    actions.allot(item, by=coordinator, minutes=25)
    actions.allot(item, by=coordinator, minutes=25)

    assert AgendaItem.objects.get().minutes == 25
    assert trail() == [
        by_the_coordinator(
            "issue.allot",
            f"session:{session.pk}",
            coordinator,
            item=item.pk,
            minutes=[10, 25],
        )
    ]


@pytest.mark.parametrize("late", ["decided", "taken off"])
def test_allot_of_an_item_that_is_done_is_refused(coordinator, item, late):
    if late == "decided":
        OutcomeFactory(item=item)
    else:
        AgendaItem.objects.all().delete()
    before = everything()

    with pytest.raises(TransitionError):
        actions.allot(item, by=coordinator, minutes=25)

    assert everything() == before


def test_schedule_all_puts_them_on_the_agenda_with_one_entry_each(session, coordinator):
    issues = [issue_in("accepted"), issue_in("referred")][::-1]

    items = actions.schedule_all(issues, by=coordinator, now=NOW, session=session, minutes=15)

    assert agenda(session) == [(1, issues[0]), (2, issues[1])]
    assert [(one.issue_id, one.minutes) for one in items] == [(one.pk, 15) for one in issues]
    assert [(act, subject) for act, subject, *_rest in trail()] == [
        ("issue.schedule", f"issue:{one.pk}") for one in issues
    ]


def test_schedule_all_puts_none_there_when_one_is_gone_and_names_it(session, coordinator):
    waiting, gone = issue_in("accepted"), issue_in("closed")
    before = everything()

    with pytest.raises(TransitionError, match=gone.reference):
        actions.schedule_all([waiting, gone], by=coordinator, now=NOW, session=session)

    assert everything() == before
    assert agenda(session) == []


# --- outcomes -----------------------------------------------------------------------------------
def test_address_resolves_the_issue_and_asks_for_its_organizations_word(session, coordinator, item):
    outcome = actions.address(
        item, by=coordinator, now=NOW, text="The gate is opened today.", said_by="Deputy governor"
    )

    issue = Issue.objects.get()
    assert (issue.status, issue.resolved_at, issue.claims) == ("resolved", NOW, 1)
    assert (outcome.kind, outcome.text, outcome.said_by, outcome.recorded_at) == (
        "addressed",
        "The gate is opened today.",
        "Deputy governor",
        NOW,
    )
    assert not issue.referrals.exists()
    assert trail() == [
        by_the_coordinator(
            "issue.address",
            f"issue:{issue.pk}",
            coordinator,
            session=session.pk,
            outcome=outcome.pk,
            status=["scheduled", "resolved"],
        )
    ]


def test_defer_counts_and_makes_the_issue_eligible_again(session, coordinator, item):
    actions.defer(item, by=coordinator, now=NOW, text="No time.")

    issue = Issue.objects.eligible(session.province_id).get()
    assert issue.deferrals == 1
    assert Outcome.objects.get().kind == "deferred"
    assert trail() == [
        by_the_coordinator(
            "issue.defer",
            f"issue:{issue.pk}",
            coordinator,
            session=session.pk,
            status=["scheduled", "accepted"],
        )
    ]


@pytest.mark.parametrize(("state", "after"), [("scheduled", "accepted"), ("referred", "referred")])
def test_note_moves_nothing_but_a_scheduled_issue_back(session, coordinator, state, after):
    issue = issue_in(state, session=session)
    item = issue.agenda_items.first() or AgendaItemFactory(issue=issue, session=session)

    actions.note(item, by=coordinator, now=NOW)

    assert Issue.objects.get().status == after
    assert Outcome.objects.get().kind == "noted"
    assert [act for act, *_rest in trail()] == ["issue.note"]


def test_refer_in_session_waits_for_the_release(session, coordinator, item):
    office = AuthorityFactory()

    referral = actions.refer_in_session(
        item,
        by=coordinator,
        now=NOW,
        authority=office,
        due_on=DUE,
        text="We will repair it.",
        said_by="Director",
    )

    referral.refresh_from_db()
    outcome = Outcome.objects.get()
    assert (referral.released_at, referral.handed_over_on, referral.due_on) == (None, None, None)
    assert (referral.wanted_on, referral.days, referral.outcome) == (DUE, 10, outcome)
    assert (outcome.kind, outcome.by_on, outcome.said_by, outcome.text) == (
        "referred",
        DUE,
        "Director",
        "We will repair it.",
    )
    assert Issue.objects.get().status == "referred"
    assert list(session.agenda_items.all()) == [item]
    assert not Referral.objects.visible_to(official_of(office)).exists()
    assert told() == []


def test_refer_in_session_that_is_refused_leaves_no_outcome(coordinator, item):
    before = everything()

    with pytest.raises(TransitionError):
        actions.refer_in_session(
            item, by=coordinator, now=NOW, authority=AuthorityFactory(), due_on=TODAY
        )

    assert everything() == before
    assert not Outcome.objects.exists()


def outcomes(item, by):
    office = AuthorityFactory()
    return [
        lambda: actions.address(item, by=by, now=NOW, text="Solved."),
        lambda: actions.defer(item, by=by, now=NOW),
        lambda: actions.note(item, by=by, now=NOW),
        lambda: actions.refer_in_session(item, by=by, now=NOW, authority=office, due_on=DUE),
    ]


def test_outcome_is_recorded_once(coordinator, item):
    OutcomeFactory(item=item)
    before = everything()

    for late in outcomes(item, coordinator):
        with pytest.raises(TransitionError):
            late()

    assert everything() == before
    assert Outcome.objects.count() == 1


@pytest.mark.parametrize("status", ["planned", "released", "cancelled"])
def test_outcome_is_recorded_only_in_an_open_session(status):
    session = SessionFactory(status=status)
    item = issue_in("scheduled", session=session).agenda_items.get()
    before = everything()

    for early in outcomes(item, coordinator_of(session.province)):
        with pytest.raises(TransitionError):
            early()

    assert everything() == before


def test_outcome_of_an_issue_that_was_withdrawn_is_refused(coordinator, item):
    issue = item.issue
    actions.withdraw(issue, by=representative_of(issue.organization), now=NOW, reason="Solved.")
    before = everything()

    for late in outcomes(item, coordinator):
        with pytest.raises(TransitionError):
            late()

    assert everything() == before


# --- the end of the session ---------------------------------------------------------------------
def test_release_hands_the_sessions_referrals_to_their_offices(session, coordinator, item):
    office = AuthorityFactory()
    referral = actions.refer_in_session(item, by=coordinator, now=NOW, authority=office, due_on=DUE)
    AgendaItemFactory(session=session, issue=None)  # a point needs no outcome

    actions.release(session, by=coordinator, now=NOW)

    session.refresh_from_db()
    referral.refresh_from_db()
    assert (session.status, session.released_at) == ("released", NOW)
    assert (referral.released_at, referral.handed_over_on) == (NOW, None)
    assert list(Referral.objects.visible_to(official_of(office))) == [referral]
    assert trail()[-1] == by_the_coordinator(
        "forum.release", f"session:{session.pk}", coordinator, referrals=1
    )
    author, subject = item.issue.author, f"issue:{item.issue.pk}"
    assert told() == [("issue_referred", subject, session.pk, f"user:{author.pk}")]


def test_release_leaves_alone_what_is_not_of_the_session_or_ended(session, coordinator, item):
    other = SessionFactory(status=Session.Status.OPEN)
    waiting = issue_in("scheduled", session=other).agenda_items.get()
    facts = {"by": coordinator, "now": NOW, "due_on": DUE}
    theirs = actions.refer_in_session(waiting, authority=AuthorityFactory(), **facts)
    recalled = actions.refer_in_session(item, authority=AuthorityFactory(), **facts)
    actions.recall(recalled, by=coordinator, now=NOW, reason="A wrong office.")

    actions.release(session, by=coordinator, now=NOW)

    assert set(Referral.objects.values_list("pk", "released_at")) == {
        (theirs.pk, None),
        (recalled.pk, None),
    }
    assert [kind for kind, *_rest in told()] == []


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


def test_cancel_of_a_session_nobody_knows_of_returns_its_issues_at_once():
    session = SessionFactory()
    coordinator = coordinator_of(session.province)
    scheduled, referred = issue_in("scheduled", session=session), issue_in("referred")
    AgendaItemFactory(session=session, issue=referred)
    AgendaItemFactory(session=session, issue=None, title="Opening")

    actions.cancel_session(session, by=coordinator, now=NOW, because="The road is cut.")

    session.refresh_from_db()
    scheduled.refresh_from_db()
    referred.refresh_from_db()
    assert (session.status, session.cancelled_because) == ("cancelled", "The road is cut.")
    assert (scheduled.status, referred.status) == ("accepted", "referred")
    assert [title for _position, title in agenda(session)] == ["Opening"]
    assert [act for act, *_rest in trail()] == [
        "forum.cancel_session",
        "issue.unschedule",
        "issue.unschedule",
    ]


def test_cancel_of_a_published_session_returns_its_issues_once_it_is_published():
    session = SessionFactory(published_at=NOW)
    coordinator = coordinator_of(session.province)
    scheduled, referred = issue_in("scheduled", session=session), issue_in("referred")
    AgendaItemFactory(session=session, issue=referred)
    AgendaItemFactory(session=session, issue=None, title="Opening")
    elsewhere = issue_in("scheduled", session=SessionFactory(forum=session.forum))
    before = agenda(session), states(scheduled)

    actions.cancel_session(session, by=coordinator, now=NOW, because="The road is cut.")
    assert (agenda(session), states(scheduled)) == before
    assert [act for act, *_rest in trail()] == ["forum.cancel_session"]

    publish(session.forum, coordinator, now=NOW)

    for one in (scheduled, referred, elsewhere):
        one.refresh_from_db()
    states_now = (scheduled.status, referred.status, elsewhere.status)
    assert states_now == ("accepted", "referred", "scheduled")
    assert [title for _position, title in agenda(session)] == ["Opening"]
    acts = [act for act, *_rest in trail()]
    assert acts.count("issue.unschedule") == 2
    assert states(scheduled)[-1] == "accepted"


def test_clear_agendas_leaves_what_is_decided():
    session = SessionFactory(status="open")
    decided = OutcomeFactory(item__session=session).item

    actions.clear_agendas([session], by=coordinator_of(session.province), now=NOW)

    assert session.agenda_items.get() == decided


def test_nobody_but_the_provinces_secretariat_runs_the_session(session, item):
    point = AgendaItemFactory(session=session, issue=None)
    before = everything()
    for person in (
        coordinator_of(ProvinceFactory(code="16")),
        official_of(AuthorityFactory()),
        representative_of(item.issue.organization),
    ):
        for refused in (
            lambda by=person: actions.add_point(
                session, by=by, title="Mine", minutes=5, client_key=uuid.uuid4()
            ),
            lambda by=person: actions.remove_point(point, by=by),
            lambda by=person: actions.allot(item, by=by, minutes=5),
            lambda by=person: actions.schedule_all([item.issue], by=by, now=NOW, session=session),
            lambda by=person: actions.arrange(
                session, by=by, seen=[item.pk, point.pk], order=[item.pk, point.pk]
            ),
            lambda by=person: actions.release(session, by=by, now=NOW),
            lambda by=person: actions.cancel_session(session, by=by, now=NOW, because="Rain."),
            *outcomes(item, person),
        ):
            with pytest.raises(PermissionDenied):
                refused()

    assert everything() == before


def test_a_point_sent_twice_is_one_and_with_other_words_a_conflict(session, coordinator):
    form = {"by": coordinator, "minutes": 5, "client_key": uuid.uuid4()}
    first = actions.add_point(session, title="Opening", **form)

    assert actions.add_point(session, title="Opening", **form) == first
    with pytest.raises(Conflict):
        actions.add_point(session, title="Closing", **form)

    assert session.agenda_items.get() == first
