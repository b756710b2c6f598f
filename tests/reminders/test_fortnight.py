"""A fortnight of hundreds of referrals, day by day, against a table that is worked out by itself.

The clock is moved, and nothing is replaced but it: planner, dispatcher and mail go their way. What
is expected stands in ``plain_fortnight``: each (day, person, referral, rung) that was told.
"""

import datetime as dt
import uuid
from collections import Counter

import pytest
from django.db import connection

from issues import actions as issue_actions
from issues.models import Interval, Issue, Referral
from outbox import actions as outbox_actions
from outbox.models import Attempt, Heartbeat, Message, Notice
from provinces.models import Authority
from reminders import actions, looking
from tests.factories import (
    AuthorityFactory,
    HolidayFactory,
    administrator,
    coordinator_of,
    issue_in,
    official_of,
)
from tests.reminders.plain_fortnight import (
    ADDED,
    ADDED_ON,
    ANSWERED,
    ANSWERED_ON,
    EVERY,
    EXTENDED,
    EXTENDED_ON,
    FORTNIGHT,
    FRESH,
    FRESH_DAYS,
    HANDED,
    KNOWN,
    MAIL_IS_AWAY,
    NOTHING_RUNS,
    OFFICES,
    PRESSED_OFFICE,
    PRESSED_ON,
    RELEASED_ON,
    RESOLVED,
    RESOLVED_ON,
    Plain,
    Table,
    Told,
    is_one_of,
)

ZONE = dt.timezone(dt.timedelta(hours=7))  # Asia/Phnom_Penh
TWO_MINUTES = dt.timedelta(minutes=2)  # after which a provider that came back is not spared
ALONE = {
    actions.FIRST, actions.ESCALATION, actions.ESCALATED_OFFICE, actions.ESCALATED_ORGANIZATION,
}  # fmt: skip
KINDS = {actions.REMINDER, actions.COPY, *ALONE}


def at(day, hour):
    """The moment in Cambodia."""
    return dt.datetime.combine(day, dt.time(hour), tzinfo=ZONE)


class Country:
    """Five offices with an official each, below one administration; their referrals."""

    def __init__(self, count):
        self.count = count
        actions.seed_policy()
        HolidayFactory(date=KNOWN)
        self.administrator = administrator()
        self._settle_people()
        self._refer()

    def _settle_people(self):
        above = AuthorityFactory(kind=Authority.Kind.ADMINISTRATION)
        province = above.province
        self.offices = [
            AuthorityFactory(superior=above, province=province) for _number in range(OFFICES)
        ]
        self.officials = [official_of(one) for one in self.offices]
        self.base = issue_in("accepted", commune__province=province)
        self.coordinator = coordinator_of(province)
        people = {f"office {number}": one for number, one in enumerate(self.officials)}
        people["coordinator"] = self.coordinator
        people["superior"] = official_of(above)
        people["organization"] = self.base.author
        self.people = {f"user:{one.pk}": name for name, one in people.items()}

    def _refer(self):
        with connection.cursor() as cursor:  # deferred, triggers would wade through them
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        issues = Issue.objects.bulk_create(self._issues())
        begun = at(HANDED, 9)
        Interval.objects.bulk_create(
            Interval(issue=one, status="referred", entered_at=begun) for one in issues
        )
        self.referrals = Referral.objects.bulk_create(
            self._referral(number, one) for number, one in enumerate(issues)
        )
        self.numbers = {f"referral:{one.pk}": n for n, one in enumerate(self.referrals)}

    def _issues(self):
        fields = [one.attname for one in Issue._meta.concrete_fields if not one.generated]
        facts = {name: getattr(self.base, name) for name in fields if name != "id"}
        facts |= {"status": "referred", "created_at": at(HANDED, 8), "submitted_at": at(HANDED, 8)}
        for number in range(self.count):
            name, key = f"f{number}", uuid.uuid4()
            yield Issue(**facts | {"reference": name, "tracking_code": name, "client_key": key})

    def _referral(self, number, issue):
        plain, is_fresh = Plain(number), is_one_of(number, FRESH)
        return Referral(
            issue=issue,
            authority=self.offices[number % OFFICES],
            referred_at=at(HANDED, 9),
            referred_by=self.coordinator,
            released_at=at(RELEASED_ON if is_fresh else HANDED, 9),
            handed_over_on=plain.handed,
            wanted_on=plain.due or RELEASED_ON,
            due_on=plain.due,
            days=FRESH_DAYS if is_fresh else 30,
        )

    # --- what people do ---------------------------------------------------------------------------
    def act(self, day):
        """Everything that the day asks for, at ten o'clock."""
        if day == EXTENDED_ON:
            self._extend(day)
        if day == ANSWERED_ON:
            for number in range(ANSWERED, self.count, EVERY):
                self._as_official(issue_actions.respond, number, day, text="We work on it.")
        if day == RESOLVED_ON:
            for number in range(RESOLVED, self.count, EVERY):
                self._as_official(
                    issue_actions.resolve, number, day, text="It is mended.", done_on=day
                )
        if day == PRESSED_ON:
            self._press(day)

    def _as_official(self, action, number, day, **facts):
        facts |= {"by": self.officials[number % OFFICES], "now": at(day, 10)}
        action(self.referrals[number], client_key=uuid.uuid4(), **facts)

    def _extend(self, day):
        for number in range(EXTENDED, self.count, EVERY):
            issue_actions.extend(
                self.referrals[number],
                by=self.coordinator,
                now=at(day, 10),
                client_key=uuid.uuid4(),
                until=Plain(number).wanted_until(day),
                reason="They asked by phone.",
            )

    def _press(self, day):
        office = self.offices[PRESSED_OFFICE]
        subjects = [f"referral:{one.pk}" for one in self.referrals if one.authority == office]
        waiting = Notice.objects.prepared().filter(kind=actions.ESCALATION, subject__in=subjects)
        for one in waiting:
            outbox_actions.release(one, by=self.coordinator, now=at(day, 10))

    def add_holiday(self):
        """An administrator enters one more day before the offices open."""
        day = HolidayFactory.build(date=ADDED)
        issue_actions.add_holiday(day, by=self.administrator, now=at(ADDED_ON, 7))

    # --- what was told ----------------------------------------------------------------------------
    def told(self):
        """Each notice of the ladder that left, as the table says it."""
        left = Notice.objects.filter(kind__in=KINDS, message__attempts__outcome="sent")
        columns = ("message__attempts__ended_at", "recipient", "subject", "rung")
        for moment, person, subject, rung in left.values_list(*columns):
            day = moment.astimezone(ZONE).date()
            yield Told(day, self.people[person], self.numbers[subject], rung or "first")

    def rungs(self, **conditions):
        """Number and rung of the notices of which this holds."""
        rows = Notice.objects.filter(**conditions).values_list("subject", "rung")
        return sorted((self.numbers[subject], rung) for subject, rung in rows)


