"""The end of a session: the draft minutes are agreed, what was decided leaves the room."""

import datetime as dt

from django.db import transaction
from django.utils.translation import ngettext

from accounts.models import User
from audit.actions import record
from audit.errors import TransitionError
from audit.models import AuditEntry
from forum.models import Session
from issues.actions import notify
from issues.actions.agenda import RECORDABLE, lock_session
from issues.actions.deciding import defer, note
from issues.actions.floor import tell_screen
from issues.actions.move import lock_all
from issues.models import AgendaItem, Issue, Referral


@transaction.atomic
def release(session: Session, *, by: User, now: dt.datetime, defer_rest: bool = False) -> Session:
    """The draft minutes are agreed: the session ends and its referrals leave.

    Refused while an issue has no outcome, unless the rest is deferred with it.
    """
    locked = lock_session(session.pk, by, RECORDABLE)
    lock_all(locked.agenda_items.filter(issue__isnull=False).values_list("issue", flat=True))
    rest = list(locked.agenda_items.filter(outcome=None, issue__isnull=False))
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
    locked.agenda_items.filter(started_at__isnull=False).update(started_at=None)
    sent = Referral.objects.open().filter(outcome__item__session=locked, released_at=None)
    issues = [one.issue for one in sent.select_related("issue")]
    sent.update(released_at=now)
    locked.status, locked.released_at = Session.Status.RELEASED, now
    locked.save(update_fields=["status", "released_at"])
    tell_screen(locked)
    role = AuditEntry.Role.COORDINATOR
    record("forum.release", locked, by=by, role=role, at=now, referrals=len(issues))
    for issue in issues:
        notify.tell(
            "issue_referred", issue, notify.representatives(issue), now=now, version=locked.pk
        )
    return locked


def _defer_or_leave(item: AgendaItem, by: User, now: dt.datetime) -> None:
    """What was not reached is deferred; a referred issue up for review stays as it is."""
    if Issue.objects.get(agenda_items=item).status == Issue.Status.SCHEDULED:
        defer(item, by=by, now=now)
    else:
        note(item, by=by, now=now)
