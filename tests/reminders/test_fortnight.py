"""A fortnight of 500 referrals, day by day, against a table that is worked out here by itself.

What is expected comes from the plain arithmetic below, not from the ladder's own functions: each
(person, day, referral, rung) that was told, and at most one digest a person and day.
"""

import datetime as dt
import uuid
from collections import Counter

import pytest

from issues import actions as issue_actions
from issues.models import Issue, Referral, Response
from outbox import actions as outbox_actions
from outbox.models import Heartbeat, Message, Notice
from provinces.models import Authority, Holiday
from reminders import actions, looking
from tests.factories import (
    AuthorityFactory,
    HolidayFactory,
    administrator,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)

ZONE = dt.timezone(dt.timedelta(hours=7))  # Asia/Phnom_Penh
DAY = dt.timedelta(days=1)
COUNT, OFFICES = 75, 5
HANDED = dt.date(2026, 3, 2)
BEGIN = dt.date(2026, 5, 4)  # a Monday
OUTAGE = {dt.date(2026, 5, day) for day in (7, 8, 9, 10)}
KNOWN, ADDED = dt.date(2026, 5, 13), dt.date(2026, 5, 14)  # days on which offices are closed
EXTENDED_ON, RESOLVED_ON, ADDED_ON = (dt.date(2026, 5, day) for day in (5, 6, 12))
RUNGS = {"-7": -7, "-1": -1, "0": 0, "+1": 1, "+5": 5, "+10": 10}
pytestmark = pytest.mark.django_db


# --- the table, by plain arithmetic ---------------------------------------------------------------
def is_open(day, closed):
    return day.weekday() < 5 and day not in closed


def shifted(day, count, closed):
    """So many working days later, or earlier."""
    while count:
        day += DAY if count > 0 else -DAY
        if is_open(day, closed):
            count -= 1 if count > 0 else -1
    return day


def counted(start, end, closed):
    """How many working days lie after ``start`` up to ``end``."""
    days = (start + DAY * number for number in range(1, (end - start).days + 1))
    return sum(is_open(day, closed) for day in days)


class Expected:
    """One referral in the table."""

    def __init__(self, number):
        self.number = number
        self.due = shifted(dt.date(2026, 4, 24), number % 23, {KNOWN})
        self.since = HANDED  # rungs after this day count
        self.told = []
        self.ended = False

    def extend(self, today):
        self.due = shifted(max(self.due, today), 4, {KNOWN})
        self.since, self.told = today, []

    def add_holiday(self):
        days = counted(HANDED, self.due, {KNOWN})
        due = shifted(HANDED, days, {KNOWN, ADDED})
        if due != self.due:
            self.due = due
            if self.told and self.told[-1] == "+10":  # it waited for a press: prepared anew
                self.told.pop()

    def tell(self, today, closed):
        """The rung that is told today, if any: the newest that has come, once."""
        days = {key: shifted(self.due, offset, closed) for key, offset in RUNGS.items()}
        come = [key for key, day in days.items() if self.since < day <= today]
        if self.ended or not come or come[-1] in self.told:
            return None
        if self.told and RUNGS[self.told[-1]] > RUNGS[come[-1]]:
            return None
        self.told.append(come[-1])
        return come[-1]


def work_out():
    """Told rows as (day, referral, rung), and who waits for a press at the end."""
    rows, referrals = [], [Expected(number) for number in range(COUNT)]
    for day in (BEGIN + DAY * passed for passed in range(14)):
        if day in OUTAGE:
            continue
        closed = {KNOWN, ADDED} if day >= ADDED_ON else {KNOWN}
        for one in referrals:
            if day == ADDED_ON:
                one.add_holiday()
            if rung := one.tell(day, closed):
                rows.append((day, one.number, rung))
            if day == EXTENDED_ON and one.number % 25 == 2:
                one.extend(day)
            if day == RESOLVED_ON and one.number % 25 == 1:
                one.ended = True
    pressed = {one.number for one in referrals if "+10" in one.told and not one.ended}
    return rows, pressed


# --- the system -----------------------------------------------------------------------------------
@pytest.fixture
def held():
    """Five offices with an official each, below one administration; 500 referrals."""
    actions.seed_policy()
    HolidayFactory(date=KNOWN)
    above = AuthorityFactory(kind=Authority.Kind.ADMINISTRATION)
    offices = [AuthorityFactory(superior=above, province=above.province) for _ in range(OFFICES)]
    for office in (*offices, above):
        official_of(office)
    base = issue_in("referred", authority=offices[0], commune__province=above.province)
    coordinator_of(base.province)
    representative_of(base.organization)
    issues = Issue.objects.bulk_create(_copies(base))
    template = base.referrals.get()
    Referral.objects.filter(pk=template.pk).update(ended_at=template.referred_at, ended_as="over")
    released = dt.datetime.combine(HANDED, dt.time(9), tzinfo=ZONE)
    return Referral.objects.bulk_create(
        Referral(
            issue=issue,
            authority=offices[number % OFFICES],
            referred_at=released,
            referred_by=template.referred_by,
            released_at=released,
            handed_over_on=HANDED,
            wanted_on=Expected(number).due,
            due_on=Expected(number).due,
            days=30,
        )
        for number, issue in enumerate(issues)
    )


