"""Two people at once: exactly one act happens, and the other is told so."""

import datetime as dt
import itertools
import threading
import time
import uuid
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from audit.errors import TransitionError
from audit.models import AuditEntry
from forum.models import Session
from issues import actions
from issues.actions import numbers
from issues.actions.holidays import add_holiday
from issues.models import (
    AgendaItem,
    Confirmation,
    Issue,
    Outcome,
    Pressure,
    Redirection,
    Referral,
    Response,
    Screen,
)
from outbox.models import Notice
from provinces.models import Holiday
from tests.factories import (
    DAY,
    AgendaItemFactory,
    AuthorityFactory,
    LocalityFactory,
    OrganizationFactory,
    SessionFactory,
    ThemeFactory,
    administrator,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.factories_more import RedirectionFactory, ScreenFactory
from tests.issues.presses import press
from tests.issues.test_actions_raising import content_of, drafted
from tests.issues.traces import DUE, NOW, TODAY, states

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 10  # seconds


@pytest.fixture(params=["as written", "the other way round"])
def at_once(request):
    """What each act answers, its result or its error, when all of them meet at a lock.

    ``at_once(row, *acts)`` holds the row until every act waits for some lock, one come after the
    other; then they go as the database lets them.
    """
    turn = 1 if request.param == "as written" else -1

    def meet(row, *acts):
        with ThreadPoolExecutor(len(acts)) as pool:
            running = {}
            with transaction.atomic():
                type(row).objects.select_for_update(of=("self",)).get(pk=row.pk)
                for act in range(len(acts))[::turn]:
                    running[act] = pool.submit(in_a_thread, acts[act])
                    wait_for_locks(len(running))
            return [running[act].result(PATIENCE) for act in sorted(running)]

    return meet


def in_a_thread(act):
    try:
        return act()
    except TransitionError as error:
        return error
    finally:
        connection.close()


def wait_for_locks(count):
    until = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # or a new connection is not seen
            cursor.execute(
                "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid"
                " FROM pg_stat_activity WHERE datname = current_database())"
            )
            if cursor.fetchone() == (count,):
                return
            time.sleep(0.01)
    raise AssertionError("the acts do not wait for each other")


def winners(answers):
    """How many acts happened; the others were answered with a sentence."""
    assert all(str(one) for one in answers)
    return sum(not isinstance(one, TransitionError) for one in answers)


def acts_done():
    return sorted(AuditEntry.objects.values_list("action", flat=True))


# --- raising ------------------------------------------------------------------------------------
def test_the_same_new_form_twice_is_one_draft():
    organization = OrganizationFactory()
    person = representative_of(organization)
    form = {"by": person, "client_key": uuid.uuid4(), "content": content_of(organization)}
    start = threading.Barrier(2, timeout=PATIENCE)

    def send():
        start.wait()
        return actions.save_draft(now=NOW, **form)

    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(in_a_thread, send) for _press in range(2)]
        first, second = (one.result(PATIENCE) for one in running)

    assert first == second == Issue.objects.get()
    assert acts_done() == ["issue.draft"]


def test_the_same_draft_submitted_twice_gets_one_reference(at_once):
    issue = drafted()
    coordinator_of(issue.province)
    others = representative_of(issue.organization)

    first, second = at_once(
        issue,
        lambda: actions.submit(issue, by=issue.author, now=NOW),
        lambda: actions.submit(issue, by=others, now=NOW),
    )

    assert first.reference == second.reference == Issue.objects.get().reference
    assert acts_done() == ["issue.draft", "issue.submit"]
    assert states(issue) == ["draft", "submitted"]
    assert Notice.objects.count() == 1


def test_accepted_and_returned_is_only_one_of_them(at_once):
    issue = issue_in("submitted")
    one, two = coordinator_of(issue.province), coordinator_of(issue.province)

    answers = at_once(
        issue,
        lambda: actions.accept(issue, by=one, now=NOW),
        lambda: actions.return_(issue, by=two, now=NOW, question="Where?"),
    )

    assert winners(answers) == 1
    assert len(acts_done()) == 1
    assert states(issue)[-1] == Issue.objects.get().status


