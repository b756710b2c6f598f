"""Escalated by hand, and kept at its own level: who is told, and what the planner makes of it."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import translation

from audit.errors import Conflict, TransitionError
from issues.models import Climb, Issue, Referral
from outbox import registry
from outbox.models import Notice
from provinces.models import Authority
from reminders import actions, by_hand, reconciling
from reminders.models import Finding
from tests.factories import (
    AuthorityFactory,
    ConcernFactory,
    MessageFactory,
    RoleAssignmentFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)

ZONE = dt.timezone(dt.timedelta(hours=7))  # Asia/Phnom_Penh
HANDED, DUE = dt.date(2026, 3, 2), dt.date(2026, 5, 8)  # a Monday, a Friday
RELEASED = dt.datetime(2026, 3, 2, 8, 0, tzinfo=ZONE)
EARLY = dt.datetime(2026, 5, 4, 9, 0, tzinfo=ZONE)  # a Monday, four days before the date
WHY = "The governor has to decide."
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _policy():
    actions.seed_policy()
    with translation.override("en"):
        yield


@pytest.fixture
def top():
    return AuthorityFactory(kind=Authority.Kind.ADMINISTRATION)


@pytest.fixture
def middle(top):
    return AuthorityFactory(superior=top, name_en="District administration")


@pytest.fixture
def office(middle):
    return AuthorityFactory(superior=middle)


@pytest.fixture
def people(office, middle, top):
    """One official of each office, from the lowest."""
    return [f"user:{official_of(one).pk}" for one in (office, middle, top)]


@pytest.fixture
def referral(office, people):
    held = issue_in("referred", authority=office).referrals.get()
    Referral.objects.filter(pk=held.pk).update(
        referred_at=RELEASED, released_at=RELEASED, handed_over_on=HANDED, due_on=DUE
    )
    return Referral.objects.select_related("issue").get(pk=held.pk)


@pytest.fixture
def coordinator(referral):
    return coordinator_of(referral.issue.province)


def up(referral, by, now=EARLY, **changes):
    form = {"client_key": uuid.uuid4(), "reason": WHY} | changes
    return by_hand.escalate(referral, by=by, now=now, **form)


def down(referral, by, now=EARLY, **changes):
    form = {"client_key": uuid.uuid4(), "reason": "They met."} | changes
    return by_hand.deescalate(referral, by=by, now=now, **form)


def on(day, hour=8):
    return dt.datetime.combine(day, dt.time(hour), tzinfo=ZONE)


def notices(*kinds):
    """(kind, rung, version, recipient, state) of all notices of these kinds, of all if none."""
    rows = Notice.objects.filter(kind__in=kinds) if kinds else Notice.objects.all()
    return sorted(rows.values_list("kind", "rung", "version", "recipient", "state"))


def raiser(referral):
    return f"user:{representative_of(referral.issue.organization).pk}"


def sent(**which):
    """As if these notices had left."""
    rows = Notice.objects.filter(**which)
    assert rows.update(state="sent", message=MessageFactory())


# --- up -------------------------------------------------------------------------------------------
def test_escalate_tells_the_next_superior_under_the_ladders_own_key(referral, coordinator, people):
    office, middle, _top = people
    key = uuid.uuid4()
    made = up(referral, coordinator, client_key=key)
    told = notices()

    assert up(referral, coordinator, client_key=key) == made
    assert (made.direction, made.height, made.rung, made.reason) == ("up", 1, "+10", WHY)
    raised = sorted({one[3] for one in told if one[0] == "escalated_organization"})
    assert told == notices() == sorted(
        [
            ("escalated_office", "+10", 1, office, "planned"),
            *(("escalated_organization", "+10", 1, one, "planned") for one in raised),
            ("escalation", "+10", 1, middle, "planned"),
        ]
    )  # fmt: skip
    assert all(registry.wanted(one, EARLY) for one in Notice.objects.all())
    Referral.objects.update(due_on=dt.date(2041, 5, 8))  # its date lies ahead of the real day
    escalation = Notice.objects.get(kind="escalation")
    assert "cannot well wait" in registry.render(escalation, "en").body
    assert WHY not in registry.render(escalation, "en").body
    with pytest.raises(Conflict):
        up(referral, coordinator, client_key=key, reason="Another.")


def test_planner_goes_on_with_plain_rungs_and_repeats_no_height(referral, coordinator, people):
    up(referral, coordinator)
    sent(kind__startswith="escalat")
    _office, middle, top = people
    for day in (dt.date(2026, 5, 8), dt.date(2026, 5, 11), dt.date(2026, 5, 15)):
        actions.plan(now=on(day))
    actions.plan(now=on(dt.date(2026, 5, 22)))  # ten working days after the date

    assert [one[1:4] for one in notices("escalation")] == [("+10", 1, middle)]
    reminded = [one[1] for one in notices("reminder") if one[4] != "skipped"]
    assert reminded == sorted(["0", "+1", "+5"])
    actions.plan(now=on(dt.date(2026, 6, 5)))  # ten more: the next height, prepared as usual
    assert [one[1:] for one in notices("escalation")][1:] == [("+20", 1, top, "prepared")]


def test_escalate_lets_leave_what_waits_prepared_for_this_height(referral, coordinator, people):
    late = on(dt.date(2026, 5, 22))
    actions.plan(now=late)
    assert {one[4] for one in notices("escalation")} == {"prepared"}

    made = up(referral, coordinator, now=late)

    assert (made.rung, made.version) == ("+10", 1)
    assert {one[4] for one in notices(*by_hand.CLIMBS)} == {"planned"}
    made = up(referral, coordinator, now=late)
    assert (made.rung, made.height) == ("+20", 2)
    with pytest.raises(TransitionError, match="was told already"):
        up(referral, coordinator, now=late)


def test_escalate_passes_over_whom_it_concerns_and_never_a_frozen_one(
    referral, coordinator, middle, top
):
    ConcernFactory(issue=referral.issue, authority=middle)
    assert by_hand.next_of(referral).authority_id == top.pk
    Issue.objects.update(pressured_at=EARLY)

    with pytest.raises(TransitionError, match="cannot be done at present"):
        up(referral, coordinator)
    assert notices() == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"role": "supporting"}, "Only the leading office"),
        ({"due_on": None, "handed_over_on": None}, "not told of it yet"),
        ({"suspended_until": DUE}, "suspended at present"),
    ],
)
def test_escalate_refuses_what_is_not_climbing(referral, coordinator, changes, sentence):
    Referral.objects.filter(pk=referral.pk).update(**changes)

    with pytest.raises(TransitionError, match=sentence):
        up(referral, coordinator)
    assert not Climb.objects.exists()


def test_only_the_secretariat_escalates(referral, office):
    for person in (official_of(office), representative_of(referral.issue.organization)):
        with pytest.raises(PermissionDenied):
            up(referral, person)
        with pytest.raises(PermissionDenied):
            down(referral, person)


# --- down -----------------------------------------------------------------------------------------
def test_deescalate_takes_back_what_has_not_left_and_climbs_no_further(referral, coordinator):
    late = on(dt.date(2026, 5, 22))
    actions.plan(now=late)
    made = down(referral, coordinator, now=late)

    assert (made.direction, made.height, made.rung) == ("down", 0, "")
    assert {one[4] for one in notices(*by_hand.CLIMBS)} == {"cancelled"}
    assert notices(by_hand.CALMED) == []  # nobody had been told
    actions.plan(now=on(dt.date(2026, 7, 31)))
    assert {one[4] for one in notices(*by_hand.CLIMBS)} == {"cancelled"}
    with pytest.raises(TransitionError, match="own level already"):
        down(referral, coordinator, now=late)


def test_deescalate_tells_superiors_office_and_organization_courteously(
    referral, coordinator, people
):
    raised = raiser(referral)
    up(referral, coordinator)
    sent(kind__startswith="escalat")
    made = down(referral, coordinator, now=EARLY + dt.timedelta(hours=1))

    assert made.height == 1
    told = Notice.objects.filter(kind=by_hand.CALMED)
    assert {raised, *people[:2]} <= {one.recipient for one in told}
    assert {one.version for one in told} == {made.pk}
    assert all(registry.wanted(one, EARLY) for one in told)
    assert "at its own level again" in registry.render(told[0], "en").body
    assert not any(registry.wanted(one, EARLY) for one in Notice.objects.filter(kind="escalation"))


def test_escalate_again_tells_the_same_superior_anew_and_jumps_over_nobody(
    referral, coordinator, people
):
    _office, middle, top = people
    up(referral, coordinator)
    sent(kind__startswith="escalat")
    down(referral, coordinator)
    later = on(dt.date(2026, 6, 8))  # the day of the second height has passed meanwhile
    actions.plan(now=later)
    made = up(referral, coordinator, now=later)
    actions.plan(now=later)

    assert (made.height, made.version) == (1, 2)
    assert [one[1:] for one in notices("escalation")] == [
        ("+10", 1, middle, "sent"), ("+10", 2, middle, "planned"), ("+20", 2, top, "skipped"),
    ]  # fmt: skip
    assert up(referral, coordinator, now=later).rung == "+20"  # by hand it still may be


def test_reconciling_finds_nothing_amiss_with_what_was_done_by_hand(referral, coordinator):
    for day in (dt.date(2026, 4, 29), dt.date(2026, 5, 4)):
        actions.plan(now=on(day, 7) + dt.timedelta(minutes=30))
    up(referral, coordinator)
    sent(kind__startswith="escalat")

    assert reconciling.reconcile(now=EARLY) == 0
    down(referral, coordinator)
    assert reconciling.reconcile(now=EARLY) == 0
    assert not Finding.objects.exists()


# --- the pages ------------------------------------------------------------------------------------
def test_pages_name_who_is_told_and_show_the_reason_to_the_secretariat_alone(
    client, referral, coordinator, office
):
    Referral.objects.update(due_on=dt.date(2041, 5, 8))
    client.force_login(coordinator)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = reverse("climbs:escalate", args=[referral.pk])
    back = reverse("issues:referral", args=[referral.pk])
    assert page in client.get(back).content.decode()
    shown = client.get(page).content.decode()
    assert "District administration is asked for its support" in shown
    assert f"{office} and the organization learn of it" in shown
    answer = client.post(page, {"client_key": uuid.uuid4(), "reason": WHY}, follow=True)
    assert answer.redirect_chain == [(back, 302)]
    assert WHY in answer.content.decode()
    kept = reverse("climbs:deescalate", args=[referral.pk])
    answer = client.post(kept, {"client_key": uuid.uuid4(), "reason": "They met."}, follow=True)
    assert "They met." in answer.content.decode()
    assert kept not in answer.content.decode()
    client.force_login(official_of(office))
    assert WHY not in client.get(back).content.decode()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("unset", "No superior office is set for Land."),
        ("ministry", "Above Land stands a ministry, and ministries are not turned to."),
        ("concerned", "The issue concerns every superior office, so none of them may be told."),
        ("told", "Every superior office that may be told was told already."),
    ],
)
def test_no_way_up_is_offered_where_there_is_none_and_the_page_says_why(
    client, referral, coordinator, office, middle, top, change, why
):
    Authority.objects.filter(pk=office.pk).update(name_en="Land")
    if change == "unset":
        Authority.objects.filter(pk=office.pk).update(superior=None)
    elif change == "ministry":
        Authority.objects.filter(pk=office.pk).update(superior=AuthorityFactory(ministry=True))
    elif change == "concerned":
        ConcernFactory(issue=referral.issue, authority=top)
    else:
        for _office in (middle, top):
            up(referral, coordinator)
    both = coordinator_of(referral.issue.province)
    RoleAssignmentFactory(user=both, role="administrator")
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(coordinator)
    escalate = reverse("climbs:escalate", args=[referral.pk])

    shown = client.get(reverse("issues:referral", args=[referral.pk])).text
    refused = client.get(escalate, follow=True).text
    client.force_login(both)
    mending = client.get(reverse("issues:referral", args=[referral.pk])).text

    set_it = reverse("provinces:authority_superior", args=[office.pk])
    assert (escalate in shown, why in shown, why in refused) == (False, True, True)
    assert (set_it in shown, set_it in mending) == (False, change in ("unset", "ministry"))
