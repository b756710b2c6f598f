"""Other issues that tell the same matter: what protects one of them has to protect all."""

from django.db.models import Q

from issues.actions.move import lock, lock_all
from issues.models import Issue

SAME = (Issue.Link.PROVINCE, Issue.Link.SPLIT, Issue.Link.REMAINDER)


def lock_with_carriers(issue: Issue) -> list[Issue]:
    """Lock the issue and its carriers, in one order for everybody; the carriers, closed or not.

    These are its parts in other provinces with the one that leads them, what was split from it
    and what remained of it, the issue in which it goes on, and those that go on in it: any of
    them may be published. One that was raised again years later is judged for itself.
    """
    lock_all([*_related_to(issue.pk), issue.pk])
    related = _related_to(lock(issue).pk)
    lock_all(related)  # one that was linked just before
    rows = Issue.objects.filter(pk__in=related).exclude(status=Issue.Status.DRAFT)
    return list(rows.order_by("pk"))


def _related_to(key: int) -> set[int]:
    """Issues that tell the matter of this one, near or far; one query a step away from it."""
    found, newest = {key}, {key}
    while newest:
        up = Issue.objects.filter(pk__in=newest)
        above = up.filter(link__in=SAME).values_list("follows", flat=True)
        targets = up.filter(merged_into__isnull=False).values_list("merged_into", flat=True)
        below = Issue.objects.filter(
            Q(follows__in=newest, link__in=SAME) | Q(merged_into__in=newest)
        ).values_list("pk", flat=True)
        newest = {one for one in (*above, *targets, *below) if one} - found
        found |= newest
    return found - {key}
