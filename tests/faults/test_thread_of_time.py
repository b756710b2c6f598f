"""Two referrals from their release to their solution, with worker and beat killed at each stage."""

import datetime as dt
import uuid

import pytest

from audit import clock
from issues import actions as issue_actions
from issues.models import Issue, Referral
from outbox import actions as outbox_actions
from outbox.models import Message, Notice
from provinces.models import Authority
from reminders.models import ProvincePolicy
from tests.factories import (
    AuthorityFactory,
    ProvinceFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)

pytest_plugins = ["tests.faults.stage"]
ZONE = dt.timezone(dt.timedelta(hours=7))  # Asia/Phnom_Penh
RELEASED, DUE = (8, 3), dt.date(2026, 8, 24)  # Mondays, fifteen working days apart


def at(month, day, hour=9):
    return dt.datetime(2026, month, day, hour, 0, tzinfo=ZONE)


class Story:
    """A referral with everybody who has to do with it; what each was to be sent so far."""

    def __init__(self, code, name):
        self.name = name
        self.province = ProvinceFactory(code=code)
        administration = AuthorityFactory(
            province=self.province, kind=Authority.Kind.ADMINISTRATION
        )
        directorate = AuthorityFactory(province=self.province, superior=administration)
        self.office = AuthorityFactory(province=self.province, superior=directorate)
        self.coordinator = coordinator_of(self.province, email=self.address("coordinator"))
        self.official = official_of(self.office, email=self.address("official"))
        official_of(directorate, email=self.address("director"))
        official_of(administration, email=self.address("governor"))
        self.referral = self._refer()
        self.expected = []

    def _refer(self):
        issue = issue_in("accepted", province=self.province)
        representative_of(issue.organization, email=self.address("second"))
        issue.author.email = self.address("author")
        issue.author.save()
        return issue_actions.refer(
            issue, by=self.coordinator, now=clock.now(), authority=self.office, due_on=DUE
        )

    def address(self, person):
        return f"{person}@{self.name}.example"

    def expect(self, kind, rung, *people):
        self.expected += [(self.address(person), kind, rung) for person in people]

    def expect_escalation(self, rung, superior):
        self.expect("escalation", rung, superior)
        self.expect("escalated_office", rung, "official")
        self.expect("escalated_organization", rung, "author", "second")

    def release(self):
        notice = Notice.objects.get(
            kind="escalation", state="prepared", province=self.province, rung="+10"
        )
        outbox_actions.release(notice, by=self.coordinator, now=clock.now())

    def resolve(self):
        issue_actions.resolve(
            Referral.objects.get(pk=self.referral.pk),
            by=self.official,
            now=clock.now(),
            client_key=uuid.uuid4(),
            text="The road was repaired.",
            done_on=clock.today(),
        )


@pytest.fixture
def stories(engines):
    """One in a province that escalates by itself, one where a coordinator has to press."""
    engines.move_to(at(*RELEASED))
    made = Story("11", "automatic"), Story("16", "prepared")
    ProvincePolicy.objects.create(province=made[0].province, escalates_by_itself=True)
    return made


def arrived(sink):
    """Address, kind and rung of every message in the sink."""
    messages = {
        one.message_id: one.notices.get() for one in Message.objects.prefetch_related("notices")
    }
    found = []
    for received in sink.messages:
        (named,) = [one for one in messages if one.encode() in received.content]
        found.append((received.recipients[0], messages[named].kind, messages[named].rung))
    return sorted(found)


@pytest.mark.long_fault
def test_a_referral_passes_its_due_date_and_everybody_is_told_exactly_once(engines, sink, stories):
    automatic, prepared = stories

    def come(month, day, hour=9):
        engines.kill_all()
        engines.move_to(at(month, day, hour))

    def look():
        engines.restart("worker", "beat")
        engines.settle()
        assert arrived(sink) == sorted(automatic.expected + prepared.expected)

    def expect(*notices):
        for story in stories:
            for kind, rung, *people in notices:
                story.expect(kind, rung, *people)

    expect(("issue_referred", "", "author", "second"), ("first_referral", "", "official"))
    look()
    for story in stories:
        story.referral.refresh_from_db()
        assert (story.referral.handed_over_on, story.referral.due_on) == (dt.date(2026, 8, 3), DUE)

    come(8, 21)  # −1; −7 was slept through and is told no more
    expect(("reminder", "-1", "official"))
    look()
    assert Notice.objects.filter(rung="-7", state="skipped").count() == 2

    come(8, 24)
    expect(("reminder", "0", "official"))
    look()

    come(8, 25)
    expect(("reminder", "+1", "official"))
    look()

    come(8, 31)
    expect(("reminder", "+5", "official"), ("reminder_copy", "+5", "coordinator"))
    look()

    come(9, 7)
    automatic.expect_escalation("+10", "director")
    look()

    come(9, 8)
    prepared.release()
    prepared.expect_escalation("+10", "director")
    look()

    come(9, 21)  # one superior further; what is only prepared tells nobody
    automatic.expect_escalation("+20", "governor")
    look()

    come(9, 22)
    for story in stories:
        story.resolve()
    expect(("issue_resolved", "", "coordinator"), ("confirmation_asked", "", "author", "second"))
    look()

    come(10, 6)  # fourteen days on: the organization is asked again, the office let alone
    expect(("confirmation_asked", "+14", "author", "second"))
    look()

    assert set(Issue.objects.values_list("status", flat=True)) == {Issue.Status.RESOLVED}
    # The second escalation of the other province waited for a press, until there was no reason.
    assert set(Notice.objects.filter(rung="+20").values_list("province", "state")) == {
        ("11", "sent"),
        ("16", "cancelled"),
    }
