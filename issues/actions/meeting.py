"""An issue's turn in a session: put on the agenda, discussed, decided, released."""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from audit.actions import record
from audit.errors import Conflict, TransitionError
from audit.models import AuditEntry
from forum import actions as forum_actions
from forum.models import Session
from issues.actions import notify
from issues.actions.move import lock, lock_all, move
from issues.actions.referring import refer
from issues.models import AgendaItem, Issue, Outcome, Referral
from issues.workflow import Act
from provinces.models import Authority

RECORDABLE = {Session.Status.OPEN}
CHANGEABLE = {Session.Status.PLANNED, Session.Status.OPEN}


def _lock_session(session: Session, by: User, allowed: set[Session.Status]) -> Session:
    """The session, locked; a sentence where its state does not allow the act any more."""
    locked = Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
    if not by.serves(locked.province_id):
        raise PermissionDenied
    if locked.status not in allowed:
        raise TransitionError(
            _("This is not possible now: the session is “%(state)s”.")
            % {"state": locked.get_status_display()}
        )
    return locked


def _next_position(session: Session) -> int:
    last = session.agenda_items.aggregate(last=Max("position"))["last"]
    return (last or 0) + 1


@transaction.atomic
def schedule(
    issue: Issue, *, by: User, now: dt.datetime, session: Session, minutes: int = 10
) -> AgendaItem:
    """Put an accepted issue on a session's agenda; a referred one for review, still referred."""
    locked = _lock_session(session, by, CHANGEABLE)
    if locked.province_id != issue.province_id:
        raise TransitionError(
            _("The session of %(province)s does not deal with this issue.")
            % {"province": locked.province}
        )
    referred = lock(issue).status == Issue.Status.REFERRED
    moved = move(
        issue,
        Act.SCHEDULE,
        by=by,
        now=now,
        to=Issue.Status.REFERRED if referred else Issue.Status.SCHEDULED,
        trace={"session": locked.pk},
    )
    try:
        with transaction.atomic():
            item = AgendaItem.objects.create(
                session=locked, issue=moved, position=_next_position(locked), minutes=minutes
            )
    except IntegrityError as error:
        raise TransitionError(_("The issue is on this agenda already.")) from error
    if not referred:
        notify.tell(
            "issue_scheduled",
            moved,
            notify.representatives(moved),
            now=now,
            version=item.pk,
            about=item,
        )
    return item


@transaction.atomic
def schedule_all(
    issues: Sequence[Issue], *, by: User, now: dt.datetime, session: Session, minutes: int = 10
) -> list[AgendaItem]:
    """Put all these issues on the agenda in this order, or none: one audit entry each.

    Raises TransitionError with the reference of the issue that stood in the way.
    """
    _lock_session(session, by, CHANGEABLE)
    lock_all(one.pk for one in issues)
    items = []
    for issue in issues:
        try:
            items.append(schedule(issue, by=by, now=now, session=session, minutes=minutes))
        except TransitionError as error:
            raise TransitionError(f"{issue.reference}: {error}") from error
    return items


@transaction.atomic
def unschedule(item: AgendaItem, *, by: User, now: dt.datetime) -> None:
    """Take an issue off the agenda before it was discussed."""
    _lock_session(item.session, by, CHANGEABLE)
    _issue_of(item)
    _refuse_decided(item)
    _take_off(item, by, now)


def _take_off(item: AgendaItem, by: User, now: dt.datetime) -> None:
    issue = _issue_of(item)
    referred = issue.status == Issue.Status.REFERRED
    to = Issue.Status.REFERRED if referred else Issue.Status.ACCEPTED
    move(issue, Act.UNSCHEDULE, by=by, now=now, to=to, trace={"session": item.session_id})
    item.delete()


def _issue_of(item: AgendaItem) -> Issue:
    """The item's issue as it stands now, locked; a sentence where it is a titled point."""
    if item.issue is None:
        raise TransitionError(_("This point is no issue."))
    return lock(item.issue)


