"""The agenda: what stands on it, in which order, and what the system puts there."""

import uuid

import pytest

from audit.errors import Conflict, TransitionError
from forum.models import Session
from issues import actions
from issues.actions import Press, Said
from issues.models import AgendaItem, Issue, LeftOut, Outcome
from tests.factories import (
    DAY,
    AgendaItemFactory,
    AuthorityFactory,
    ConcernFactory,
    ConfirmationFactory,
    OutcomeFactory,
    ProvinceFactory,
    ReferralFactory,
    ResponseFactory,
    SessionFactory,
    coordinator_of,
    issue_in,
    official_of,
)
from tests.factories_more import PreparedReplyFactory
from tests.forum.stories import publish
from tests.issues.traces import NOW, everything, states, told, trail

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
    outcome = actions.note(noted, by=coordinator, now=NOW, said=Said("The chair thanked all."))
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


def test_a_point_sent_twice_is_one_and_with_other_words_a_conflict(session, coordinator):
    form = {"by": coordinator, "minutes": 5, "client_key": uuid.uuid4()}
    first = actions.add_point(session, title="Opening", **form)

    assert actions.add_point(session, title="Opening", **form) == first
    with pytest.raises(Conflict):
        actions.add_point(session, title="Closing", **form)

    assert session.agenda_items.get() == first


# --- what waits for a review --------------------------------------------------------------------
@pytest.fixture
def coming():
    """The province's next session, planned for the day after NOW."""
    return SessionFactory(starts_at=NOW + DAY)


def waiting(**dates):
    """A referred issue whose office has not answered."""
    issue = issue_in("accepted")
    Issue.objects.filter(pk=issue.pk).update(status="referred")
    issue.refresh_from_db()
    return ReferralFactory(issue=issue, **dates).issue


def test_take_up_puts_the_longest_due_after_the_opening_and_before_what_is_new(coming):
    AgendaItemFactory(session=coming, issue=None, title="Opening")
    AgendaItemFactory(session=coming, issue=None, title="Land", is_heading=True, minutes=0)
    new = issue_in("scheduled", session=coming)
    late, early = (waiting(due_on=NOW.date() + days * DAY) for days in (9, 2))

    items = actions.take_up_reviews(coming, now=NOW)

    assert agenda(coming) == [(1, "Opening"), (2, "Land"), (3, early), (4, late), (5, new)]
    assert [(one.issue, one.minutes) for one in items] == [(early, 5), (late, 5)]
    assert [one.issue.status for one in items] == ["referred", "referred"]
    wanted = [("issue.schedule", f"issue:{one.pk}", None, "system") for one in (early, late)]
    assert [entry[:4] for entry in trail()] == wanted
    assert told() == []
    before = everything()

    assert actions.take_up_reviews(coming, now=NOW) == []

    assert everything() == before
    another = waiting(due_on=NOW.date() + 4 * DAY)
    actions.take_up_reviews(coming, now=NOW)
    assert agenda(coming)[2:] == [(3, early), (4, late), (5, another), (6, new)]


def test_take_up_leaves_out_what_a_coordinator_took_off_until_it_is_put_back(coming):
    issue, by = waiting(), coordinator_of(coming.province)
    (item,) = actions.take_up_reviews(coming, now=NOW)
    PreparedReplyFactory(item=item)

    actions.unschedule(item, by=by, now=NOW)

    assert actions.take_up_reviews(coming, now=NOW) == []
    assert LeftOut.objects.filter(session=coming, issue=issue, left_out_by=by).count() == 1
    later = SessionFactory(starts_at=NOW + 30 * DAY, province=coming.province)
    assert [one.issue for one in actions.take_up_reviews(later, now=NOW)] == [issue]
    actions.unschedule(later.agenda_items.get(), by=by, now=NOW)
    actions.schedule(issue, by=by, now=NOW, session=coming)
    assert not LeftOut.objects.filter(session=coming).exists()


def stays_away(coming):
    """Referred issues that do not come back by themselves, by why."""
    frozen = waiting()
    Issue.objects.filter(pk=frozen.pk).update(pressured_at=NOW)
    answered = waiting()
    ResponseFactory(referral=answered.referrals.get())
    elsewhere = waiting()
    session = SessionFactory(starts_at=NOW + 9 * DAY, province=coming.province)
    AgendaItemFactory(issue=elsewhere, session=session)
    unreleased = waiting(released_at=None)
    return {
        "frozen": frozen,
        "answered": answered,
        "on another agenda": elsewhere,
        "not released": unreleased,
        "resting": waiting(suspended_until=coming.day + DAY),
        "of another province": issue_in("referred", province=ProvinceFactory(code="16")),
    }


