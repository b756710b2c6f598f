"""The planner: looks at what may have something to tell, and adds notices that have come."""

import datetime as dt
import logging
from collections.abc import Sequence

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from issues import actions as issue_actions
from issues.models import Issue, Referral
from outbox import actions as outbox_actions
from outbox.models import Attempt, Notice
from outbox.packing import OVERTAKEN
from reminders import claims, looking
from reminders.held import Held, among
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
    added, is_more = 0, True
    while is_more:
        some, is_more = _plan_some(now)
        added += some
    return added + claims.ask(now=now)


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


def _plan_some(now: dt.datetime) -> tuple[int, bool]:
    """So many as go at once: how many notices were added, and whether there may be more."""
    with transaction.atomic():
        _need_not_wait_for_the_disk()
        taken = looking.take(REFERRALS, now=now, limit=AT_ONCE)
        if not taken:
            return 0, False
        # Only now: what changed before we held these looks is read, what changes later asks anew.
        held = Held.read(taken)
        _drop_overtaken(held)
        planner = Planner(held, now)
        added = outbox_actions.tell_rows(planner.rows())
        looking.put_on(REFERRALS, taken, planner.after, now=now)
        left = _left(planner.fresh)
    for notice in left:  # apart: it locks the issue, as whoever waits for our looks may have
        note_hand_over(notice, now)
    return added, len(taken) == AT_ONCE


def _need_not_wait_for_the_disk() -> None:
    """What a crash takes away of a plan is planned again, and nothing leaves before it is safe."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")


def _drop_overtaken(held: Sequence[Held]) -> None:
    """End prepared escalations of what ended, got another date, or is kept at its own level."""
    climbing = [one for one in held if one.is_running and one.kept_low_at is None]
    versions = {one.subject: one.due_version for one in climbing}
    prepared = among(Notice.objects.prepared(), "subject", (one.subject for one in held))
    stale = [
        pk
        for pk, subject, version in prepared.order_by().values_list("pk", "subject", "version")
        if versions.get(subject) != version
    ]
    if stale:
        Notice.objects.prepared().filter(pk__in=stale).update(
            state=Notice.State.CANCELLED, reason=OVERTAKEN
        )


# --- the clock starts -----------------------------------------------------------------------------
def note_hand_over(notice: Notice, at: dt.datetime) -> None:
    """Start the referral's clock: its first notice left. Does nothing the second time."""
    pk = int(notice.subject.partition(":")[2])
    referral = Referral.objects.open().filter(pk=pk, due_version=notice.version).first()
    if referral is not None and referral.handed_over_on is None:
        issue_actions.hand_over(referral, on=timezone.localdate(at), now=at)


def _left(fresh: Sequence[Held]) -> list[Notice]:
    """First notices that left while the clock did not start, because something failed."""
    if not fresh:
        return []
    left = Notice.objects.filter(
        kind=FIRST,
        subject__in=[one.subject for one in fresh],
        message__attempts__outcome=Attempt.Outcome.SENT,
    )
    return list(left.distinct())
