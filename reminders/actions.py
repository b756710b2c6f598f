"""The planner: looks at what may have something to tell, and adds notices that have come."""

import datetime as dt
import logging
from collections.abc import Iterable, Sequence

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone

from issues import actions as issue_actions
from issues.models import Issue, Referral
from outbox import actions as outbox_actions
from outbox.models import Attempt, Notice
from outbox.packing import OVERTAKEN
from reminders import claims, looking
from reminders.held import Held, among, subject_of
from reminders.looking import REFERRALS
from reminders.models import Rung
from reminders.planner import (
    COPY,
    ESCALATED_OFFICE,
    ESCALATED_ORGANIZATION,
    ESCALATION,
    FIRST,
    LADDER,
    REMINDER,
    Planner,
)

__all__ = [
    "COPY", "ESCALATED_OFFICE", "ESCALATED_ORGANIZATION", "ESCALATION", "FIRST", "LADDER",
    "POLICY", "REMINDER", "note_hand_over", "plan", "seed_policy",
]  # fmt: skip

log = logging.getLogger(__name__)
AT_ONCE = 5000  # referrals in memory, and in one transaction

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

    May run at any moment, twice, and in several places at once: each takes what no other holds,
    and the key of a notice is unique. Reads only what is to be looked at now.
    """
    _settle(now)  # before their dates are read
    looking.at_all_if_needed(now=now)
    due = looking.due(REFERRALS, now=now, at_once=AT_ONCE)
    return sum(_plan_some(some, now) for some in due) + claims.ask(now=now)


def _settle(now: dt.datetime) -> None:
    """Let run out what has run out; what cannot must not keep the others from being reminded."""
    for settle in (
        issue_actions.settle_extensions,
        issue_actions.settle_pauses,
        issue_actions.settle_drafts,
    ):
        try:
            settle(now=now)
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # whatever one row runs into
            log.exception("%s failed.", settle.__name__)


def _plan_some(due: Sequence[int], now: dt.datetime) -> int:
    """So many as go at once, without what others hold: how many notices were added."""
    with transaction.atomic():
        taken = looking.take(REFERRALS, due, now=now)
        if not taken:
            return 0
        # Only now: what changed before we held these looks is read, what changes later asks anew.
        held = Held.read(taken)
        _drop_overtaken(taken)
        planner = Planner(held, now)
        added = outbox_actions.tell_rows(planner.rows())
        looking.put_on(REFERRALS, taken, planner.after, now=now)
        left = _left(planner.fresh)
    if left:  # apart: it locks the issues, as whoever waits for our looks may have
        note_hand_over(left, now)
    return added


def _drop_overtaken(taken: Sequence[int]) -> None:
    """End prepared escalations of what ended, got another date, or is kept at its own level."""
    prepared = among(Notice.objects.prepared(), "subject", map(subject_of, taken)).order_by()
    if not (waiting := list(prepared.values_list("pk", "subject", "version"))):
        return
    climbing = among(Referral.objects.running().filter(kept_low_at=None), "id", taken).order_by()
    versions = {subject_of(pk): last for pk, last in climbing.values_list("pk", "due_version")}
    stale = [pk for pk, subject, version in waiting if versions.get(subject) != version]
    if stale:
        Notice.objects.prepared().filter(pk__in=stale).update(
            state=Notice.State.CANCELLED, reason=OVERTAKEN
        )


# --- the clock starts -----------------------------------------------------------------------------
def note_hand_over(notices: Iterable[Notice], at: dt.datetime) -> None:
    """Start the clocks of the referrals whose first notices left; does nothing the second time."""
    told = {(int(one.subject.partition(":")[2]), one.version) for one in notices}
    issue_actions.hand_over_all(told, on=timezone.localdate(at), now=at)


def _left(fresh: Sequence[Held]) -> list[Notice]:
    """First notices that left while the clock did not start, because something failed."""
    if not fresh:
        return []
    was_sent = Q(message__attempts__outcome=Attempt.Outcome.SENT)
    left = Notice.objects.filter(
        was_sent | Q(state=Notice.State.DELIVERED),  # reported, where we never heard an answer
        kind=FIRST,
        subject__in=[subject_of(one.pk) for one in fresh],
    )
    return list(left.distinct())
