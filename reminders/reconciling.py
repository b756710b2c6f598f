"""The nightly check: which notices should stand, worked out anew, against those that do.

What is missing or too many is only noted, for people to look at: the planner tells what follows,
and a notice that vanished is no reason to tell somebody twice. Compared are the rungs and kinds
of notices, not the people: who belongs to an office changes from day to day.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from audit.alone import alone
from issues.models import Climb, Issue, Referral
from issues.models.issue import LONG, LONG_OF_ISSUE
from outbox import actions as outbox_actions
from outbox.models import Heartbeat, Hours, Notice
from provinces import workdays
from reminders import actions, claims, ladder
from reminders.ladder import Step
from reminders.models import Finding, Ladder, Rung
from reminders.offices import Offices

BEAT = "reconcile"
FROM = dt.time(2, 0)  # of each night
GRACE = dt.timedelta(minutes=15)  # what came since may still be on its way to be planned
AT_ONCE = 1000  # referrals or issues in memory
LOCK = 0x2EC0  # one number for everybody who reconciles
UNTOLD = (Notice.State.CANCELLED, Notice.State.SKIPPED)
KINDS = (actions.FIRST, *actions.LADDER)
KEEP = """
    INSERT INTO reminders_finding (kind, subject, told, rung, version, province_id,
                                   first_seen_at, latest_seen_at)
    SELECT *, %s, %s FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::int[],
                                 %s::text[])
    ON CONFLICT (kind, subject, told, rung, version) WHERE cleared_at IS NULL
    DO UPDATE SET latest_seen_at = greatest(reminders_finding.latest_seen_at,
                                            excluded.latest_seen_at)
"""


Row = TypeVar("Row", Referral, Issue)


class Found(NamedTuple):
    """What a ``Finding`` says, in the order of its columns."""

    kind: str
    subject: str
    told: str
    rung: str
    version: int
    province_id: str


class Stands(NamedTuple):
    """A notice as far as it is compared."""

    told: str
    rung: str
    version: int
    is_told: bool
    pk: int


# --- the night ------------------------------------------------------------------------------------
def when_due(*, now: dt.datetime) -> int | None:
    """Reconcile, unless that was done since the latest 2 o'clock; how much is amiss."""
    since = timezone.make_aware(dt.datetime.combine(timezone.localdate(now), FROM))
    if since > now:
        since -= dt.timedelta(days=1)
    if Heartbeat.objects.filter(name=BEAT, ran_at__gte=since, ran_at__lte=now).exists():
        return None
    return reconcile(now=now)


def reconcile(*, now: dt.datetime) -> int | None:
    """Note what is missing or too many; how much that is, None where somebody else does it now.

    May run at any moment, and twice: what was found before keeps when it was first seen, and what
    is found no more is marked as cleared.
    """
    with alone(LOCK) as is_alone:
        if not is_alone:
            return None
        found = sorted({*_referrals(now), *_claims(now)})
        _keep(found, now)
        outbox_actions.beat(BEAT, now=now, done=len(found))
        return len(found)


