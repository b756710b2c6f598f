"""Who is invited to a session, and what they answer."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organization, User
from audit.actions import record
from audit.errors import TransitionError
from audit.models import AuditEntry, subject_of
from forum import parties, permissions, replies, telling, workflow
from forum.actions import releasing, shared
from forum.models import Delegate, Entry, Invitation, Session
from forum.programme import change_of, venue_of
from forum.workflow import Act
from outbox import actions as outbox
from provinces.models import Authority

Way = Invitation.Way


@transaction.atomic
def invite(
    session: Session,
    *,
    by: User,
    now: dt.datetime,
    quota: int,
    organizations: Collection[Organization] = (),
    authorities: Collection[Authority] = (),
) -> list[Invitation]:
    """Ask these parties in the draft, as yet unsent; those asked before stay as they are."""
    locked = shared.lock(session, Act.INVITE, by=by)
    _check_invitable(locked, organizations, authorities)
    asked = {parties.key_of(one) for one in locked.invitations.standing()}
    rows = [Invitation(session=locked, organization=one, quota=quota) for one in organizations]
    rows += [Invitation(session=locked, authority=one, quota=quota) for one in authorities]
    new = Invitation.objects.bulk_create([one for one in rows if parties.key_of(one) not in asked])
    if new:
        ids = [one.pk for one in new]
        record(
            f"forum.{Act.INVITE}", locked, by=by, role=shared.COORDINATOR, at=now, invitations=ids
        )
    return new


def _check_invitable(
    session: Session, organizations: Collection[Organization], authorities: Collection[Authority]
) -> None:
    """Raise TransitionError for a party that has ended, or an authority of another province."""
    invited: list[Organization | Authority] = [*organizations, *authorities]
    for party in invited:
        if party.ended_on is not None:
            raise TransitionError(_("%(party)s no longer exists.") % {"party": party})
    for authority in authorities:
        if authority.province_id not in (None, session.province_id):
            raise TransitionError(
                _("%(authority)s does not answer for %(province)s.")
                % {"authority": authority, "province": session.province}
            )


@transaction.atomic
def send_invitations(
    session: Session, *, by: User, now: dt.datetime, expected: Collection[int]
) -> list[Invitation]:
    """Let the drafts of a published session leave; ``expected`` are those the user was shown.

    Raises TransitionError where the session itself is still to be published.
    """
    locked = shared.lock(session, Act.INVITE, by=by)
    if locked.announced is None or change_of(locked) != Entry.Change.SAME:
        raise TransitionError(_("Publish the session first: its invitations leave with it."))
    drafts = list(locked.invitations.filter(released_at=None).select_related("session"))
    if {one.pk for one in drafts} != set(expected):
        raise TransitionError(_("Meanwhile the list has changed: look again before you send."))
    if not drafts:
        return []
    for one in drafts:
        one.session = locked
    releasing.release(drafts, now=now)
    ids = [one.pk for one in drafts]
    record(
        "forum.send_invitations", locked, by=by, role=shared.COORDINATOR, at=now, invitations=ids
    )
    return drafts


@transaction.atomic
def remind_silent(session: Session, *, by: User, now: dt.datetime) -> releasing.Reminded:
    """Ask those again who have not answered for the day as it is, at most once a day."""
    locked = shared.lock(session, Act.INVITE, by=by)
    _check_ahead(locked, now)
    told = releasing.remind(list(locked.invitations.left().unanswered()), now=now)
    if sum(told):
        messages = sum(told)
        record(
            "forum.remind_silent", locked, by=by, role=shared.COORDINATOR, at=now, messages=messages
        )
    return told


def _check_ahead(session: Session, now: dt.datetime) -> None:
    """Raise TransitionError where nobody can be asked to come any more, as it is published."""
    held = session if session.announced is None else session.announced
    if session.announced is not None and session.announced.is_cancelled:
        raise TransitionError(_("The session has been cancelled."))
    if held.ends_at is None:
        raise TransitionError(_("The session has no day yet."))
    if held.ends_at <= now:
        raise TransitionError(_("The session is over."))


@transaction.atomic
def uninvite(invitation: Invitation, *, by: User, now: dt.datetime) -> None:
    """Take an invitation back: a draft goes, one that left is withdrawn and its people are told.

    What has not been sent yet is never sent. Raises TransitionError once they have come, and for
    a draft under which people are kept.
    """
    session = shared.lock(invitation.session, Act.UNINVITE, by=by)
    locked = locked_invitation(invitation)
    _check_absent(session, locked)
    party = dict([parties.key_of(locked)])
    if locked.released_at is None:
        if locked.delegates.exists():
            raise TransitionError(_("Somebody of theirs is in the list of this session already."))
        locked.delete()
    elif locked.withdrawn_at is None:
        _withdraw(session, locked, now)
    else:
        raise _taken_back()
    record(f"forum.{Act.UNINVITE}", session, by=by, role=shared.COORDINATOR, at=now, **party)


def _check_absent(session: Session, invitation: Invitation) -> None:
    """Raise TransitionError where somebody of the party was counted or checked in."""
    key, pk = parties.key_of(invitation)
    counted = session.attendances.filter(**{key: pk}).exists()
    if counted or invitation.delegates.filter(came_at__isnull=False).exists():
        raise TransitionError(_("It has been counted who came for them."))


def _withdraw(session: Session, invitation: Invitation, now: dt.datetime) -> None:
    """Its delegates' places are free again; whoever was told is told of it, also who has left."""
    shared.update(invitation, {}, withdrawn_at=now)
    releasing.drop_reminders([invitation])
    _free_places(session, invitation, now)
    asked = releasing.people_of([invitation])[parties.key_of(invitation)]
    outbox.tell(
        telling.WITHDRAWN,
        subject_of(invitation),
        recipients=sorted({*asked, *telling.asked_by(invitation)}),
        due_at=now,
        province_id=invitation.session.province_id,
    )


