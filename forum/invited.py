"""Everybody who is invited to a session, as its coordinators' list shows them."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from django.db.models import Count, Q

from audit.models import subject_of
from forum import parties, reached, telling
from forum.actions import releasing
from forum.models import Invitation, Session
from forum.reached import Knowing, Reach
from khmer import text
from outbox.models import Notice

STATES = ("draft", "pending", "accepted", "declined", "withdrawn")
COMING = Invitation.Status.ACCEPTED
Reached = Literal["draft", "told", "waiting", "nobody"]


@dataclass
class Row:
    """An invitation with its delegates' numbers, who was told, and whom nothing reached."""

    invitation: Invitation
    state: str
    named: int
    waiting: int
    reach: Reach = field(default_factory=Reach)

    @property
    def told(self) -> list[Knowing]:
        """Who knows of the session."""
        return self.reach.told

    @property
    def is_former(self) -> bool:
        """It was answered for a day that has changed since."""
        return self.is_standing and self.invitation.is_answer_former

    @property
    def reached(self) -> Reached:
        """Whether anybody of the party knows of the session."""
        if self.invitation.released_at is None:
            return "draft"
        if self.told:
            return "told"
        return "waiting" if self.reach.is_on_its_way else "nobody"

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
    former: int
    waiting: int
    drafts: list[int]
    silent: int
    not_handed_over: int


@dataclass
class Silent:
    """Who has not answered: those nobody of whom has an address, and how many messages go out."""

    waiting: list[Invitation]
    unreached: list[Invitation]
    messages: int


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
    found = reached.of([row.invitation for row in rows])
    for row in rows:
        row.reach = found[row.invitation.pk]
    return sorted(rows, key=lambda row: (not row.is_standing, row.invitation.pk))


def row_of(invitation: Invitation) -> Row:
    """The one invitation, as in the list."""
    return rows_of(invitation.session, only=invitation.pk)[0]


def silent_of(session: Session, *, now: dt.datetime) -> Silent:
    """Whom a reminder would ask now, at most once a day each; a few queries."""
    rows = session.invitations.left().unanswered().select_related("organization", "authority")
    waiting = list(rows)
    people = parties.people_of(
        {one.organization_id for one in waiting if one.organization_id},
        {one.authority_id for one in waiting if one.authority_id},
    )
    today = Notice.objects.filter(
        subject__in=[subject_of(one) for one in waiting],
        kind=telling.REMINDED,
        rung=releasing.rung_of(now),
    )
    asked = set(today.values_list("subject", "recipient"))
    found = Silent(waiting, [], 0)
    for one in waiting:
        recipients = people[parties.key_of(one)]
        if all(reached.is_party(who) for who in recipients):
            found.unreached.append(one)
        else:
            found.messages += sum((subject_of(one), who) not in asked for who in recipients)
    return found


def _state(invitation: Invitation) -> str:
    """One of STATES: where it stands, and what was answered."""
    if invitation.withdrawn_at is not None:
        return "withdrawn"
    return "draft" if invitation.released_at is None else invitation.status


def sums_of(rows: Iterable[Row]) -> Sums:
    """The sums over the standing ones among these."""
    standing = [row for row in rows if row.is_standing]
    coming = [row for row in standing if row.state == COMING and not row.is_former]
    left = [row for row in standing if row.state != "draft"]
    return Sums(
        parties=len(standing),
        places=sum(row.invitation.quota for row in standing),
        named=sum(row.named for row in standing),
        coming=len(coming),
        coming_places=sum(row.invitation.quota for row in coming),
        former=sum(row.is_former for row in left),
        waiting=sum(row.waiting for row in standing),
        drafts=[row.invitation.pk for row in standing if row.state == "draft"],
        silent=sum(row.invitation.waits_for_answer for row in left),
        not_handed_over=sum(row.invitation.handed_over_on is None for row in left),
    )


def chosen(rows: Iterable[Row], *, state: str = "", kind: str = "", q: str = "") -> list[Row]:
    """Those in this state, of this kind of party, with these words in a name."""
    words = text.fold(q)
    return [
        row
        for row in rows
        if state in ("", row.state, "former" if row.is_former else row.state)
        and kind in ("", parties.key_of(row.invitation)[0])
        and (not words or any(words in text.fold(name) for name in _names(row.invitation)))
    ]


def _names(invitation: Invitation) -> tuple[str, str]:
    return invitation.party.name_km, invitation.party.name_en
