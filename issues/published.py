"""The public list: published issues, the latest first, as everybody may read them."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet
from django.http import QueryDict

from issues import history, keyset
from issues.forms.published import PublishedFilter
from issues.keyset import Page, Section
from issues.listing import MOST_COUNTED, PAGE_SIZE, excerpt, marked
from issues.models import Issue
from issues.models.issue import LONG, Reader
from issues.permissions import Audience, disclosed
from khmer.highlight import Piece


@dataclass(frozen=True)
class Card:
    """A published issue; what is in pieces is true where a word stands that was searched for."""

    issue: Issue
    stands: str
    title: list[Piece]
    reference: list[Piece]
    place: list[Piece]
    excerpt: list[Piece]


class PublishedListing:
    """What an address of the public list asks for; values there are not ask for nothing."""

    def __init__(self, asked: QueryDict, *, user: Reader) -> None:
        self.asked = asked
        self.published = Issue.objects.visible_to(user).published()
        self.filter = PublishedFilter(asked, queryset=self.published, user=user)

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
        """What is asked for, without the place in the list."""
        query = self.asked.copy()
        for name in ("after", "before"):
            query.pop(name, None)
        return query

    @cached_property
    def page(self) -> Page:
        """The page that is asked for."""
        after, before = (
            keyset.place(self.asked.get(one), keyset.moment) for one in ("after", "before")
        )
        return keyset.page(self.sections, PAGE_SIZE, after=after, before=before)

    @cached_property
    def sections(self) -> list[Section]:
        """The rows in their order: the latest published first."""
        return [Section(self.rows, key="published_at", falls=True)]

    @cached_property
    def words(self) -> str:
        """What is searched for."""
        form = self.filter.form
        form.is_valid()  # reads what was asked for, whatever of it is faulty
        return str(form.cleaned_data.get("q", ""))

    def cards(self) -> list[Card]:
        """The issues of the page, read with as many queries however many they are."""
        long = [name for name in LONG if not (self.words and name == "text")]
        related = ("organization", "province", "commune__parent", "theme")
        rows = self.published.select_related(*related).defer(*long).filter(pk__in=self.page.pks)
        found = {issue.pk: issue for issue in rows}
        return [_card(found[pk], self.words) for pk in self.page.pks if pk in found]


def _card(issue: Issue, words: str) -> Card:
    return Card(
        issue,
        history.stands(issue),
        title=marked(issue.title, words),
        reference=marked(issue.reference or "", words),
        place=marked(disclosed(issue, Audience.PUBLIC).place, words),
        excerpt=excerpt(issue.text, words) if words else [],
    )
