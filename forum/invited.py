"""Everybody who is invited to a session, as its coordinators' list shows them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from django.db.models import Count, Q

from accounts.models import RoleAssignment
from audit.models import subject_of
from forum import parties, telling
from forum.models import Invitation, Session, Told
from khmer import text
from outbox import recipients
from outbox.models import Notice

STATES = ("draft", "pending", "accepted", "declined", "withdrawn")
COMING = Invitation.Status.ACCEPTED
Reached = Literal["draft", "told", "waiting", "nobody"]


@dataclass(frozen=True)
class Knowing:
    """Somebody who was told of the session; ``is_outdated``: holds what is published no more."""

    who: str
    told: Told
    is_outdated: bool


@dataclass
class Row:
    """An invitation with its delegates' numbers, who was told, and whom nothing reached."""

    invitation: Invitation
    state: str
    named: int
    waiting: int
    told: list[Knowing] = field(default_factory=list)
    is_on_its_way: bool = False

    @property
    def reached(self) -> Reached:
        """Whether anybody of the party knows of the session."""
        if self.invitation.released_at is None:
            return "draft"
        if self.told:
            return "told"
        return "waiting" if self.is_on_its_way else "nobody"

    @property
    def is_standing(self) -> bool:
        """It has not been withdrawn."""
        return self.invitation.withdrawn_at is None


@dataclass(frozen=True)
class Sums:
    """What the standing invitations of a session come to."""

    parties: int
    places: int
    named: int
    coming: int
    coming_places: int
    waiting: int
    drafts: list[int]
    silent: int
    not_handed_over: int


def rows_of(session: Session, *, only: int | None = None) -> list[Row]:
    """Every invitation of the session, the withdrawn ones last, or only one; a few queries."""
    standing = Q(delegates__isnull=False, delegates__left_at=None)
    which = {} if only is None else {"pk": only}
    asked = session.invitations.filter(**which).select_related("organization", "authority")
    invitations = asked.annotate(
        named=Count("delegates", filter=standing),
        waiting=Count("delegates", filter=standing & Q(delegates__is_waiting=True)),
    )
    rows = [
        Row(one, _state(one), one.named, one.waiting)  # type: ignore[attr-defined]  # above
        for one in invitations
    ]
    _add_told(session, rows)
    return sorted(rows, key=lambda row: (not row.is_standing, row.invitation.pk))


def row_of(invitation: Invitation) -> Row:
    """The one invitation, as in the list."""
    return rows_of(invitation.session, only=invitation.pk)[0]


def silent_of(session: Session) -> tuple[list[Invitation], dict[int, list[str]]]:
    """Those who have not answered, and by id the people of each whom a message would reach."""
    rows = session.invitations.left().filter(status=Invitation.Status.PENDING)
    silent = list(rows.select_related("organization", "authority"))
    people = parties.people_of(
        {one.organization_id for one in silent if one.organization_id},
        {one.authority_id for one in silent if one.authority_id},
    )
    reached = {
        one.pk: [who for who in people[parties.key_of(one)] if not _is_party(who)] for one in silent
    }
    return silent, reached


def _state(invitation: Invitation) -> str:
    """One of STATES: where it stands, and what was answered."""
    if invitation.withdrawn_at is not None:
        return "withdrawn"
    return "draft" if invitation.released_at is None else invitation.status


def _add_told(session: Session, rows: Sequence[Row]) -> None:
    """Who knows of the session, by what was sent for each invitation and noted by hand."""
    people, on_its_way = _told_to(rows)
    known = {one.recipient: one for one in session.told.select_related("entry")}
    asked = {recipient for some in people.values() for recipient in some}
    others = _parties_of(set(known) - asked)
    labels = recipients.labels(one for one in known if not _is_party(one))
    for row in rows:
        name, pk = parties.key_of(row.invitation)
        party, subject = f"{name}:{pk}", subject_of(row.invitation)
        row.is_on_its_way = subject in on_its_way
        theirs = {party, *people.get(subject, ()), *others.get(party, ())} & known.keys()
        row.told = [_knowing(session, known[one], labels.get(one, "")) for one in sorted(theirs)]


def _parties_of(told: Iterable[str]) -> dict[str, set[str]]:
    """Of people who were told, not by an invitation: for whom they speak; one query at most."""
    ids = [int(one.partition(":")[2]) for one in told if one.startswith("user:")]
    found: dict[str, set[str]] = {}
    if not ids:
        return found
    roles = RoleAssignment.objects.current().filter(user__in=ids)
    for user, organization, authority in roles.values_list("user", "organization", "authority"):
        name = f"organization:{organization}" if organization else f"authority:{authority}"
        found.setdefault(name, set()).add(f"user:{user}")
    return found


def _told_to(rows: Sequence[Row]) -> tuple[dict[str, set[str]], set[str]]:
    """The people each invitation was, or is to be, sent to; and those that are still to arrive."""
    subjects = [subject_of(row.invitation) for row in rows]
    notices = Notice.objects.filter(subject__in=subjects, kind__in=telling.TELLING)
    people: dict[str, set[str]] = {}
    on_its_way = set()
    for subject, recipient, state in notices.values_list("subject", "recipient", "state"):
        people.setdefault(subject, set()).add(recipient)
        if state in telling.ON_ITS_WAY or state == Notice.State.SENDING:
            on_its_way.add(subject)
    return people, on_its_way


def _is_party(recipient: str) -> bool:
    return recipient.startswith(("organization:", "authority:"))


def _knowing(session: Session, told: Told, who: str) -> Knowing:
    return Knowing(who, told, not telling.expects_as_published(session, told))


def sums_of(rows: Iterable[Row]) -> Sums:
    """The sums over the standing ones among these."""
    standing = [row for row in rows if row.is_standing]
    coming = [row for row in standing if row.state == COMING]
    left = [row for row in standing if row.state != "draft"]
    return Sums(
        parties=len(standing),
        places=sum(row.invitation.quota for row in standing),
        named=sum(row.named for row in standing),
        coming=len(coming),
        coming_places=sum(row.invitation.quota for row in coming),
        waiting=sum(row.waiting for row in standing),
        drafts=[row.invitation.pk for row in standing if row.state == "draft"],
        silent=sum(row.state == Invitation.Status.PENDING for row in left),
        not_handed_over=sum(row.invitation.handed_over_on is None for row in left),
    )


def chosen(rows: Iterable[Row], *, state: str = "", kind: str = "", q: str = "") -> list[Row]:
    """Those in this state, of this kind of party, with these words in a name."""
    words = text.fold(q)
    return [
        row
        for row in rows
        if state in ("", row.state)
        and kind in ("", parties.key_of(row.invitation)[0])
        and (not words or any(words in text.fold(name) for name in _names(row.invitation)))
    ]


def _names(invitation: Invitation) -> tuple[str, str]:
    return invitation.party.name_km, invitation.party.name_en
