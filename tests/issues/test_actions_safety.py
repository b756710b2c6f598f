import datetime as dt
import re
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from audit.errors import TransitionError
from issues import actions, workflow
from issues.actions.safety import AT_ONCE, HELD
from issues.models import Issue, Pressure, Referral
from issues.workflow import Act
from outbox.models import Notice
from provinces.models import Holiday
from tests.factories import (
    AuthorityFactory,
    NoticeFactory,
    OrganizationFactory,
    ReferralFactory,
    RoleAssignmentFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.issues.traces import NOW, everything, secretariat, told, trail

DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def issue():
    return issue_in("referred")


@pytest.fixture
def coordinator(issue):
    return coordinator_of(issue.province)


def press(issue, by=None, now=NOW):
    return actions.pressured(issue, by=by or issue.author, now=now)


def lift(issue, by, now=NOW, **more):
    return actions.lift(issue, by=by, now=now, reason="They feel safe again.", **more)


# --- pressured ----------------------------------------------------------------------------------
def test_pressured_freezes_the_issue_and_tells_the_secretariat_alone(issue, coordinator):
    press(issue)

    issue = Issue.objects.get()
    assert (issue.pressured_at, issue.status, issue.version) == (NOW, "referred", 2)
    assert list(Pressure.objects.values_list("issue", "told_by", "told_at", "lifted_at")) == [
        (issue.pk, issue.author_id, NOW, None)
    ]
    assert trail() == [("issue.pressured", f"issue:{issue.pk}", issue.author, "representative", {})]
    assert told() == [("issue_pressured", f"issue:{issue.pk}", 1, one) for one in secretariat()]
    assert set(Notice.objects.values_list("urgency", "due_at")) == {(AT_ONCE, NOW)}


def test_pressured_a_second_time_changes_nothing(issue, coordinator):
    press(issue)
    untouched = everything()

    press(issue, by=representative_of(issue.organization), now=NOW + DAY)
    press(issue, by=coordinator, now=NOW + DAY)

    assert everything() == untouched
    assert Pressure.objects.count() == 1


def test_pressured_again_after_it_was_lifted_tells_again(issue, coordinator):
    press(issue)
    lift(issue, coordinator)

    press(issue, now=NOW + DAY)

    versions = Notice.objects.filter(kind="issue_pressured").values_list("version", flat=True)
    assert set(versions) == {1, 2}
    assert list(Pressure.objects.values_list("lifted_at", flat=True)) == [NOW, None]


def test_pressured_is_never_pressed_by_who_is_outside(issue):
    untouched = everything()

    for person in (
        official_of(issue.referrals.get().authority),
        representative_of(OrganizationFactory()),
    ):
        with pytest.raises(PermissionDenied):
            press(issue, by=person)
        Issue.objects.update(pressured_at=NOW)
        with pytest.raises(PermissionDenied):
            press(issue, by=person)
        Issue.objects.update(pressured_at=None)

    assert everything() == untouched


# --- what a freeze stops ------------------------------------------------------------------------
STOPPED = {
    "publish", "refer", "redirect", "extend", "study", "suspend", "send_higher", "not_competent",
    "address", "partly", "merge", "split", "branch", "escalate",
}  # fmt: skip
OUTSIDE = frozenset({"official", "system", "cosigner"})


@pytest.mark.parametrize("state", [one.value for one in Issue.Status])
@pytest.mark.parametrize("role", ["representative", "coordinator", *sorted(OUTSIDE)])
def test_frozen_issue_is_left_alone_by_everybody_outside(state, role):
    free = workflow.open_acts(Issue(status=state), frozenset({role}))

    frozen = workflow.open_acts(Issue(status=state, pressured_at=NOW), frozenset({role}))

    assert frozen == (set() if role in OUTSIDE else free - STOPPED)
    for act in free - frozen:
        with pytest.raises(TransitionError):
            workflow.check(act, Issue(status=state, pressured_at=NOW), frozenset({role}))


def test_frozen_issue_refuses_every_act_of_the_office_that_holds_it(issue):
    referral = issue.referrals.get()
    official = official_of(referral.authority)
    key = {"client_key": uuid.uuid4(), "text": "Done."}
    press(issue)
    untouched = everything()

    sentence = re.escape(_("This cannot be done at present."))
    for act in (
        lambda **by: actions.acknowledge(referral, **by),
        lambda **by: actions.respond(referral, **by, **key),
        lambda **by: actions.ask(referral, **by, **key),
        lambda **by: actions.resolve(referral, **by, **key, done_on=NOW.date()),
    ):
        with pytest.raises(TransitionError, match=f"^{sentence}$"):
            act(by=official, now=NOW)

    assert everything() == untouched


def test_who_is_of_the_office_and_of_the_organization_does_not_answer_while_it_is_frozen(issue):
    referral = issue.referrals.get()
    both = official_of(referral.authority)
    RoleAssignmentFactory(user=both, role="representative", organization=issue.organization)
    press(issue)

    with pytest.raises(TransitionError):
        actions.acknowledge(referral, by=both, now=NOW)


# --- lift ---------------------------------------------------------------------------------------
def test_lift_gives_access_back_and_keeps_both_ends(issue, coordinator):
    press(issue)
    official = official_of(issue.referrals.get().authority)
    assert not Issue.objects.visible_to(official).exists()

    lift(issue, coordinator, NOW + DAY)

    assert Issue.objects.visible_to(official).get().pressured_at is None
    ends = ("told_at", "told_by", "lifted_at", "lifted_by", "lifted_because")
    assert Pressure.objects.values_list(*ends).get() == (
        NOW,
        issue.author_id,
        NOW + DAY,
        coordinator.pk,
        "They feel safe again.",
    )
    assert trail()[-1] == (
        "issue.lift", f"issue:{issue.pk}", coordinator, "coordinator", {}
    )  # fmt: skip


def test_lift_of_what_is_not_frozen_is_refused(issue, coordinator):
    untouched = everything()

    with pytest.raises(TransitionError):
        lift(issue, coordinator)

    assert everything() == untouched


@pytest.mark.parametrize("again", [True, False])
def test_lift_publishes_again_only_when_the_coordinator_says_so(coordinator, issue, again):
    before = NOW - DAY
    Issue.objects.update(disclosure="public", published_at=before)
    press(issue)
    assert not Issue.objects.published().exists()
    assert Issue.objects.get().published_at == before

    lift(issue, coordinator, publish_again=again)

    assert Issue.objects.get().published_at == (before if again else None)


def test_a_closed_issue_is_frozen_and_lifted_as_well():
    issue = issue_in("closed", disclosure="public", published_at=NOW)
    coordinator = coordinator_of(issue.province)

    press(issue)
    assert not Issue.objects.published().exists()
    lift(issue, coordinator, publish_again=True)

    assert Issue.objects.published().get() == issue


# --- the clock ----------------------------------------------------------------------------------
WEDNESDAY = dt.date(2041, 7, 3)  # the day of NOW
MONDAY = dt.date(2041, 7, 8)


def dated(referral, **dates):
    Referral.objects.filter(pk=referral.pk).update(**dates)
    referral.refresh_from_db()
    return referral


def dates_of(referral):
    referral.refresh_from_db()
    return referral.wanted_on, referral.due_on, referral.due_version


def test_lift_moves_the_dates_by_the_working_days_the_freeze_took(issue, coordinator):
    held = dated(
        issue.referrals.get(),
        handed_over_on=dt.date(2041, 6, 3),
        due_on=dt.date(2041, 7, 5),
        wanted_on=dt.date(2041, 7, 4),
    )
    Holiday.objects.create(
        date=dt.date(2041, 7, 4), name_km="បុណ្យ", name_en="Holiday", source="test"
    )
    press(issue)  # on Wednesday: Thursday is a holiday, then come Friday and Monday

    lift(issue, coordinator, NOW + 5 * DAY)

    # Two working days lost: Friday 5 → Tuesday 9; Thursday 4 → Monday 8.
    assert dates_of(held) == (dt.date(2041, 7, 8), dt.date(2041, 7, 9), 2)
    # The whole ladder moves: a rung that lay before the hand-over does not come into it.
    assert Referral.objects.get(pk=held.pk).ladder_since == dt.date(2041, 6, 5)


def test_lift_leaves_days_that_had_passed_before_passed(issue, coordinator):
    held = dated(
        issue.referrals.get(), handed_over_on=dt.date(2041, 6, 3), due_on=dt.date(2041, 7, 1)
    )
    press(issue)  # two working days after the date

    lift(issue, coordinator, NOW + 5 * DAY)  # on Monday 8 July

    _wanted, due_on, version = dates_of(held)
    assert (due_on, version) == (dt.date(2041, 7, 4), 2)  # two working days before that Monday


def test_lift_on_the_same_day_moves_nothing(issue, coordinator):
    held = issue.referrals.get()
    before = dates_of(held)
    press(issue)

    lift(issue, coordinator, NOW + dt.timedelta(hours=3))

    assert dates_of(held) == before


def test_lift_moves_no_date_of_what_has_ended_and_no_clock_that_does_not_run(issue, coordinator):
    ended = ReferralFactory(issue=issue, ended_as="recalled")
    waiting = ReferralFactory(issue=issue, handed_over_on=None, wanted_on=dt.date(2041, 7, 5))
    before = dates_of(ended)
    press(issue)

    lift(issue, coordinator, NOW + 5 * DAY)

    assert dates_of(ended) == before
    # No new version: its first notice, which the freeze held, would be told a second time.
    assert dates_of(waiting) == (dt.date(2041, 7, 10), None, 1)


# --- what waited --------------------------------------------------------------------------------
def test_lift_lets_go_on_what_the_freeze_held_and_nothing_else(issue, coordinator):
    other = issue_in("referred")
    mine = NoticeFactory(subject=f"referral:{issue.referrals.get().pk}", state="held", reason=HELD)
    otherwise = NoticeFactory(subject=f"issue:{issue.pk}", state="held", reason="After hours.")
    others = NoticeFactory(subject=f"issue:{other.pk}", state="held", reason=HELD)
    press(issue)

    lift(issue, coordinator)

    states = {one.pk: (one.state, one.reason) for one in Notice.objects.all()}
    assert states[mine.pk] == ("planned", "")
    assert states[otherwise.pk] == ("held", "After hours.")
    assert states[others.pk] == ("held", HELD)


def test_bar_while_it_is_frozen_ends_the_access_for_good(issue, coordinator):
    office = issue.referrals.get().authority
    press(issue)

    actions.bar(issue, by=coordinator, now=NOW, authority=office)
    lift(issue, coordinator)

    assert not Issue.objects.visible_to(official_of(office)).exists()
    assert not Referral.objects.visible_to(official_of(AuthorityFactory(superior=office))).exists()


def test_a_frozen_issue_is_withdrawn_by_its_organization_and_stays_frozen(issue):
    press(issue)

    actions.withdraw(issue, by=issue.author, now=NOW, reason="It is better so.")

    assert Issue.objects.get().status == "closed"
    assert Act.LIFT in workflow.open_acts(Issue.objects.get(), frozenset({"coordinator"}))


def test_lift_gives_the_organization_the_time_back_in_which_nobody_could_ask():
    issue = issue_in("resolved")
    claimed, by = issue.resolved_at, coordinator_of(issue.province)
    actions.pressured(issue, by=by, now=claimed + dt.timedelta(days=1))

    actions.lift(issue, by=by, now=claimed + dt.timedelta(days=95), reason="All are well.")

    issue.refresh_from_db()
    assert issue.resolved_at == claimed + dt.timedelta(days=94)