def _refuse_decided(item: AgendaItem) -> None:
    """A sentence where the item left the agenda or got its outcome meanwhile."""
    if not AgendaItem.objects.filter(pk=item.pk).exists():
        raise TransitionError(_("Meanwhile this item was taken off the agenda."))
    if Outcome.objects.filter(item=item).exists():
        raise TransitionError(_("Meanwhile an outcome was recorded for this item."))


@transaction.atomic
def add_point(
    session: Session, *, by: User, title: str, minutes: int, client_key: uuid.UUID
) -> AgendaItem:
    """Add a titled point without an issue: an opening, remarks. Sent twice it is one point.

    Raises Conflict for the same form with another title.
    """
    locked = _lock_session(session, by, CHANGEABLE)
    if added := AgendaItem.objects.filter(client_key=client_key).first():
        if (added.session_id, added.title, added.minutes) != (locked.pk, title, minutes):
            raise Conflict(_("This form was sent before with other words. Open the page again."))
        return added
    item = AgendaItem.objects.create(
        session=locked,
        title=title,
        minutes=minutes,
        client_key=client_key,
        position=_next_position(locked),
    )
    record("issue.add_point", locked, by=by, role=AuditEntry.Role.COORDINATOR, item=item.pk)
    return item


@transaction.atomic
def remove_point(item: AgendaItem, *, by: User) -> None:
    """Remove a titled point."""
    locked = _lock_session(item.session, by, CHANGEABLE)
    if item.issue_id:
        raise TransitionError(_("This item is an issue: take it off the agenda instead."))
    _refuse_decided(item)
    record("issue.remove_point", locked, by=by, role=AuditEntry.Role.COORDINATOR, item=item.pk)
    item.delete()


@transaction.atomic
def allot(item: AgendaItem, *, by: User, minutes: int) -> AgendaItem:
    """Change the minutes an item may take, until its outcome is recorded."""
    session = _lock_session(item.session, by, CHANGEABLE)
    _refuse_decided(item)
    locked = AgendaItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    before, locked.minutes = locked.minutes, minutes
    if before == minutes:
        return locked
    locked.save(update_fields=["minutes"])
    role, change = AuditEntry.Role.COORDINATOR, [before, minutes]
    record("issue.allot", session, by=by, role=role, item=locked.pk, minutes=change)
    return locked


@transaction.atomic
def arrange(session: Session, *, by: User, seen: Sequence[int], order: Sequence[int]) -> None:
    """Put the agenda in this order of item ids; refused where it no longer stands as ``seen``."""
    locked = _lock_session(session, by, CHANGEABLE)
    items = {item.pk: item for item in locked.agenda_items.select_for_update(of=("self",))}
    if list(seen) != list(items) or sorted(order) != sorted(items):
        raise TransitionError(_("Meanwhile the agenda has changed. Order it as it stands now."))
    for position, pk in enumerate(order, start=1):
        items[pk].position = position
    AgendaItem.objects.bulk_update(items.values(), ["position"])
    record("issue.arrange", locked, by=by, role=AuditEntry.Role.COORDINATOR, order=list(order))


def _decide(
    item: AgendaItem, kind: Outcome.Kind, *, by: User, now: dt.datetime, **fields: object
) -> Outcome:
    """Record the outcome of an item of an open session; the first record stands."""
    _lock_session(item.session, by, RECORDABLE)
    if item.issue_id is None and kind != Outcome.Kind.NOTED:
        raise TransitionError(_("This point is no issue: it can only be noted."))
    if item.issue_id:
        _issue_of(item)  # before the item, in the order of whoever takes the issue off
    _refuse_decided(item)
    return Outcome.objects.create(item=item, kind=kind, recorded_by=by, recorded_at=now, **fields)


@transaction.atomic
def address(
    item: AgendaItem, *, by: User, now: dt.datetime, text: str, said_by: str = ""
) -> Outcome:
    """The issue was addressed in the session, in these words; its organization is asked."""
    outcome = _decide(item, Outcome.Kind.ADDRESSED, by=by, now=now, text=text, said_by=said_by)
    issue = _issue_of(item)
    moved = move(
        issue,
        Act.ADDRESS,
        by=by,
        now=now,
        resolved_at=now,
        claims=issue.claims + 1,
        trace={"session": item.session_id, "outcome": outcome.pk},
    )
    told = notify.cosigners(moved)
    notify.tell("cosigned_resolved", moved, told, now=now, version=moved.claims)
    return outcome