@transaction.atomic
def set_quota(invitation: Invitation, *, by: User, now: dt.datetime, quota: int) -> Invitation:
    """Give the party more or fewer places, never fewer than it has filled."""
    session = shared.lock(invitation.session, Act.INVITE, by=by)
    locked = locked_invitation(invitation)
    if locked.withdrawn_at is not None:
        raise _taken_back()
    named = locked.delegates.standing().count()
    if quota < named:
        raise TransitionError(
            _("%(party)s has already named %(number)d delegates.")
            % {"party": locked.party, "number": named}
        )
    before = locked.quota
    if before != quota:
        shared.update(locked, {}, quota=quota)
        change = [before, quota]
        record("forum.set_quota", session, by=by, role=shared.COORDINATOR, at=now, quota=change)
    return locked


@transaction.atomic
def answer_invitation(
    invitation: Invitation, *, by: User, now: dt.datetime, status: str, seen: int | None = None
) -> Invitation:
    """Say whether the party comes: its own people, or a coordinator on their behalf.

    ``seen`` is the session's sequence that was read. Raises TransitionError where it has risen.
    """
    session = shared.locked_session(invitation.session)
    _check_day(session, seen)
    locked = locked_invitation(invitation)
    if not permissions.answers(by, locked):
        raise PermissionDenied
    own = permissions.is_of_party(by, locked)
    return _answer(
        session,
        locked,
        status,
        Way.ACCOUNT if own else Way.RECORDED,
        by=by,
        role=_role(locked) if own else shared.COORDINATOR,
        now=now,
    )


@transaction.atomic
def answer_from_outside(
    invitation: Invitation,
    *,
    recipient: str,
    now: dt.datetime,
    status: str,
    way: str,
    sequence: int | None = None,
    seen: int | None = None,
) -> Invitation:
    """What somebody answered by the signed link or the calendar, without an account.

    ``recipient`` is whom the link or address was made for, and stands in the trail; it is its
    actor where it is a person with an account. ``sequence``: which day they answered, if not this;
    ``seen``: which one the page showed.
    """
    session = shared.locked_session(invitation.session)
    _check_day(session, seen)
    locked = locked_invitation(invitation)
    name, _colon, pk = recipient.partition(":")
    by = User.objects.filter(pk=pk).first() if name == "user" else None
    role = _role(locked) if by else AuditEntry.Role.SYSTEM
    who: dict[str, Any] = {"by": by, "role": role, "recipient": recipient}
    return _answer(session, locked, status, way, now=now, sequence=sequence, **who)


