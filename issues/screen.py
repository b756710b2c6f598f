"""What the room's screen shows of a session: only what all who sit there, or pass by, may see."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from forum.models import Session
from issues.models import AgendaItem, Concern, Issue, Outcome, Referral
from issues.models.issue import LONG_OF_ISSUE
from issues.permissions import Audience, disclosed, presenter_of

LONG_TITLE = 70  # characters from which a title is set smaller, so that it needs no scrolling
LEAD_FIRST = (Referral.Role.LEAD, Referral.Role.SUPPORTING, Referral.Role.INFORMATION)


class Phase(StrEnum):
    """Whether the session has begun; ``GONE`` is for an address that leads to none."""

    BEFORE = "before"
    OPEN = "open"
    OVER = "over"
    GONE = "gone"


@dataclass(frozen=True)
class Told:
    """An outcome as its recorder shows it; ``offices`` are those that have the issue now."""

    kind: str
    label: str
    commitment: str
    said_by: str
    offices: Sequence[str]
    by_on: dt.date | None
    review_on: dt.date | None


@dataclass(frozen=True)
class Card:
    """A turn as the room may know it; ``number`` counts the turns of the session.

    What the room knows by its number alone has neither title nor reference. Why is not told: some
    are confidential, of others somebody's own office must not learn that they concern it.
    """

    number: int
    label: str
    language: str = ""  # of the label where it was typed
    reference: str = ""
    place: str = ""
    presenter: str = ""
    outcome: Told | None = None

    @property
    def is_long(self) -> bool:
        """The label takes several lines."""
        return len(self.label) > LONG_TITLE


@dataclass(frozen=True)
class Spent:
    """The time of a turn in seconds at one moment; ``since`` goes on from there in a browser.

    ``before`` are the seconds of earlier runs, ``since`` the start of this one if it runs, in
    milliseconds since 1970.
    """

    allotted: int
    before: int
    used: int
    since: int | None

    @property
    def over(self) -> int:
        """Seconds by which the turn took too long; 0 while it is in time."""
        return max(0, self.used - self.allotted)

    @property
    def left(self) -> int:
        """Seconds that remain of those allotted."""
        return max(0, self.allotted - self.used)

    @property
    def texts(self) -> dict[str, str]:
        """Each of them as a stopwatch shows it, ``main`` the one that counts now."""
        main = self.over or self.left
        return {
            "main": stopwatch(main),
            "used": stopwatch(self.used),
            "allotted": stopwatch(self.allotted),
        }


@dataclass(frozen=True)
class Progress:
    """How many turns the session has behind and before it."""

    addressed: int
    referred: int
    other: int
    left: int

    @property
    def total(self) -> int:
        return self.addressed + self.referred + self.other + self.left


@dataclass(frozen=True)
class Showing:
    """All that a screen shows; ``latest`` is the outcome shown last, of another turn."""

    session: Session
    phase: Phase
    current: Card | None
    spent: Spent | None
    following: Card | None
    latest: Card | None
    progress: Progress


def phase_of(session: Session) -> Phase:
    """Whether the session sits, is still to come, or is over."""
    if session.status == Session.Status.OPEN:
        return Phase.OPEN
    return Phase.BEFORE if session.status == Session.Status.PLANNED else Phase.OVER


def milliseconds(moment: dt.datetime) -> int:
    """The moment as browsers count."""
    return int(moment.timestamp() * 1000)


def stopwatch(seconds: int) -> str:
    """Minutes and seconds: ``07:30``, ``75:00``."""
    return f"{seconds // 60:02}:{seconds % 60:02}"


def showing(session: Session, now: dt.datetime) -> Showing:
    """What the screen shows now; three queries, however long the agenda is."""
    turns = list(_turns(session))
    cards = _Cards(turns, _concerning_offices(session))
    phase = phase_of(session)
    current = _current(turns) if phase == Phase.OPEN else None
    return Showing(
        session=session,
        phase=phase,
        current=cards.of(current),
        spent=_spent(current, now) if current else None,
        following=cards.of(_following(turns, current)) if phase != Phase.OVER else None,
        latest=_latest(turns, current, cards),
        progress=_progress(turns, cards),
    )


def _turns(session: Session) -> list[AgendaItem]:
    """The turns in order, each with all that is shown of it; two queries."""
    held = Referral.objects.filter(ended_at=None).select_related("authority")
    rows = session.agenda_items.turns().select_related(
        "presenter",
        "outcome__said_office",
        "issue__organization",
        "issue__province",
        "issue__commune__parent",
    )
    return list(rows.defer(*LONG_OF_ISSUE).prefetch_related(Prefetch("outcome__referrals", held)))


def _concerning_offices(session: Session) -> set[int]:
    """Issues that concern an office: its people may hold the room's address, invited or not."""
    marked = Concern.objects.filter(issue__agenda_items__session=session)
    return set(marked.values_list("issue", flat=True))


