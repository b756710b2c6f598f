"""A forum's own page: its provinces with their sessions, and how each of them stands."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, IntegerField, Max, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from forum import permissions, programme, turnout
from forum.models import (
    Entry,
    Forum,
    Invitation,
    IssueCall,
    Presiding,
    Reader,
    Session,
)
from forum.turnout import Number, Turnout
from provinces.models import Province

Status = Invitation.Status


@dataclass(frozen=True)
class Figures:
    """How many parties are asked and answered, the places they named, and who came."""

    sent: int
    coming: int
    silent: int
    drafts: int
    named: int
    capacity: int | None
    came: Number | None


@dataclass(frozen=True)
class Card:
    """A session as the reader may know it.

    For its coordinators also with its figures, and with what publishing would change.
    """

    session: Session
    figures: Figures | None = None
    change: Entry.Change | None = None

    @property
    def is_changed(self) -> bool:
        """The draft says something else than what is published."""
        return self.change is not None and self.change != Entry.Change.SAME

    @property
    def is_news(self) -> bool:
        """Publishing it now would do something."""
        drafts = self.figures.drafts if self.figures and programme.is_held(self.session) else 0
        return self.is_changed or bool(drafts and self.change)


@dataclass(frozen=True)
class Part:
    """One province of a forum, its call for issues, and its sessions by their days."""

    province: Province
    call: IssueCall | None
    cards: list[Card]


def with_round(rows: QuerySet[Forum]) -> QuerySet[Forum]:
    """Forums with what their page shows besides sessions: provinces, calls, the version."""
    calls = IssueCall.objects.select_related("province")
    return rows.annotate(
        programme_number=Max("programmes__number"), programme_at=Max("programmes__published_at")
    ).prefetch_related("provinces", Prefetch("calls", calls))


def parts_of(forum: Forum, user: Reader) -> list[Part]:
    """Each province with the sessions the user may see; at most five queries.

    The forum comes from ``with_round``.
    """
    drafts = Invitation.objects.filter(session=OuterRef("pk"), released_at=None).order_by()
    counted = drafts.values("session").annotate(number=Count("pk")).values("number")
    presidings = Presiding.objects.select_related("presider")
    rows = (
        forum.sessions.visible_to(user).shown().prefetch_related(Prefetch("presidings", presidings))
    )
    sessions = list(
        rows.annotate(drafts=Coalesce(Subquery(counted, output_field=IntegerField()), 0))
    )
    served = [one for one in sessions if permissions.serves(user, one)]
    turnouts = turnout.of_sessions(served) if served else {}
    changes = {one.pk: programme.change_of(one) for one in served}
    cards = [
        _card(shown, turnouts.get(shown.pk), changes.get(shown.pk))
        for shown in programme.as_seen_by(user, sessions)
    ]
    calls = {one.province_id: one for one in forum.calls.all()}
    return [Part(one, calls.get(one.pk), _of_province(cards, one)) for one in forum.provinces.all()]


def _of_province(cards: Sequence[Card], province: Province) -> list[Card]:
    """The province's cards by their days; those without one come last."""
    own = [one for one in cards if one.session.province_id == province.pk]
    return sorted(own, key=lambda one: (one.session.day is None, one.session.starts_at or 0))


def _card(session: Session, found: Turnout | None, change: Entry.Change | None) -> Card:
    if found is None:
        return Card(session)
    asked = [line.invitation for line in found.lines if line.invitation is not None]
    for one in asked:
        one.session = session
    figures = Figures(
        sent=len(asked),
        coming=sum(one.status == Status.ACCEPTED and not one.is_answer_former for one in asked),
        silent=sum(one.waits_for_answer for one in asked),
        drafts=session.drafts,  # type: ignore[attr-defined]  # annotated
        named=found.named,
        capacity=session.venue.capacity if session.venue else None,
        came=found.came if found.is_counted else None,
    )
    return Card(session, figures, change)
