"""The list of issues as one person asks for it: which rows, in which order, which of them now."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from issues import keyset, permissions
from issues.filters import IssueFilter
from issues.keyset import Page, Section
from issues.models import Issue, Referral
from issues.models.issue import LONG, inside_of
from issues.permissions import Shown
from khmer import highlight

PAGE_SIZE = 25
MOST_COUNTED = 10_000
MINE, OTHERS = "mine", "others"  # the halves of the list, as they stand in the query string
AROUND = 60  # clusters shown before and after a match in the text
# How the value that a page begins after is read, by the order of the list.
READERS: dict[str, Callable[[str], keyset.Value]] = {
    "": keyset.moment,
    "oldest": keyset.moment,
    "due": keyset.day,
    "priority": keyset.number,
    "deferred": keyset.number,
}


@dataclass(frozen=True)
class Row:
    """An issue in the list, as far as its reader may see it.

    ``title``, ``reference``, ``place`` and ``excerpt`` are in pieces, true where a word stands that
    was searched for; there is an excerpt only where one stands in the text.
    """

    issue: Issue
    shown: Shown
    due_on: dt.date | None
    due: str  # the badge: "", "due-today" or "overdue"
    title: list[highlight.Piece]
    reference: list[highlight.Piece]
    place: list[highlight.Piece]
    excerpt: list[highlight.Piece]


class Listing:
    """What an address of the list asks for; values there are not ask for nothing."""

    def __init__(self, asked: QueryDict, *, user: User, today: dt.date) -> None:
        self.asked, self.user, self.today = asked, user, today
        self.scopes = scopes_of(user)
        self.scope = OTHERS if asked.get("scope") == OTHERS else MINE
        self.filter = IssueFilter(asked, queryset=self._whole(), user=user, today=today)

    @cached_property
    def rows(self) -> QuerySet[Issue]:
        """All issues that are asked for, in no order."""
        rows: QuerySet[Issue] = self.filter.qs
        return rows.order_by()

    @cached_property
    def count(self) -> int:
        """How many there are; one more than ``MOST_COUNTED`` stands for more than those."""
        return self.rows[: MOST_COUNTED + 1].count()

    @cached_property
    def query(self) -> QueryDict:
        """What is asked for as it stands in an address, and nothing else of it."""
        return clean(self.asked, self.filter, self.scopes)

    @cached_property
    def page(self) -> Page:
        """The page that is asked for."""
        read = READERS[self.filter.order]
        after, before = (keyset.place(self.asked.get(one), read) for one in ("after", "before"))
        return keyset.page(self.sections, PAGE_SIZE, after=after, before=before)

    @cached_property
    def sections(self) -> list[Section]:
        """The rows in their order, each of which has its place in it."""
        order = self.filter.order
        if order == "due":
            return self._by_due_date()
        if order in ("priority", "deferred"):
            return self._by_number("priority" if order == "priority" else "deferrals")
        is_oldest_first = order == "oldest"
        sent = Section(
            self.rows.filter(submitted_at__isnull=False),
            key="submitted_at",
            falls=not is_oldest_first,
            pk_falls=not is_oldest_first,
        )
        drafts = Section(self.rows.filter(submitted_at=None), pk_falls=not is_oldest_first)
        return [sent, drafts] if is_oldest_first else [drafts, sent]

    def _by_due_date(self) -> list[Section]:
        """First those that an office holds, as far as the user knows of it, by the next date."""
        every = Referral.objects.open().annotate(on=Coalesce("due_on", "wanted_on"))
        held = every & Referral.objects.visible_to(self.user)
        # Only of an office that reads one referral it does not follow that it reads them all.
        earlier = (held if self.user.office_ids else every).filter(issue=OuterRef("issue"))
        earlier = earlier.filter(
            Q(on__lt=OuterRef("on")) | Q(on=OuterRef("on"), pk__lt=OuterRef("pk"))
        )
        next_ones = held.filter(~Exists(earlier), issue__in=self.rows.values("pk"))
        others = self.rows.filter(~Exists(held.filter(issue=OuterRef("pk"))))
        return [Section(next_ones, key="on", pk="issue"), Section(others)]

    def _by_number(self, name: str) -> list[Section]:
        """The highest first; for the user those have none whose number is not theirs to see."""
        known = inside_of(self.user)
        return [Section(self.rows.filter(known), key=name, falls=True), *self._seen_outside(known)]

    def _seen_outside(self, known: Q) -> list[Section]:
        is_all_inside = self.scope == MINE and self._is_coordinator_only
        return [] if is_all_inside else [Section(self.rows.exclude(known))]

    @property
    def _is_coordinator_only(self) -> bool:
        user = self.user
        return bool(self.scopes) and not (user.organization_ids or user.office_ids)

    def _whole(self) -> QuerySet[Issue]:
        """The half of the list that is open, of all that the user may read."""
        rows = Issue.objects.visible_to(self.user)
        if not self.scopes:
            return rows
        own = Issue.objects.concerning(self.user)
        return rows & own if self.scope == MINE else rows.not_concerning(self.user)

    def shown(self) -> list[Row]:
        """The rows of the page, read with as many queries however many they are."""
        words = str(self.filter.chosen.get("q", ""))
        rows = loaded(self.user, with_text=bool(words)).filter(pk__in=self.page.pks)
        found = {issue.pk: issue for issue in rows}
        return [
            row_of(found[pk], self.user, self.today, words)
            for pk in self.page.pks
            if pk in found  # else somebody took it away meanwhile
        ]


def scopes_of(user: User) -> tuple[tuple[str, str], ...]:
    """The two halves of the list and their names; none for whom no issue can concern."""
    if user.is_role("coordinator"):
        own = _("Our provinces")
    elif user.organization_ids:
        own = _("Ours")
    elif user.office_ids:
        own = _("With our office")
    else:
        return ()
    return ((MINE, own), (OTHERS, _("Published by others")))


def clean(asked: QueryDict, filter_: IssueFilter, scopes: object) -> QueryDict:
    """Of an address only the filters there are, with what they understood; then half and order."""
    query = QueryDict(mutable=True)
    for name in filter_.filters:
        if name in filter_.chosen:
            value = filter_.chosen[name]
            typed = asked.getlist(name)[-1:]
            query.setlist(name, value if isinstance(value, list) else typed)
    if scopes and asked.get("scope") == OTHERS:
        query["scope"] = OTHERS
    if filter_.order:
        query["sort"] = filter_.order
    return query


def loaded(user: User, *, with_text: bool) -> QuerySet[Issue]:
    """Issues the user may read, with all that a row shows."""
    rows = Issue.objects.visible_to(user).select_related(
        "organization", "province", "commune__parent", "theme"
    )
    referrals = Prefetch("referrals", Referral.objects.visible_to(user), to_attr="read_referrals")
    long = [name for name in LONG if not (with_text and name == "text")]
    return rows.prefetch_related(referrals).defer(*long)


def row_of(issue: Issue, user: User, today: dt.date, words: str = "") -> Row:
    """The issue as its reader sees it in a list, with the words marked that were searched for."""
    held: list[Referral] = issue.read_referrals  # type: ignore[attr-defined]
    is_referred = any(one.authority_id in user.answerable_ids for one in held)
    audience = permissions.audience_of(user, issue, is_referred=is_referred)
    shown = permissions.disclosed(issue, audience)
    due_on = min((one.date for one in held if one.is_open), default=None)
    due = "due-today" if due_on == today else ""
    if any(permissions.is_late(one, today) for one in held):
        due = "overdue"
    return Row(
        issue,
        shown,
        due_on,
        due,
        title=marked(issue.title, words),
        reference=marked(issue.reference or "", words),
        place=marked(shown.place, words),
        excerpt=excerpt(issue.text, words) if words else [],
    )


def marked(text: str, words: str) -> list[highlight.Piece]:
    """The text in pieces, true where a word stands that was searched for."""
    if words:
        return highlight.marked(text, words)
    return [(text, False)] if text else []


def excerpt(text: str, words: str) -> list[highlight.Piece]:
    """What stands around the first word that was searched for; empty where none stands."""
    pieces = highlight.excerpt(text, words, around=AROUND)
    return pieces if any(is_match for _text, is_match in pieces) else []
