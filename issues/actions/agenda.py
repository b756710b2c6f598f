"""The agenda of a session: what is put on it, in which order, and who speaks to what."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from accounts.models import Organization, User
from audit import once
from audit.actions import record
from audit.errors import TransitionError
from audit.models import AuditEntry
from forum import actions as forum_actions
from forum.models import Session
from issues import reviews
from issues.actions import notify
from issues.actions.move import lock, lock_all, move_locked
from issues.models import AgendaItem, Issue, LeftOut, Outcome
from issues.permissions import names_its_organization
from issues.workflow import Act
from provinces.models import Authority

RECORDABLE = frozenset({Session.Status.OPEN})
CHANGEABLE = frozenset({Session.Status.PLANNED, Session.Status.OPEN})
COORDINATOR = AuditEntry.Role.COORDINATOR


def lock_session(session_id: int, by: User, allowed: Collection[Session.Status]) -> Session:
    """The session, locked; a sentence where its state does not allow the act any more."""
    locked = Session.objects.select_for_update(of=("self",)).get(pk=session_id)
    if not by.serves(locked.province_id):
        raise PermissionDenied
    if locked.minutes_approved_at:
        raise TransitionError(_("The minutes are approved: agenda and outcomes stand."))
    if locked.status not in allowed:
        raise TransitionError(
            _("This is not possible now: the session is “%(state)s”.")
            % {"state": locked.get_status_display()}
        )
    return locked


def _next_position(session: Session) -> int:
    last = session.agenda_items.aggregate(last=Max("position"))["last"]
    return (last or 0) + 1


# --- issues ---------------------------------------------------------------------------------------
@transaction.atomic
def schedule(
    issue: Issue, *, by: User, now: dt.datetime, session: Session, minutes: int = 10
) -> AgendaItem:
    """Put an accepted issue on a session's agenda; a referred one for review, still referred."""
    locked = lock_session(session.pk, by, CHANGEABLE)
    if locked.province_id != issue.province_id:
        raise TransitionError(
            _("The session of %(province)s does not deal with this issue.")
            % {"province": locked.province}
        )
    LeftOut.objects.filter(session=locked, issue=issue).delete()
    item, was_referred = _put(lock(issue), locked, by, now, _next_position(locked), minutes)
    if not was_referred:
        notify.tell(
            "issue_scheduled",
            issue,
            notify.representatives(issue),
            now=now,
            version=item.pk,
            about=item,
        )
    return item


def _put(
    locked: Issue,
    session: Session,
    by: User | None,
    now: dt.datetime,
    position: int,
    minutes: int,
) -> tuple[AgendaItem, bool]:
    """The item of a locked issue, and whether it was referred: then it stays so."""
    was_referred = locked.status == Issue.Status.REFERRED
    to = Issue.Status.REFERRED if was_referred else Issue.Status.SCHEDULED
    trace: dict[str, object] = {"session": session.pk}
    moved = move_locked(locked, Act.SCHEDULE, by=by, now=now, to=to, trace=trace)
    try:
        with transaction.atomic():
            item = AgendaItem.objects.create(
                session=session, issue=moved, position=position, minutes=minutes
            )
    except IntegrityError as error:
        raise TransitionError(_("The issue is on this agenda already.")) from error
    return item, was_referred


@transaction.atomic
def schedule_all(
    issues: Sequence[Issue], *, by: User, now: dt.datetime, session: Session, minutes: int = 10
) -> list[AgendaItem]:
    """Put all these issues on the agenda in this order, or none: one audit entry each.

    Raises TransitionError with the reference of the issue that stood in the way.
    """
    lock_session(session.pk, by, CHANGEABLE)
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
    """Take an issue off the agenda before it was discussed; a review does not come back then."""
    locked = lock_session(item.session_id, by, CHANGEABLE)
    issue = _issue_of(item)
    refuse_decided(item)
    _take_off(item, by, now)
    if issue.status == Issue.Status.REFERRED:
        LeftOut.objects.create(session=locked, issue=issue, left_out_by=by, left_out_at=now)