def _answer(
    session: Session,
    locked: Invitation,
    status: str,
    way: str,
    *,
    by: User | None,
    role: str,
    now: dt.datetime,
    recipient: str = "",
    sequence: int | None = None,
) -> Invitation:
    _check_answerable(session, locked, way, now)
    before, known = locked.status, locked.answered_sequence
    day = session.sequence if sequence is None else sequence
    if before == status and known >= day:
        return locked
    facts = {"status": str(status), "answered_by_way": str(way), "answered_sequence": day}
    shared.update(locked, facts, answered_at=now)
    if status == Invitation.Status.DECLINED:
        _free_places(session, locked, now)
    change = {"status": [before, str(status)], "way": str(way)}
    if recipient:
        change["recipient"] = recipient
    record(f"forum.{Act.ANSWER}", locked, by=by, role=role, at=now, **change)
    return locked


def _check_day(session: Session, seen: int | None) -> None:
    """Raise TransitionError where another day or venue was published since the page was read."""
    if seen is not None and seen != session.sequence:
        raise TransitionError(
            _("Meanwhile the day or the venue has changed: look at it again before you answer.")
        )


def _check_answerable(session: Session, invitation: Invitation, way: str, now: dt.datetime) -> None:
    """Raise TransitionError where it is too late to answer, or too early.

    The invited go by what is published; a coordinator may note what they said after the end.
    """
    invitation.session = session
    if way != Way.RECORDED and (closed := replies.closed_because(invitation, now)):
        raise TransitionError(closed)
    workflow.check_state(Act.ANSWER, session)
    if invitation.withdrawn_at is not None:
        raise _taken_back()
    if invitation.released_at is None:
        raise TransitionError(_("The invitation has not been sent yet."))


def _free_places(session: Session, invitation: Invitation, now: dt.datetime) -> None:
    """Who does not come needs no places: its delegates leave, the waiting list moves up."""
    gone = invitation.delegates.standing().filter(came_at=None)
    if gone.update(left_at=now, sealed=None):
        seat_waiting(session, now=now)


def seat_waiting(session: Session, *, now: dt.datetime) -> list[Delegate]:
    """Give free places to those who wait, in the order they were named, and tell their parties.

    The caller has the session's lock.
    """
    rows = session.delegates.standing().filter(is_waiting=True).select_related("invitation")
    waiting = rows.order_by("named_at", "pk")
    room = free_seats(session)
    seated = list(waiting if room is None else waiting[: max(room, 0)])
    if not seated:
        return []
    Delegate.objects.filter(pk__in=[one.pk for one in seated]).update(is_waiting=False)
    asked = Invitation.objects.filter(delegates__in=seated).distinct()
    people = releasing.people_of(list(asked))
    for one in seated:
        if one.invitation is not None:
            outbox.tell(
                telling.SEATED,
                subject_of(one),
                recipients=people[parties.key_of(one.invitation)],
                due_at=now,
                province_id=session.province_id,
            )
    return seated


def free_seats(session: Session) -> int | None:
    """How many more its venue holds, as published; None where nobody counted the seats."""
    venue = venue_of(session)
    capacity = venue.capacity if venue else None
    return None if capacity is None else capacity - session.delegates.seated().count()


def locked_invitation(invitation: Invitation) -> Invitation:
    """The invitation's row, locked; TransitionError where it has been taken back."""
    rows = Invitation.objects.select_for_update(of=("self",)).select_related(
        "session__province", "organization", "authority"
    )
    locked = rows.filter(pk=invitation.pk).first()
    if locked is None:
        raise _taken_back()
    return locked


def _taken_back() -> TransitionError:
    return TransitionError(_("The invitation has been taken back."))


def _role(invitation: Invitation) -> str:
    """As whom somebody answers for their own party."""
    if invitation.organization_id is not None:
        return AuditEntry.Role.REPRESENTATIVE
    return AuditEntry.Role.OFFICIAL
