"""What protects an issue protects all that tells the same matter."""

import pytest

from issues import actions
from issues.models import Issue, Pressure, Referral
from tests.factories import (
    AuthorityFactory,
    ProvinceFactory,
    ReferralFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.issues.traces import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return issue_in("accepted", disclosure="public")


@pytest.fixture
def part(lead):
    """The same matter in another province, with an office there."""
    return issue_in(
        "referred",
        province=ProvinceFactory(code="16"),
        authority=AuthorityFactory(province=ProvinceFactory(code="16")),
        organization=lead.organization,
        disclosure="public",
        published_at=NOW,
        follows=lead,
        root=lead,
        link="province",
    )


@pytest.fixture
def person(lead):
    return representative_of(lead.organization)


def fresh(*issues):
    return [Issue.objects.get(pk=one.pk) for one in issues]


@pytest.mark.parametrize("pressed", ["lead", "part"])
def test_pressured_freezes_the_parts_in_other_provinces(lead, part, person, pressed):
    issue = lead if pressed == "lead" else part
    office = official_of(part.referrals.get().authority)

    actions.pressured(issue, by=person, now=NOW)

    assert [one.pressured_at for one in fresh(lead, part)] == [NOW, NOW]
    assert Pressure.objects.count() == 2
    assert not Issue.objects.visible_to(office).filter(pk=part.pk).exists()


def test_pressured_freezes_the_issue_in_which_it_goes_on(lead):
    source, coordinator = issue_in("accepted"), coordinator_of(None)
    actions.merge(source, by=coordinator, now=NOW, target=lead, note="", moves_referrals=False)

    actions.pressured(source, by=representative_of(source.organization), now=NOW)

    assert [bool(one.pressured_at) for one in fresh(source, lead)] == [True, True]


def test_each_is_lifted_for_itself(lead, part, person):
    actions.pressured(lead, by=person, now=NOW)

    actions.lift(lead, by=coordinator_of(lead.province), now=NOW, reason="Talked by telephone.")

    assert [bool(one.pressured_at) for one in fresh(lead, part)] == [False, True]


def test_pressured_leaves_other_issues_of_the_thread(lead, person):
    again = issue_in(
        "accepted", organization=lead.organization, follows=lead, root=lead, link="again"
    )

    actions.pressured(lead, by=person, now=NOW)

    assert fresh(again)[0].pressured_at is None


@pytest.mark.parametrize("link", ["remainder", "split"])
def test_pressured_freezes_what_remained_of_it_and_what_was_split_from_that(lead, person, link):
    rest = issue_in("referred", organization=lead.organization, follows=lead, root=lead, link=link)
    part = issue_in("accepted", follows=rest, root=lead, link="split")

    actions.pressured(lead, by=person, now=NOW)

    assert [one.pressured_at for one in fresh(rest, part)] == [NOW, NOW]


def test_tighten_makes_the_parts_as_strict(lead, part):
    actions.tighten(lead, by=coordinator_of(lead.province), now=NOW, disclosure="confidential")

    (part,) = fresh(part)
    assert (part.disclosure, part.published_at) == ("confidential", None)


def test_bar_keeps_a_ministry_from_the_parts_too(lead, part):
    ministry = AuthorityFactory(ministry=True)
    held = ReferralFactory(issue=part, authority=ministry)

    actions.bar(lead, by=coordinator_of(lead.province), now=NOW, authority=ministry)

    assert part.concerns.get().authority == ministry
    assert Referral.objects.get(pk=held.pk).ended_as == "recalled"
    assert fresh(part)[0].status == "referred"  # another office leads


def test_bar_of_the_only_leading_office_lets_the_part_wait_again(lead, part):
    held = part.referrals.get()
    ministry = AuthorityFactory(ministry=True)
    Referral.objects.filter(pk=held.pk).update(authority=ministry)

    actions.bar(lead, by=coordinator_of(lead.province), now=NOW, authority=ministry)

    assert fresh(part)[0].status == "accepted"
    assert part.intervals.get(left_at=None).status == "accepted"