def _copies(base):
    fields = [one.attname for one in Issue._meta.concrete_fields if not one.generated]
    facts = {name: getattr(base, name) for name in fields if name != "id"}
    for number in range(COUNT):
        own = {"reference": f"f{number}", "tracking_code": f"f{number}", "client_key": uuid.uuid4()}
        yield Issue(**facts | own)


def work(day, hour):
    """The planner and the dispatcher, until nothing is left to do."""
    now = dt.datetime.combine(day, dt.time(hour), tzinfo=ZONE)
    if day not in (BEGIN, ADDED_ON):  # as if all was looked at before dawn: the looks alone count
        Heartbeat.objects.filter(name=looking.BEAT).update(done=looking._mark(now))
    outbox_actions.beat("plan", now=now, done=actions.plan(now=now))
    while outbox_actions.dispatch_some(now=now, limit=200):
        pass


def happen(day, held, people):
    """What people do at ten o'clock."""
    now = dt.datetime.combine(day, dt.time(10), tzinfo=ZONE)
    if day == EXTENDED_ON:
        for one in held[2::25]:
            until = shifted(max(one.due_on, day), 4, {KNOWN})
            words = {"client_key": uuid.uuid4(), "until": until, "reason": "They asked by phone."}
            issue_actions.extend(one, by=people["coordinator"], now=now, **words)
        Response.objects.bulk_create(
            Response(
                client_key=uuid.uuid4(), referral=one, kind=Response.Kind.ANSWER, text="We work.",
                by=people["coordinator"], title="Office", on_behalf=True, created_at=now,
            )
            for one in held[3::25]
        )  # fmt: skip
    if day == RESOLVED_ON:
        done = [one.pk for one in held[1::25]]
        Referral.objects.filter(pk__in=done).update(ended_at=now, ended_as="resolved")


def test_a_fortnight_tells_each_person_what_plain_arithmetic_says(mail_sink, held):
    people = {"coordinator": coordinator_of(held[0].issue.province)}
    for day in (BEGIN + DAY * passed for passed in range(14)):
        if day in OUTAGE:
            continue
        if day == ADDED_ON:
            at = dt.datetime.combine(day, dt.time(7), tzinfo=ZONE)
            holiday = HolidayFactory.build(date=ADDED)
            issue_actions.add_holiday(holiday, by=administrator(), now=at)
        work(day, 8)
        happen(day, held, people)
        work(day, 16)

    rows, pressed = work_out()
    assert _told(held) == Counter(rows)
    assert _copied(held) == {(day, number) for day, number, rung in rows if rung == "+5"}
    assert _prepared(held) == pressed
    digests = Message.objects.filter(kind="digest").values_list("recipient", "day")
    assert max(Counter(digests).values()) == 1
    assert len(rows) > COUNT
    assert Holiday.objects.count() == 2


def _told(held):
    """Each reminder that left, by day, referral and rung; each goes to the one official."""
    numbers = {f"referral:{one.pk}": number for number, one in enumerate(held)}
    rows = Notice.objects.filter(kind=actions.REMINDER, state="sent")
    told = Counter(
        (day, numbers[subject], rung)
        for day, subject, rung in rows.values_list("message__day", "subject", "rung")
    )
    escalated = Notice.objects.filter(kind=actions.ESCALATION, state__in=["prepared", "cancelled"])
    days = dict(escalated.values_list("pk", "due_at"))
    for pk, subject, rung in escalated.values_list("pk", "subject", "rung"):
        told[(days[pk].astimezone(ZONE).date(), numbers[subject], rung)] += 1
    return told


def _copied(held):
    numbers = {f"referral:{one.pk}": number for number, one in enumerate(held)}
    rows = Notice.objects.filter(kind=actions.COPY, state="sent")
    return {(day, numbers[subject]) for day, subject in rows.values_list("message__day", "subject")}


def _prepared(held):
    numbers = {f"referral:{one.pk}": number for number, one in enumerate(held)}
    rows = Notice.objects.prepared().filter(kind=actions.ESCALATION)
    return {numbers[subject] for subject in rows.values_list("subject", flat=True)}
