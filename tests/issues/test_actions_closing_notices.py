"""Whom the end of a session tells of what: each once as an office, once as an organization."""

import pytest
from django.utils import translation

from audit import clock
from forum.models import Session
from issues import actions, closed
from issues.actions import Charge
from outbox import registry
from outbox.models import Notice
from tests.factories import (
    AuthorityFactory,
    ConcernFactory,
    ContactPointFactory,
    InvitationFactory,
    OrganizationFactory,
    SessionFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.factories_more import CosignFactory
from tests.issues.traces import DUE, NOW, told

pytestmark = pytest.mark.django_db
OFFICE, ORGANIZATION = "session_closed_office", "session_closed_organization"


class Story:
    """An open session with two issues referred to one office, one addressed, and guests."""

    def __init__(self):
        self.session = SessionFactory(status=Session.Status.OPEN, published_at=clock.now())
        self.coordinator = coordinator_of(self.session.province)
        self.office = AuthorityFactory(name_en="Department of roads")
        self.official = official_of(self.office)
        self.roads = self.referred(title="A road is cut")
        self.secret = self.referred(title="A name", disclosure="confidential")
        self.cosigner = representative_of(CosignFactory(issue=self.roads).organization)
        self.guest = representative_of(OrganizationFactory())
        InvitationFactory(session=self.session, organization=self.guest.held[0].organization)
        self.guest_office = ContactPointFactory(channel="email", value="office@example.kh")
        InvitationFactory(session=self.session, authority=self.guest_office.authority)

    def referred(self, **fields):
        issue = issue_in("scheduled", session=self.session, **fields)
        self.refer(issue)
        return issue

    def refer(self, issue):
        charge = Charge(self.office.pk, DUE)
        item = issue.agenda_items.get()
        actions.refer_in_session(item, by=self.coordinator, now=NOW, charges=[charge])

    def release(self):
        actions.release(self.session, by=self.coordinator, now=NOW)
        subject = f"session:{self.session.pk}"
        return [(kind, who) for kind, about, _version, who in told() if about == subject]

    def said_to(self, who, kind, language="en"):
        notice = Notice.objects.get(kind=kind, recipient=who)
        with translation.override(language):
            assert registry.wanted(notice, NOW)
            return registry.render(notice, language)


@pytest.fixture
def story():
    return Story()


def user(person):
    return f"user:{person.pk}"


def test_release_tells_each_office_and_each_organization_once(story):
    sent = story.release()

    contact = f"contact:{story.guest_office.pk}"
    speak = [story.roads.author, story.secret.author, story.cosigner, story.guest]
    assert sent == sorted(
        [
            (OFFICE, contact),
            (OFFICE, user(story.official)),
            *((ORGANIZATION, user(one)) for one in speak),
        ]
    )
    assert {kind for kind, *_rest in told()} == {OFFICE, ORGANIZATION}  # and nothing besides


def test_an_office_reads_its_referrals_by_reference_and_date_alone(story, settings):
    story.release()

    text = story.said_to(user(story.official), OFFICE)

    for issue in (story.roads, story.secret):
        page = f"{settings.BASE_URL}/referrals/{issue.referrals.get().pk}/"
        assert f"{issue.reference} – Department of roads\nKindly asked by: " in text.body
        assert page in text.body
        assert issue.title not in text.subject + text.body
    assert "with 2 requests" in text.body
    assert f"{settings.BASE_URL}/sessions/{story.session.pk}/minutes/" in text.body


def test_an_organization_reads_what_became_of_its_own_and_what_it_co_signs(story, settings):
    story.release()

    own = story.said_to(user(story.roads.author), ORGANIZATION).body
    cosigned = story.said_to(user(story.cosigner), ORGANIZATION).body

    line = f"{story.roads.reference} – Referred\nDepartment of roads, by "
    for body in (own, cosigned):
        assert line in body
        assert story.secret.reference not in body
        assert f"{settings.BASE_URL}{story.roads.get_absolute_url()}" in body
    assert "A road is cut" not in own


@pytest.mark.parametrize("language", ["en", "km"])
def test_who_was_invited_and_has_nothing_gets_the_minutes_all_the_same(story, settings, language):
    story.release()

    page = f"{settings.BASE_URL}/sessions/{story.session.pk}/minutes/"
    for who, kind in (
        (user(story.guest), ORGANIZATION),
        (f"contact:{story.guest_office.pk}", OFFICE),
    ):
        body = story.said_to(who, kind, language).body
        assert page in body
        assert story.roads.reference not in body


def test_an_office_is_told_nothing_of_what_concerns_it_or_is_frozen(story):
    above = AuthorityFactory()
    story.office.superior = above
    story.office.save()
    ConcernFactory(issue=story.roads, authority=above)
    story.secret.pressured_at = NOW
    story.secret.save()

    sent = story.release()

    told_offices = [who for kind, who in sent if kind == OFFICE]
    assert told_offices == [f"contact:{story.guest_office.pk}"]
    InvitationFactory(session=story.session, authority=story.office)
    text = registry.render(_to(story, story.official, OFFICE), "en")
    assert "Nothing is asked of your office." in text.body


def _to(story, person, kind):
    return Notice(kind=kind, subject=f"session:{story.session.pk}", recipient=user(person))


def test_a_frozen_issue_is_told_to_no_organization(story):
    story.secret.pressured_at = NOW
    story.secret.save()

    sent = story.release()

    assert (ORGANIZATION, user(story.secret.author)) not in sent
    notice = _to(story, story.secret.author, ORGANIZATION)
    assert not registry.wanted(notice, NOW)
    assert story.secret.reference not in registry.render(notice, "en").body


def test_who_is_behind_a_frozen_issue_is_told_once_it_is_lifted(story):
    person = story.secret.author
    cosigner = representative_of(CosignFactory(issue=story.secret).organization)
    actions.pressured(story.secret, by=person, now=NOW)
    story.release()
    actions.lift(story.secret, by=story.coordinator, now=NOW, reason="Safe.")

    told_now = Notice.objects.filter(kind=ORGANIZATION, version__gt=1).order_by("recipient")
    assert {one.recipient for one in told_now} == {user(person), user(cosigner)}
    for notice in told_now:
        assert registry.wanted(notice, NOW)
        assert f"{story.secret.reference} – Referred" in registry.render(notice, "en").body


def test_what_is_told_is_not_wanted_by_strangers_or_before_the_end(story):
    notices = [_to(story, story.official, OFFICE), _to(story, story.roads.author, ORGANIZATION)]
    stranger = representative_of(OrganizationFactory())
    before = [registry.wanted(one, NOW) for one in notices]
    story.release()
    after = [registry.wanted(one, NOW) for one in notices]
    strange = [registry.wanted(_to(story, stranger, kind), NOW) for kind in (OFFICE, ORGANIZATION)]

    assert (before, after, strange) == ([False] * 2, [True] * 2, [False] * 2)


def test_who_cannot_be_reached_is_named_and_counted_as_no_message(story):
    silent = AuthorityFactory(name_en="Commune hall")
    InvitationFactory(session=story.session, authority=silent)

    found = closed.told_of(story.session)

    with translation.override("en"):
        assert (found.messages, closed.labels(found)) == (6, ["Commune hall"])


def test_told_of_costs_the_same_queries_however_many_it_tells(story, django_assert_num_queries):
    ConcernFactory(issue=story.roads)
    for _ in range(3):
        story.referred()

    with django_assert_num_queries(9):
        closed.told_of(story.session)
