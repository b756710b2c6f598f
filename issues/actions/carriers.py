"""Other issues that tell the same matter: what protects one of them has to protect all."""

from django.db.models import Q, QuerySet

from issues.actions.move import lock, lock_all
from issues.models import Issue


def lock_with_carriers(issue: Issue) -> list[Issue]:
    """Lock the issue and its carriers, in one order for everybody; the carriers, closed or not.

    These are its parts in other provinces with the one that leads them, the issue in which it
    goes on, and those that go on in it: any of them may be published. A split or a later issue
    says other things and is judged for itself.
    """
    present = Issue.objects.only("follows", "link", "merged_into").get(pk=issue.pk)
    keys = [*_related(present).values_list("pk", flat=True), issue.pk]
    lock_all(keys)
    related = _related(lock(issue)).exclude(status=Issue.Status.DRAFT)
    lock_all(related.values_list("pk", flat=True))  # one that was linked just before
    return list(related.order_by("pk"))


def _related(issue: Issue) -> QuerySet[Issue]:
    lead = issue.follows_id if issue.link == Issue.Link.PROVINCE else None
    parts = Q(follows__in=[one for one in (issue.pk, lead) if one], link=Issue.Link.PROVINCE)
    merged = Q(pk=issue.merged_into_id or 0) | Q(merged_into=issue)
    near = parts | Q(pk=lead or 0) | merged
    return Issue.objects.filter(near).exclude(pk=issue.pk)
