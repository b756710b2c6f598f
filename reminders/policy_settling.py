"""A ladder was changed: what becomes of the notices of open referrals.

What was told stays told, by its key, on whatever day its rung stands now. What only waits and
whose day lies ahead again is taken back, so that it is told on that day; what waits for a rung
that is gone is cancelled. A rung that now stands behind one already told was overtaken by it, and
is marked so: it is told to nobody, whatever is taken out of the ladder later.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_noop

from issues.models import Climb, Issue, Referral
from issues.models.issue import LONG_OF_ISSUE
from outbox import actions as outbox_actions
from outbox.models import Attempt, Hours, Message, Notice
from provinces import workdays
from reminders import actions, ladder
from reminders.claims import SKIPPED
from reminders.ladder import Step
from reminders.models import Rung
from reminders.offices import Offices
from reminders.planner import OVER

AT_ONCE = 1000  # referrals in memory
GONE = gettext_noop("Its rung was taken out of the ladder.")
S = Notice.State
WAITING = frozenset({S.PREPARED, S.PLANNED, S.HELD})
CLIMBS = frozenset({actions.ESCALATION, actions.ESCALATED_OFFICE, actions.ESCALATED_ORGANIZATION})


def settle(priority: int, *, now: dt.datetime) -> None:
    """Bring what waits in line with the rungs of a priority as they stand now.

    Inside the transaction that changed them; a constant number of queries for some referrals.
    """
    rungs = list(Rung.objects.filter(priority=priority).order_by("offset"))
    rows = Referral.objects.open().filter(
        issue__priority=priority, issue__status=Issue.Status.REFERRED, handed_over_on__isnull=False
    )
    rows = rows.exclude(role=Referral.Role.INFORMATION).select_related("issue")
    rows = rows.defer(*LONG_OF_ISSUE).order_by("pk")
    latest = 0
    while some := list(rows.filter(pk__gt=latest)[:AT_ONCE]):
        _Book(some, rungs, now).settle()
        latest = some[-1].pk


class _Book:
    """What some referrals need to know, and what is to be done about their notices."""

    def __init__(self, referrals: list[Referral], rungs: list[Rung], now: dt.datetime) -> None:
        self.referrals, self.rungs, self.now = referrals, rungs, now
        self.offices = Offices.read(one.issue_id for one in referrals)
        self.calendars = workdays.calendars({one.issue.province_id for one in referrals})
        subjects = [f"referral:{one.pk}" for one in referrals]
        rows = Notice.objects.filter(subject__in=subjects, kind__in=actions.LADDER)
        _take_back(rows)
        self.notices: defaultdict[str, list[Notice]] = defaultdict(list)
        for notice in rows.select_for_update().order_by("pk"):
            self.notices[notice.subject].append(notice)
        named = rows.filter(Q(link__isnull=False) | Q(letters__isnull=False))
        self.named = set(named.values_list("pk", flat=True))  # a letter or link points to them
        climbs = Climb.objects.filter(referral__in=referrals, direction=Climb.Direction.UP)
        self.hours = Hours.current()
        self.by_hand = set(climbs.values_list("referral", "rung", "version"))
        self.again: list[int] = []
        self.gone: list[int] = []
        self.overtaken: list[Notice] = []

    def settle(self) -> None:
        """Decide on each referral, then write it all."""
        for one in self.referrals:
            self._decide(one)
        Notice.objects.filter(pk__in=self.again).delete()
        Notice.objects.filter(pk__in=self.gone).update(state=S.CANCELLED, reason=GONE)
        outbox_actions.tell_all(self.overtaken)

    def _decide(self, referral: Referral) -> None:
        notices = self.notices[f"referral:{referral.pk}"]
        climb = self.offices.climb(referral)
        calendar = self.calendars[referral.issue.province_id]
        steps = ladder.steps(self.rungs, referral, calendar, superiors=len(climb))
        come = ladder.come(steps, self.now, self.hours)
        here, ahead = {one.key for one in come}, {one.key: one for one in steps}
        told = {one.rung for one in notices if _is_told(one, referral)}
        for one in _present(notices, referral):
            if one.rung in here or (referral.pk, one.rung, one.version) in self.by_hand:
                continue
            self._take_off(one, ahead.get(one.rung), one.rung in told)
        self.overtaken += _overtaken(referral, come, notices, told, climb, self.now)

    def _take_off(self, notice: Notice, step: Step | None, is_told: bool) -> None:
        """A notice that waits although its day lies ahead, or no rung has its key any more."""
        if is_told and step is not None:  # the others at this rung were told: it goes on that day
            opens = self.hours.opening(step.on)
            Notice.objects.filter(pk=notice.pk).update(state=S.PLANNED, due_at=opens, reason="")
        elif notice.pk in self.named and step is not None:  # waits, as it is, for that day
            state = S.PREPARED if notice.state == S.PREPARED else S.PLANNED
            opens = self.hours.opening(step.on)
            Notice.objects.filter(pk=notice.pk).update(state=state, due_at=opens, reason="")
        elif not is_told and notice.pk not in self.named and (step or notice.kind in CLIMBS):
            self.again.append(notice.pk)
        else:
            self.gone.append(notice.pk)


def _take_back(rows: QuerySet[Notice]) -> None:
    """Take notices out of messages that hold nothing else and that nobody began to send.

    Their words and address are made anew when their day comes; the Message-ID stays the same.
    """
    begun = Attempt.objects.filter(message=OuterRef("pk"))
    waiting = Message.objects.filter(~Exists(begun), state=Message.State.QUEUED)
    found = list(waiting.filter(notices__in=rows).values_list("pk", flat=True))
    locked = [one.pk for one in waiting.filter(pk__in=found).order_by("pk").select_for_update()]
    counted = waiting.filter(pk__in=locked).annotate(told_of=Count("notices"))
    free = list(counted.filter(told_of=1).values_list("pk", flat=True))
    Notice.objects.filter(message__in=free, state=S.QUEUED).update(state=S.PLANNED, message=None)
    Message.objects.filter(pk__in=free).update(state=Message.State.CANCELLED)


def _present(notices: Iterable[Notice], referral: Referral) -> Iterator[Notice]:
    """What waits with the present date."""
    for one in notices:
        if one.version == referral.due_version and one.state in WAITING and one.message_id is None:
            yield one


def _is_told(notice: Notice, referral: Referral) -> bool:
    return notice.version >= referral.ladder_version and (
        notice.state in OVER or notice.state in (S.QUEUED, S.CANCELLED)
    )


def _overtaken(
    referral: Referral,
    come: list[Step],
    notices: list[Notice],
    told: set[str],
    climb: list[int],
    now: dt.datetime,
) -> Iterator[Notice]:
    """A mark for each rung behind the newest that was told, where no notice stands for it."""
    newest = max((place for place, one in enumerate(come) if one.key in told), default=0)
    known = {one.rung for one in notices if one.version >= referral.ladder_version}
    for step in come[:newest]:
        if step.key in known:
            continue
        office = climb[step.height - 1] if step.height else referral.authority_id
        yield Notice(
            subject=f"referral:{referral.pk}",
            kind=actions.ESCALATION if step.height else actions.REMINDER,
            rung=step.key,
            version=referral.due_version,
            recipient=f"authority:{office}",
            province_id=referral.issue.province_id,
            due_at=now,
            state=S.SKIPPED,
            reason=SKIPPED,
        )
