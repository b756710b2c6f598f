"""What is to be told of some thousand referrals at once, and when each is looked at again."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

from issues.models import Referral
from outbox import by_letter, recipients
from outbox.actions import Row
from outbox.models import Channel, Hours, Notice
from reminders import ladder, looking, ways
from reminders.almanac import Almanac, Days
from reminders.claims import SKIPPED
from reminders.held import Held, among, subject_of
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
INFORMATION = Referral.Role.INFORMATION.value
NOTHING: frozenset[str] = frozenset()


# On what it depends who is told of a referral, beside those its issue concerns.
PLACED = attrgetter("authority_id", "due_version", "issue__province_id", "issue__organization_id")


class Alike(NamedTuple):
    """Referrals of which the same is told to the same people, and what nobody was told yet.

    On a morning when thousands come to a rung they are a few dozen kinds: what is to be told is
    reckoned once a kind, and goes to PostgreSQL once.
    """

    all: Sequence[Held]
    climb: Sequence[int]
    untold: Sequence[Step]
    next_at: dt.datetime | None

    @property
    def one(self) -> Held:
        """Any of them, as they are alike."""
        return self.all[0]

    @property
    def is_copied(self) -> bool:
        """Whether coordinators are told as well."""
        return any(step.audience == Rung.Audience.WITH_COPY for step in self.untold)


class Planner:
    """What all these referrals have in common, read once."""

    def __init__(self, held: Sequence[Held], now: dt.datetime) -> None:
        self.now = now
        at = now.astimezone(dt.UTC)  # as PostgreSQL gives moments; to others they compare slowly
        self.later = [one for one in held if one.released_at > at]
        here = [one for one in held if one.released_at <= at]
        self.offices = Offices.read([one.issue_id for one in here])
        self.fresh = [one for one in here if one.handed_over_on is None]
        started = [one for one in here if one.due_on and one.role != INFORMATION]
        provinces = {one.issue__province_id for one in started}
        self.almanac = Almanac(provinces, Hours.current(), now)
        self.opens_at = {one: self.almanac.in_hours(one) for one in provinces}
        self.after: defaultdict[dt.datetime, list[int]] = defaultdict(list)
        self.started = list(self._alike(started))
        self.waiting = [one for one in self.started if one.untold]
        self._read_people()

    def _alike(self, started: Sequence[Held]) -> Iterator[Alike]:
        """The referrals by their kinds, with the rungs that nobody was told of."""
        told = _told(started)
        for placed in self._by_place(started):
            climb = self.offices.climb(placed[0])
            kinds: defaultdict[tuple[Days, frozenset[str]], list[Held]] = defaultdict(list)
            for one in placed:
                days = self.almanac.of(one, len(climb))
                kinds[days, told.get(one.pk, NOTHING)].append(one)
            for (days, keys), alike in kinds.items():
                untold = ladder.untold(days.come, keys)
                yield Alike(alike, climb, untold, days.next_at)

    def _by_place(self, held: Iterable[Held]) -> Iterable[list[Held]]:
        """Those of whom the same people are told; what concerns anybody is apart."""
        concerned = self.offices.concerned
        places: defaultdict[object, list[Held]] = defaultdict(list)
        for one in held:
            own = one.issue_id if one.issue_id in concerned else None
            places[own, PLACED(one)].append(one)
        return places.values()

    def _read_people(self) -> None:
        """Nobody but who is told at a rung that waits; on most mornings none of them climbs."""
        climbing = [alike for alike in self.waiting if any(step.height for step in alike.untold)]
        above = {one for alike in climbing for one in alike.climb}
        asked = {one.authority_id for one in self.fresh}
        asked |= {alike.one.authority_id for alike in self.waiting}
        self.offices.read_people(above | asked)
        self._read_ways(above | asked)
        organizations = {alike.one.issue__organization_id for alike in climbing}
        self.representatives = recipients.representatives(organizations)
        provinces = {alike.one.issue__province_id for alike in climbing}
        policies = ProvincePolicy.objects.filter(escalates_by_itself=True, pk__in=provinces)
        self.automatic = set(policies.values_list("pk", flat=True))
        copied = {alike.one.issue__province_id for alike in self.waiting if alike.is_copied}
        self.coordinators = recipients.coordinators(copied) if copied else {}

    def _read_ways(self, offices: set[int]) -> None:
        """Who has an address for the ways that rungs ask for; nothing where none asks for any."""
        channels = {step.channel for alike in self.waiting for step in alike.untold}
        asked = sorted(channels - {USUAL})
        people = (one for office in offices for one in self.offices.told.get(office, []))
        self.reached = ways.reached(people, asked) if asked else set()

    def _way(self, recipient: str, step: Step) -> str:
        return step.channel if (recipient, step.channel) in self.reached else USUAL

    # --- what is told -----------------------------------------------------------------------------
    def rows(self) -> Iterator[Row]:
        """Everything whose time has come; says of each referral when it is looked at again."""
        for one in self.later:
            self.after[one.released_at].append(one.pk)
        soon = self.now + looking.SOON
        for one in self.fresh:
            # Until the clock starts: whoever comes to the office is told, and a lost start mended.
            self.after[soon].append(one.pk)
        yield from self._first()
        for alike in self.started:
            rows = list(self._newest(alike)) if alike.untold else []
            next_at = alike.next_at
            if alike.untold and not rows:  # nobody may be told; somebody may come who may
                next_at = min(next_at or soon, soon)
            if next_at:
                self.after[next_at] += (one.pk for one in alike.all)
            yield from rows

    def _first(self) -> Iterator[Row]:
        """The requests themselves, to each of an office that was not told."""
        for placed in self._by_place(self.fresh):
            releases: defaultdict[dt.datetime, list[Held]] = defaultdict(list)
            for one in placed:
                releases[one.released_at].append(one)
            one = placed[0]
            people = self.offices.people(one.authority_id, one.issue_id)
            for released_at, alike in releases.items():
                subjects = _subjects(alike)
                for recipient in people:
                    yield Row(
                        subjects, FIRST, "", one.due_version, recipient, USUAL,
                        one.issue__province_id, PLANNED, 2, released_at,
                    )  # fmt: skip

    def _newest(self, alike: Alike) -> Iterator[Row]:
        """The newest rung; older ones nobody was told of are skipped."""
        *older, newest = alike.untold
        for step in older:
            yield from self._told_at(step, alike, SKIP, SKIPPED)
        is_pressed = newest.height and alike.one.issue__province_id not in self.automatic
        yield from self._told_at(newest, alike, PREPARED if is_pressed else PLANNED)

    def _told_at(self, step: Step, alike: Alike, state: str, reason: str = "") -> Iterator[Row]:
        """Everybody who is told at a rung of a referral."""
        one = alike.one
        province, urgency = one.issue__province_id, 2 if step.height else 0
        due_at, subjects = self.opens_at[province], _subjects(alike.all)
        for kind, recipient, channel in self._people_at(step, one, alike.climb):
            yield Row(
                subjects, kind, step.key, one.due_version, recipient, channel, province,
                state, urgency, due_at, reason,
            )  # fmt: skip

    def _people_at(
        self, step: Step, one: Held, climb: Sequence[int]
    ) -> Iterator[tuple[str, str, str]]:
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


def _subjects(held: Iterable[Held]) -> list[str]:
    return [subject_of(one.pk) for one in held]


def _told(referrals: Sequence[Held]) -> dict[int, frozenset[str]]:
    """The rungs of the present ladder that were told, of each referral with any; one query.

    What waits with a former date does not count: it is not wanted any more, and told anew. What
    somebody told by telephone or by letter instead counts, though its notice never left.
    """
    subjects = {subject_of(one.pk): one for one in referrals}
    rows = among(Notice.objects.filter(kind__in=LADDER), "subject", subjects).order_by()
    found: defaultdict[int, set[str]] = defaultdict(set)
    columns = ("subject", "rung", "version", "state", "reason", "by_phone")
    for subject, rung, version, state, reason, call in rows.values_list(*columns):
        one = subjects[subject]
        is_over = state in OVER or call is not None or reason == by_letter.TOLD
        if version == one.due_version or (is_over and version >= one.ladder_version):
            found[one.pk].add(rung)
    return {pk: frozenset(rungs) for pk, rungs in found.items()}