@transaction.atomic
def _keep(found: Sequence[Found], now: dt.datetime) -> None:
    if found:
        columns = [list(column) for column in zip(*found, strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(KEEP, [now, now, *columns])
    Finding.objects.standing().filter(latest_seen_at__lt=now).update(cleared_at=now)


def _some_at_once(rows: QuerySet[Row]) -> Iterator[list[Row]]:
    """All of them in order of their keys, so many at once."""
    latest = 0
    while some := list(rows.filter(pk__gt=latest).order_by("pk")[:AT_ONCE]):
        yield some
        latest = some[-1].pk


# --- open referrals -------------------------------------------------------------------------------
def _referrals(now: dt.datetime) -> Iterator[Found]:
    rows = Referral.objects.in_hand().running().filter(released_at__lte=now - GRACE)
    for some in _some_at_once(rows.select_related("issue").defer(*LONG_OF_ISSUE)):
        yield from _compare(some, now)


def _compare(referrals: list[Referral], now: dt.datetime) -> Iterator[Found]:
    """Findings of these referrals; a constant number of queries."""
    stand = _notices((f"referral:{one.pk}" for one in referrals), KINDS)
    book = Book(referrals)
    for one in referrals:
        subject = f"referral:{one.pk}"
        there = stand[subject]
        if one.handed_over_on is None:
            yield from _first(one, book, there)
        elif one.role != Referral.Role.INFORMATION:
            yield from book.missing(one, there, now)
            yield from book.too_many(one, there, now)


def _notices(subjects: Iterable[str], kinds: Iterable[str]) -> defaultdict[str, list[Stands]]:
    found: defaultdict[str, list[Stands]] = defaultdict(list)
    rows = Notice.objects.filter(subject__in=list(subjects), kind__in=list(kinds)).order_by()
    for subject, told, rung, version, state, pk in rows.values_list(
        "subject", "kind", "rung", "version", "state", "pk"
    ):
        found[subject].append(Stands(told, rung, version, state not in UNTOLD, pk))
    return found


def _first(referral: Referral, book: "Book", there: list[Stands]) -> Iterator[Found]:
    """The request itself, where nobody was ever to be told of it."""
    if not book.offices.people(referral.authority_id, referral.issue_id):
        return
    if not any(one.told == actions.FIRST for one in there):
        yield _found(Finding.Kind.MISSING, referral, actions.FIRST)


class Book:
    """What some referrals need to know of offices, rungs and days, read once."""

    def __init__(self, referrals: list[Referral]) -> None:
        self.offices = Offices.read(one.issue_id for one in referrals)
        self.climbs = {one.pk: self.offices.climb(one) for one in referrals}
        above = {one for each in self.climbs.values() for one in each}
        self.offices.read_people(above | {one.authority_id for one in referrals})
        ups = Climb.objects.filter(referral__in=referrals, direction=Climb.Direction.UP)
        self.by_hand = set(ups.values_list("referral", "rung"))  # told before its day, if at all
        self.calendars = workdays.calendars({one.issue.province_id for one in referrals})
        self.hours = Hours.current()
        self.rungs: defaultdict[int, list[Rung]] = defaultdict(list)
        for rung in Rung.objects.order_by("priority", "offset"):
            self.rungs[rung.priority].append(rung)
        self.changed = dict(Ladder.objects.values_list("priority", "latest_notice"))

    def _was_before(self, notice: Stands, referral: Referral) -> bool:
        """Whether it was planned on a ladder that was changed since: on another day, for others."""
        return notice.pk <= self.changed.get(referral.issue.priority, 0)

    def steps(self, referral: Referral) -> list[Step]:
        """All rungs of the referral, oldest first."""
        return ladder.steps(
            self.rungs[referral.issue.priority],
            referral,
            self.calendars[referral.issue.province_id],
            superiors=len(self.climbs[referral.pk]),
        )

    def missing(self, referral: Referral, there: list[Stands], now: dt.datetime) -> Iterator[Found]:
        """Rungs that have come on the present ladder, and kinds of notices at them, without any."""
        since = referral.ladder_version
        present = [one for one in there if one.version >= since]
        held = {(one.told, one.rung) for one in present}
        before = {one.rung for one in present if self._was_before(one, referral)}
        for step in ladder.come(self.steps(referral), now - GRACE, self.hours):
            for told in self.kinds(step, referral) if step.key not in before else ():
                if (told, step.key) not in held:
                    yield _found(Finding.Kind.MISSING, referral, told, step.key)

    def kinds(self, step: Step, referral: Referral) -> Iterator[str]:
        """What is told at a rung, wherever somebody may be told of the issue."""
        has_people = bool(self.offices.people(referral.authority_id, referral.issue_id))
        if not step.height:
            if has_people:
                yield actions.REMINDER
            if step.audience == Rung.Audience.WITH_COPY:
                yield actions.COPY
            return
        superior = self.climbs[referral.pk][step.height - 1]
        if self.offices.people(superior, referral.issue_id):
            yield actions.ESCALATION
        if has_people:
            yield actions.ESCALATED_OFFICE
        yield actions.ESCALATED_ORGANIZATION

    def too_many(
        self, referral: Referral, there: list[Stands], now: dt.datetime
    ) -> Iterator[Found]:
        """Notices of a date there never was, and of a rung whose day lies ahead."""
        ahead = {one.key for one in self.steps(referral) if self.hours.opening(one.on) > now}
        for one in there:
            if one.told not in actions.LADDER or not one.is_told:
                continue
            early = one.version == referral.due_version and one.rung in ahead
            early = early and (referral.pk, one.rung) not in self.by_hand
            early = early and not self._was_before(one, referral)
            if early or one.version > referral.due_version:
                yield _found(Finding.Kind.EXTRA, referral, one.told, one.rung, one.version)


def _found(
    kind: str, referral: Referral, told: str, rung: str = "", version: int | None = None
) -> Found:
    return Found(
        kind=str(kind),
        subject=f"referral:{referral.pk}",
        told=told,
        rung=rung,
        version=version or referral.due_version,
        province_id=referral.issue.province_id,
    )


# --- claims ---------------------------------------------------------------------------------------
def _claims(now: dt.datetime) -> Iterator[Found]:
    """Questions whether it is solved that should have been asked, and were not."""
    hours = Hours.current()
    for some in _some_at_once(claims.asked_about().defer(*LONG)):
        stand = _notices((f"issue:{one.pk}" for one in some), [claims.CONFIRMATION])
        for issue in some:
            subject = f"issue:{issue.pk}"
            asked = {(one.rung, one.version) for one in stand[subject]}
            for rung, _moment in ladder.asks(issue, now - GRACE, hours):
                if (rung, issue.claims) not in asked:
                    yield Found(
                        str(Finding.Kind.MISSING),
                        subject,
                        claims.CONFIRMATION,
                        rung,
                        issue.claims,
                        issue.province_id,
                    )