# --- which turn ---------------------------------------------------------------------------------
def _outcome(turn: AgendaItem) -> Outcome | None:
    return getattr(turn, "outcome", None)


def _current(turns: Sequence[AgendaItem]) -> AgendaItem | None:
    """The turn that runs; else the one that was stopped or decided last; None before the first."""
    if running := next((turn for turn in turns if turn.started_at), None):
        return running
    decided = [(outcome.recorded_at, turn) for turn in turns if (outcome := _outcome(turn))]
    latest = max(decided, key=lambda pair: pair[0])[1] if decided else None
    begun = [turn for turn in turns if turn.used_seconds and not _outcome(turn)]
    paused = begun[-1] if begun else None
    if latest is None or (paused is not None and paused.position > latest.position):
        return paused
    return latest


def _following(turns: Sequence[AgendaItem], current: AgendaItem | None) -> AgendaItem | None:
    """The first turn without an outcome after this one; else the first that was passed over."""
    left = [turn for turn in turns if turn is not current and not _outcome(turn)]
    after = [turn for turn in left if current is None or turn.position > current.position]
    return next(iter(after or left), None)


def _latest(
    turns: Sequence[AgendaItem], current: AgendaItem | None, cards: "_Cards"
) -> Card | None:
    """The turn whose outcome was shown last, besides the current one."""
    shown = [
        (outcome.shown_at, card)
        for turn in turns
        if turn is not current
        and (outcome := _outcome(turn))
        and outcome.shown_at
        and (card := cards.of(turn))
        and card.outcome
    ]
    return max(shown, key=lambda pair: pair[0])[1] if shown else None


def _spent(turn: AgendaItem, now: dt.datetime) -> Spent:
    running = max(0, int((now - turn.started_at).total_seconds())) if turn.started_at else 0
    return Spent(
        allotted=turn.minutes * 60,
        before=turn.used_seconds,
        used=turn.used_seconds + running,
        since=milliseconds(turn.started_at) if turn.started_at else None,
    )


def _progress(turns: Sequence[AgendaItem], cards: "_Cards") -> Progress:
    """What the room knows by number alone counts as something else, whatever its outcome."""
    kinds = [
        outcome.kind if cards.is_open(turn) else "" for turn in turns if (outcome := _outcome(turn))
    ]
    addressed, referred = (
        kinds.count(kind) for kind in (Outcome.Kind.ADDRESSED, Outcome.Kind.REFERRED)
    )
    return Progress(
        addressed=addressed,
        referred=referred,
        other=len(kinds) - addressed - referred,
        left=len(turns) - len(kinds),
    )


# --- what of it ---------------------------------------------------------------------------------
class _Cards:
    """Makes the card of a turn; ``marked`` are the issues that concern an office."""

    def __init__(self, turns: Sequence[AgendaItem], marked: set[int]) -> None:
        self.numbers = {turn.pk: number for number, turn in enumerate(turns, start=1)}
        self.marked = marked

    def is_open(self, turn: AgendaItem) -> bool:
        """The room may know more of it than its number."""
        issue = turn.issue
        return issue is None or (issue.pressured_at is None and not self._is_bare(issue))

    def _is_bare(self, issue: Issue) -> bool:
        return issue.disclosure == Issue.Disclosure.CONFIDENTIAL or issue.pk in self.marked

    def of(self, turn: AgendaItem | None) -> Card | None:
        if turn is None:
            return None
        number, issue = self.numbers[turn.pk], turn.issue
        presenter = presenter_of(turn)
        name = presenter.name if presenter else ""
        if issue is None:
            return Card(number, turn.title, presenter=name, outcome=_told(turn))
        if issue.pressured_at is not None:
            return Card(number, _("An item that is not shown at present"))
        if self._is_bare(issue):
            return Card(number, _("Shown by its number alone"))
        return Card(
            number,
            issue.title,
            language=issue.language,
            reference=issue.reference or "",
            place=disclosed(issue, Audience.ROOM).place,
            presenter=name,
            outcome=_told(turn),
        )


def _told(turn: AgendaItem) -> Told | None:
    outcome = _outcome(turn)
    if outcome is None or outcome.shown_at is None:
        return None
    held = sorted(outcome.referrals.all(), key=lambda one: LEAD_FIRST.index(one.role))
    offices = [one.authority.name for one in held]
    office = outcome.said_office.name if outcome.said_office else ""
    said = (outcome.said_by, "" if office in offices else office)
    return Told(
        kind=outcome.kind,
        label=outcome.get_kind_display(),
        commitment=outcome.commitment,
        said_by=", ".join(part for part in said if part),
        offices=offices,
        by_on=outcome.by_on or next((one.wanted_on for one in held), None),
        review_on=outcome.review_on,
    )
