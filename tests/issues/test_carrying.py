"""What offices, sessions and organizations hold of merged issues, and who is told of it."""

import datetime as dt

import pytest
from django.utils import timezone

from issues import actions
from issues.models import Cosign, Issue, Referral
from outbox import registry
from outbox.models import Notice
from provinces import workdays
from reminders import actions as reminders
from tests.factories import (
    AuthorityFactory,
    ConcernFactory,
    OrganizationFactory,
    ProvinceFactory,
    SessionFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.factories_more import CosignFactory
from tests.issues.traces import NOW, TODAY

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


@pytest.fixture
def coordinator():
    return coordinator_of(ProvinceFactory())


def merge(source, target, by, *, now=NOW, moves=False):
    return actions.merge(source, by=by, now=now, target=target, moves_referrals=moves)


def undo(source, by, *, now=NOW + HOUR):
    return actions.unmerge(source, by=by, now=now, reason="It was another bridge.")


def now_of(row):
    return type(row).objects.get(pk=row.pk)


def user(person):
    return f"user:{person.pk}"


def holders(issue):
    held = Referral.objects.open().filter(issue=issue)
    return set(held.values_list("authority", "role"))


def told(kind):
    """(subject, recipient) of every notice of the kind."""
    return set(Notice.objects.filter(kind=kind).values_list("subject", "recipient"))


# --- the clock ----------------------------------------------------------------------------------
def test_a_referral_that_comes_back_after_months_begins_anew_and_its_office_is_told(coordinator):
    source, target = issue_in("referred"), issue_in("accepted")
    held = source.referrals.get()
    official = official_of(held.authority)
    person = representative_of(source.organization)
    merge(source, target, coordinator)
    later = NOW + 60 * DAY

    actions.answer_cosign(Cosign.objects.get(), by=person, now=later, agrees=False)

    back = now_of(held)
    wanted_on = workdays.calendar_of(source.province_id).add(timezone.localdate(later), held.days)
    assert (back.is_open, back.handed_over_on, back.due_on) == (True, None, None)
    assert (back.wanted_on, back.due_version) == (wanted_on, held.due_version + 1)
    reminders.plan(now=later + HOUR)
    newest = Notice.objects.filter(subject=f"referral:{held.pk}", version=back.due_version)
    assert set(newest.values_list("kind", "recipient")) == {("first_referral", user(official))}


def test_a_referral_that_the_office_went_on_with_keeps_its_clock(coordinator):
    source, target = issue_in("referred"), issue_in("accepted")
    held = source.referrals.get()
    merge(source, target, coordinator, moves=True)

    undo(source, coordinator)

    back = now_of(held)
    assert (back.handed_over_on, back.due_on) == (held.handed_over_on, held.due_on)


def test_a_referral_of_draft_minutes_comes_back_as_it_was(coordinator):
    source, target = issue_in("referred"), issue_in("accepted")
    held = source.referrals.get()
    Referral.objects.filter(pk=held.pk).update(released_at=None, handed_over_on=None, due_on=None)
    merge(source, target, coordinator)

    undo(source, coordinator)

    back = now_of(held)
    assert (back.is_open, back.released_at, back.wanted_on) == (True, None, held.wanted_on)


@pytest.mark.parametrize("moves", [True, False])
def test_supporting_offices_come_back_in_whatever_order_they_came(coordinator, moves):
    source, target = issue_in("accepted"), issue_in("accepted")
    due_on = TODAY + 20 * DAY
    roles = ("lead", "supporting", "lead")
    first, *_others = (
        actions.refer(
            source, by=coordinator, now=NOW + turn * HOUR, authority=AuthorityFactory(),
            due_on=due_on, role=role,
        )
        for turn, role in enumerate(roles)
    )  # fmt: skip
    actions.recall(first, by=coordinator, now=NOW + 4 * HOUR)
    before = holders(source)

    merge(source, target, coordinator, now=NOW + 5 * HOUR, moves=moves)
    undo(source, coordinator, now=NOW + 6 * HOUR)

    assert holders(source) == before
    assert {role for _office, role in before} == {"lead", "supporting"}


def test_a_supporting_office_that_went_on_comes_back_with_the_lead_that_did_not(coordinator):
    source, target = issue_in("referred"), issue_in("referred")
    actions.refer(
        source, by=coordinator, now=NOW, authority=AuthorityFactory(), due_on=TODAY + 20 * DAY,
        role="supporting",
    )  # fmt: skip
    ConcernFactory(issue=target, authority=source.referrals.get(role="lead").authority)
    before = holders(source)

    merge(source, target, coordinator, now=NOW + HOUR, moves=True)
    undo(source, coordinator, now=NOW + 2 * HOUR)

    assert holders(source) == before


# --- under which reference ----------------------------------------------------------------------
@pytest.mark.parametrize("knows_target", [True, False])
def test_an_office_is_told_under_which_reference_it_goes_on_and_back(coordinator, knows_target):
    source = issue_in("referred")
    old = source.referrals.get()
    target = issue_in("referred", authority=old.authority if knows_target else AuthorityFactory())
    official = user(official_of(old.authority))

    merge(source, target, coordinator, moves=True)

    heir = Referral.objects.open().get(issue=target, authority=old.authority)
    assert told("referral_moved") == {(f"referral:{heir.pk}", official)}
    there = Notice.objects.get(kind="referral_moved")
    assert registry.wanted(there, NOW)
    text = registry.render(there, "en")
    assert (target.reference in text.subject, source.reference in text.body) == (True, True)

    undo(source, coordinator)

    assert registry.wanted(there, NOW) == knows_target  # it holds that one by itself
    if not knows_target:
        back = Notice.objects.get(kind="referral_moved", subject=f"referral:{old.pk}")
        assert registry.wanted(back, NOW)
        text = registry.render(back, "en")
        assert (source.reference in text.subject, target.reference in text.body) == (True, True)
    assert told("referral_recalled") == set()


def test_an_office_that_was_not_told_yet_gets_its_first_notice_alone(coordinator):
    source, target = issue_in("referred"), issue_in("accepted")
    source.referrals.update(handed_over_on=None, due_on=None)
    official = official_of(source.referrals.get().authority)

    merge(source, target, coordinator, moves=True)
    reminders.plan(now=NOW + HOUR)

    mine = Notice.objects.filter(recipient=user(official))
    assert set(mine.values_list("kind", flat=True)) == {"first_referral"}


# --- agendas ------------------------------------------------------------------------------------
def test_the_target_gets_its_review_back_with_its_office(coordinator):
    source, target = issue_in("accepted"), issue_in("referred")
    ConcernFactory(issue=source, authority=target.referrals.get().authority)
    session = SessionFactory(province=target.province, starts_at=NOW + 9 * DAY)
    actions.schedule(target, by=coordinator, now=NOW, session=session, minutes=25)

    merge(source, target, coordinator)
    assert (now_of(target).status, target.agenda_items.count()) == ("accepted", 0)
    undo(source, coordinator)

    assert now_of(target).status == "referred"
    assert list(target.agenda_items.values_list("session", "minutes")) == [(session.pk, 25)]


def test_the_target_keeps_its_review_while_another_office_leads(coordinator):
    source, target = issue_in("accepted"), issue_in("referred")
    enemy = AuthorityFactory()
    ConcernFactory(issue=source, authority=enemy)
    actions.refer(target, by=coordinator, now=NOW, authority=enemy, due_on=TODAY + 20 * DAY)
    session = SessionFactory(province=target.province, starts_at=NOW + 9 * DAY)
    item = actions.schedule(target, by=coordinator, now=NOW, session=session)

    merge(source, target, coordinator)
    assert target.agenda_items.get() == item
    undo(source, coordinator)

    assert target.agenda_items.get() == item


# --- organizations ------------------------------------------------------------------------------
def test_undoing_one_merging_keeps_the_question_of_another(coordinator):
    organization, target = OrganizationFactory(), issue_in("accepted")
    person = representative_of(organization)
    one, other = (issue_in("accepted", organization=organization) for _issue in range(2))
    merge(one, target, coordinator)
    second = merge(other, target, coordinator)

    undo(one, coordinator)

    row = Cosign.objects.get()
    assert (row.state, row.merge) == ("asked", second)
    assert (f"issue:{other.pk}", user(person)) in told("cosign_asked")
    actions.answer_cosign(row, by=person, now=NOW + 2 * HOUR, agrees=False)
    assert now_of(other).status == "accepted"


def test_undoing_one_merging_keeps_who_co_signed_the_other(coordinator):
    organization, target = OrganizationFactory(), issue_in("accepted")
    one, other = issue_in("accepted", organization=organization), issue_in("accepted")
    CosignFactory(issue=other, organization=organization)
    merge(one, target, coordinator)
    second = merge(other, target, coordinator)

    undo(one, coordinator)

    asked = Cosign.objects.asked().filter(issue=target)
    assert set(asked.values_list("organization", "merge")) == {
        (organization.pk, second.pk),
        (other.organization_id, second.pk),
    }


def test_taken_up_again_and_merged_again_its_organization_is_asked_again(coordinator):
    source, target = issue_in("accepted"), issue_in("accepted")
    merge(source, target, coordinator)
    actions.decline(target, by=coordinator, now=NOW + HOUR, reason="Not ours.")

    actions.reopen(source, by=coordinator, now=NOW + 2 * HOUR, reason="It goes on.")
    assert [one.state for one in Cosign.objects.all()] == ["ended"]
    actions.reopen(target, by=coordinator, now=NOW + 3 * HOUR, reason="It goes on.")
    again = merge(source, target, coordinator, now=NOW + 4 * HOUR)

    assert [one.merge for one in Cosign.objects.asked()] == [again]


CLOSE = {
    "declined": lambda issue, by: actions.decline(issue, by=by, now=NOW + HOUR, reason="Not ours."),
    "withdrawn": lambda issue, by: actions.withdraw(
        issue, by=by, now=NOW + HOUR, reason="Solved by us."
    ),
}


@pytest.mark.parametrize("how", CLOSE)
def test_closing_tells_who_stands_behind_what_was_merged_into_it(coordinator, how):
    source, target = issue_in("accepted"), issue_in("accepted")
    person, colleague = representative_of(source.organization), coordinator_of(source.province)
    merge(source, target, coordinator)

    CLOSE[how](target, coordinator)

    subjects = {subject for subject, _one in told("merged_closed")}
    people = {one for _subject, one in told("merged_closed")}
    assert subjects == {f"issue:{source.pk}"}
    assert {user(person), user(colleague)} <= people
    assert not {user(coordinator), user(target.author)} & people
    for one, asks in ((person, "call the secretariat"), (colleague, "Please look")):
        notice = Notice.objects.get(kind="merged_closed", recipient=user(one))
        assert registry.wanted(notice, NOW)
        text = registry.render(notice, "en")
        assert source.reference in text.subject
        assert asks in text.body
        assert target.reference not in text.subject + text.body
    Issue.objects.filter(pk=source.pk).update(merged_into=None, closed_as="declined")
    assert not registry.wanted(notice, NOW)


def test_closing_tells_who_agreed_to_it_once(coordinator):
    source, target = issue_in("accepted"), issue_in("accepted")
    person = representative_of(source.organization)
    merge(source, target, coordinator)
    actions.answer_cosign(Cosign.objects.get(), by=person, now=NOW, agrees=True)

    CLOSE["declined"](target, coordinator)

    assert user(person) in {one for _subject, one in told("cosigned_closed")}
    assert user(person) not in {one for _subject, one in told("merged_closed")}
