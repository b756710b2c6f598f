"""What a coordinator weighs before an issue is put on an agenda."""

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from issues.models import Cosign, Interval, Issue


def weighed(rows: QuerySet[Issue]) -> QuerySet[Issue]:
    """Each issue with its ``cosigners``, how often it was ``raised`` and whether ``reopened``."""
    return rows.annotate(
        cosigners=_cosigners(),
        raised=Coalesce(Subquery(_raised()), 1),
        reopened=Exists(Interval.objects.filter(issue=OuterRef("pk"), status=Issue.Status.CLOSED)),
    )


def with_cosigners(rows: QuerySet[Issue]) -> QuerySet[Issue]:
    """Each issue with the number of its ``cosigners``."""
    return rows.annotate(cosigners=_cosigners())


def _cosigners() -> Coalesce:
    agreed = Cosign.objects.agreed().filter(issue=OuterRef("pk")).order_by().values("issue")
    return Coalesce(Subquery(agreed.annotate(n=Count("pk")).values("n")), 0)


def _raised() -> QuerySet[Issue]:
    """How many issues of the thread raise the matter; a draft does not yet."""
    mine = Coalesce(OuterRef("root"), OuterRef("pk"))
    again = Q(pk=mine) | Q(root=mine, link=Issue.Link.AGAIN)
    rows = Issue.objects.filter(again).exclude(status=Issue.Status.DRAFT).order_by()
    counted = rows.annotate(all=Value(1)).values("all").annotate(n=Count("pk"))
    return counted.values("n")  # type: ignore[return-value]
