"""An outcome corrected: everything is as if the second one had been the first."""

import datetime as dt
import uuid

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from audit.errors import Conflict, TransitionError
from forum.models import Session
from issues import actions
from issues.actions import Press, Said
from issues.models import Correction, Issue, Outcome, Referral
from outbox.models import Notice
from provinces import workdays
from tests.factories import (
    DAY,
    AgendaItemFactory,
    AuthorityFactory,
    NoticeFactory,
    OutcomeFactory,
    ReferralFactory,
    ResponseFactory,
    SessionFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.factories_more import RedirectionFactory
from tests.issues.presses import LATE, NEW, REVIEW, REVIEWED, STORED, WORDS, every_pair, press
from tests.issues.traces import DUE, NOW, TODAY, everything, told, trail

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _english():
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
def review(session):
    """The turn of an issue that an office has had for some days, with ten working days left."""
    item = AgendaItemFactory(session=session, issue=issue_in("accepted"))
    Issue.objects.filter(pk=item.issue_id).update(status="referred")
    started = TODAY - 7 * DAY
    dates = {"handed_over_on": started, "due_on": DUE, "wanted_on": DUE, "days": 15}
    ReferralFactory(issue=item.issue, **dates)
    item.issue.refresh_from_db()
    return item


def standing():
    """The open referrals: office, part, dates."""
    rows = Referral.objects.open().order_by("authority")
    return list(
        rows.values_list("authority", "role", "wanted_on", "review_on", "suspended_until", "due_on")
    )


def stands(issue):
    """The columns of an issue that outcomes change."""
    issue.refresh_from_db()
    return (
        issue.status,
        issue.closed_as,
        issue.reason,
        bool(issue.resolved_at),
        bool(issue.closed_at),
        issue.deferrals,
    )


STATES = {
    "addressed": ("resolved", "", "", True, False, 0),
    "declined": ("closed", "declined", WORDS, False, True, 0),
    "deferred": ("accepted", "", "", False, False, 1),
    "withdrawn": ("closed", "withdrawn", WORDS, False, True, 0),
    "noted": ("accepted", "", "", False, False, 0),
}
REFERRED = ("referred", "", "", False, False, 0)
DATES = {"study": (REVIEW, None), "suspended": (REVIEW, REVIEW)}


def walk(item, by, office, kinds, check):
    """Correct each kind into each once, and look after every press."""
    for step, kind in enumerate(every_pair(kinds)):
        now = NOW + step * MINUTE
        outcome = press(kind, item, by, office, now=now, corrects=step or None)
        assert (outcome.kind, outcome.version) == (STORED.get(kind, kind), step + 1)
        assert (outcome.recorded_at, outcome.shown_at) == (now, None)
        assert Outcome.objects.count() == 1
        assert outcome.corrections.count() == step
        check(kind)
    return step


def test_correction_of_every_kind_into_every_other(coordinator, item):
    office = AuthorityFactory()

    def check(kind):
        assert stands(item.issue) == STATES.get(kind, REFERRED)
        dates = DATES.get(kind, (None, None))
        charged = [] if kind in STATES else [(office.pk, "lead", LATE, *dates, None)]
        assert standing() == charged

    steps = walk(item, coordinator, office, NEW, check)

    assert steps == len(NEW) ** 2
    assert set(Referral.objects.exclude(ended_at=None).values_list("ended_as", "released_at")) == {
        ("recalled", None)
    }
    acts = [act for act, *_rest in trail()]
    assert acts.count("issue.reconsider") == steps
    assert len(acts) == 2 * steps + 1  # the correction and the act itself, no more
    versions = Correction.objects.values_list("version", flat=True)
    assert list(versions) == list(range(1, steps + 1))
    kinds = [STORED.get(one, one) for one in every_pair(NEW)]
    assert [one.before["kind"] for one in Correction.objects.all()] == kinds[:-1]


def test_correction_of_every_kind_on_what_an_office_has(coordinator, review):
    held, office = review.issue.referrals.get(), AuthorityFactory()
    rested = workdays.calendar_of("11").add(REVIEW, 10)
    own = {
        "kept": (held.authority_id, "lead", DUE, REVIEW, None, DUE),
        "rested": (held.authority_id, "lead", rested, REVIEW, REVIEW, rested),
    }
    untouched = (held.authority_id, "lead", DUE, None, None, DUE)
    charged = (office.pk, "lead", LATE, None, None, None)
    versions = [held.due_version]

    def check(kind):
        ended = {"declined", "withdrawn"}
        states = STATES.get(kind, REFERRED) if kind in ended else REFERRED
        assert stands(review.issue) == states
        wanted = {
            "referred": [untouched, charged],
            "higher": [charged],
            "not_competent": [charged],
            "noted": [untouched],
        }
        assert standing() == ([] if kind in ended else wanted.get(kind) or [own[kind]])
        held.refresh_from_db()
        assert held.handed_over_on == TODAY - 7 * DAY
        assert held.due_version >= versions[-1]
        versions.append(held.due_version)

    steps = walk(review, coordinator, office, REVIEWED, check)

    assert steps == len(REVIEWED) ** 2
    assert not Referral.objects.filter(outcome=None).exclude(pk=held.pk).exists()


def test_correction_after_the_draft_minutes_recalls_what_left_and_releases_the_new(
    session, coordinator, item
):
    first, second = AuthorityFactory.create_batch(2)
    official = official_of(first)
    press("referred", item, coordinator, first)
    actions.release(session, by=coordinator, now=NOW)
    left = Referral.objects.get()
    NoticeFactory(
        kind="first_referral", subject=f"referral:{left.pk}", recipient=f"user:{official.pk}",
        state="sent",
    )  # fmt: skip
    Notice.objects.exclude(kind="first_referral").delete()
    later = NOW + 20 * MINUTE

    press("referred", item, coordinator, second, now=later, corrects=1)

    left.refresh_from_db()
    (opened,) = Referral.objects.open()
    assert (left.ended_at, left.ended_as) == (later, "recalled")
    assert (opened.authority, opened.released_at) == (second, later)
    author = f"user:{item.issue.author.pk}"
    assert told() == [
        ("first_referral", f"referral:{left.pk}", 1, f"user:{official.pk}"),
        ("issue_referred", f"referral:{opened.pk}", 1, author),
        ("referral_recalled", f"referral:{left.pk}", 1, f"user:{official.pk}"),
        ("referral_taken_back", f"referral:{left.pk}", 1, author),
    ]

    press("deferred", item, coordinator, None, now=later + MINUTE, corrects=2)
    assert (stands(item.issue)[0], standing()) == ("accepted", [])


def test_correction_after_the_release_ends_reviews_that_stood_on_later_agendas(
    session, coordinator, item
):
    press("referred", item, coordinator, AuthorityFactory())
    actions.release(session, by=coordinator, now=NOW)
    coming = SessionFactory(starts_at=NOW + DAY, province=session.province)
    actions.take_up_reviews(coming, now=NOW)

    press("study", item, coordinator, AuthorityFactory(), now=NOW + MINUTE, corrects=1)
    assert stands(item.issue)[0] == "referred"
    press("noted", item, coordinator, None, now=NOW + 2 * MINUTE, corrects=2)

    assert list(item.issue.agenda_items.all()) == [item]
    assert stands(item.issue)[0] == "accepted"


def test_revived_office_that_was_told_of_the_end_is_asked_anew(coordinator, review):
    held = review.issue.referrals.get()
    official = official_of(held.authority)
    press("withdrawn", review, coordinator, None)
    NoticeFactory(
        kind="referral_recalled", subject=f"referral:{held.pk}", state="sent",
        recipient=f"contact:{official.pk}",
    )  # fmt: skip

    press("noted", review, coordinator, None, now=NOW + MINUTE, corrects=1)

    held.refresh_from_db()
    assert (held.is_open, held.handed_over_on, held.due_on) == (True, None, None)
    assert (held.due_version, held.days) == (2, 15)


def test_dates_put_back_after_the_clock_has_started_count_from_there(session, coordinator):
    issue = issue_in("accepted")
    Issue.objects.filter(pk=issue.pk).update(status="referred")
    held = ReferralFactory(issue=issue, handed_over_on=None, days=10, wanted_on=DUE)
    review = AgendaItemFactory(session=session, issue=issue)
    press("rested", review, coordinator, None)
    actions.hand_over(held, on=TODAY, now=NOW)

    press("noted", review, coordinator, None, now=NOW + MINUTE, corrects=1)

    held.refresh_from_db()
    assert (held.handed_over_on, held.due_on, held.suspended_until) == (TODAY, DUE, None)


# --- what has gone on ---------------------------------------------------------------------------
def office_answered(item, referral, by):
    ResponseFactory(referral=referral)


def office_acknowledged(item, referral, by):
    actions.acknowledge(referral, by=official_of(referral.authority), now=NOW + MINUTE)


def office_wants_to_pass_it_on(item, referral, by):
    RedirectionFactory(referral=referral)


def redirected(item, referral, by):
    later = NOW + MINUTE
    office = AuthorityFactory()
    actions.redirect(referral, by=by, now=later, authority=office, reason="Not theirs.")


def resolved(item, referral, by):
    words = {"client_key": uuid.uuid4(), "text": "Done.", "done_on": TODAY}
    actions.resolve(referral, by=by, now=NOW + MINUTE, **words)


def recalled(item, referral, by):
    actions.recall(referral, by=by, now=NOW + MINUTE, reason="A wrong office.")


def referred_elsewhere(item, referral, by):
    later = NOW + MINUTE
    actions.refer(item.issue, by=by, now=later, authority=AuthorityFactory(), due_on=LATE)


def withdrawn(item, referral, by):
    actions.withdraw(item.issue, by=item.issue.author, now=NOW + MINUTE, reason="Solved.")


def decided_in_a_later_session(item, referral, by):
    session = SessionFactory(status="open", province=item.issue.province)
    later = AgendaItemFactory(session=session, issue=item.issue)
    press("kept", later, by, None, now=NOW + MINUTE)


@pytest.mark.parametrize(
    "meanwhile",
    [
        office_answered,
        office_acknowledged,
        office_wants_to_pass_it_on,
        redirected,
        resolved,
        recalled,
        referred_elsewhere,
        withdrawn,
        decided_in_a_later_session,
    ],
)
def test_correction_is_refused_once_the_issue_has_gone_on(session, coordinator, item, meanwhile):
    press("referred", item, coordinator, AuthorityFactory())
    actions.release(session, by=coordinator, now=NOW)
    meanwhile(item, Referral.objects.get(), coordinator)
    before = everything()
    late = {"now": NOW + 9 * MINUTE, "corrects": 1}

    for kind in ("deferred", "referred", "noted"):
        with pytest.raises(TransitionError, match="gone on"):
            press(kind, item, coordinator, AuthorityFactory(), **late)
    assert everything() == before

    said = Said("The words were others.")
    press_ = Press(uuid.uuid4(), 1)
    actions.reword(item, by=coordinator, now=NOW + 9 * MINUTE, said=said, press=press_)
    assert Outcome.objects.get(item=item).text == "The words were others."


def test_correction_is_refused_once_the_organization_has_spoken(session, coordinator, item):
    press("addressed", item, coordinator, None)
    person = representative_of(item.issue.organization)
    actions.dispute(Issue.objects.get(), by=person, now=NOW + MINUTE, reason="Not yet.")

    with pytest.raises(TransitionError, match="gone on"):
        press("deferred", item, coordinator, None, now=NOW + 2 * MINUTE, corrects=1)


def test_correction_is_refused_once_it_stands_on_the_next_agenda(session, coordinator, item):
    press("deferred", item, coordinator, None)
    coming = SessionFactory(province=session.province)
    actions.schedule(Issue.objects.get(), by=coordinator, now=NOW + MINUTE, session=coming)

    with pytest.raises(TransitionError, match="gone on"):
        press("noted", item, coordinator, None, now=NOW + 2 * MINUTE, corrects=1)


def test_correction_of_a_version_that_was_corrected_is_told_so(session, coordinator, item):
    press("deferred", item, coordinator, None)
    press("noted", item, coordinator, None, now=NOW + MINUTE, corrects=1)
    before = everything()

    with pytest.raises(TransitionError, match="recorded “Noted”"):
        press("addressed", item, coordinator, None, now=NOW + 2 * MINUTE, corrects=1)

    assert everything() == before


def test_correction_that_cannot_be_leaves_what_stands(coordinator, item):
    office = AuthorityFactory()
    press("referred", item, coordinator, office)
    before = everything(), standing(), list(Outcome.objects.values())

    with pytest.raises(TransitionError):
        press("referred", item, coordinator, office, corrects=1, due_on=TODAY, now=NOW + MINUTE)

    assert (everything(), standing(), list(Outcome.objects.values())) == before
    assert not Correction.objects.exists()


def test_first_press_sent_again_after_its_correction_changes_nothing(coordinator, item):
    key = uuid.uuid4()
    press("deferred", item, coordinator, None, key=key)
    corrected = press("noted", item, coordinator, None, now=NOW + MINUTE, corrects=1)
    before = everything(), list(Outcome.objects.values())

    assert press("deferred", item, coordinator, None, key=key) == corrected
    with pytest.raises(Conflict):
        press("deferred", item, coordinator, None, key=key, words="Others.")

    assert (everything(), list(Outcome.objects.values())) == before


# --- approved minutes ---------------------------------------------------------------------------
def test_approved_minutes_lock_agenda_and_outcomes(session, coordinator, item):
    point = AgendaItemFactory(session=session, issue=None)
    outcome = press("deferred", item, coordinator, None)
    actions.release(session, by=coordinator, now=NOW)
    Session.objects.update(minutes_approved_at=NOW)
    before = everything()
    said, press_ = Said("Others."), Press(uuid.uuid4(), 1)

    for refused in (
        lambda: press("noted", item, coordinator, None, corrects=1),
        lambda: actions.reword(item, by=coordinator, now=NOW, said=said, press=press_),
        lambda: actions.record_speakers(
            item, by=coordinator, now=NOW, spoke="Governor", communities=2
        ),
        lambda: actions.allot(item, by=coordinator, minutes=3),
        lambda: actions.arrange(session, by=coordinator, seen=[], order=[]),
        lambda: actions.remove_point(point, by=coordinator),
    ):
        with pytest.raises(TransitionError, match="minutes are approved"):
            refused()
    for refused in (
        lambda: Outcome.objects.update(text="Others."),
        outcome.delete,
        lambda: OutcomeFactory(item=point),
        lambda: type(item).objects.update(minutes=3),
        lambda: type(item).objects.filter(pk=point.pk).delete(),
        lambda: AgendaItemFactory(session=session, issue=None),
    ):
        with pytest.raises(IntegrityError, match="minutes of this session"), transaction.atomic():
            refused()
    assert everything() == before
