"""A coordinator who is of an office reads no notice of an issue that concerns it."""

import pytest
from django.urls import reverse

from audit import clock
from outbox.models import Message, Notice
from reminders.models import Finding
from tests.factories import (
    AuthorityFactory,
    ConcernFactory,
    MessageFactory,
    NoticeFactory,
    ProvinceFactory,
    RoleAssignmentFactory,
    administrator,
    coordinator_of,
    issue_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def barred():
    """A notice of an issue that concerns an office, and one of another."""
    issue, other = issue_in("referred"), issue_in("referred")
    office = AuthorityFactory()
    ConcernFactory(issue=issue, authority=office)
    mine = {"province": issue.province, "state": "sent"}
    hidden = NoticeFactory(
        subject=f"referral:{issue.referrals.get().pk}", message=MessageFactory(), **mine
    )
    seen = NoticeFactory(subject=f"issue:{other.pk}", message=MessageFactory(), **mine)
    return issue, office, hidden, seen


def test_notices_of_what_concerns_an_office_are_hidden_from_its_officials(client, barred):
    issue, office, hidden, seen = barred
    below = AuthorityFactory(superior=office)
    person = coordinator_of(issue.province)
    alone = coordinator_of(issue.province)
    RoleAssignmentFactory(user=person, role="official", authority=below)

    client.force_login(person)
    answers = [client.get(reverse("outbox:notice", args=[one.pk])) for one in (hidden, seen)]

    assert [one.status_code for one in answers] == [404, 200]
    assert list(Notice.objects.visible_to(person)) == [seen]
    assert list(Message.objects.visible_to(person)) == [seen.message]
    assert set(Notice.objects.visible_to(alone)) == {hidden, seen}


def test_findings_elsewhere_are_counted_for_an_administrator_and_not_named(client, barred):
    issue, _office, hidden, _seen = barred
    person = administrator()
    RoleAssignmentFactory(user=person, role="coordinator", province=ProvinceFactory(code="16"))
    Finding.objects.create(
        province=issue.province, kind="missing", subject=hidden.subject, told="reminder",
        version=1, first_seen_at=clock.now(), latest_seen_at=clock.now(),
    )  # fmt: skip

    client.force_login(person)
    page = client.get(reverse("status")).content.decode()

    assert str(issue.title) not in page
    assert Finding.objects.visible_to(person).exists()
    assert not Finding.objects.served_by(person).exists()