# --- referring ----------------------------------------------------------------------------------
def test_referred_to_one_office_twice_is_one_referral(at_once):
    issue, office = issue_in("accepted"), AuthorityFactory()
    people = coordinator_of(issue.province), coordinator_of(None)

    answers = at_once(
        issue,
        *(
            lambda by=by: actions.refer(issue, by=by, now=NOW, authority=office, due_on=DUE)
            for by in people
        ),
    )

    assert winners(answers) == 1
    assert Referral.objects.count() == 1
    assert acts_done() == ["issue.refer"]
    assert states(issue)[-2:] == ["accepted", "referred"]


def test_referred_to_two_offices_at_once_is_both(at_once):
    issue, by = issue_in("accepted"), coordinator_of(None)
    offices = AuthorityFactory.create_batch(2)

    answers = at_once(
        issue,
        *(
            lambda one=one: actions.refer(issue, by=by, now=NOW, authority=one, due_on=DUE)
            for one in offices
        ),
    )

    assert winners(answers) == 2
    assert {one.authority for one in Referral.objects.open()} == set(offices)
    assert states(issue).count("referred") == 1


def claim(referral, by, key=None):
    return actions.resolve(
        referral,
        by=by,
        now=NOW,
        client_key=key or uuid.uuid4(),
        text="Done.",
        done_on=TODAY,
    )


def test_resolved_by_two_officials_is_one_claim(at_once):
    issue = issue_in("referred")
    referral = issue.referrals.get()
    people = [official_of(referral.authority) for _one in range(2)]

    answers = at_once(issue, *(lambda by=by: claim(referral, by) for by in people))

    assert winners(answers) == 1
    assert Response.objects.count() == 1
    assert acts_done() == ["issue.resolve"]
    assert Issue.objects.get().claims == 1


def test_the_same_claim_pressed_twice_is_the_same_claim(at_once):
    issue = issue_in("referred")
    referral, key = issue.referrals.get(), uuid.uuid4()
    official = official_of(referral.authority)

    first, second = at_once(issue, *[lambda: claim(referral, official, key)] * 2)

    assert first == second == Response.objects.get()
    assert acts_done() == ["issue.resolve"]


def test_the_last_two_leads_resolving_at_once_resolve_the_issue(at_once):
    issue, by = issue_in("referred"), coordinator_of(None)
    actions.refer(issue, by=by, now=NOW, authority=AuthorityFactory(), due_on=DUE)

    answers = at_once(issue, *(lambda one=one: claim(one, by) for one in Referral.objects.all()))

    assert winners(answers) == 2
    assert Issue.objects.get().status == "resolved"
    assert states(issue)[-2:] == ["referred", "resolved"]


def test_recalled_and_resolved_is_only_one_of_them(at_once):
    issue = issue_in("referred")
    referral, by = issue.referrals.get(), coordinator_of(None)
    official = official_of(referral.authority)

    answers = at_once(
        issue,
        lambda: actions.recall(referral, by=by, now=NOW, reason="A wrong office."),
        lambda: claim(referral, official),
    )

    assert winners(answers) == 1
    after = {"recalled": "accepted", "resolved": "resolved"}
    assert Issue.objects.get().status == after[Referral.objects.get().ended_as]


