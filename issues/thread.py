"""The thread of an issue over the years: what it follows, what follows it, how often it came."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from issues.models import Issue
from issues.models.issue import LONG, Reader

# What an issue is to the one whose page shows it: before it, and after it.
BEFORE = {
    Issue.Link.AGAIN: _("Raised before as"),
    Issue.Link.REMAINDER: _("What remained of"),
    Issue.Link.SPLIT: _("Split from"),
    Issue.Link.PROVINCE: _("Led by"),
}
AFTER = {
    Issue.Link.AGAIN: _("Raised again as"),
    Issue.Link.REMAINDER: _("What remained goes on as"),
    Issue.Link.SPLIT: _("Split into"),
    Issue.Link.PROVINCE: _("In another province"),
}


@dataclass(frozen=True)
class Relative:
    """An issue next to the one shown, and what it is to it."""

    label: str
    issue: Issue


@dataclass(frozen=True)
class Thread:
    """How often the matter was raised and since when, and the neighbours the reader may open."""

    times: int
    since: int
    relatives: Sequence[Relative]


def thread_of(issue: Issue, user: Reader, *, inside: bool) -> Thread | None:
    """The thread of an issue; None where nothing is linked with it. Two queries, one without.

    Who is not ``inside`` is told of as many as they may read: a count can give away a voice.
    """
    root = issue.root_id or issue.pk
    known = Issue.objects.all() if inside else Issue.objects.visible_to(user)
    rows = known.filter(Q(pk=root) | Q(root=root)).exclude(status=Issue.Status.DRAFT)
    raised = rows.aggregate(
        all=Count("pk"),
        times=Count("pk", filter=Q(pk=root) | Q(link=Issue.Link.AGAIN)),
        since=Min("submitted_at"),
    )
    if raised["all"] < 2:  # it stands alone
        return None
    since = timezone.localdate(raised["since"]).year
    return Thread(raised["times"], since, _relatives(issue, user))


def _relatives(issue: Issue, user: Reader) -> list[Relative]:
    near = Issue.objects.visible_to(user).filter(Q(pk=issue.follows_id) | Q(follows=issue))
    near = near.exclude(status=Issue.Status.DRAFT).defer(*LONG).order_by("pk")
    return [
        Relative(str(BEFORE[Issue.Link(issue.link)]), one)
        if one.pk == issue.follows_id
        else Relative(str(AFTER[Issue.Link(one.link)]), one)
        for one in near
    ]