def _take_off(item: AgendaItem, by: User, now: dt.datetime) -> None:
    issue = _issue_of(item)
    referred = issue.status == Issue.Status.REFERRED
    to = Issue.Status.REFERRED if referred else Issue.Status.ACCEPTED
    move_locked(issue, Act.UNSCHEDULE, by=by, now=now, to=to, trace={"session": item.session_id})
    item.delete()


def _issue_of(item: AgendaItem) -> Issue:
    """The item's issue as it stands now, locked; a sentence where it is a titled point."""
    if item.issue is None:
        raise TransitionError(_("This point is no issue."))
    return lock(item.issue)


def refuse_decided(item: AgendaItem) -> None:
    """A sentence where the item left the agenda or got its outcome meanwhile."""
    if not AgendaItem.objects.filter(pk=item.pk).exists():
        raise TransitionError(_("Meanwhile this item was taken off the agenda."))
    if Outcome.objects.filter(item=item).exists():
        raise TransitionError(_("Meanwhile an outcome was recorded for this item."))


# --- what waits for a review ----------------------------------------------------------------------
@transaction.atomic
def take_up_reviews(session: Session, *, now: dt.datetime, minutes: int = 5) -> list[AgendaItem]:
    """Head the agenda with the open referrals nobody answered and the reviews that are due.

    Done by the system for the province's next session; running it again adds nothing. What a
    coordinator took off stays off.
    """
    locked = Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
    if locked.status not in CHANGEABLE or locked.day is None:
        return []
    waiting = list(reviews.waiting_for(locked).values_list("pk", flat=True))
    if not waiting:
        return []
    lock_all(waiting)
    issues = list(reviews.waiting_for(locked).filter(pk__in=waiting))  # as they stand now
    if not issues:
        return []
    first = _make_room(locked, len(issues))
    return [
        _put(issue, locked, None, now, first + place, minutes)[0]
        for place, issue in enumerate(issues)
    ]


def take_up_everywhere(*, now: dt.datetime) -> int:
    """Do so for the next session of every province; how many items were added."""
    coming = Session.objects.upcoming(now).filter(status=Session.Status.PLANNED)
    following = coming.order_by("province_id", "starts_at").distinct("province_id")
    return sum(len(take_up_reviews(one, now=now)) for one in following)


def _make_room(session: Session, count: int) -> int:
    """Move what stands from the first issue on further down; the position that is free then.

    Opening points keep their place before it, and reviews that stand there already too.
    """
    items = session.agenda_items.select_related("issue")
    fresh = (
        one for one in items if one.issue is not None and one.issue.status != Issue.Status.REFERRED
    )
    first_fresh = next(fresh, None)
    if first_fresh is None:
        return _next_position(session)
    later = session.agenda_items.filter(position__gte=first_fresh.position)
    later.update(position=F("position") + count)
    return first_fresh.position


# --- points and headings --------------------------------------------------------------------------
@transaction.atomic
def add_point(
    session: Session,
    *,
    by: User,
    title: str,
    minutes: int = 0,
    client_key: uuid.UUID,
    is_heading: bool = False,
) -> AgendaItem:
    """Add a titled point without an issue (an opening, remarks), or the heading of a section.

    Sent twice it is one. Raises Conflict for the same form with another title.
    """
    locked = lock_session(session.pk, by, CHANGEABLE)
    said = {"session_id": locked.pk, "title": title, "minutes": minutes, "is_heading": is_heading}
    if added := once.made_before(AgendaItem.objects.all(), client_key, said):
        return added
    item = AgendaItem.objects.create(client_key=client_key, position=_next_position(locked), **said)
    record("issue.add_point", locked, by=by, role=COORDINATOR, item=item.pk)
    return item


@transaction.atomic
def remove_point(item: AgendaItem, *, by: User) -> None:
    """Remove a titled point or a heading; what stood under a heading stays."""
    locked = lock_session(item.session_id, by, CHANGEABLE)
    if item.issue_id:
        raise TransitionError(_("This item is an issue: take it off the agenda instead."))
    refuse_decided(item)
    record("issue.remove_point", locked, by=by, role=COORDINATOR, item=item.pk)
    item.delete()


