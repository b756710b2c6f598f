import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from audit import clock
from audit.errors import TransitionError
from issues import actions
from issues.models import Issue, Referral
from outbox import registry
from outbox.models import Notice
from tests.factories import (
    AgendaItemFactory,
    AuthorityFactory,
    ConcernFactory,
    OrganizationFactory,
    ProvinceFactory,
    ReferralFactory,
    RoleAssignmentFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.issues.stories import at, page_of
from tests.issues.traces import NOW, TODAY, everything, told, trail

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator():
    return coordinator_of(ProvinceFactory())


# --- tighten ------------------------------------------------------------------------------------
@pytest.mark.parametrize("stricter", ["restricted", "confidential"])
def test_tighten_takes_the_issue_from_the_public_and_leaves_a_trace(coordinator, stricter):
    issue = issue_in("referred", disclosure="public", is_named=True, published_at=NOW)

    actions.tighten(issue, by=coordinator, now=NOW, disclosure=stricter)

    issue = Issue.objects.get()
    assert (issue.disclosure, issue.published_at, issue.version) == (stricter, None, 2)
    assert issue.is_named == (stricter == "restricted")
    assert not Issue.objects.published().exists()
    assert trail() == [
        (
            "issue.tighten",
            f"issue:{issue.pk}",
            coordinator,
            "coordinator",
            {"disclosure": ["public", stricter]},
        )
    ]


@pytest.mark.parametrize("before", ["public", "restricted", "confidential"])
def test_tighten_never_lets_as_many_or_more_people_see_it(coordinator, before):
    issue = issue_in("accepted", disclosure=before)
    untouched = everything()
    scale = ["public", "restricted", "confidential"]

    for disclosure in [*scale[: scale.index(before) + 1], "secret"]:
        with pytest.raises(TransitionError):
            actions.tighten(issue, by=coordinator, now=NOW, disclosure=disclosure)

    assert everything() == untouched


def test_tighten_is_not_undone_by_a_form_that_was_open(coordinator):
    issue = issue_in("submitted", disclosure="public")
    actions.tighten(issue, by=coordinator, now=NOW, disclosure="confidential")

    with pytest.raises(TransitionError):
        actions.edit(issue, by=issue.author, now=NOW, content={"disclosure": "public"}, seen=1)

    assert Issue.objects.get().disclosure == "confidential"


# --- bar ----------------------------------------------------------------------------------------
def readers_of(issue, people):
    return {
        name
        for name, person in people.items()
        if Issue.objects.visible_to(person).filter(pk=issue.pk).exists()
        or Referral.objects.visible_to(person).filter(issue=issue).exists()
    }


def test_bar_recalls_what_the_office_and_those_below_hold_and_ends_their_access(coordinator):
    free, office = AuthorityFactory(), AuthorityFactory()
    below = AuthorityFactory(superior=office)
    issue = issue_in("referred", authority=free)
    ReferralFactory(issue=issue, authority=office)
    ReferralFactory(issue=issue, authority=below, role="supporting")
    people = {
        "free": official_of(free),
        "office": official_of(office),
        "below": official_of(below),
    }
    assert readers_of(issue, people) == {"free", "office", "below"}

    actions.bar(issue, by=coordinator, now=NOW, authority=office)

    assert readers_of(issue, people) == {"free"}
    assert Issue.objects.get().status == "referred"
    assert dict(issue.referrals.values_list("authority", "ended_as")) == {
        free.pk: "",
        office.pk: "recalled",
        below.pk: "recalled",
    }
    acts = [(act, change.get("authority")) for act, _subject, _by, _role, change in trail()]
    assert acts[0] == ("issue.concern", office.pk)
    assert sorted(acts[1:]) == [("issue.recall", office.pk), ("issue.recall", below.pk)]


def test_bar_of_the_last_leading_office_lets_the_issue_wait_again(coordinator):
    office = AuthorityFactory()
    issue = issue_in("referred", authority=office)
    helper = ReferralFactory(issue=issue, role="supporting")
    AgendaItemFactory(issue=issue)

    actions.bar(issue, by=coordinator, now=NOW, authority=office)

    helper.refresh_from_db()
    assert Issue.objects.get().status == "accepted"
    assert helper.ended_as == "over"
    assert not issue.agenda_items.exists()


def test_bar_of_an_office_that_holds_nothing_moves_nothing(coordinator):
    issue = issue_in("submitted")
    office = AuthorityFactory()

    actions.bar(issue, by=coordinator, now=NOW, authority=office)

    assert Issue.objects.get().status == "submitted"
    assert [one.authority for one in issue.concerns.all()] == [office]
    assert trail() == [
        (
            "issue.concern",
            f"issue:{issue.pk}",
            coordinator,
            "coordinator",
            {"authority": office.pk},
        )
    ]


def test_bar_of_an_office_kept_from_it_already_or_of_elsewhere_is_refused(coordinator):
    issue, office = issue_in("accepted"), AuthorityFactory()
    ConcernFactory(issue=issue, authority=office)
    untouched = everything()

    for refused in (
        office,
        AuthorityFactory(superior=office),
        AuthorityFactory(province=ProvinceFactory(code="16")),
    ):
        with pytest.raises(TransitionError):
            actions.bar(issue, by=coordinator, now=NOW, authority=refused)

    assert everything() == untouched


def test_dispute_gives_nothing_back_to_an_office_that_was_barred(coordinator):
    free, office = AuthorityFactory(), AuthorityFactory()
    issue = issue_in("resolved", authority=free)
    latest = issue.referrals.get()
    ReferralFactory(issue=issue, authority=office, ended_as="resolved", ended_at=latest.ended_at)
    actions.bar(issue, by=coordinator, now=NOW, authority=office)

    actions.dispute(issue, by=issue.author, now=NOW, reason="It is still there.")

    held = issue.referrals.open()
    assert [one.authority for one in held] == [free]
    assert held[0].due_on > TODAY


def test_a_closed_issue_is_tightened_and_kept_from_an_office(coordinator):
    issue, office = issue_in("closed", disclosure="public"), AuthorityFactory()

    actions.tighten(issue, by=coordinator, now=NOW, disclosure="restricted")
    actions.bar(issue, by=coordinator, now=NOW, authority=office)

    issue = Issue.objects.get()
    assert (issue.status, issue.disclosure) == ("closed", "restricted")
    assert [one.authority for one in issue.concerns.all()] == [office]


# --- by the organization ------------------------------------------------------------------------
def test_the_organization_tightens_and_the_secretariat_is_told_once(coordinator):
    issue = issue_in("referred", disclosure="public", published_at=NOW)

    actions.tighten(issue, by=issue.author, now=NOW, disclosure="restricted")

    after = Issue.objects.get()
    assert (after.disclosure, after.published_at) == ("restricted", None)
    assert trail()[-1][3] == "representative"
    assert [one for one in told() if one[3] == f"user:{coordinator.pk}"] == [
        ("issue_protected", f"issue:{issue.pk}", 2, f"user:{coordinator.pk}")
    ]
    assert {one[0] for one in told()} == {"issue_protected"}


@pytest.mark.parametrize("released", [True, False])
def test_the_organization_marks_an_office_and_what_it_holds_is_recalled(coordinator, released):
    office = AuthorityFactory()
    issue = issue_in("referred", authority=office)
    if not released:
        issue.referrals.update(released_at=None, handed_over_on=None, due_on=None)

    actions.bar(issue, by=issue.author, now=NOW, authority=office)

    held = issue.referrals.get()
    assert (Issue.objects.get().status, held.ended_as) == ("accepted", "recalled")
    assert [(act, role) for act, _subject, _by, role, _change in trail()] == [
        ("issue.concern", "representative"),
        ("issue.recall", "representative"),
    ]
    mine = [one[0] for one in told() if one[3] == f"user:{coordinator.pk}"]
    assert mine == ["issue_protected"]


def test_the_organization_recalls_nothing_by_itself():
    issue = issue_in("referred")

    with pytest.raises(PermissionDenied):
        actions.recall(issue.referrals.get(), by=issue.author, now=NOW)


def test_of_its_own_acts_the_secretariat_is_not_told(coordinator):
    issue = issue_in("accepted", disclosure="public")

    actions.tighten(issue, by=coordinator, now=NOW, disclosure="restricted")
    actions.bar(issue, by=coordinator, now=NOW, authority=AuthorityFactory())

    assert told() == []


def test_a_coordinator_of_an_office_it_concerns_is_not_told(coordinator):
    issue, office = issue_in("accepted"), AuthorityFactory()
    both = official_of(office)
    RoleAssignmentFactory(user=both, role="coordinator", province=issue.province)

    actions.bar(issue, by=issue.author, now=NOW, authority=office)

    wanted = {
        one.recipient: registry.wanted(one, clock.now())
        for one in Notice.objects.filter(kind="issue_protected")
    }
    assert wanted[f"user:{coordinator.pk}"]
    assert not wanted[f"user:{both.pk}"]


def test_the_organization_does_both_on_their_pages(client):
    issue, office = issue_in("accepted", disclosure="public"), AuthorityFactory()
    tighten, concern = (
        reverse(f"issues:{name}", args=[issue.reference])
        for name in ("issue_tighten", "issue_concern")
    )
    shown = page_of(client, issue.author, issue)
    assert (shown.count(f'href="{tighten}"'), shown.count(f'href="{concern}"')) == (1, 1)

    client.post(tighten, {"disclosure": "confidential"})
    client.post(concern, {"authority": office.pk})

    after = Issue.objects.get()
    assert after.disclosure == "confidential"
    assert [one.authority for one in after.concerns.all()] == [office]
    shown = page_of(client, issue.author, issue)
    assert "Marked as concerning an office" in shown
    assert tighten not in shown  # nobody could see less of it


def test_who_is_of_both_sides_has_each_button_once(client):
    issue = issue_in("accepted", disclosure="public")
    RoleAssignmentFactory(user=issue.author, role="coordinator", province=issue.province)

    shown = page_of(client, issue.author, issue)

    for name in ("issue_tighten", "issue_concern"):
        assert shown.count(f'href="{reverse(f"issues:{name}", args=[issue.reference])}"') == 1


@pytest.mark.parametrize("name", ["issue_tighten", "issue_concern"])
def test_nobody_else_lets_fewer_people_see_it(client, name):
    issue = issue_in("referred", disclosure="public", published_at=clock.now())
    url = reverse(f"issues:{name}", args=[issue.reference])
    untouched = everything()

    for person in (
        official_of(issue.referrals.get().authority),
        representative_of(OrganizationFactory()),
        coordinator_of(ProvinceFactory(code="16")),
    ):
        assert at(client, person).get(url).status_code == 403
        assert client.post(url, {"disclosure": "restricted"}).status_code == 403
    assert everything() == untouched
