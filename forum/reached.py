"""Whom the invitations reached: who was told, what is on its way, and whom nothing reaches.

For invitations to any number of sessions, in a constant number of queries.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from accounts.models import RoleAssignment
from audit.models import subject_of
from forum import parties, telling
from forum.models import Invitation, Session, Told
from outbox import recipients
from outbox.models import Notice

State = Notice.State
LOST = (State.FAILED, State.DEAD, State.UNKNOWN)  # what is not known to have arrived


@dataclass(frozen=True)
class Knowing:
    """Somebody who was told of the session; ``is_outdated``: holds what is published no more."""

    who: str
    told: Told
    is_outdated: bool


@dataclass
class Reach:
    """Who of the invited was told, whether a message is on its way, and who was not reached.

    ``lost`` are people to whom a message failed; ``has_no_address``: nobody's address is known.
    """

    told: list[Knowing] = field(default_factory=list)
    is_on_its_way: bool = False
    lost: list[str] = field(default_factory=list)
    has_no_address: bool = False


@dataclass
class _Sent:
    """What the outbox has for one invitation."""

    people: set[str] = field(default_factory=set)
    is_on_its_way: bool = False
    lost: set[str] = field(default_factory=set)


def of(invitations: Sequence[Invitation]) -> dict[int, Reach]:
    """By invitation's id; they come with their party, and their session with what is published."""
    sessions = {one.session_id: one.session for one in invitations}
    sent = _sent(invitations)
    known: dict[int, dict[str, Told]] = {pk: {} for pk in sessions}
    for told in Told.objects.filter(session__in=sessions).select_related("entry"):
        known[told.session_id][told.recipient] = told
    everybody = {recipient for some in known.values() for recipient in some}
    asked = {recipient for one in sent.values() for recipient in one.people}
    others = _parties_of(everybody, asked)
    lost = {recipient for one in sent.values() for recipient in one.lost}
    labels = recipients.labels(one for one in everybody | lost if not is_party(one))
    return {
        one.pk: _reach(one, sent[subject_of(one)], known[one.session_id], others, labels)
        for one in invitations
    }


def _reach(
    invitation: Invitation,
    sent: _Sent,
    known: dict[str, Told],
    others: dict[str, set[str]],
    labels: dict[str, str],
) -> Reach:
    name, pk = parties.key_of(invitation)
    party = f"{name}:{pk}"
    theirs = {party, *sent.people, *others.get(party, ())} & known.keys()
    if invitation.withdrawn_at is None:  # of an earlier invitation they know that it is none
        theirs = {one for one in theirs if not known[one].is_withdrawn}
    told = [_knowing(invitation.session, known[one], labels.get(one, "")) for one in sorted(theirs)]
    lost = sorted(one for one in sent.lost - theirs if not is_party(one))
    names = [labels.get(one, one) for one in lost]
    return Reach(told, sent.is_on_its_way, names, any(map(is_party, sent.lost)))


def _knowing(session: Session, told: Told, who: str) -> Knowing:
    return Knowing(who, told, not telling.expects_as_published(session, told))


def _sent(invitations: Sequence[Invitation]) -> dict[str, _Sent]:
    """What was, or is to be, sent for each invitation by its subject; one query.

    A reminder planned for a later day is not on its way, and a change that is told of the session
    counts for those of its people who got no invitation.
    """
    found = {subject_of(one): _Sent() for one in invitations}
    of_session: dict[str, list[str]] = {}
    for one in invitations:
        of_session.setdefault(f"session:{one.session_id}", []).append(subject_of(one))
    sequences = {f"session:{one.session_id}": one.session.sequence for one in invitations}
    about = Q(subject__in=list(found), kind__in=telling.TELLING)
    changed = Q(subject__in=list(of_session), kind=telling.CHANGED)
    notices = Notice.objects.filter(about | changed).order_by("pk")
    changes = []
    for notice in notices.only("subject", "kind", "recipient", "state", "version"):
        if notice.subject in found:
            _count(found[notice.subject], notice)
        elif notice.version == sequences[notice.subject]:
            changes.append(notice)
    for notice in changes:
        for subject in of_session[notice.subject]:
            if notice.recipient in found[subject].people:
                _count(found[subject], notice)
    return found


def _count(sent: _Sent, notice: Notice) -> None:
    sent.people.add(notice.recipient)
    leaving = notice.state in (State.QUEUED, State.SENDING)
    planned = notice.state in telling.ON_ITS_WAY and notice.kind != telling.REMINDED
    if leaving or planned:
        sent.is_on_its_way = True
    if notice.state in LOST:
        sent.lost.add(notice.recipient)


def _parties_of(told: Iterable[str], asked: set[str]) -> dict[str, set[str]]:
    """Of people who were told, not by an invitation: for whom they speak; one query."""
    ids = [int(one.partition(":")[2]) for one in told if one.startswith("user:")]
    found: dict[str, set[str]] = {}
    if not ids:
        return found
    roles = RoleAssignment.objects.current().filter(user__in=ids)
    for user, organization, authority in roles.values_list("user", "organization", "authority"):
        name = f"organization:{organization}" if organization else f"authority:{authority}"
        if f"user:{user}" not in asked:
            found.setdefault(name, set()).add(f"user:{user}")
    return found


def is_party(recipient: str) -> bool:
    """It is an office or an organization, nobody of which has an address."""
    return recipient.startswith(("organization:", "authority:"))
