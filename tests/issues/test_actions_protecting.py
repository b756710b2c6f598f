import pytest

from audit.errors import TransitionError
from issues import actions
from issues.models import Issue, Referral
from tests.factories import (
    AgendaItemFactory,
    AuthorityFactory,
    ConcernFactory,
    ProvinceFactory,
    ReferralFactory,
    coordinator_of,
    issue_in,
    official_of,
)
from tests.issues.traces import NOW, TODAY, everything, trail

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
