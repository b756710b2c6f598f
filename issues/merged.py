"""What the issues that were merged into another demand of it, and who is told of that."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Exists, Func, JSONField, OuterRef, Q, QuerySet

from accounts.models import User
from issues.models import Concern, Issue, Merge
from issues.models.issue import Reader
from issues.permissions import serves

DERIVED = [one for one in Issue.Link if one != Issue.Link.AGAIN]  # they took over the marks
STRICTNESS: list[str] = [one.value for one in Issue.Disclosure]


@dataclass(frozen=True)
class Demands:
    """What stands as long as the mergings do.

    ``disclosure`` is the widest that is left, ``needed`` the offices that one of the sources
    concerns, by its merging; ``brought`` are those that the issue's own organization did not
    mark and is not told of, as they say something of another's issue.
    """

    disclosure: str = Issue.Disclosure.PUBLIC.value
    merges: Collection[Merge] = ()
    needed_by: dict[int, set[int]] = field(default_factory=dict)

    @property
    def needed(self) -> set[int]:
        """The offices that have to stay marked."""
        return {pk for one in self.needed_by.values() for pk in one}

    @property
    def brought(self) -> set[int]:
        """Those of them that only the mergings brought."""
        return {pk for one in self.merges for pk in one.before.get("concerns", ())}

    def share(self, *, own: Collection[int], marked: Collection[int]) -> None:
        """Keep in each merging which of the marked offices are its, and not ``own`` marks.

        For the caller that has locked the issue.
        """
        for one in self.merges:
            its = sorted((self.needed_by[one.pk] & set(marked)) - set(own))
            if its != one.before.get("concerns", []):
                one.before["concerns"] = its
                one.save(update_fields=["before"])


def demands_of(issue: Issue) -> Demands:
    """What the standing mergings demand of the issue; one query where there are none."""
    merges = list(Merge.objects.standing().filter(target=issue).select_related("source"))
    if not merges:
        return Demands()
    needed = {one.pk: set(one.before.get("concerns", ())) for one in merges}
    of_source = {one.source_id: one.pk for one in merges}
    concerns = Concern.objects.filter(issue__in=of_source).values_list("issue", "authority")
    for source_id, authority_id in concerns:
        needed[of_source[source_id]].add(authority_id)
    return Demands(strictest(one.source.disclosure for one in merges), merges, needed)


def bring(source: Issue, target: Issue, authority_id: int) -> None:
    """Let an office marked at the target, as it was at a source, count as brought by the merging.

    For the caller that has locked both.
    """
    for one in Merge.objects.standing().filter(source=source, target=target):
        one.before["concerns"] = [*one.before.get("concerns", ()), authority_id]
        one.save(update_fields=["before"])


def strictest(disclosures: Iterable[str]) -> str:
    """The disclosure under which the fewest see it."""
    return max(disclosures, key=STRICTNESS.index)


def marked_for(user: User, issue: Issue, brought: Collection[int] | None = None) -> set[int]:
    """The marked offices of which the user is told: coordinators of all."""
    marked = set(issue.concerns.values_list("authority", flat=True))
    if not marked or serves(user, issue):
        return marked
    brought = demands_of(issue).brought if brought is None else brought
    return marked - set(brought) - _brought_to_followed(issue)


def _brought_to_followed(issue: Issue) -> set[int]:
    """What mergings brought to the issue from which this one was derived with its marks."""
    if issue.follows_id is None or issue.link == Issue.Link.AGAIN:
        return set()
    merges = Merge.objects.standing().filter(target=issue.follows_id)
    return {
        pk
        for before in merges.values_list("before", flat=True)
        for pk in before.get("concerns", ())
    }


def concerns_told(user: Reader) -> QuerySet[Concern]:
    """The same in one subquery, for issues under ``OuterRef("pk")``."""
    rows = Concern.objects.filter(issue=OuterRef("pk")).order_by("authority__sort_key")
    if user.is_authenticated and user.serves_all:
        return rows
    office = Func(OuterRef("authority"), function="to_jsonb", output_field=JSONField())
    merges = Merge.objects.standing().filter(before__concerns__contains=office)
    derived = Q(issue__link__in=DERIVED) & Exists(merges.filter(target=OuterRef("issue__follows")))
    told = ~Exists(merges.filter(target=OuterRef("issue"))) & ~derived
    if not user.is_authenticated:
        return rows.filter(told)
    return rows.filter(Q(told) | Q(issue__province__in=user.served_ids))
