"""Nobody comes upon what concerns their office, or what is frozen; see ``walking``."""

import pytest

from audit import clock
from forum.models import Session
from issues import actions
from issues.models import Issue, Letter, Link, Referral
from outbox.models import Notice
from provinces.models import Authority
from reminders import actions as reminders
from reminders.models import ProvincePolicy
from tests.factories import (
    DAY,
    AuthorityFactory,
    ConcernFactory,
    InvitationFactory,
    OrganizationFactory,
    ProvinceFactory,
    ReferralFactory,
    announced,
    coordinator_of,
    official_of,
    representative_of,
)
from tests.factories_more import CosignFactory
from tests.safety.fixtures import (  # noqa: F401
    line,
    office,
    organization,
    people,
    things,
    walk,
)
from tests.safety.walking import (
    LINKS,
    MARK,
    addresses,
    codes,
    nothing_leaves_to,
    publish_all,
    references,
)

pytestmark = pytest.mark.django_db


def test_the_walk_comes_upon_what_is_open(walk, people, office):
    """Else it would prove nothing."""
    publish_all()

    public = {"issues:issue", "issues:issues", "issues:published", "issues:agenda", "home"}
    own = {"issues:referral", "issues:referrals", "issues:evidence", "issues:thumbnail"}

    found = walk.finds(people["official"], [MARK], only=public | own)

    assert {name for name, _method, _mark in found} == public | own


# --- "this concerns office X" -------------------------------------------------------------------
@pytest.mark.parametrize(
    ("concerned", "barred"),
    [("office", ["office"]), ("above", ["above", "below"])],
)
def test_an_office_it_concerns_comes_upon_nothing_of_it(walk, line, concerned, barred):
    publish_all()
    referral = Referral.objects.get(pk=walk.things["referral"][0])
    ReferralFactory(issue=referral.issue, authority=line["below"], note=MARK)
    for issue in Issue.objects.all():
        ConcernFactory(issue=issue, authority=line[concerned])

    for name in barred:
        marks = [MARK, *references()]
        assert walk.finds(official_of(line[name]), marks, besides=LINKS[:1]) == set()


def test_an_office_it_concerns_counts_nothing_on_its_first_page(client, walk, line):
    for issue in Issue.objects.all():
        ConcernFactory(issue=issue, authority=line["office"])

    for name in ("above", "office", "below"):
        client.force_login(official_of(line[name]))
        home = client.get("/").context["official"]
        own = 0 if name != "above" else Referral.objects.open().count()
        assert (home.awaiting, home.groups, home.below) == (0, [], own)


def test_no_notice_of_it_leaves_to_an_office_it_concerns(walk, line):
    for issue in Issue.objects.all():
        ConcernFactory(issue=issue, authority=line["office"])

    assert nothing_leaves_to([*addresses(line["office"]), *addresses(line["below"])]) is True


def test_no_rung_of_the_ladder_reaches_a_superior_it_concerns(walk, line):
    reminders.seed_policy()
    by_itself = {"escalates_by_itself": True}
    ProvincePolicy.objects.update_or_create(province_id="11", defaults=by_itself)
    top = AuthorityFactory(kind=Authority.Kind.ADMINISTRATION)
    Authority.objects.filter(pk=line["above"].pk).update(superior=top)
    long_ago = clock.today() - 90 * DAY
    Referral.objects.update(due_on=long_ago, handed_over_on=long_ago - 9 * DAY)
    far = official_of(top)
    barred = addresses(line["above"])
    for issue in Issue.objects.all():
        ConcernFactory(issue=issue, authority=top)
        ConcernFactory(issue=issue, authority=line["below"])
    Link.objects.all().delete()
    Letter.objects.all().delete()
    Notice.objects.all().delete()

    reminders.plan(now=clock.now())

    told = set(Notice.objects.values_list("recipient", flat=True))
    assert told.isdisjoint({f"user:{far.pk}", *barred, *addresses(top)})


# --- "we were pressured" ------------------------------------------------------------------------
@pytest.fixture
def outside(walk, line, organization):
    """Everybody who read the issues until they were frozen."""
    publish_all()
    cosigner, guest = OrganizationFactory(), OrganizationFactory()
    for issue in Issue.objects.exclude(status="draft"):
        CosignFactory(issue=issue, organization=cosigner)
    session = walk.things["session"][0]
    InvitationFactory(session_id=session, organization=guest)
    announced(Session.objects.get(pk=session), clock.now() - DAY)
    return {
        "public": None,
        "official": official_of(line["office"]),
        "superior": official_of(line["above"]),
        "cosigner": representative_of(cosigner),
        "participant": representative_of(guest),
        "elsewhere": coordinator_of(ProvinceFactory(code="16")),
    }


def freeze_all():
    for issue in Issue.objects.exclude(status="draft"):
        actions.pressured(issue, by=issue.author, now=clock.now())


@pytest.mark.parametrize(
    "reader", ["public", "official", "superior", "cosigner", "participant", "elsewhere"]
)
def test_nobody_outside_comes_upon_anything_of_what_is_frozen(walk, outside, reader):
    marks = [MARK, *references()]
    read = {"issues:issue", "issues:published"}
    if reader in ("official", "superior", "participant"):  # were invited
        read.add("issues:agenda")
    before = walk.finds(outside[reader], [MARK], only=read | {"issues:agenda"})
    assert {name for name, *_rest in before} == read

    freeze_all()
    walk.codes = codes()

    assert walk.finds(outside[reader], marks) == set()


def test_an_office_counts_nothing_of_what_is_frozen_on_its_first_page(client, outside):
    freeze_all()

    for name in ("official", "superior"):
        client.force_login(outside[name])
        home = client.get("/").context["official"]
        assert (home.awaiting, home.groups, home.below, home.below_late) == (0, [], 0, 0)


def test_no_notice_of_what_is_frozen_leaves_to_anybody_outside(walk, outside, line):
    freeze_all()
    recipients = [f"user:{one.pk}" for one in outside.values() if one]
    recipients += [*addresses(line["office"]), *addresses(line["above"])]

    assert nothing_leaves_to(recipients) is True


def test_the_organization_and_its_secretariat_go_on_reading_what_is_frozen(walk, people, outside):
    freeze_all()

    for reader in ("representative", "coordinator"):
        own = {"issues:issue", "issues:issues", "issues:agenda", "issues:evidence"}
        assert {name for name, *_rest in walk.finds(people[reader], [MARK], only=own)} == own
