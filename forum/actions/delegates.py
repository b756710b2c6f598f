"""Who comes for an invited party: named, replaced, taken back; and names kept for a while."""

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import NotRequired, TypedDict, Unpack

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models, transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import sealing
from accounts.models import User
from audit.actions import record
from audit.errors import TransitionError
from audit.models import AuditEntry
from forum import permissions, replies, workflow
from forum.actions import shared
from forum.actions.invitations import free_seats, seat_waiting
from forum.models import Delegate, Entry, Invitation, Session
from forum.workflow import Act
from provinces.models import Honorific

Status, Way = Invitation.Status, Invitation.Way
KEPT = dt.timedelta(days=90)  # names of a session whose minutes nobody published


class Reading(models.TextChoices):
    """Why somebody had to read the names; a choice, since the trail keeps no personal text."""

    CARDS = "cards", gettext_lazy("To write name cards or the seating plan")
    DOOR = "door", gettext_lazy("To receive people at the door")
    REACH = "reach", gettext_lazy("To reach somebody who comes")
    SAFETY = "safety", gettext_lazy("For the safety of people")
    ASKED = "asked", gettext_lazy("Those who named them asked for it")


class Person(TypedDict):
    """What is typed of a delegate; the name alone is sealed, and may be left out."""

    honorific: Honorific | None
    title: str
    sex: str
    name: NotRequired[str]


@dataclass(frozen=True)
class _Actor:
    """Who names: found in the trail by account, or by what the link was made for."""

    by: User | None
    role: str
    way: str
    recipient: str = ""

    @property
    def trace(self) -> dict[str, str]:
        """What the trail says beside the account."""
        return {"way": self.way} | ({} if self.by else {"recipient": self.recipient})


# --- naming -------------------------------------------------------------------------------------
@transaction.atomic
def name_delegate(
    invitation: Invitation,
    *,
    by: User | None,
    now: dt.datetime,
    client_key: uuid.UUID,
    recipient: str = "",
    **person: Unpack[Person],
) -> Delegate:
    """Name one more who comes; the same key and content again is the same delegate.

    Below a signed link ``recipient`` is whom it was made for, and ``by`` is None. Who had not
    answered says by this that they come. Where the venue is full the delegate waits for a place.
    """
    session, locked, actor = _locked(invitation, by, recipient)
    if before := _made_before(client_key, locked, person):
        return before
    check_nameable(locked, now)
    taken = set(locked.delegates.standing().values_list("number", flat=True))
    serves = actor.by is not None and permissions.serves(actor.by, session)
    check_quota(locked, taken, serves=serves and not recipient)
    number = next(one for one in range(1, locked.quota + 1) if one not in taken)
    waits = _has_to_wait(session)
    made = _create(
        locked, person, client_key=client_key, number=number, is_waiting=waits, named_at=now
    )
    if waits:  # a place that came free unnoticed goes to who waited longest, not to this one
        seat_waiting(session, now=now)
    change: dict[str, object] = {"delegate": made.pk, **actor.trace, **_answer(locked, actor, now)}
    record(f"forum.{Act.NAME_DELEGATES}", locked, by=actor.by, role=actor.role, at=now, **change)
    return made


@transaction.atomic
def replace_delegate(
    delegate: Delegate,
    *,
    by: User | None,
    now: dt.datetime,
    client_key: uuid.UUID,
    recipient: str = "",
    **person: Unpack[Person],
) -> Delegate:
    """Somebody else comes under the same number, with the same place or turn on the list.

    The former one leaves, and the name that was kept of them is deleted at once.
    """
    _session, locked, actor = _locked(_invitation_of(delegate), by, recipient)
    if before := _made_before(client_key, locked, person, number=delegate.number):
        return before
    check_nameable(locked, now)
    former = _standing(delegate)
    shared.update(former, {}, left_at=now, sealed=None)
    made = _create(
        locked,
        person,
        client_key=client_key,
        number=former.number,
        is_waiting=former.is_waiting,
        named_at=former.named_at if former.is_waiting else now,
    )
    change = {"delegate": [former.pk, made.pk], **actor.trace}
    record("forum.replace_delegate", locked, by=actor.by, role=actor.role, at=now, **change)
    return made


