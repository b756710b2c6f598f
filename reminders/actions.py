"""The planner: reads what is open and adds the notices whose time has come."""

import datetime as dt
from collections.abc import Iterable, Iterator

from django.utils import timezone

from issues import actions as issue_actions
from issues.models import Issue, Referral
from outbox import actions as outbox_actions
from outbox import recipients
from outbox.models import Attempt, Notice
from outbox.packing import OVERTAKEN
from provinces import workdays
from reminders import claims, ladder
from reminders.claims import SKIPPED
from reminders.ladder import Step
from reminders.models import ProvincePolicy, Rung
from reminders.offices import Offices

FIRST = "first_referral"
REMINDER = "reminder"
COPY = "reminder_copy"
ESCALATION = "escalation"
ESCALATED_OFFICE = "escalated_office"
ESCALATED_ORGANIZATION = "escalated_organization"
S = Notice.State
# A notice of a former date that is not asked again whether it is wanted.
OVER = frozenset({S.SENDING, S.SENT, S.DELIVERED, S.UNKNOWN, S.FAILED, S.DEAD, S.SKIPPED})
LADDER = (REMINDER, COPY, ESCALATION, ESCALATED_OFFICE, ESCALATED_ORGANIZATION)

POLICY = (
    ("-7", -7, Rung.Audience.OFFICIALS),
    ("-1", -1, Rung.Audience.OFFICIALS),
    ("0", 0, Rung.Audience.OFFICIALS),
    ("+1", 1, Rung.Audience.OFFICIALS),
    ("+5", 5, Rung.Audience.WITH_COPY),
    ("+10", 10, Rung.Audience.SUPERIOR),
)


def seed_policy() -> None:
    """Lay the default ladder for each priority that has none; may run any number of times."""
    laid = set(Rung.objects.values_list("priority", flat=True))
    Rung.objects.bulk_create(
        [
            Rung(
                priority=priority,
                key=key,
                offset=offset,
                audience=audience,
                is_escalation=audience == Rung.Audience.SUPERIOR,
            )
            for priority in sorted(set(Issue.Priority.values) - laid)
            for key, offset, audience in POLICY
        ],
        ignore_conflicts=True,
    )


def plan(*, now: dt.datetime) -> int:
    """Add every notice whose time has come; how many were added.

    May run at any moment, twice, and in several places at once: the key of a notice is unique.
    A constant number of queries.
    """
    issue_actions.settle_extensions(now=now)  # before their dates are read
    referrals = list(_open_referrals(now))
    offices = Offices.read(one.issue_id for one in referrals)
    planner = Planner(referrals, offices, now)
    _repair_hand_overs(planner.fresh, now)
    _drop_overtaken()
    notices = [*planner.first_notices(), *planner.ladder_notices(), *claims.confirmations(now)]
    return outbox_actions.tell_all(notices)


def _drop_overtaken() -> None:
    """End prepared escalations whose referral has ended or got another date meanwhile."""
    prepared = list(Notice.objects.prepared().filter(subject__startswith="referral:"))
    ids = {one.subject.partition(":")[2] for one in prepared}
    held = Referral.objects.open().filter(pk__in=ids).values_list("pk", "due_version")
    versions = {f"referral:{pk}": version for pk, version in held}
    stale = [one.pk for one in prepared if versions.get(one.subject) != one.version]
    if stale:
        Notice.objects.prepared().filter(pk__in=stale).update(
            state=Notice.State.CANCELLED, reason=OVERTAKEN
        )


def _open_referrals(now: dt.datetime) -> Iterable[Referral]:
    """Released and open ones that nobody was told of, or whose date draws near; none is frozen."""
    nearest = timezone.localdate(now) + ladder.LONGEST_AHEAD
    rows = Referral.objects.open().filter(
        released_at__lte=now, issue__status=Issue.Status.REFERRED, issue__pressured_at=None
    )
    return rows.exclude(due_on__gt=nearest).select_related("issue")


