"""The end of a session: the draft minutes are agreed, what was decided leaves the room."""

import datetime as dt

from django.db import transaction
from django.utils.translation import ngettext

from accounts.models import User
from audit.actions import record
from audit.errors import TransitionError
from audit.models import AuditEntry, subject_of
from forum.models import Session
from issues import closed
from issues.actions.agenda import RECORDABLE, lock_session
from issues.actions.charging import tell_passed_on
from issues.actions.deciding import defer, note
from issues.actions.floor import end_run, tell_screen
from issues.actions.move import lock_all
from issues.models import AgendaItem, Issue, Outcome, Referral
from outbox import actions as outbox
from outbox.models import Notice


@transaction.atomic
def release(session: Session, *, by: User, now: dt.datetime, defer_rest: bool = False) -> Session:
    """The draft minutes are agreed: the session ends and its referrals leave.

    Refused while an issue has no outcome, unless the rest is deferred with it.
    """
    locked = lock_session(session.pk, by, RECORDABLE)
    lock_all(locked.agenda_items.filter(issue__isnull=False).values_list("issue", flat=True))
    rest = list(
        locked.agenda_items.filter(outcome=None, issue__isnull=False).select_related("issue")
    )
    if rest and not defer_rest:
        raise TransitionError(
            ngettext(
                "%(count)d issue has no outcome yet. Record it, or defer what is left.",
                "%(count)d issues have no outcome yet. Record them, or defer what is left.",
                len(rest),
            )
            % {"count": len(rest)}
        )
    for item in rest:
        _defer_or_leave(item, by, now)
    if running := locked.agenda_items.filter(started_at__isnull=False).first():
        end_run(running, now)
    sent = Referral.objects.open().filter(outcome__item__session=locked, released_at=None)
    count = sent.update(released_at=now)
    locked.status, locked.released_at = Session.Status.RELEASED, now
    locked.save(update_fields=["status", "released_at"])
    tell_screen(locked)
    role = AuditEntry.Role.COORDINATOR
    record("forum.release", locked, by=by, role=role, at=now, referrals=count)
    for held in _passed_on(locked):
        tell_passed_on(held.issue, [held], now=now)
    _tell(locked, now)
    return locked


def _tell(session: Session, now: dt.datetime) -> None:
    """Each person once as of an office, once as of an organization: all that is theirs in one.

    Each referral has besides its own first notice, by the ladder.
    """
    outbox.tell_all(
        Notice(
            kind=kind,
            subject=subject_of(session),
            recipient=recipient,
            province_id=session.province_id,
            due_at=now,
        )
        for kind, recipient in closed.told_of(session).notices()
    )


def _passed_on(session: Session) -> list[Referral]:
    """What offices had led until the session passed it on."""
    outcomes = Outcome.objects.filter(item__session=session).exclude(replaced=[])
    rows = [row for one in outcomes for row in one.replaced]
    ended = [row["referral"] for row in rows if row.get("ended")]
    return list(Referral.objects.filter(pk__in=ended).select_related("issue"))


def _defer_or_leave(item: AgendaItem, by: User, now: dt.datetime) -> None:
    """What was not reached is deferred; a referred issue up for review stays as it is."""
    if item.issue is not None and item.issue.status == Issue.Status.SCHEDULED:
        defer(item, by=by, now=now)
    else:
        note(item, by=by, now=now)