# --- the organization's word --------------------------------------------------------------------
@pytest.mark.parametrize("other", ["confirm", "dispute", "partly", "lapse"])
def test_confirmed_and_something_else_is_only_one_of_them(at_once, other):
    issue = issue_in("resolved")
    one, two = (representative_of(issue.organization) for _person in range(2))
    seconds = {
        "confirm": lambda: actions.confirm(issue, by=two, now=NOW),
        "dispute": lambda: actions.dispute(issue, by=two, now=NOW, reason="No."),
        "partly": lambda: actions.partly(issue, by=two, now=NOW, reason="Half."),
        "lapse": lambda: actions.lapse(issue, now=NOW),
    }

    answers = at_once(issue, lambda: actions.confirm(issue, by=one, now=NOW), seconds[other])

    assert winners(answers) == 1
    assert Confirmation.objects.count() == (0 if "issue.lapse" in acts_done() else 1)
    assert Issue.objects.filter(follows=issue).count() == ("issue.partly" in acts_done())


# --- the session --------------------------------------------------------------------------------
@pytest.fixture
def session():
    return SessionFactory(status=Session.Status.OPEN)


def test_two_outcomes_on_one_item_are_one(at_once, session):
    item = issue_in("scheduled", session=session).agenda_items.get()
    one, two = coordinator_of(session.province), coordinator_of(session.province)

    answers = at_once(
        session,
        lambda: press("addressed", item, one, None),
        lambda: press("deferred", item, two, None),
    )

    assert winners(answers) == 1
    after = {"addressed": "resolved", "deferred": "accepted"}
    assert Issue.objects.get().status == after[Outcome.objects.get().kind]
    assert len(acts_done()) == 1


def test_arranged_while_something_is_scheduled_loses_nothing(at_once, session):
    items = AgendaItemFactory.create_batch(2, session=session, issue=None)
    issue, by = issue_in("accepted"), coordinator_of(session.province)
    order = [items[1].pk, items[0].pk]

    arranged, scheduled = at_once(
        session,
        lambda: actions.arrange(session, by=by, seen=order[::-1], order=order),
        lambda: actions.schedule(issue, by=by, now=NOW, session=session),
    )

    stands = list(session.agenda_items.values_list("pk", flat=True))
    if isinstance(arranged, TransitionError):
        assert stands == [items[0].pk, items[1].pk, scheduled.pk]
    else:
        assert stands == [*order, scheduled.pk]


def test_scheduled_twice_into_one_session_stands_there_once(at_once, session):
    issue = issue_in("accepted")
    people = coordinator_of(session.province), coordinator_of(None)

    answers = at_once(
        session,
        *(lambda by=by: actions.schedule(issue, by=by, now=NOW, session=session) for by in people),
    )

    assert winners(answers) == 1
    assert AgendaItem.objects.count() == 1


def test_scheduled_into_two_sessions_stands_in_one(at_once, session):
    issue, by = issue_in("accepted"), coordinator_of(None)
    sessions = session, SessionFactory()

    answers = at_once(
        issue,
        *(lambda one=one: actions.schedule(issue, by=by, now=NOW, session=one) for one in sessions),
    )

    assert winners(answers) == 1
    assert AgendaItem.objects.count() == 1


def test_scheduled_and_referred_at_once_is_referred_whoever_was_first(at_once, session):
    """Scheduled first, the referral takes it off again; referred first, it stands for review."""
    issue, by = issue_in("accepted"), coordinator_of(None)

    at_once(
        issue,
        lambda: actions.schedule(issue, by=by, now=NOW, session=session),
        lambda: actions.refer(issue, by=by, now=NOW, authority=AuthorityFactory(), due_on=DUE),
    )

    assert Issue.objects.get().status == "referred"
    assert Referral.objects.open().count() == 1


@pytest.mark.parametrize("by_outcome", ["addressed", "deferred", "noted"])
def test_withdrawn_while_its_outcome_is_recorded_is_closed_in_the_end(at_once, session, by_outcome):
    issue = issue_in("scheduled", session=session)
    item, by = issue.agenda_items.get(), coordinator_of(session.province)

    answers = at_once(
        issue,
        lambda: press(by_outcome, item, by, None),
        lambda: actions.withdraw(issue, by=by, now=NOW, reason="It was solved."),
    )

    recorded, withdrawn = answers
    assert not isinstance(withdrawn, TransitionError)
    assert Issue.objects.get().status == "closed"
    assert Outcome.objects.count() == (not isinstance(recorded, TransitionError))