class Planner:
    """What all referrals have in common, read once."""

    def __init__(self, referrals: list[Referral], offices: Offices, now: dt.datetime) -> None:
        self.now = now
        self.offices = offices
        self.fresh = [one for one in referrals if one.handed_over_on is None]
        started = [one for one in referrals if one.due_on and one.role != INFORMATION]
        self.climbs = {one.pk: offices.climb(one) for one in started}
        self.calendars = workdays.calendars({one.issue.province_id for one in started})
        self.rungs = _rungs() if started else {}
        self.come = {one.pk: self._steps(one) for one in started}
        self.waiting = self._not_told_yet([one for one in started if self.come[one.pk]])
        self._read_people()

    def _read_people(self) -> None:
        above = {one for each in self.waiting for one in self.climbs[each.pk]}
        asked = {one.authority_id for one in [*self.fresh, *self.waiting]}
        self.offices.read_people(above | asked)
        issues = [one.issue for one in self.waiting]
        self.representatives = recipients.representatives({one.organization_id for one in issues})
        self.coordinators = recipients.coordinators({one.province_id for one in issues})
        policies = ProvincePolicy.objects.filter(escalates_by_itself=True)
        self.automatic = set(policies.values_list("pk", flat=True))

    def _steps(self, referral: Referral) -> list[Step]:
        found = ladder.steps(
            self.rungs.get(referral.issue.priority, []),
            referral,
            self.calendars[referral.issue.province_id],
            superiors=len(self.climbs[referral.pk]),
        )
        return ladder.come(found, self.now)

    def _not_told_yet(self, referrals: list[Referral]) -> list[Referral]:
        """Those with a rung that nobody was told of; told ones leave ``come``."""
        told = _told(referrals)
        for one in referrals:
            self.come[one.pk] = ladder.untold(self.come[one.pk], told[one.pk])
        return [one for one in referrals if self.come[one.pk]]

    def first_notices(self) -> Iterator[Notice]:
        """The request itself, to each office that was not told."""
        for referral in self.fresh:
            for recipient in self.offices.people(referral.authority_id, referral.issue_id):
                due_at = referral.released_at or self.now
                yield _notice(FIRST, referral, recipient, due_at, urgency=2)

    def ladder_notices(self) -> Iterator[Notice]:
        """The newest rung of each referral; older ones nobody was told of are skipped."""
        for referral in self.waiting:
            *older, newest = self.come[referral.pk]
            for step in older:
                for notice in self._told_at(step, referral):
                    notice.state, notice.reason = Notice.State.SKIPPED, SKIPPED
                    yield notice
            yield from self._told_at(newest, referral)

    def _told_at(self, step: Step, referral: Referral) -> Iterator[Notice]:
        """Everybody who is told at a rung of a referral."""
        calendar = self.calendars[referral.issue.province_id]
        due_at = ladder.in_hours(self.now, calendar)
        for kind, recipient in self._people_at(step, referral):
            notice = _notice(kind, referral, recipient, due_at, rung=step.key)
            if step.height:
                notice.urgency = 2
                if referral.issue.province_id not in self.automatic:
                    notice.state = Notice.State.PREPARED
            yield notice

    def _people_at(self, step: Step, referral: Referral) -> Iterator[tuple[str, str]]:
        """Kind of notice and recipient."""
        issue = referral.issue
        officials = self.offices.people(referral.authority_id, issue.pk)
        if not step.height:
            yield from ((REMINDER, one) for one in officials)
            if step.audience == Rung.Audience.WITH_COPY:
                yield from ((COPY, one) for one in self.coordinators[issue.province_id])
            return
        superior = self.climbs[referral.pk][step.height - 1]
        yield from ((ESCALATION, one) for one in self.offices.people(superior, issue.pk))
        yield from ((ESCALATED_OFFICE, one) for one in officials)
        told = self.representatives[issue.organization_id]
        yield from ((ESCALATED_ORGANIZATION, one) for one in told)


INFORMATION = Referral.Role.INFORMATION


def _rungs() -> dict[int, list[Rung]]:
    """The ladder of each priority, from its lowest rung."""
    found: dict[int, list[Rung]] = {}
    for rung in Rung.objects.order_by("priority", "offset"):
        found.setdefault(rung.priority, []).append(rung)
    return found


def _told(referrals: list[Referral]) -> dict[int, set[str]]:
    """The rungs of the present ladder that were told, of each referral; one query.

    What waits with a former date does not count: it is not wanted any more, and told anew.
    """
    subjects = {_subject(one): one for one in referrals}
    rows = Notice.objects.filter(subject__in=subjects, kind__in=LADDER)
    found: dict[int, set[str]] = {one.pk: set() for one in referrals}
    for subject, rung, version, state in rows.values_list("subject", "rung", "version", "state"):
        one = subjects[subject]
        is_over = version >= one.ladder_version and state in OVER
        if version == one.due_version or is_over:
            found[one.pk].add(rung)
    return found


def _subject(referral: Referral) -> str:
    return f"referral:{referral.pk}"


def _notice(
    kind: str,
    referral: Referral,
    recipient: str,
    due_at: dt.datetime,
    *,
    rung: str = "",
    urgency: int = 0,
) -> Notice:
    return Notice(
        subject=_subject(referral),
        kind=kind,
        rung=rung,
        version=referral.due_version,
        recipient=recipient,
        province_id=referral.issue.province_id,
        due_at=due_at,
        urgency=urgency,
    )


# --- the clock starts -----------------------------------------------------------------------------
def note_hand_over(notice: Notice, at: dt.datetime) -> None:
    """Start the referral's clock: its first notice left. Does nothing the second time."""
    pk = int(notice.subject.partition(":")[2])
    referral = Referral.objects.open().filter(pk=pk, due_version=notice.version).first()
    if referral is not None and referral.handed_over_on is None:
        issue_actions.hand_over(referral, on=timezone.localdate(at), now=at)


def _repair_hand_overs(fresh: list[Referral], now: dt.datetime) -> None:
    """Start the clocks that did not start when their notice left, because something failed."""
    left = Notice.objects.filter(
        kind=FIRST,
        subject__in=[_subject(one) for one in fresh],
        message__attempts__outcome=Attempt.Outcome.SENT,
    )
    for notice in left.distinct():
        note_hand_over(notice, now)
