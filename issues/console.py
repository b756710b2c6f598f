"""What the console of the session's day shows: each item with its history, and what may be done.

Everything is read in the same number of queries, however many items the agenda has.
"""

import copy
import datetime as dt
import json
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import QuerySet

from accounts.models import Role, User
from forum.models import Session
from issues import permissions, suggest, workflow
from issues.actions.deciding import CORRECTABLE
from issues.actions.reconsidering import LEADS_TO
from issues.console_facts import Before, Facts, Former
from issues.models import AgendaItem, Issue, Outcome, PreparedReply, Referral
from issues.models.issue import LONG_OF_ISSUE
from issues.permissions import Audience, Shown
from issues.workflow import Act
from provinces import workdays
from provinces.models import Authority
from provinces.workdays import Calendar

COORDINATOR = frozenset({Role.COORDINATOR.value})
S = Issue.Status
# What may be decided, by the name it has in addresses and on the page.
ACTS = {
    "address": Act.ADDRESS,
    "refer": Act.REFER,
    "study": Act.STUDY,
    "suspend": Act.SUSPEND,
    "higher": Act.SEND_HIGHER,
    "not_competent": Act.NOT_COMPETENT,
    "defer": Act.DEFER,
    "withdraw": Act.WITHDRAW,
    "note": Act.NOTE,
}
PASSED_OVER = frozenset({"defer", "note"})  # what is decided on an item that is not shown
UNREAD = tuple(one for one in LONG_OF_ISSUE if one not in ("issue__text", "issue__asked"))
DAYS_SHOWN = (*range(1, 61), 65, 70, 75, 80, 85, 90, 100, 110, 120)


@dataclass
class Part:
    """An item as the console shows it; of one that is hidden hardly more than its number."""

    item: AgendaItem
    number: int
    is_hidden: bool
    shown: Shown | None = None
    times: int = 0
    since: int = 0
    before: Sequence[Before] = ()
    replies: Sequence[PreparedReply] = ()
    expected: Sequence[Authority] = ()
    held: Sequence[Referral] = ()
    referrals: Sequence[Referral] = ()
    trace: Sequence[Former] = ()
    acts: frozenset[str] = frozenset()
    suggested: int | None = None
    superior: int | None = None
    barred: frozenset[int] = frozenset()

    @property
    def issue(self) -> Issue | None:
        return self.item.issue

    @property
    def outcome(self) -> Outcome | None:
        return getattr(self.item, "outcome", None)

    @property
    def is_running(self) -> bool:
        return self.item.started_at is not None

    def used(self, now: dt.datetime) -> int:
        """Seconds the item has taken so far."""
        running = (now - self.item.started_at).total_seconds() if self.item.started_at else 0
        return self.item.used_seconds + max(0, int(running))

    def used_minutes(self) -> int:
        """Whole minutes of its earlier runs."""
        return self.item.used_seconds // 60

    @property
    def words(self) -> dict[str, dict[str, object]]:
        """What stands in the forms that change what is recorded already."""
        spoken = {"spoke": self.item.spoke, "communities": self.item.communities}
        spoken |= {f"seen_{name}": value for name, value in spoken.items()}
        standing = {} if self.is_hidden or not self.outcome else words_of(self.outcome)
        return {} if self.is_hidden else {"speakers": spoken, "reword": standing}

    @property
    def in_json(self) -> str:
        """The same for the script."""
        return json.dumps(self.words, ensure_ascii=False)

    @property
    def offered(self) -> str:
        """The names of the presses that are offered."""
        return " ".join(sorted(self.acts))

    @property
    def closed_to(self) -> str:
        """The keys of the offices that cannot be given the issue."""
        return " ".join(str(one) for one in sorted(self.barred))


def words_of(outcome: Outcome) -> dict[str, object]:
    """The words of an outcome as the fields of a form hold them."""
    return {
        "text": outcome.text,
        "commitment": outcome.commitment,
        "said_by": outcome.said_by,
        "said_office": outcome.said_office_id or "",
        "by_on": outcome.by_on.isoformat() if outcome.by_on else "",
    }


