"""Who came to a session: of each party and altogether, always total and of whom women.

What was counted by hand for a party stands before its ticks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet
from django.utils.translation import get_language, gettext

from accounts.models import Organization
from forum.models import Attendance, Delegate, Invitation, Session
from khmer import numbers
from provinces.models import Authority

# (organization id, authority id); both None for those who came for nobody.
Key = tuple[int | None, int | None]


class Number(NamedTuple):
    """So many people, of whom so many women."""

    total: int = 0
    women: int = 0

    def plus(self, other: "Number") -> "Number":
        """Both together."""
        return Number(self.total + other.total, self.women + other.women)

    def in_words(self) -> str:
        """As ``in_words`` says it."""
        return in_words(self.total, self.women)


NONE = Number()


def in_words(total: object, women: object) -> str:
    """ "23 here, of whom 11 women", in the reader's language and digits."""
    language = get_language()
    return gettext("%(total)s here, of whom %(women)s women") % {
        "total": numbers.in_language(total, language),
        "women": numbers.in_language(women, language),
    }


@dataclass
class Line:
    """One party: the places it was given, how many it named, how many came.

    ``party`` is None for those who came for nobody; ``invitation`` for who was not invited.
    """

    key: Key
    party: Organization | Authority | None = None
    invitation: Invitation | None = None
    named: int = 0
    ticked: Number = NONE
    by_hand: Number | None = None

    @property
    def invited(self) -> int:
        """The places it was given."""
        return self.invitation.quota if self.invitation else 0

    @property
    def came(self) -> Number:
        """How many came: as counted by hand, else as ticked at the door."""
        return self.ticked if self.by_hand is None else self.by_hand

    @property
    def is_by_hand(self) -> bool:
        """What was counted by hand is what holds."""
        return self.by_hand is not None

    @property
    def value(self) -> str:
        """The party as forms and scripts name it: ``invitation:5``, ``organization:3`` or ""."""
        organization_id, authority_id = self.key
        if self.invitation is not None:
            return f"invitation:{self.invitation.pk}"
        if organization_id is not None:
            return f"organization:{organization_id}"
        return f"authority:{authority_id}" if authority_id is not None else ""


@dataclass
class Turnout:
    """Who came to one session; ``lines`` one a party, those of nobody last."""

    lines: list[Line] = field(default_factory=list)

    @property
    def came(self) -> Number:
        """How many came altogether."""
        return _sum(one.came for one in self.lines)

    @property
    def invited(self) -> int:
        """The places of all parties."""
        return sum(one.invited for one in self.lines)

    @property
    def named(self) -> int:
        """How many delegates are known."""
        return sum(one.named for one in self.lines)

    @property
    def by_hand(self) -> dict[Key, Number]:
        """What was counted by hand, by party."""
        return {one.key: one.by_hand for one in self.lines if one.by_hand is not None}

    @property
    def is_counted(self) -> bool:
        """Somebody was ticked, or counted by hand."""
        return any(one.is_by_hand or one.ticked.total for one in self.lines)


def of_session(session: Session) -> Turnout:
    """Who came to the session, its parties by name, offices first; five queries."""
    found = _of([session.pk], session.invitations.left())[session.pk]
    lines = found.lines
    organizations = Organization.objects.in_bulk([one.key[0] for one in lines if one.key[0]])
    authorities = Authority.objects.in_bulk([one.key[1] for one in lines if one.key[1]])
    for one in lines:
        organization_id, authority_id = one.key
        one.party = organizations.get(organization_id or 0) or authorities.get(authority_id or 0)
        if one.invitation is not None:  # so that its own name costs no query
            one.invitation.organization = organizations.get(organization_id or 0)
            one.invitation.authority = authorities.get(authority_id or 0)
    return Turnout(sorted(lines, key=_place))


def _place(line: Line) -> tuple[bool, bool, str, int]:
    is_office = line.key[1] is not None
    name = line.party.sort_key if line.party else ""
    return (line.party is None, not is_office, name, line.key[0] or line.key[1] or 0)


def totals_of(session: Session) -> Turnout:
    """Who came to the session, without the parties' names; three queries."""
    return of_sessions([session])[session.pk]


def of_sessions(sessions: Iterable[Session]) -> dict[int, Turnout]:
    """Who came to each of these sessions, without the parties' names; three queries."""
    ids = [one.pk for one in sessions]
    return _of(ids, Invitation.objects.left().filter(session__in=ids))


def _of(session_ids: Sequence[int], asked: QuerySet[Invitation]) -> dict[int, Turnout]:
    lines: dict[int, dict[Key, Line]] = {pk: {} for pk in session_ids}

    def line_of(session_id: int, key: Key) -> Line:
        return lines[session_id].setdefault(key, Line(key))

    for one in asked:
        line_of(one.session_id, (one.organization_id, one.authority_id)).invitation = one
    for row in _ticked(session_ids):
        line = line_of(row["session_id"], _key_of(row))
        line.named += row["named"]
        line.ticked = line.ticked.plus(Number(row["came"], row["women"]))
    for count in Attendance.objects.filter(session__in=session_ids):
        line = line_of(count.session_id, (count.organization_id, count.authority_id))
        line.by_hand = Number(count.total, count.women)
    return {pk: Turnout(list(found.values())) for pk, found in lines.items()}


def _ticked(session_ids: Sequence[int]) -> Iterable[Mapping[str, Any]]:
    """How many are known and how many came, of each party of each session."""
    came = Q(came_at__isnull=False)
    rows = Delegate.objects.standing().filter(session__in=session_ids).order_by()
    return rows.values(
        "session_id",
        "organization_id",
        "authority_id",
        "invitation__organization_id",
        "invitation__authority_id",
    ).annotate(
        named=Count("pk"),
        came=Count("pk", filter=came),
        women=Count("pk", filter=came & Q(sex=Delegate.Sex.WOMAN)),
    )


def _key_of(row: Mapping[str, Any]) -> Key:
    return (
        row["organization_id"] or row["invitation__organization_id"],
        row["authority_id"] or row["invitation__authority_id"],
    )


def _sum(numbers: Iterable[Number]) -> Number:
    found = NONE
    for one in numbers:
        found = found.plus(one)
    return found


# --- the door -------------------------------------------------------------------------------
class Section(NamedTuple):
    """A party and everybody who is expected for it, or came for it."""

    line: Line
    people: list[Delegate]


def sections(session: Session, turnout: Turnout) -> list[Section]:
    """Who is expected, by party; of parties that do not come only those who came; one query."""
    people: dict[Key, list[Delegate]] = {}
    rows = session.delegates.standing().select_related("honorific", "invitation")
    for one in rows.order_by("number", "pk"):
        of = one.invitation or one
        people.setdefault((of.organization_id, of.authority_id), []).append(one)
    return [
        Section(line, people.get(line.key, []))
        for line in turnout.lines
        if line.key in people or _is_awaited(line)
    ]


def _is_awaited(line: Line) -> bool:
    invitation = line.invitation
    return invitation is not None and invitation.status != Invitation.Status.DECLINED
