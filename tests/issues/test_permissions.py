import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import translation

from issues import permissions
from issues.models import Referral
from issues.permissions import Audience
from tests.factories import (
    AuthorityFactory,
    IssueFactory,
    LocalityFactory,
    OrganizationFactory,
    ProvinceFactory,
    ReferralFactory,
    RoleAssignmentFactory,
    UserFactory,
    administrator,
    coordinator_of,
    official_of,
    representative_of,
)
from tests.issues.traces import TODAY

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def issue():
    return IssueFactory(
        commune=LocalityFactory(code="110101", name_en="Dak Dam"),
        organization=OrganizationFactory(name_en="Forest Friends"),
    )


@pytest.fixture
def people(issue):
    return {
        "representative": representative_of(issue.organization),
        "another organization": representative_of(OrganizationFactory()),
        "coordinator": coordinator_of(issue.province),
        "coordinator of all": coordinator_of(None),
        "another province": coordinator_of(ProvinceFactory(code="16")),
        "official": official_of(AuthorityFactory()),
        "administrator": administrator(),
        "nobody": UserFactory(),
    }


def test_serves_is_of_the_issues_province_or_of_all(issue, people):
    found = {name for name, one in people.items() if permissions.serves(one, issue)}

    assert found == {"coordinator", "coordinator of all"}


def test_raised_is_of_the_very_organization(issue, people):
    assert {name for name, one in people.items() if permissions.raised(one, issue)} == {
        "representative"
    }


def test_parts_in_hold_no_role_of_offices(issue, people):
    assert {name: permissions.parts_in(one, issue) for name, one in people.items()} == {
        "representative": {"representative"},
        "another organization": set(),
        "coordinator": {"coordinator"},
        "coordinator of all": {"coordinator"},
        "another province": set(),
        "official": set(),
        "administrator": set(),
        "nobody": set(),
    }


def test_parts_in_are_both_for_who_holds_both(issue, people):
    both = people["representative"]
    RoleAssignmentFactory(user=both, role="coordinator", province=issue.province)

    assert permissions.parts_in(both, issue) == {"representative", "coordinator"}


def test_answers_is_an_official_of_the_very_office_after_the_release():
    superior = AuthorityFactory()
    asked = AuthorityFactory(superior=superior)
    below = AuthorityFactory(superior=asked)
    referral = ReferralFactory(authority=asked)
    waiting = ReferralFactory(authority=asked, released_at=None)
    officials = {one: official_of(one) for one in (superior, asked, below)}

    found = {
        (office, row)
        for office, person in officials.items()
        for row in (referral, waiting)
        if permissions.answers(person, row)
    }

    assert found == {(asked, referral)}


@pytest.mark.parametrize(
    ("who", "is_referred", "audience"),
    [
        ("representative", False, Audience.ORGANIZATION),
        ("coordinator", False, Audience.SECRETARIAT),
        ("coordinator of all", False, Audience.SECRETARIAT),
        ("official", True, Audience.OFFICE),
        ("official", False, Audience.PUBLIC),
        ("another organization", False, Audience.PUBLIC),
        ("another province", False, Audience.PUBLIC),
        ("administrator", False, Audience.PUBLIC),
        ("nobody", False, Audience.PUBLIC),
    ],
)
def test_audience_of_everybody(issue, people, who, is_referred, audience):
    assert permissions.audience_of(people[who], issue, is_referred=is_referred) == audience


@pytest.mark.parametrize(
    ("who", "audience"),
    [
        ("representative", Audience.ORGANIZATION),
        ("coordinator", Audience.SECRETARIAT),
        ("another organization", Audience.COSIGNER),
        ("official", Audience.COSIGNER),
    ],
)
def test_audience_of_who_co_signs(issue, people, who, audience):
    found = permissions.audience_of(people[who], issue, is_referred=True, is_cosigner=True)

    assert found == audience


def test_audience_of_who_is_not_signed_in_is_the_public(issue):
    assert permissions.audience_of(AnonymousUser(), issue, is_referred=True) == Audience.PUBLIC


NAMED, HIDDEN = "Forest Friends", "The raising organization"
EXACT, COARSE = "as far as the commune", "the province alone"
WORDS = {EXACT: permissions.place_of, COARSE: lambda issue: issue.province.name}
# (disclosure, may be named): audience: (organization, place, files, history).
SHOWN = {
    ("public", True): {
        "organization": (NAMED, EXACT, True, True),
        "secretariat": (NAMED, EXACT, True, True),
        "cosigner": (NAMED, EXACT, False, True),
        "office": (NAMED, EXACT, True, True),
        "room": (NAMED, EXACT, False, False),
        "public": (NAMED, EXACT, False, True),
    },
    ("restricted", False): {
        "organization": (NAMED, EXACT, True, True),
        "secretariat": (NAMED, EXACT, True, True),
        "cosigner": (HIDDEN, EXACT, False, True),
        "office": (HIDDEN, EXACT, True, True),
        "room": (HIDDEN, EXACT, False, False),
        "public": (HIDDEN, EXACT, False, True),
    },
    ("confidential", True): {
        "organization": (NAMED, EXACT, True, True),
        "secretariat": (NAMED, EXACT, True, True),
        "cosigner": (HIDDEN, COARSE, False, True),
        "office": (HIDDEN, COARSE, True, True),
        "room": (HIDDEN, COARSE, False, False),
        "public": (HIDDEN, COARSE, False, True),
    },
}


@pytest.mark.parametrize(("disclosure", "is_named"), SHOWN)
@translation.override("en")
def test_disclosed_to_every_audience(issue, disclosure, is_named):
    issue.disclosure, issue.is_named = disclosure, is_named

    shown = {str(one): permissions.disclosed(issue, one) for one in Audience}

    assert {
        name: (one.organization, one.place, one.evidence, one.history)
        for name, one in shown.items()
    } == {
        name: (organization, WORDS[place](issue), *rest)
        for name, (organization, place, *rest) in SHOWN[disclosure, is_named].items()
    }
    assert {str(one.audience) for one in shown.values()} == set(shown)


@translation.override("en")
def test_disclosed_names_the_organization_to_one_it_knows_since_a_merging(issue):
    issue.disclosure = "confidential"

    shown = permissions.disclosed(issue, Audience.COSIGNER, is_known=True)

    assert (shown.organization, shown.place) == (NAMED, "Mondulkiri")


@translation.override("en")
def test_place_of_ends_at_the_commune(issue):
    district = issue.commune.parent

    assert permissions.place_of(issue) == ", ".join(
        [issue.commune.full_name, district.full_name, "Mondulkiri"]
    )


def test_is_late_from_the_day_after_the_due_date_while_open():
    referral = Referral(due_on=TODAY)

    assert not permissions.is_late(referral, TODAY)
    assert permissions.is_late(referral, TODAY + DAY)
    assert not permissions.is_late(Referral(due_on=None), TODAY)
    referral.ended_at = dt.datetime(2041, 7, 3, tzinfo=dt.UTC)
    assert not permissions.is_late(referral, TODAY + DAY)