def test_taken_off_while_its_review_is_noted_leaves_no_outcome_behind(at_once, session):
    issue, by = issue_in("referred"), coordinator_of(None)
    item, referral = AgendaItemFactory(issue=issue, session=session), issue.referrals.get()

    noted, recalled = at_once(
        issue,
        lambda: actions.note(item, by=by, now=NOW),
        lambda: actions.recall(referral, by=by, now=NOW, reason="Not theirs."),
    )

    assert not isinstance(recalled, TransitionError)
    assert AgendaItem.objects.count() == (not isinstance(noted, TransitionError))
    assert Issue.objects.get().status == "accepted"


def test_the_same_press_sent_twice_at_once_is_one(at_once, session):
    item = issue_in("scheduled", session=session).agenda_items.get()
    by, office, key = coordinator_of(session.province), AuthorityFactory(), uuid.uuid4()

    first, second = at_once(session, *[lambda: press("referred", item, by, office, key=key)] * 2)

    assert first == second == Outcome.objects.get()
    assert Referral.objects.count() == 1
    assert acts_done() == ["issue.refer"]


def test_two_corrections_of_one_outcome_are_one(at_once, session):
    item = issue_in("scheduled", session=session).agenda_items.get()
    by = coordinator_of(session.province)
    press("deferred", item, by, None)
    later = {"now": NOW + DAY / 24, "corrects": 1}

    answers = at_once(
        session,
        lambda: press("addressed", item, by, None, **later),
        lambda: press("noted", item, by, None, **later),
    )

    assert winners(answers) == 1
    after = {"addressed": "resolved", "noted": "accepted"}
    assert Issue.objects.get().status == after[Outcome.objects.get().kind]


def test_two_items_started_at_once_run_one_after_the_other(at_once, session):
    one, two = AgendaItemFactory.create_batch(2, session=session, issue=None)
    by = coordinator_of(session.province)

    answers = at_once(
        session, *(lambda item=item: actions.start(item, by=by, now=NOW) for item in (one, two))
    )

    assert answers == [None, None]
    assert AgendaItem.objects.filter(started_at=NOW).count() == 1


def test_released_while_an_item_is_decided_defers_it_or_keeps_what_was_decided(at_once, session):
    item = issue_in("scheduled", session=session).agenda_items.get()
    by, office = coordinator_of(session.province), AuthorityFactory()

    decided, _released = at_once(
        session,
        lambda: press("referred", item, by, office),
        lambda: actions.release(session, by=by, now=NOW, defer_rest=True),
    )

    is_late = isinstance(decided, TransitionError)
    assert Outcome.objects.get().kind == ("deferred" if is_late else "referred")
    assert list(Referral.objects.values_list("released_at", flat=True)) == [NOW] * (not is_late)


@pytest.mark.parametrize("kind", ["noted", "referred", "study"])
def test_referred_elsewhere_while_its_outcome_is_recorded_is_told_so(at_once, session, kind):
    """The issue leaves the agenda by it, and stays referred: no outcome hangs on nothing."""
    issue = issue_in("scheduled", session=session)
    item, by, office = issue.agenda_items.get(), coordinator_of(None), AuthorityFactory()
    other = AuthorityFactory()

    recorded, _referred = at_once(
        issue,
        lambda: press(kind, item, by, office),
        lambda: actions.refer(issue, by=by, now=NOW, authority=other, due_on=DUE),
    )

    assert AgendaItem.objects.count() == (not isinstance(recorded, TransitionError))
    assert Issue.objects.get().status == "referred"