# --- the fortnight --------------------------------------------------------------------------------
def work(moment):
    """The planner, and the dispatcher until it has nothing left to do."""
    if moment.date() not in (FORTNIGHT[0], ADDED_ON):
        # As if everything was looked at before dawn: what is told now the looks alone have found.
        Heartbeat.objects.filter(name=looking.BEAT).update(done=looking._mark(moment))
    outbox_actions.beat("plan", now=moment, done=actions.plan(now=moment))
    while outbox_actions.dispatch_some(now=moment, limit=200):
        pass


def live(country, mail_sink):
    """The fortnight from its first morning to its last evening."""
    for day in FORTNIGHT:
        if day == MAIL_IS_AWAY:
            mail_sink.refuse("greeting", "421 4.3.2 The service is not available.")
        else:
            mail_sink.troubles.clear()
        if day == ADDED_ON:
            country.add_holiday()
        if day not in NOTHING_RUNS:
            work(at(day, 8))
            work(at(day, 8) + TWO_MINUTES)
        country.act(day)
        if day not in NOTHING_RUNS:
            work(at(day, 16))


# Of 500 a thousand notices pass through digests, each asked several times whether it is still true.
@pytest.mark.parametrize("count", [40, pytest.param(500, marks=pytest.mark.long_fault)])
@pytest.mark.django_db
def test_a_fortnight_tells_each_person_what_plain_arithmetic_says(mail_sink, count):
    country, table = Country(count), Table(count)

    live(country, mail_sink)

    told, expected = Counter(country.told()), Counter(table.told)
    assert sorted(expected - told) == []  # nothing is lost
    assert sorted(told - expected) == []  # nothing is told twice, or that should not be
    assert country.rungs(kind=actions.REMINDER, state="skipped") == table.skipped
    prepared = country.rungs(kind=actions.ESCALATION, state="prepared")
    assert prepared == [(number, "+10") for number in table.prepared]
    assert {one.day for one in told} == {
        day for day in FORTNIGHT
        if day.weekday() < 5 and day not in (MAIL_IS_AWAY, *NOTHING_RUNS, KNOWN, ADDED)
    }  # fmt: skip
    _check_messages(mail_sink)


def _check_messages(mail_sink):
    """One digest a person and day at most; what goes alone went alone; each mail left once."""
    left = Attempt.objects.filter(outcome="sent")
    digests = Counter(
        (person, moment.astimezone(ZONE).date())
        for person, moment in left.filter(message__kind="digest").values_list(
            "message__recipient", "ended_at"
        )
    )
    assert set(digests.values()) == {1}
    alone = Message.objects.filter(notices__kind__in=ALONE, attempts__outcome="sent")
    assert alone.count() == alone.distinct().count() > 0
    assert set(alone.values_list("kind", flat=True)) == ALONE
    assert len(mail_sink.messages) == left.count() == left.values("message").distinct().count()