def items_of(session: Session) -> QuerySet[AgendaItem]:
    """The items in order, each with its issue, its outcome and who recorded it."""
    return (
        session.agenda_items.select_related(
            "presenter",
            "outcome__recorded_by",
            "outcome__said_office",
            "issue__theme",
            "issue__organization",
            "issue__province",
            "issue__commune__parent",
        )
        .prefetch_related("expected")
        .defer(*UNREAD)
    )


@dataclass
class Page:
    """The items of a session; every list is read when it is first asked for.

    ``wanted`` is the item that is asked for, ``number`` that of the first one.
    """

    session: Session
    user: User
    items: Sequence[AgendaItem]
    now: dt.datetime
    wanted: int | None = None
    number: int = 1
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.turns = [one for one in self.items if not one.is_heading]
        self.left = [one for one in self.turns if outcome_of(one) is None]
        self.counts.update(outcome.kind for one in self.turns if (outcome := outcome_of(one)))

    @property
    def decided(self) -> int:
        return len(self.turns) - len(self.left)

    @property
    def planned(self) -> int:
        """Minutes allotted to all items."""
        return sum(one.minutes for one in self.turns)

    @property
    def used(self) -> int:
        """Seconds that all items have taken."""
        return sum(Part(one, 0, False).used(self.now) for one in self.turns)

    @property
    def used_minutes(self) -> int:
        return self.used // 60

    @property
    def others(self) -> int:
        """Outcomes of the kinds that are not counted one by one."""
        named = (Outcome.Kind.ADDRESSED, Outcome.Kind.REFERRED, Outcome.Kind.DEFERRED)
        return self.decided - sum(self.counts[kind] for kind in named)

    @cached_property
    def current_pk(self) -> int | None:
        """The one asked for; else the one that runs; else the first without an outcome."""
        asked = (one for one in self.turns if one.pk == self.wanted)
        running = (one for one in self.left if one.started_at)
        item = next(asked, None) or next(running, None) or next(iter(self.left), None)
        return item.pk if item else None

    @property
    def current(self) -> Part | None:
        """The opened item."""
        return next((one for one in self.parts if one.item.pk == self.current_pk), None)

    @property
    def next(self) -> Part | None:
        """The item without an outcome that comes after the opened one, or the first one left."""
        here = self.current.number if self.current else 0
        left = [one for one in self.parts if one.outcome is None and one is not self.current]
        return next((one for one in left if one.number > here), left[0] if left else None)

    @cached_property
    def parts(self) -> list[Part]:
        """Each turn with all that is shown of it."""
        return [self._part(item, number) for number, item in enumerate(self.turns, self.number)]

    @cached_property
    def rows(self) -> list[tuple[AgendaItem, int | None]]:
        """The whole list with the number of each turn; headings have none."""
        numbers = {item.pk: number for number, item in enumerate(self.turns, start=1)}
        return [(item, numbers.get(item.pk)) for item in self.items]

    @cached_property
    def facts(self) -> Facts:
        """Of the issues that are shown whole."""
        shown = [one.issue for one in self.turns if one.issue and not is_hidden(one)]
        return Facts(self.session, self.user, shown)

    # --- one item ---------------------------------------------------------------------------------
    def _part(self, item: AgendaItem, number: int) -> Part:
        part = Part(item, number, is_hidden(item))
        issue = item.issue
        part.acts = self._acts(item, part.is_hidden)
        if part.is_hidden:
            return part
        part.trace = self.facts.traces[item.pk]
        part.replies, part.expected = self.facts.replies[item.pk], list(item.expected.all())
        if issue is None:
            return part
        part.shown = permissions.disclosed(issue, Audience.ROOM)
        part.times, part.since = self.facts.threads.get(issue.root_id or issue.pk, (0, 0))
        part.before = self.facts.before(issue)
        part.held = [one for one in self.facts.referrals[issue.pk] if one.is_open]
        standing = part.outcome
        part.referrals = [
            one
            for one in self.facts.referrals[issue.pk]
            if standing and one.outcome_id == standing.pk
        ]
        self._propose(part, issue)
        return part

    def _propose(self, part: Part, issue: Issue) -> None:
        """The likeliest office, the one above it, and those that cannot be given the issue."""
        part.barred = self._barred(issue, part)
        leading = [one.authority_id for one in part.held if one.role == Referral.Role.LEAD]
        part.suggested = None if leading else self._likeliest(issue, part)
        below = self.facts.known.get(leading[0] if leading else part.suggested or 0)
        above = below.superior_id if below else None
        part.superior = above if above in self.facts.known and above not in part.barred else None

    def _likeliest(self, issue: Issue, part: Part) -> int | None:
        """Of the offices that can be given it one that is expected to answer, else by theme."""
        free = [one for one in self.facts.offices if one.pk not in part.barred]
        expected = {one.pk for one in part.expected}
        of_theme = self.facts.of_theme[issue.theme_id]
        likely = suggest.suggested(free, of_theme=of_theme, commune_id=issue.commune_id or "")
        wanted = [one for one in free if one.pk in expected] or likely
        return wanted[0].pk if wanted else None

    def _barred(self, issue: Issue, part: Part) -> frozenset[int]:
        concerned = self.facts.concerned[issue.pk]
        standing = part.outcome.pk if part.outcome else None
        # A correction takes back what its outcome gave: those offices can be named again.
        holding = {
            one.authority_id for one in part.held if standing is None or one.outcome_id != standing
        }
        below = {one.pk for one in self.facts.offices if concerned & self.facts.lines[one.pk]}
        return frozenset(holding | below)

    def _acts(self, item: AgendaItem, is_hidden: bool) -> frozenset[str]:
        """The presses that are offered, by their names."""
        if self.session.minutes_approved_at or self.session.status not in CORRECTABLE:
            return frozenset()
        is_open = self.session.status == Session.Status.OPEN
        standing = outcome_of(item)
        floor = {"speakers"} if not is_hidden else set()
        if is_open:
            floor.add("stop" if item.started_at else "start")
        if is_open and standing:
            floor.add("hide" if standing.shown_at else "show")
        if standing is None:
            return frozenset(floor | (self._decisions(item, is_hidden) if is_open else set()))
        if is_hidden:
            return frozenset(floor)
        return frozenset(floor | {"reword"} | self._others(item, standing))

    def _decisions(self, item: AgendaItem, is_hidden: bool) -> set[str]:
        if item.issue is None:
            return {"note"}
        acts = workflow.open_acts(item.issue, COORDINATOR)
        found = {name for name, act in ACTS.items() if act in acts}
        return found & PASSED_OVER if is_hidden else found

    def _others(self, item: AgendaItem, standing: Outcome) -> set[str]:
        """What could stand in the place of an outcome, as far as its issue has not gone on."""
        if item.issue is None:
            return set()
        if item.issue.status not in LEADS_TO[Outcome.Kind(standing.kind)]:
            return set()
        before = copy.copy(item.issue)
        is_led = bool(standing.replaced) or any(
            one.is_open and one.role == Referral.Role.LEAD and one.outcome_id != standing.pk
            for one in self.facts.referrals[item.issue.pk]
        )
        before.status = S.REFERRED if is_led else S.SCHEDULED
        acts = workflow.open_acts(before, COORDINATOR)
        return {name for name, act in ACTS.items() if act in acts}

    @cached_property
    def calendar(self) -> Calendar:
        """The working days of the province."""
        return workdays.calendar_of(self.session.province_id)


def outcome_of(item: AgendaItem) -> Outcome | None:
    """What was decided on the item, where it was."""
    return getattr(item, "outcome", None)


def is_hidden(item: AgendaItem) -> bool:
    """The room must not learn of it; the view has marked such items."""
    return bool(getattr(item, "is_hidden", False))


def mark_of(item: AgendaItem, session: Session) -> str:
    """Differs once the item's part of the page would look otherwise."""
    outcome, issue = outcome_of(item), item.issue
    facts = (
        session.status,
        bool(session.minutes_approved_at),
        item.title,
        item.minutes,
        item.started_at,
        item.used_seconds,
        item.spoke,
        item.communities,
        is_hidden(item),
        issue and (issue.status, issue.title, issue.disclosure, issue.deferrals, issue.version),
        outcome and (outcome.kind, outcome.version, outcome.shown_at),
    )
    return f"{zlib.crc32(repr(facts).encode()):08x}"


def due_days(calendar: Calendar, today: dt.date) -> list[tuple[int, dt.date]]:
    """The day that each number of working days from today leads to."""
    found, day, count = [], today, 0
    for wanted in DAYS_SHOWN:
        day = calendar.add(day, wanted - count)
        count = wanted
        found.append((wanted, day))
    return found
