"""Who gets the agenda pack of a session, and what has changed since it was sent."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from audit.models import AuditEntry, subject_of
from forum import parties, reached
from forum.models import Invitation, Session
from issues.models import AgendaItem, Pack
from provinces.models import Authority

KIND = "agenda_pack"
SENT, CHANGED = "issue.send_pack", ("issue.allot", "issue.set_voices")


@dataclass(frozen=True)
class Reach:
    """Who gets the pack: each person once, whichever party they are of.

    ``recipients`` also holds the parties nobody of whom has an address; ``unreached`` are their
    invitations. ``uninvited`` are offices that are expected to answer and get nothing.
    """

    recipients: list[str]
    parties: int
    unreached: list[Invitation]
    uninvited: list[Authority] = field(default_factory=list)

    @property
    def people(self) -> int:
        """How many people and addresses get a message."""
        return sum(not reached.is_party(one) for one in self.recipients)


def reach_of(session: Session) -> Reach:
    """Whom a sending reaches now; five queries."""
    rows = session.invitations.left().select_related("organization", "authority")
    invitations = list(rows.order_by("pk"))
    people = parties.people_of(
        {one.organization_id for one in invitations if one.organization_id},
        {one.authority_id for one in invitations if one.authority_id},
    )
    told = {one.pk: people[parties.key_of(one)] for one in invitations}
    silent = [one for one in invitations if all(map(reached.is_party, told[one.pk]))]
    recipients = dict.fromkeys(person for some in told.values() for person in some)
    invited = {one.authority_id for one in invitations if one.authority_id}
    expected = Authority.objects.filter(expected_items__session=session).distinct()
    uninvited = expected.exclude(pk__in=invited)
    return Reach(list(recipients), len(invitations) - len(silent), silent, list(uninvited))


def expected_of(session: Session, offices: Iterable[int], commanding: Iterable[int]) -> int:
    """How many items these offices are expected to answer, as far as they may know of them."""
    rows = AgendaItem.objects.filter(
        session=session, issue__pressured_at=None, expected__in=list(offices)
    )
    barred = rows.filter(issue__concerns__authority__in=list(commanding))
    return rows.exclude(pk__in=barred.values("pk")).distinct().count()


# --- since the last sending ---------------------------------------------------------------------
@dataclass(frozen=True)
class News:
    """What a sending tells that the last one did not; ``added`` are numbers on the agenda."""

    pack: Pack
    added: list[int]
    removed: int
    changed: int
    is_reordered: bool

    @property
    def is_any(self) -> bool:
        """Something has changed."""
        return bool(self.added or self.removed or self.changed or self.is_reordered)


def turns_of(session: Session) -> list[int]:
    """The ids of the items in order, without headings."""
    return list(session.agenda_items.turns().values_list("pk", flat=True))


def news_of(session: Session) -> News | None:
    """What has changed since the last sending; None where there was none. Four queries."""
    pack = session.packs.last()
    if pack is None:
        return None
    trail = AuditEntry.objects.filter(subject=subject_of(session))
    sent = trail.get(action=SENT, change__number=pack.number).change["items"]
    now = turns_of(session)
    touched = trail.filter(action__in=CHANGED, at__gt=pack.sent_at)
    changed = set(touched.values_list("change__item", flat=True)) & set(now) & set(sent)
    return News(
        pack,
        added=[number for number, pk in enumerate(now, start=1) if pk not in sent],
        removed=len(set(sent) - set(now)),
        changed=len(changed),
        is_reordered=[pk for pk in sent if pk in now] != [pk for pk in now if pk in sent],
    )