@pytest.mark.parametrize("act", ["freeze", "move", "bar"])
def test_recorded_while_somebody_changes_the_issue_waits_for_no_deadlock(at_once, session, act):
    """Both change the screen's row: the recorder after session and issue, the other after it."""
    screen = ScreenFactory(session=session)
    issue = issue_in("scheduled", session=session)
    item, by = issue.agenda_items.get(), coordinator_of(session.province)
    office, commune = AuthorityFactory(), LocalityFactory(code="110102")
    before = Screen.objects.get().revision
    changes = {
        "freeze": lambda: actions.pressured(issue, by=by, now=NOW),
        "move": lambda: actions.correct(issue, by=by, now=NOW, commune=commune),
        "bar": lambda: actions.bar(issue, by=by, now=NOW, authority=office),
    }

    answers = at_once(screen, lambda: press("deferred", item, by, None), changes[act])

    assert winners(answers) == 2
    assert Screen.objects.get().revision == before + 2


def test_a_holiday_added_while_an_issue_is_frozen_waits_for_no_deadlock(at_once):
    """Both move the looks of its referrals: the issue is locked first by whoever does."""
    issue = issue_in("referred")
    issue.referrals.update(handed_over_on=TODAY, due_on=DUE)
    day = Holiday(date=DUE - dt.timedelta(days=1), name_km="x", name_en="X", source="x")

    answers = at_once(
        issue,
        lambda: actions.pressured(issue, by=coordinator_of(issue.province), now=NOW),
        lambda: add_holiday(day, by=administrator(), now=NOW),
    )

    assert winners(answers) == 2


def test_taken_up_for_two_sessions_at_once_stands_on_one(at_once):
    issue = issue_in("referred")
    sessions = SessionFactory.create_batch(2)

    at_once(issue, *(lambda one=one: actions.take_up_reviews(one, now=NOW) for one in sessions))

    assert AgendaItem.objects.get().issue == issue


def test_the_same_number_drawn_at_once_is_drawn_again(at_once, monkeypatch):
    """Two drafts of one province, both sent; each thread draws 7 first, then numbers of its own."""
    one, two = drafted(), drafted()
    fallback = itertools.count(10)
    drawn = defaultdict(int)

    def draw(limit):
        if limit == numbers.CODES:
            return uuid.uuid4().int % numbers.CODES
        me = threading.get_ident()
        drawn[me] += 1
        return 6 if drawn[me] == 1 else next(fallback)

    monkeypatch.setattr(numbers.secrets, "randbelow", draw)
    meeting = threading.Barrier(2)

    def look(reference, known=numbers._is_taken):
        answer = known(reference)
        if drawn[threading.get_ident()] == 1 and not answer:
            with suppress(threading.BrokenBarrierError):
                meeting.wait(1)  # both have looked before either has saved
        return answer

    monkeypatch.setattr(numbers, "_is_taken", look)
    with ThreadPoolExecutor(2) as pool:
        running = [
            pool.submit(in_a_thread, lambda x=x: actions.submit(x, by=x.author, now=NOW))
            for x in (one, two)
        ]
        sent = [thread.result(PATIENCE) for thread in running]

    assert sorted(one.reference for one in sent) == ["11-2041-0007", "11-2041-0011"]


def test_edited_by_two_at_once_the_later_is_told(at_once):
    issue = drafted()
    actions.submit(issue, by=issue.author, now=NOW)
    seen = Issue.objects.get().version

    answers = at_once(
        issue,
        *(
            lambda text=text: actions.edit(
                issue, by=issue.author, now=NOW, content={"text": text}, seen=seen
            )
            for text in ("The one.", "The other.")
        ),
    )

    assert winners(answers) == 1
    winner = next(one for one in answers if not isinstance(one, TransitionError))
    assert (Issue.objects.get().text, Issue.objects.get().version) == (winner.text, seen + 1)