@transaction.atomic
def take_back_delegate(
    delegate: Delegate, *, by: User | None, now: dt.datetime, recipient: str = ""
) -> Delegate:
    """This delegate does not come after all; the place goes to who waits."""
    session, locked, actor = _locked(_invitation_of(delegate), by, recipient)
    check_nameable(locked, now)
    former = _standing(delegate)
    shared.update(former, {}, left_at=now, sealed=None)
    seat_waiting(session, now=now)
    change = {"delegate": former.pk, **actor.trace}
    record("forum.take_back_delegate", locked, by=actor.by, role=actor.role, at=now, **change)
    return former


def check_nameable(invitation: Invitation, now: dt.datetime) -> None:
    """Raise TransitionError where nobody can be named, replaced or taken back.

    Only what is published is said: of a draft nobody but its coordinators knows.
    """
    if closed := replies.closed_because(invitation, now):
        raise TransitionError(closed)
    workflow.check_state(Act.NAME_DELEGATES, invitation.session)
    if invitation.released_at is None:
        raise TransitionError(_("The invitation has not been sent yet."))
    if invitation.status == Status.DECLINED:
        raise TransitionError(
            _("The answer was that nobody comes. Say first that you come, then name who.")
        )


def check_quota(invitation: Invitation, taken: Collection[int], *, serves: bool = False) -> None:
    """Raise TransitionError where all the places kept for the party are filled.

    ``serves``: for a coordinator, who gives more places instead of asking for them.
    """
    if len(taken) < invitation.quota:
        return
    sentence = ngettext(
        "%(number)d place is kept for %(party)s, and it is filled.",
        "%(number)d places are kept for %(party)s, and all are filled.",
        invitation.quota,
    ) % {"number": invitation.quota, "party": invitation.party}
    if serves:
        more = _("If more people should come, first raise the number of places.")
        raise TransitionError(f"{sentence} {more}")
    whom = _("If more people should come, ask the secretariat in %(province)s for more places.")
    province = {"province": invitation.session.province}
    raise TransitionError(f"{sentence} {whom % province}")


# --- names --------------------------------------------------------------------------------------
@transaction.atomic
def read_names(
    session: Session, *, by: User, now: dt.datetime, reason: str
) -> list[tuple[Delegate, str]]:
    """The names kept of a session's delegates, for its coordinators; each reading is recorded.

    ``reason`` is one of ``Reading``; ValueError for any other text.
    """
    if not permissions.serves(by, session):
        raise PermissionDenied
    code = Reading(reason).value
    rows = (
        session.delegates.standing()
        .exclude(sealed=None)
        .select_related(
            "honorific",
            "organization",
            "authority",
            "invitation__organization",
            "invitation__authority",
        )
    )
    record("forum.read_names", session, by=by, role=shared.COORDINATOR, at=now, reason=code)
    return [(one, _name_of(one)) for one in rows.order_by("invitation", "number")]


@transaction.atomic
def forget_names(session: Session, *, now: dt.datetime) -> int:
    """Delete the names kept of a session's delegates; how many there were."""
    locked = shared.locked_session(session)
    gone = locked.delegates.exclude(sealed=None).update(sealed=None)
    if gone:
        record("forum.forget_names", locked, by=None, at=now, delegates=gone)
    return gone


def forget_old_names(*, now: dt.datetime) -> int:
    """Forget the names of sessions that ended long ago or are cancelled; how many there were.

    One in the tray counts from the day it had last, or where it never had any from its forum's.
    """
    named = Delegate.objects.exclude(sealed=None).values("session")
    dated = Entry.objects.filter(session=OuterRef("pk"), ends_at__isnull=False)
    latest = dated.order_by("-programme__number").values("ends_at")[:1]
    rows = Session.objects.filter(pk__in=named).annotate(was_to_end_at=Subquery(latest))
    before = now - KEPT
    tray = Q(ends_at=None)
    over = (
        Q(status=Session.Status.CANCELLED)
        | Q(ends_at__lt=before)
        | tray & Q(was_to_end_at__lt=before)
        | tray & Q(was_to_end_at=None, forum__ends_on__lt=timezone.localdate(before))
    )
    # One session after the other, each in a transaction of its own: no lock is held for long.
    return sum(forget_names(one, now=now) for one in rows.filter(over))


