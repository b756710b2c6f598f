"""Proposals for the order of an agenda, with their reasons; used by one press, never imposed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from audit import clock
from forum.models import Session
from issues import ordering, timing
from issues.models import Cosign
from issues.ordering import Turn
from issues.timing import Slot
from issues.views import agenda_page
from issues.views.agenda import CHANGEABLE, read_items
from issues.views.agenda_page import Entry
from issues.views.sitting import served
from provinces.models import Authority


@dataclass(frozen=True)
class Proposed:
    """An item at its proposed place, with its time there and where it stands now."""

    entry: Entry
    turn: Turn
    slot: Slot
    before: Slot | None

    @property
    def is_moved(self) -> bool:
        """Whether it would stand elsewhere."""
        return self.before is not None and self.before.number != self.slot.number


@dataclass(frozen=True)
class Needed:
    """From when until when an office has to be there, by the proposal and as it stands."""

    office: Authority
    starts_at: object
    ends_at: object
    minutes: int
    before: int


@require_safe
def agenda_suggested(request: HttpRequest, pk: int) -> HttpResponse:
    return _preview(request, pk, ordering.by_weight, "weight")


@require_safe
def agenda_grouped(request: HttpRequest, pk: int) -> HttpResponse:
    return _preview(request, pk, ordering.by_office, "office")


def _preview(
    request: HttpRequest, pk: int, propose: Callable[[Sequence[Turn]], list[Turn]], kind: str
) -> HttpResponse:
    session = served(request, pk)
    if session.status not in CHANGEABLE:
        return redirect("issues:agenda", session.pk)
    entries = agenda_page.entries(read_items(session), session, request.user, serves=True)
    agenda_page.furnish(entries, session, request.user, serves=True)
    turns = _turns(entries)
    proposed = propose(turns)
    context = {
        "session": session,
        "kind": kind,
        "rows": _rows(entries, proposed, session),
        "needed": _needed(entries, turns, proposed, session),
        "seen": _joined(turns),
        "order": _joined(proposed),
        "is_same": [one.key for one in turns] == [one.key for one in proposed],
    }
    return render(request, "issues/agenda_order.html", context)


def _joined(turns: Sequence[Turn]) -> str:
    return ",".join(str(one.key) for one in turns)


def _turns(entries: Sequence[Entry]) -> list[Turn]:
    """What an order looks at; one query."""
    keys = [one.item.issue_id for one in entries if one.item.issue_id]
    cosigners: dict[int, int] = {}
    agreed = Cosign.objects.agreed().filter(issue__in=keys)
    for issue in agreed.order_by().values_list("issue", flat=True):
        cosigners[issue] = cosigners.get(issue, 0) + 1
    return [_turn(one, cosigners) for one in entries]


def _turn(entry: Entry, cosigners: dict[int, int]) -> Turn:
    item, issue = entry.item, entry.item.issue
    if issue is None or entry.shown is None:
        return Turn(item.pk, item.minutes, is_heading=item.is_heading, stays=True)
    return Turn(
        item.pk,
        item.minutes,
        stays=entry.outcome is not None,
        is_review=entry.is_review,
        priority=issue.priority,
        age=(clock.today() - timezone.localdate(issue.submitted_at)).days,
        cosigners=cosigners.get(issue.pk, 0),
        deferrals=issue.deferrals,
        offices=tuple(one.pk for one in entry.offices),
    )


def _rows(entries: Sequence[Entry], proposed: Sequence[Turn], session: Session) -> list[Proposed]:
    by_key = {one.item.pk: one for one in entries}
    found = [by_key[one.key] for one in proposed]
    slots = timing.slots([one.item for one in found], session.starts_at, session.ends_at)
    return [
        Proposed(entry, turn, slot, entry.slot)
        for entry, turn, slot in zip(found, proposed, slots, strict=True)
    ]


def _needed(
    entries: Sequence[Entry],
    turns: Sequence[Turn],
    proposed: Sequence[Turn],
    session: Session,
) -> list[Needed]:
    offices = {office.pk: office for one in entries for office in one.offices}
    before = ordering.needed(turns)
    return [
        Needed(
            offices[pk],
            timing.moment(session.starts_at, first),
            timing.moment(session.starts_at, last),
            last - first,
            before[pk][1] - before[pk][0],
        )
        for pk, (first, last) in ordering.needed(proposed).items()
    ]