def test_a_step_sent_twice_at_the_same_moment_is_kept_once(at_once):
    issue = drafted()
    seen = issue.version

    answers = at_once(
        issue,
        *(
            lambda: actions.edit(
                issue, by=issue.author, now=NOW, content={"asked": "A bridge."}, seen=seen
            )
            for _press in range(2)
        ),
    )

    assert [one.version for one in answers] == [seen + 1] * 2
    assert acts_done() == ["issue.draft", "issue.edit"]


def test_released_twice_is_released_once(at_once, session):
    people = coordinator_of(session.province), coordinator_of(None)

    answers = at_once(
        session, *(lambda by=by: actions.release(session, by=by, now=NOW) for by in people)
    )

    assert winners(answers) == 1
    assert acts_done() == ["forum.release"]


@pytest.mark.parametrize("end", ["release", "cancel_session"])
def test_two_sessions_with_the_same_reviews_in_other_orders_end_without_a_deadlock(at_once, end):
    issues = [issue_in("referred") for _one in range(2)]
    by, status = coordinator_of(None), "open" if end == "release" else "planned"
    sessions = [SessionFactory(status=status) for _one in range(2)]
    for session, order in zip(sessions, (issues, issues[::-1]), strict=True):
        for issue in order:
            AgendaItemFactory(session=session, issue=issue)
    acts = {
        "release": lambda one: actions.release(one, by=by, now=NOW, defer_rest=True),
        "cancel_session": lambda one: actions.cancel_session(one, by=by, now=NOW, because="Rain."),
    }

    answers = at_once(issues[0], *(lambda one=one: acts[end](one) for one in sessions))

    assert winners(answers) == 2
    assert {one.status for one in Issue.objects.all()} == {"referred"}


# --- passed on ----------------------------------------------------------------------------------
def pass_on(referral, by):
    facts = {"authority": AuthorityFactory(), "reason": "Not theirs."}
    return actions.redirect(referral, by=by, now=NOW, **facts)


def test_a_proposal_is_decided_once(at_once):
    issue = issue_in("referred")
    held, by = issue.referrals.get(), coordinator_of(None)
    proposal = RedirectionFactory(referral=held)
    facts = [
        {"accepts": True, "authority": AuthorityFactory()},
        {"accepts": False, "answer": "No."},
    ]

    answers = at_once(
        issue,
        *(
            lambda one=one: actions.decide_redirect(proposal, by=by, now=NOW, **one)
            for one in facts
        ),
    )

    assert winners(answers) == 1
    is_accepted = Redirection.objects.get().is_accepted
    assert Referral.objects.open().get().redirected_from == (held if is_accepted else None)


@pytest.mark.parametrize("other", ["redirect", "recall"])
def test_passed_on_and_something_else_is_only_one_of_them(at_once, other):
    issue = issue_in("referred")
    held, by = issue.referrals.get(), coordinator_of(None)
    seconds = {
        "redirect": lambda: pass_on(held, by),
        "recall": lambda: actions.recall(held, by=by, now=NOW, reason="A wrong office."),
    }

    answers = at_once(issue, lambda: pass_on(held, by), seconds[other])

    assert winners(answers) == 1
    held.refresh_from_db()
    assert Referral.objects.open().count() == (held.ended_as == "redirected")


def test_two_officials_make_one_proposal(at_once):
    issue = issue_in("referred")
    held = issue.referrals.get()
    people = [official_of(held.authority) for _person in range(2)]

    answers = at_once(
        issue,
        *(
            lambda one=one: actions.propose_redirect(held, by=one, now=NOW, reason="Not ours.")
            for one in people
        ),
    )

    assert winners(answers) == 1
    assert Redirection.objects.count() == 1


def test_the_same_comment_twice_is_one(at_once):
    issue = issue_in("accepted")
    facts = {"by": issue.author, "client_key": uuid.uuid4(), "text": "We wait."}
    facts |= {"to_organization": True, "to_offices": False}
    say = [lambda: actions.comment(issue, now=NOW, **facts)] * 2

    first, second = at_once(issue, *say)

    assert first == second == issue.comments.get()
    assert acts_done() == ["issue.comment"]


