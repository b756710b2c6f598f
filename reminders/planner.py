"""What is to be told of some thousand referrals at once, and when each is looked at again."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from issues.models import Referral
from outbox import by_letter, recipients
from outbox.actions import Row
from outbox.models import Channel, Hours, Notice
from provinces import workdays
from reminders import ladder, looking, ways
from reminders.claims import SKIPPED
from reminders.held import Held, among
from reminders.ladder import Step
from reminders.models import ProvincePolicy, Rung
from reminders.offices import Offices

FIRST = "first_referral"
REMINDER = "reminder"
COPY = "reminder_copy"
ESCALATION = "escalation"
ESCALATED_OFFICE = "escalated_office"
ESCALATED_ORGANIZATION = "escalated_organization"
LADDER = (REMINDER, COPY, ESCALATION, ESCALATED_OFFICE, ESCALATED_ORGANIZATION)
S = Notice.State
# A notice of a former date that is not asked again whether it is wanted.
OVER = frozenset(
    one.value for one in (S.SENDING, S.SENT, S.DELIVERED, S.UNKNOWN, S.FAILED, S.DEAD, S.SKIPPED)
)
PLANNED, PREPARED, SKIP = S.PLANNED.value, S.PREPARED.value, S.SKIPPED.value
USUAL = Channel.USUAL.value
INFORMATION = Referral.Role.INFORMATION


class Days(NamedTuple):
    """The steps that have come, the oldest first, and when the next one comes."""

    come: Sequence[Step]
    next_at: dt.datetime | None


class Planner:
    """What all these referrals have in common, read once."""

    def __init__(self, held: Sequence[Held], now: dt.datetime) -> None:
        self.now = now
        self.hours = Hours.current()
        going = [one for one in held if one.is_told_of]
        self.later = [one for one in going if one.released_at and one.released_at > now]
        here = [one for one in going if one.released_at and one.released_at <= now]
        self.offices = Offices.read([one.issue_id for one in here])
        self.fresh = [one for one in here if one.handed_over_on is None]
        started = [one for one in here if one.due_on and one.role != INFORMATION]
        provinces = {one.issue__province_id for one in started}
        calendars = workdays.calendars(provinces)
        self.calendars = calendars
        self.opens_at = {one: ladder.in_hours(now, calendars[one], self.hours) for one in provinces}
        self.rungs = _rungs() if started else {}
        self.days: dict[tuple[object, ...], Days] = {}
        self.after: dict[int, dt.datetime] = {}
        self.waiting = self._wait(started)
        self._read_people()

    def _wait(self, started: list[Held]) -> list[tuple[Held, list[int], list[Step]]]:
        """Those with rungs that nobody was told of, their superiors and these rungs."""
        told = _told(started)
        found = []
        for one in started:
            climb = self.offices.climb(one)
            come, next_at = self._days(one, len(climb))
            if next_at:
                self.after[one.pk] = next_at
            if come and (untold := ladder.untold(come, told[one.pk])):
                found.append((one, climb, untold))
        return found

    def _days(self, one: Held, superiors: int) -> Days:
        """The referral's days; those who have the same are reckoned once."""
        key = (
            one.due_on,
            one.handed_over_on,
            one.suspended_until,
            one.ladder_since,
            one.kept_low_at is None,
            one.role,
            one.issue__priority,
            one.issue__province_id,
            superiors,
        )
        if key not in self.days:
            self.days[key] = self._reckon(one, superiors)
        return self.days[key]

    def _reckon(self, one: Held, superiors: int) -> Days:
        rungs = self.rungs.get(one.issue__priority, [])
        calendar = self.calendars[one.issue__province_id]
        steps = ladder.steps(rungs, one, calendar, superiors=superiors)
        come = ladder.come(steps, self.now, self.hours)
        openings = (self.hours.opening(step.on) for step in steps)
        return Days(come, min((at for at in openings if at > self.now), default=None))

    def _read_people(self) -> None:
        above = {one for _held, climb, _steps in self.waiting for one in climb}
        asked = {one.authority_id for one in self.fresh}
        asked |= {one.authority_id for one, _climb, _steps in self.waiting}
        self.offices.read_people(above | asked)
        waiting = [one for one, _climb, _steps in self.waiting]
        organizations = {one.issue__organization_id for one in waiting}
        self.representatives = recipients.representatives(organizations)
        provinces = {one.issue__province_id for one in waiting}
        self.coordinators = recipients.coordinators(provinces)
        self._read_ways(above | asked)
        policies = ProvincePolicy.objects.filter(escalates_by_itself=True)
        self.automatic = set(policies.values_list("pk", flat=True))

    def _read_ways(self, offices: set[int]) -> None:
        """Who has an address for the ways that rungs ask for; nothing where none asks for any."""
        channels = {step.channel for _held, _climb, steps in self.waiting for step in steps}
        asked = sorted(channels - {USUAL})
        people = (one for office in offices for one in self.offices.told.get(office, []))
        self.reached = ways.reached(people, asked) if asked else set()

    def _way(self, recipient: str, step: Step) -> str:
        return step.channel if (recipient, step.channel) in self.reached else USUAL

    # --- what is told -----------------------------------------------------------------------------
    def rows(self) -> Iterator[Row]:
        """Everything whose time has come; says of each referral when it is looked at again."""
        for one in self.later:
            assert one.released_at is not None  # noqa: S101 - asked before
            self.after[one.pk] = one.released_at
        for one in self.fresh:
            # Until the clock starts: whoever comes to the office is told, and a lost start mended.
            self.after[one.pk] = self.now + looking.SOON
            yield from self._first(one)
        for one, climb, untold in self.waiting:
            rows = list(self._newest(one, climb, untold))
            if not rows:  # nobody may be told; somebody may come who may
                soon = self.now + looking.SOON
                self.after[one.pk] = min(self.after.get(one.pk, soon), soon)
            yield from rows

    def _first(self, one: Held) -> Iterator[Row]:
        """The request itself, to each of an office that was not told."""
        due_at = one.released_at or self.now
        for recipient in self.offices.people(one.authority_id, one.issue_id):
            yield Row(
                one.subject, FIRST, "", one.due_version, recipient, USUAL,
                one.issue__province_id, PLANNED, 2, due_at,
            )  # fmt: skip

    def _newest(self, one: Held, climb: list[int], untold: Sequence[Step]) -> Iterator[Row]:
        """The newest rung; older ones nobody was told of are skipped."""
        *older, newest = untold
        for step in older:
            yield from self._told_at(step, one, climb, SKIP, SKIPPED)
        is_pressed = bool(newest.height) and one.issue__province_id not in self.automatic
        yield from self._told_at(newest, one, climb, PREPARED if is_pressed else PLANNED)

    def _told_at(
        self, step: Step, one: Held, climb: list[int], state: str, reason: str = ""
    ) -> Iterator[Row]:
        """Everybody who is told at a rung of a referral."""
        province, urgency = one.issue__province_id, 2 if step.height else 0
        due_at = self.opens_at[province]
        for kind, recipient, channel in self._people_at(step, one, climb):
            yield Row(
                one.subject, kind, step.key, one.due_version, recipient, channel, province,
                state, urgency, due_at, reason,
            )  # fmt: skip

    def _people_at(self, step: Step, one: Held, climb: list[int]) -> Iterator[tuple[str, str, str]]:
        """Kind of notice, recipient and way; the rung's way is for those it is meant for."""
        officials = self.offices.people(one.authority_id, one.issue_id)
        if not step.height:
            for each in officials:
                yield REMINDER, each, self._way(each, step)
            if step.audience == Rung.Audience.WITH_COPY:
                for each in self.coordinators[one.issue__province_id]:
                    yield COPY, each, USUAL
            return
        for each in self.offices.people(climb[step.height - 1], one.issue_id):
            yield ESCALATION, each, self._way(each, step)
        for each in officials:
            yield ESCALATED_OFFICE, each, USUAL
        for each in self.representatives[one.issue__organization_id]:
            yield ESCALATED_ORGANIZATION, each, USUAL


def _rungs() -> dict[int, list[Rung]]:
    """The ladder of each priority, from its lowest rung."""
    found: dict[int, list[Rung]] = {}
    for rung in Rung.objects.order_by("priority", "offset"):
        found.setdefault(rung.priority, []).append(rung)
    return found


def _told(referrals: Sequence[Held]) -> dict[int, set[str]]:
    """The rungs of the present ladder that were told, of each referral; one query.

    What waits with a former date does not count: it is not wanted any more, and told anew. What
    somebody told by telephone or by letter instead counts, though its notice never left.
    """
    subjects = {one.subject: one for one in referrals}
    rows = among(Notice.objects.filter(kind__in=LADDER), "subject", subjects).order_by()
    found: dict[int, set[str]] = {one.pk: set() for one in referrals}
    columns = ("subject", "rung", "version", "state", "reason", "by_phone")
    for subject, rung, version, state, reason, call in rows.values_list(*columns):
        one = subjects[subject]
        is_over = state in OVER or call is not None or reason == by_letter.TOLD
        if version == one.due_version or (is_over and version >= one.ladder_version):
            found[one.pk].add(rung)
    return found
