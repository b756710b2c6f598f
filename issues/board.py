"""The triage board: what waits for the secretariat, and where on it somebody is."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from issues import workflow
from issues.models import Evidence, Interval, Issue
from issues.models.issue import LONG
from issues.permissions import parts_in, place_of
from issues.repeats import LOOKED_AT, Alike, Words, alike
from issues.workflow import Act
from khmer import likeness
from provinces.models import Province

PAGE_SIZE = 25
S = Issue.Status
# The tabs: their name in addresses, the state of their issues, their label.
TABS: tuple[tuple[str, Issue.Status, Promise], ...] = (
    ("new", S.SUBMITTED, _("New")),
    ("returned", S.RETURNED, _("Returned")),
    ("accepted", S.ACCEPTED, _("Accepted and waiting")),
)
STATES = {name: status for name, status, _label in TABS}
FIRST = TABS[0][0]
# Acts with a page of their own that the opened issue has links to: address, words, key.
LINKS: tuple[tuple[Act, str, Promise, str], ...] = (
    (Act.REFER, "issue_refer", _("Refer now"), "f"),
    (Act.CORRECT, "issue_correct", _("Correct theme and place"), "c"),
    (Act.MERGE, "issue_merge", _("Merge into another…"), "m"),
    (Act.SPLIT, "issue_split", _("Split into several…"), "s"),
    (Act.TIGHTEN, "issue_tighten", _("Let fewer people see it"), ""),
)
DISCLOSED: dict[str, Promise] = {
    Issue.Disclosure.PUBLIC: _("Public"),
    Issue.Disclosure.RESTRICTED: _("Restricted"),
    Issue.Disclosure.CONFIDENTIAL: _("Confidential"),
}


@dataclass(frozen=True)
class Spot:
    """Where on the board somebody is, as it stands in addresses."""

    tab: str = FIRST
    province: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> "Spot | None":
        """The place that the address of an act names; None where it was not come to from here."""
        return cls.at(query) if query.get("tab") in STATES else None

    @classmethod
    def at(cls, query: QueryDict) -> "Spot":
        """The place that an address of the board names; the first tab where it names none."""
        tab = query.get("tab", "")
        return cls(tab if tab in STATES else FIRST, query.get("province", ""))

    @property
    def query(self) -> str:
        """The place as a query string."""
        return self.with_(tab=self.tab)

    def with_(self, **more: object) -> str:
        """The place with more, or another tab, as a query string."""
        own = {"tab": self.tab, "province": self.province} | more
        return urlencode({name: value for name, value in own.items() if value not in ("", None)})

    def url(self, **more: object) -> str:
        """The board at this place."""
        return f"{reverse('issues:triage')}?{self.with_(**more)}"


@dataclass(frozen=True)
class Tab:
    """One of the three lists, and how many issues stand in it."""

    name: str
    label: Promise
    count: int
    url: str
    is_current: bool


@dataclass(frozen=True)
class Row:
    """An issue in the list; ``days`` it has waited for the secretariat or the organization."""

    issue: Issue
    place: str
    disclosure: Promise
    days: int
    repeats: int
    url: str


@dataclass(frozen=True)
class Link:
    """A page of an act; ``key`` is the letter that opens it."""

    url: str
    label: Promise
    act: str
    key: str


@dataclass(frozen=True)
class Opened:
    """The issue that is read, and what may be done with it."""

    issue: Issue
    place: str
    days: int
    acts: frozenset[Act]
    links: Sequence[Link]
    evidence: Sequence[Evidence]
    near: Sequence[Alike]


def served(user: User) -> QuerySet[Issue]:
    """Issues that the user decides about as a coordinator."""
    return Issue.objects.visible_to(user) & Issue.objects.served_by(user)


def provinces_of(user: User) -> QuerySet[Province]:
    """The provinces between which the user may choose."""
    rows = Province.objects.all()
    return rows if user.serves_all else rows.filter(pk__in=user.served_ids)


@dataclass
class Board:
    """One page of one tab; every part is read when it is first asked for."""

    user: User
    spot: Spot
    today: dt.date
    page: int = 0
    opened_as: str = ""
    after: str = ""

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many issues stand in each tab."""
        rows = self._of_province(served(self.user)).filter(status__in=STATES.values())
        counted = dict(rows.order_by().values_list("status").annotate(Count("pk")))
        return {name: counted.get(status.value, 0) for name, status in STATES.items()}

    @property
    def tabs(self) -> list[Tab]:
        return [
            Tab(
                name,
                label,
                self.counts[name],
                self.spot.url(tab=name),
                is_current=name == self.spot.tab,
            )
            for name, _status, label in TABS
        ]

    @cached_property
    def ordered(self) -> QuerySet[Issue]:
        """All issues of the tab, those that have waited longest first."""
        rows = served(self.user).filter(status=STATES[self.spot.tab])
        return self._of_province(rows).order_by("submitted_at", "pk")

    @property
    def pages(self) -> int:
        """How many pages the tab has."""
        return max(1, -(-self.counts[self.spot.tab] // PAGE_SIZE))

    @cached_property
    def number(self) -> int:
        """The page: the one that is asked for, or else the one with the opened issue."""
        if self.page or self.opened is None or self.pages == 1:
            return min(max(self.page, 1), self.pages)
        before = self.ordered.filter(_is_before(self.opened.issue)).count()
        return min(before // PAGE_SIZE + 1, self.pages)

    @property
    def turns(self) -> tuple[str, str]:
        """The addresses of the pages before and after."""
        before, after = self.number - 1, self.number + 1
        return (
            self.spot.url(page=before) if before else "",
            self.spot.url(page=after) if after <= self.pages else "",
        )

    @property
    def url(self) -> str:
        """The page without an opened issue."""
        return self.spot.url(page=self.number)

    @cached_property
    def rows(self) -> list[Row]:
        """The issues of the page."""
        issues = self._issues
        repeats = _repeats(issues, self.user)
        return [
            Row(
                issue,
                place_of(issue),
                DISCLOSED[issue.disclosure],
                _days(issue, self.today),
                repeats[issue.pk],
                self.spot.url(page=self.number, open=issue.reference),
            )
            for issue in issues
        ]

    @cached_property
    def _issues(self) -> list[Issue]:
        start = (self.number - 1) * PAGE_SIZE
        files = Evidence.objects.filter(issue=OuterRef("pk"), response=None).order_by()
        counted = files.values("issue").annotate(n=Count("pk")).values("n")
        rows = _with_since(self.ordered).annotate(files=Coalesce(Subquery(counted), 0))
        return list(rows.defer(*(name for name in LONG if name != "shingles"))[start:][:PAGE_SIZE])

    @cached_property
    def opened(self) -> Opened | None:
        """The issue that is asked for, or the one that comes after the one that was decided."""
        issue = self._to_open()
        if issue is None:
            return None
        parts = parts_in(self.user, issue)
        acts = workflow.open_acts(issue, parts) - (set() if issue.stricter else {Act.TIGHTEN})
        words = Words.of(issue)
        files = issue.evidence.filter(response=None).defer("thumbnail")
        return Opened(
            issue=issue,
            place=place_of(issue),
            days=_days(issue, self.today),
            acts=acts,
            links=_links(issue, acts, self.spot),
            evidence=list(files),
            near=alike(words, self.user, leave_out=issue.pk) if words else [],
        )

    @cached_property
    def neighbors(self) -> tuple[str, str]:
        """The addresses of the issues before and after the opened one on this page."""
        issue = self.opened.issue if self.opened else None
        urls = [row.url for row in self.rows]
        at = next((n for n, row in enumerate(self.rows) if row.issue == issue), None)
        if at is None:
            return "", urls[0] if urls else ""
        return (urls[at - 1] if at else ""), "".join(urls[at + 1 : at + 2])

    def _to_open(self) -> Issue | None:
        if self.opened_as:
            return _with_since(served(self.user)).filter(reference=self.opened_as).first()
        left = served(self.user).filter(reference=self.after).first() if self.after else None
        if left is None:
            return None
        waiting = _with_since(self.ordered)
        return waiting.exclude(_is_before(left)).exclude(pk=left.pk).first() or waiting.first()

    def _of_province(self, rows: QuerySet[Issue]) -> QuerySet[Issue]:
        return rows.filter(province=self.spot.province) if self.spot.province else rows


def _with_since(rows: QuerySet[Issue]) -> QuerySet[Issue]:
    """The issues with all that names them, and since when each stands in its state."""
    now = Interval.objects.filter(issue=OuterRef("pk"), left_at=None)
    rows = rows.select_related("organization", "province", "commune__parent", "theme")
    return rows.annotate(since=Subquery(now.values("entered_at")[:1]))


def _is_before(issue: Issue) -> Q:
    """What holds of all that have waited longer than this issue."""
    same = Q(submitted_at=issue.submitted_at, pk__lt=issue.pk)
    return Q(submitted_at__lt=issue.submitted_at) | same


def _days(issue: Issue, today: dt.date) -> int:
    """For how many days it waits: since it was sent, a question since it was asked."""
    is_asked = issue.status == S.RETURNED
    moment = issue.since if is_asked and issue.since else issue.submitted_at  # type: ignore[attr-defined]
    return (today - timezone.localdate(moment)).days


def _repeats(issues: Sequence[Issue], user: User) -> dict[int, int]:
    """How many issues of the same commune say nearly the same as each of these; one query."""
    found = {issue.pk: 0 for issue in issues}
    communes = {issue.commune_id for issue in issues}
    if not communes:
        return found
    rows = served(user).filter(commune__in=communes).exclude(status=S.DRAFT).order_by("-pk")
    near: dict[str | None, list[tuple[int, bytes]]] = defaultdict(list)
    for pk, commune, sketch in rows.values_list("pk", "commune", "shingles")[:LOOKED_AT]:
        near[commune].append((pk, bytes(sketch)))
    for issue in issues:
        own = bytes(issue.shingles)
        found[issue.pk] = sum(
            likeness.is_likely(own, sketch)
            for pk, sketch in near[issue.commune_id]
            if pk != issue.pk
        )
    return found


def _links(issue: Issue, acts: frozenset[Act], spot: Spot) -> list[Link]:
    """The pages of the open acts; those of acts that have none yet are left out."""
    links = []
    for act, name, label, key in LINKS:
        if act not in acts:
            continue
        try:
            url = reverse(f"issues:{name}", args=[issue.reference])
        except NoReverseMatch:
            continue
        links.append(Link(f"{url}?{spot.query}", label, act.value, key))
    return links