# --- "we were pressured" ------------------------------------------------------------------------
TYPED = "The road will be repaired in May, before the rains."


def test_pressed_by_two_at_once_is_one_freeze(at_once):
    issue = issue_in("referred")
    coordinator_of(issue.province)
    people = issue.author, representative_of(issue.organization)

    answers = at_once(
        issue, *(lambda by=by: actions.pressured(issue, by=by, now=NOW) for by in people)
    )

    assert winners(answers) == 2  # the second press says the same
    assert acts_done() == ["issue.pressured"]
    assert Pressure.objects.count() == 1
    assert set(Notice.objects.values_list("version", flat=True)) == {1}


def test_lifted_by_two_at_once_gives_the_days_back_once(at_once):
    issue = issue_in("referred")
    actions.pressured(issue, by=issue.author, now=NOW - 7 * DAY)
    people = coordinator_of(issue.province), coordinator_of(None)

    answers = at_once(
        issue,
        *(lambda by=by: actions.lift(issue, by=by, now=NOW, reason="They agree.") for by in people),
    )

    assert winners(answers) == 1
    assert issue.referrals.get().due_version == 2


def test_an_office_that_answers_while_it_is_frozen_was_before_or_keeps_what_it_typed(at_once):
    issue = issue_in("referred", title="A road is cut")
    referral, client = issue.referrals.get(), Client()
    client.force_login(official_of(referral.authority))
    client.cookies["django_language"] = "en"
    form = {"client_key": str(uuid.uuid4()), "text": TYPED}
    address = reverse("issues:referral_respond", args=[referral.pk])

    answered, frozen = at_once(
        issue,
        lambda: client.post(address, form),
        lambda: actions.pressured(issue, by=issue.author, now=NOW),
    )

    assert frozen.pressured_at == NOW
    if Response.objects.exists():
        assert answered.status_code == 302
        return
    shown = answered.content.decode()
    assert answered.status_code == 409
    assert TYPED in shown
    assert [one for one in (issue.title, issue.reference, "pressured") if one in shown] == []


# --- a selection of the triage board ------------------------------------------------------------
def test_two_selections_that_share_an_issue_decide_it_once(at_once):
    first, shared, last = (issue_in("submitted") for _number in range(3))
    people = [coordinator_of(shared.province) for _person in range(2)]
    selections = [[shared.pk, first.pk], [last.pk, shared.pk]]

    answers = at_once(
        shared,
        *(
            lambda ids=ids, by=by: actions.each(
                ids, actions.Bulk.ACCEPT, by=by, now=NOW, expected=2
            )
            for ids, by in zip(selections, people, strict=True)
        ),
    )

    assert sorted(one.done for one in answers) == [1, 2]
    left = [reference for one in answers for reference, _sentence in one.left]
    assert left == [shared.reference]
    assert acts_done() == ["issue.accept"] * 3


def test_of_acceptance_and_correction_by_two_neither_overwrites_what_was_not_seen(at_once):
    issue = issue_in("submitted")
    roads, water = ThemeFactory(code="roads"), ThemeFactory(code="water")
    one, other = (coordinator_of(issue.province) for _person in range(2))
    seen = issue.version

    answers = at_once(
        issue,
        lambda: actions.accept(issue, by=one, now=NOW, theme=roads, seen=seen),
        lambda: actions.correct(issue, by=other, now=NOW, theme=water, seen=seen),
    )

    assert winners(answers) == 1
    assert len(acts_done()) == 1


def test_a_clock_read_first_and_a_lock_got_second_leave_the_states_in_order():
    issue = issue_in("submitted")
    by = coordinator_of(issue.province)
    actions.accept(issue, by=by, now=NOW)

    actions.decline(issue, by=by, now=NOW - dt.timedelta(milliseconds=5), reason="Twice.")

    assert issue.intervals.get(left_at=None).entered_at == NOW
