"""What the pages of publishing show: what would be published and sent, and what waits for it."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from accounts.models import Organization, User
from forum import actions, programme, warnings
from forum.actions import Telling
from forum.models import Entry, Forum, Invitation, Session
from forum.programme import Changed
from forum.warnings import Warning
from outbox import recipients, registry
from provinces.models import Authority

PartyOrNobody = Organization | Authority | None


@dataclass(frozen=True)
class Row:
    """A session that would be published anew, with what there is to look at before."""

    changed: Changed
    warnings: list[Warning]

    @property
    def after(self) -> Entry:
        """The draft, as an entry would say it; never saved."""
        session = self.changed.session
        return Entry(starts_at=session.starts_at, ends_at=session.ends_at, venue=session.venue)


@dataclass(frozen=True)
class Messages:
    """How many messages of one kind would leave, and for whom; the most first."""

    label: str
    number: int
    parties: list[tuple[PartyOrNobody, int]]


@dataclass(frozen=True)
class Unreachable:
    """An office or organization nobody of which has an address; ``is_office`` says which."""

    pk: str
    name: str
    is_office: bool


@dataclass(frozen=True)
class Page:
    """What a press on "Publish" would do now."""

    number: int
    rows: list[Row]
    messages: list[Messages]
    unreachable: list[Unreachable]
    fingerprint: str

    @property
    def sent(self) -> int:
        """How many messages would leave, without those that fail for want of an address."""
        return sum(one.number for one in self.messages)

    @property
    def warned(self) -> int:
        """How many warnings there are."""
        return sum(len(row.warnings) for row in self.rows)


def page_of(
    forum: Forum, user: User, session_ids: Collection[int] | None, *, now: dt.datetime
) -> Page:
    """What the user would publish of the forum; as many queries for one session as for sixty."""
    chosen = actions.chosen_of(actions.draft_of(forum, user), session_ids)
    found = warnings.of([one.session for one in chosen], now=now)
    tellings = actions.tellings(chosen)
    latest = forum.programmes.order_by("-number").values_list("number", flat=True).first()
    return Page(
        number=(latest or 0) + 1,
        rows=[Row(one, found[one.session.pk]) for one in chosen],
        messages=_messages(tellings),
        unreachable=_unreachable(tellings),
        fingerprint=programme.fingerprint(chosen),
    )


def _messages(tellings: Sequence[Telling]) -> list[Messages]:
    by_kind: dict[str, Counter[PartyOrNobody]] = {}
    for one in tellings:
        by_kind.setdefault(one.kind, Counter()).update(one.shares)
    return [
        Messages(registry.label(kind), shares.total(), shares.most_common())
        for kind, shares in by_kind.items()
        if shares
    ]


def _unreachable(tellings: Sequence[Telling]) -> list[Unreachable]:
    nobody = {recipient for one in tellings for recipient in one.unreached}
    names = recipients.labels(nobody)
    found = [
        Unreachable(pk, names.get(recipient, recipient), kind == "authority")
        for recipient in nobody
        for kind, _colon, pk in [recipient.partition(":")]
    ]
    return sorted(found, key=lambda one: one.name)


# --- what waits to be published -------------------------------------------------------------------
@dataclass(frozen=True)
class Waiting:
    """A forum with so many sessions whose draft differs from what is published."""

    forum: Forum
    number: int


def waiting(user: User) -> list[Waiting]:
    """The forums of the user's provinces with unpublished changes, the next first; one query."""
    rows = unpublished(Session.objects.served_by(user)).order_by().values("pk")
    forums = Forum.objects.filter(sessions__in=rows).annotate(number=Count("sessions"))
    counted = forums.order_by("starts_on", "pk")
    return [Waiting(one, one.number) for one in counted]  # type: ignore[attr-defined]


def unpublished(rows: QuerySet[Session]) -> QuerySet[Session]:
    """Those of the sessions that publishing would change, or whose invitations would leave.

    The same as ``programme.Changed.is_news``, said in the database.
    """
    rows = rows.exclude(status=Session.Status.RELEASED, announced__isnull=False)
    off = Q(status=Session.Status.CANCELLED)
    placed = Q(starts_at__isnull=False)
    drafts = Invitation.objects.filter(session=OuterRef("pk"), released_at=None)
    has_drafts = ~off & placed & Exists(drafts)
    new = Q(announced=None) & ~off & placed
    cancelled = off & Q(announced__is_cancelled=False)
    postponed = ~off & ~placed & Q(announced__starts_at__isnull=False)
    same = Q(starts_at=F("announced__starts_at"), ends_at=F("announced__ends_at")) & (
        Q(venue=F("announced__venue")) | Q(venue=None, announced__venue=None)
    )
    stays = rows.filter(same, announced__isnull=False).order_by().values("pk")
    moved = ~off & placed & Q(announced__isnull=False) & ~Q(pk__in=stays)
    return rows.filter(has_drafts | new | cancelled | postponed | moved)


def is_unpublished(session: Session, invitations: Collection[Invitation]) -> bool:
    """The same of one session as its coordinator sees it, with all its invitations."""
    change = programme.change_of(session)
    if change is None:
        return False
    return change != Entry.Change.SAME or (
        programme.is_held(session) and any(one.released_at is None for one in invitations)
    )