@transaction.atomic
def defer(item: AgendaItem, *, by: User, now: dt.datetime, text: str = "") -> Outcome:
    """There was no time: the issue is eligible again for the province's next session."""
    outcome = _decide(item, Outcome.Kind.DEFERRED, by=by, now=now, text=text)
    issue = _issue_of(item)
    move(
        issue,
        Act.DEFER,
        by=by,
        now=now,
        deferrals=issue.deferrals + 1,
        trace={"session": item.session_id},
    )
    return outcome


@transaction.atomic
def note(item: AgendaItem, *, by: User, now: dt.datetime, text: str = "") -> Outcome:
    """Noted only: a titled point is done, an issue is eligible again."""
    outcome = _decide(item, Outcome.Kind.NOTED, by=by, now=now, text=text)
    if item.issue_id:
        issue = _issue_of(item)
        referred = issue.status == Issue.Status.REFERRED
        move(
            issue,
            Act.NOTE,
            by=by,
            now=now,
            to=Issue.Status.REFERRED if referred else Issue.Status.ACCEPTED,
            trace={"session": item.session_id},
        )
    return outcome


@transaction.atomic
def refer_in_session(
    item: AgendaItem,
    *,
    by: User,
    now: dt.datetime,
    authority: Authority,
    due_on: dt.date,
    text: str = "",
    said_by: str = "",
) -> Referral:
    """The session referred the issue to an authority; it leaves when the minutes are agreed."""
    outcome = _decide(
        item, Outcome.Kind.REFERRED, by=by, now=now, text=text, said_by=said_by, by_on=due_on
    )
    issue = _issue_of(item)
    return refer(
        issue, by=by, now=now, authority=authority, due_on=due_on, note=text, outcome=outcome
    )


@transaction.atomic
def release(session: Session, *, by: User, now: dt.datetime, defer_rest: bool = False) -> Session:
    """The draft minutes are agreed: the session ends and its referrals leave.

    Refused while an issue has no outcome, unless the rest is deferred with it.
    """
    locked = _lock_session(session, by, RECORDABLE)
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
    sent = Referral.objects.open().filter(outcome__item__session=locked, released_at=None)
    issues = [one.issue for one in sent.select_related("issue")]
    sent.update(released_at=now)
    locked.status, locked.released_at = Session.Status.RELEASED, now
    locked.save(update_fields=["status", "released_at"])
    role = AuditEntry.Role.COORDINATOR
    record("forum.release", locked, by=by, role=role, at=now, referrals=len(issues))
    for issue in issues:
        notify.tell(
            "issue_referred", issue, notify.representatives(issue), now=now, version=locked.pk
        )
    return locked


def _defer_or_leave(item: AgendaItem, by: User, now: dt.datetime) -> None:
    """What was not reached is deferred; a referred issue up for review stays as it is."""
    if _issue_of(item).status == Issue.Status.SCHEDULED:
        defer(item, by=by, now=now)
    else:
        note(item, by=by, now=now)


@transaction.atomic
def cancel_session(session: Session, *, by: User, now: dt.datetime, because: str) -> Session:
    """Cancel the session in the draft; once that is published its issues wait for the next one.

    Where nobody knows of the session yet, they do at once: there will be nothing to publish.
    """
    cancelled = forum_actions.cancel_session(session, by=by, now=now, because=because)
    if cancelled.announced_id is None:
        clear_agendas([cancelled], by=by, now=now)
    return cancelled


@transaction.atomic
def clear_agendas(sessions: Sequence[Session], *, by: User, now: dt.datetime) -> None:
    """Take the undecided issues off the agendas of sessions that are called off for everybody.

    The caller has the sessions' locks.
    """
    rest = AgendaItem.objects.filter(session__in=sessions, issue__isnull=False, outcome=None)
    lock_all(rest.values_list("issue", flat=True))
    for item in rest.select_related("issue"):
        _take_off(item, by, now)