def test_take_up_leaves_what_is_answered_frozen_resting_or_elsewhere(coming):
    away = stays_away(coming)
    rested = waiting(suspended_until=coming.day)
    due = away["answered"]
    asked = waiting()
    ResponseFactory(referral=asked.referrals.get(), kind="question")

    assert {one.issue for one in actions.take_up_reviews(coming, now=NOW)} == {rested, asked}

    due.referrals.update(review_on=coming.day)
    assert [one.issue for one in actions.take_up_reviews(coming, now=NOW)] == [due]


def test_take_up_brings_what_was_disputed_or_passed_on_after_its_answer(coming):
    disputed, passed_on = waiting(), waiting()
    ResponseFactory(referral=disputed.referrals.get(), kind="claim", created_at=NOW - DAY)
    ConfirmationFactory(issue=disputed, verdict="not_solved", created_at=NOW)
    ResponseFactory(referral=passed_on.referrals.get())
    actions.redirect(
        passed_on.referrals.get(),
        by=coordinator_of(coming.province),
        now=NOW,
        authority=AuthorityFactory(),
        reason="Not theirs.",
    )

    taken = {one.issue for one in actions.take_up_reviews(coming, now=NOW)}
    assert taken == {disputed, passed_on}
    ResponseFactory(referral=disputed.referrals.get(), created_at=NOW + DAY)
    disputed.agenda_items.all().delete()
    assert actions.take_up_reviews(coming, now=NOW) == []


def test_take_up_everywhere_fills_each_provinces_next_session_alone(coming):
    SessionFactory(starts_at=NOW + 30 * DAY, province=coming.province)
    SessionFactory(starts_at=NOW - 30 * DAY, province=coming.province)
    SessionFactory(starts_at=NOW + DAY / 2, province=coming.province, status="cancelled")
    other = SessionFactory(starts_at=NOW + DAY, province=ProvinceFactory(code="16"))
    issue, theirs = waiting(), issue_in("referred", province=other.province)

    assert actions.take_up_everywhere(now=NOW) == 2
    assert actions.take_up_everywhere(now=NOW) == 0

    stands = AgendaItem.objects.values_list("session", "issue")
    assert set(stands) == {(coming.pk, issue.pk), (other.pk, theirs.pk)}


@pytest.mark.parametrize("status", ["released", "cancelled"])
def test_take_up_leaves_sessions_that_are_over(status):
    waiting()

    assert actions.take_up_reviews(SessionFactory(status=status), now=NOW) == []


def test_a_review_that_its_office_resolved_leaves_the_agenda(coming):
    issue = waiting()
    (item,) = actions.take_up_reviews(coming, now=NOW)
    referral = issue.referrals.get()

    actions.resolve(
        referral,
        by=official_of(referral.authority),
        now=NOW,
        client_key=uuid.uuid4(),
        text="Done.",
        done_on=NOW.date(),
    )

    assert agenda(coming) == []
    with pytest.raises(TransitionError):
        actions.note(item, by=coordinator_of(coming.province), now=NOW, press=Press(uuid.uuid4()))


# --- headings and voices ------------------------------------------------------------------------
def test_a_heading_takes_no_time_and_gets_no_outcome(session, coordinator):
    key = uuid.uuid4()
    heading = actions.add_point(
        session, by=coordinator, title="Land", client_key=key, is_heading=True
    )

    for refused in (
        lambda: actions.allot(heading, by=coordinator, minutes=5),
        lambda: actions.start(heading, by=coordinator, now=NOW),
        lambda: actions.note(heading, by=coordinator, now=NOW),
    ):
        with pytest.raises(TransitionError):
            refused()
    actions.release(session, by=coordinator, now=NOW)

    assert (heading.is_heading, heading.minutes) == (True, 0)


def test_set_voices_keeps_who_presents_and_who_is_expected(session, coordinator, item):
    office, presenter = AuthorityFactory(), item.issue.organization
    Issue.objects.filter(pk=item.issue_id).update(is_named=True)
    voices = {"presenter": presenter, "expected": [office]}

    actions.set_voices(item, by=coordinator, seen=[0], **voices)
    actions.set_voices(item, by=coordinator, seen=[0], **voices)  # the same is no change
    with pytest.raises(TransitionError, match=str(presenter)):  # by who saw nobody named yet
        actions.set_voices(item, by=coordinator, presenter=None, expected=[], seen=[0])

    item.refresh_from_db()
    assert (item.presenter, list(item.expected.all())) == (presenter, [office])
    change = {"item": item.pk, "offices": [office.pk]}
    subject = f"session:{session.pk}"
    assert trail() == [by_the_coordinator("issue.set_voices", subject, coordinator, **change)]


def test_set_voices_betrays_nobody(coordinator, item):
    office = AuthorityFactory()
    below = AuthorityFactory(superior=office)
    ConcernFactory(issue=item.issue, authority=office)

    for voices in (
        {"presenter": item.issue.organization, "expected": []},
        {"presenter": None, "expected": [below]},
    ):
        with pytest.raises(TransitionError):
            actions.set_voices(item, by=coordinator, seen=[0], **voices)
    assert trail() == []