# --- order, time and voices -----------------------------------------------------------------------
@transaction.atomic
def allot(item: AgendaItem, *, by: User, minutes: int) -> AgendaItem:
    """Change the minutes an item may take, until its outcome is recorded."""
    session = lock_session(item.session_id, by, CHANGEABLE)
    refuse_decided(item)
    locked = AgendaItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    if locked.is_heading:
        raise TransitionError(_("A heading takes no time."))
    before, locked.minutes = locked.minutes, minutes
    if before == minutes:
        return locked
    locked.save(update_fields=["minutes"])
    record("issue.allot", session, by=by, role=COORDINATOR, item=item.pk, minutes=[before, minutes])
    return locked


@transaction.atomic
def arrange(session: Session, *, by: User, seen: Sequence[int], order: Sequence[int]) -> None:
    """Put the agenda in this order of item ids; refused where it no longer stands as ``seen``."""
    locked = lock_session(session.pk, by, CHANGEABLE)
    items = {item.pk: item for item in locked.agenda_items.select_for_update(of=("self",))}
    if list(seen) != list(items) or sorted(order) != sorted(items):
        raise TransitionError(_("Meanwhile the agenda has changed. Order it as it stands now."))
    for position, pk in enumerate(order, start=1):
        items[pk].position = position
    AgendaItem.objects.bulk_update(items.values(), ["position"])
    record("issue.arrange", locked, by=by, role=COORDINATOR, order=list(order))


@transaction.atomic
def set_voices(
    item: AgendaItem,
    *,
    by: User,
    presenter: Organization | None,
    expected: Collection[Authority],
    seen: Sequence[int],
) -> AgendaItem:
    """Say which organization presents the issue, and which offices are expected to answer.

    ``seen`` are the ``voices_of`` the item that were changed; the same saved again changes
    nothing. Raises TransitionError where somebody else changed them meanwhile, for a presenter
    that asked not to be named as the raising one, and for an office that must learn nothing of
    the issue.
    """
    session = lock_session(item.session_id, by, CHANGEABLE)
    issue = _issue_of(item)
    locked = AgendaItem.objects.select_for_update(of=("self",)).filter(pk=item.pk).first()
    if locked is None:
        raise TransitionError(_("Meanwhile this item was taken off the agenda."))
    offices = sorted(one.pk for one in expected)
    stands = voices_of(locked)
    if stands == [presenter.pk if presenter else 0, *offices]:
        return locked
    if stands != list(seen):
        raise TransitionError(_voices_told(locked))
    _refuse_naming(issue, presenter)
    _refuse_concerned(issue, expected)
    locked.presenter = presenter
    locked.save(update_fields=["presenter"])
    locked.expected.set(expected)
    record("issue.set_voices", session, by=by, role=COORDINATOR, item=item.pk, offices=offices)
    return locked


def voices_of(item: AgendaItem) -> list[int]:
    """The keys of who presents the item, 0 for nobody, and of the offices that are expected."""
    offices = item.expected.order_by("pk").values_list("pk", flat=True)
    return [item.presenter_id or 0, *offices]


def _voices_told(item: AgendaItem) -> str:
    """What somebody else chose meanwhile, for who comes second."""
    names = [str(one) for one in (item.presenter, *item.expected.all()) if one]
    return _("Meanwhile somebody else chose: %(names)s. Save again to put yours in its place.") % {
        "names": ", ".join(names) or "–"
    }


def _refuse_naming(issue: Issue, presenter: Organization | None) -> None:
    """Who presents an issue is taken for the one that raised it."""
    is_raiser = presenter is not None and presenter.pk == issue.organization_id
    if is_raiser and not names_its_organization(issue):
        raise TransitionError(
            _(
                "This organization raised the issue and is not to be named. Choose another that"
                " presents it, or none: then the secretariat does."
            )
        )


def _refuse_concerned(issue: Issue, offices: Collection[Authority]) -> None:
    concerned = list(issue.concerns.values_list("authority", flat=True))
    barred = set(Authority.objects.below(concerned).values_list("pk", flat=True))
    for office in offices:
        if office.pk in barred:
            raise TransitionError(
                _("The issue concerns %(office)s or one above it: choose another.")
                % {"office": office}
            )


# --- cancelled ------------------------------------------------------------------------------------
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