# --- parts --------------------------------------------------------------------------------------
def _locked(
    invitation: Invitation, by: User | None, recipient: str
) -> tuple[Session, Invitation, _Actor]:
    """Session and invitation, locked in this order, and who acts; else PermissionDenied."""
    session = shared.locked_session(invitation.session)
    rows = Invitation.objects.select_for_update(of=("self",)).select_related(
        "organization", "authority"
    )
    locked = rows.filter(pk=invitation.pk).first()
    if locked is None:
        raise TransitionError(_("The invitation has been taken back."))
    locked.session = session
    return session, locked, _actor(locked, by, recipient)


def _actor(invitation: Invitation, by: User | None, recipient: str) -> _Actor:
    if recipient:
        name, _colon, pk = recipient.partition(":")
        person = User.objects.filter(pk=pk).first() if name == "user" else None
        role = _role(invitation) if person else AuditEntry.Role.SYSTEM
        return _Actor(person, role, Way.LINK.value, recipient)
    if by is None or not permissions.answers(by, invitation):
        raise PermissionDenied
    if permissions.is_of_party(by, invitation):
        return _Actor(by, _role(invitation), Way.ACCOUNT.value)
    return _Actor(by, shared.COORDINATOR, Way.RECORDED.value)


def _role(invitation: Invitation) -> str:
    """As whom somebody names for their own party."""
    if invitation.organization_id is not None:
        return AuditEntry.Role.REPRESENTATIVE
    return AuditEntry.Role.OFFICIAL


def _invitation_of(delegate: Delegate) -> Invitation:
    """By which the delegate was named; nobody replaces a guest who came without one."""
    if delegate.invitation is None:
        raise PermissionDenied
    return delegate.invitation


def _made_before(
    key: uuid.UUID, invitation: Invitation, person: Person, number: int | None = None
) -> Delegate | None:
    """What the form made when it was sent before; Conflict where that is something else."""
    made = Delegate.objects.filter(client_key=key).first()
    if made is None:
        return None
    typed = {name: value for name, value in person.items() if name != "name"}
    is_same = (
        made.left_at is None
        and made.invitation_id == invitation.pk
        and number in (None, made.number)
        and not shared.changed(made, typed)
        and _name_of(made) == person.get("name", "")
    )
    if not is_same:
        raise shared.conflict()
    return made


def _standing(delegate: Delegate) -> Delegate:
    """The delegate's row, locked; TransitionError once they left or came."""
    found = Delegate.objects.select_for_update(of=("self",)).get(pk=delegate.pk)
    number = {"number": found.number}
    if found.left_at is not None:
        raise TransitionError(
            _("Delegate %(number)d was replaced or taken back meanwhile.") % number
        )
    if found.came_at is not None:
        raise TransitionError(_("Delegate %(number)d has already come.") % number)
    return found


def _create(
    invitation: Invitation,
    person: Person,
    *,
    client_key: uuid.UUID,
    number: int,
    is_waiting: bool,
    named_at: dt.datetime,
) -> Delegate:
    """The delegate's row; Conflict where the same form names one of another session meanwhile."""
    name = person.get("name", "")
    made = Delegate(
        session=invitation.session,
        invitation=invitation,
        number=number,
        honorific=person["honorific"],
        title=person["title"],
        sex=Delegate.Sex(person["sex"]).value,
        sealed=sealing.seal({"name": name}) if name else None,
        is_waiting=is_waiting,
        named_at=named_at,
        client_key=client_key,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        if "client_key" not in str(error):
            raise
        raise shared.conflict() from error
    return made


def _name_of(delegate: Delegate) -> str:
    return sealing.unseal(bytes(delegate.sealed))["name"] if delegate.sealed else ""


def _has_to_wait(session: Session) -> bool:
    """No place is free that nobody waits for."""
    room = free_seats(session)
    waiting = session.delegates.standing().filter(is_waiting=True)
    return room is not None and room <= waiting.count()


def _answer(invitation: Invitation, actor: _Actor, now: dt.datetime) -> dict[str, list[str]]:
    """Who names somebody comes: the answer, where none was given to this day, for the trail."""
    if not invitation.waits_for_answer:
        return {}
    before = invitation.status
    shared.update(
        invitation,
        {},
        status=Status.ACCEPTED.value,
        answered_at=now,
        answered_by_way=actor.way,
        answered_sequence=invitation.session.sequence,
    )
    return {"status": [str(before), Status.ACCEPTED.value]}
