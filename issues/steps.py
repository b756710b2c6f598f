"""The steps in which an issue is written down, and what of a draft is still missing."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from issues.models import Issue
from issues.models.issue import LONG, Reader


@dataclass(frozen=True)
class Chapter:
    """One short form: its name in the address, its heading, the columns that may not stay empty."""

    name: str
    title: str | Promise
    needed: tuple[str, ...] = ()


CHAPTERS = (
    Chapter("what", _("What is it about?"), ("title", "text", "theme_id")),
    Chapter("where", _("Where is it?"), ("commune_id",)),
    Chapter("who", _("Who is affected?"), ("people", "women")),
    Chapter("asked", _("What is asked?")),
    Chapter("files", _("Photos and documents")),
    Chapter("disclosure", _("Who may see it?")),
)
ORDER = tuple(one.name for one in CHAPTERS)
CHECK = "check"  # the last page, on which it is sent


def missing(issue: Issue) -> list[Chapter]:
    """The steps without which the issue cannot be sent, in their order."""
    return [
        one for one in CHAPTERS if any(getattr(issue, name) in (None, "") for name in one.needed)
    ]


def lacking(issue: Issue, chapter: Chapter) -> list[str]:
    """What of a step is not filled in yet, by the names of its columns in the reader's words."""
    empty = [name for name in chapter.needed if getattr(issue, name) in (None, "")]
    fields = [Issue._meta.get_field(name.removesuffix("_id")) for name in empty]
    return [str(one.verbose_name) for one in fields]  # type: ignore[union-attr]


def url_of(issue: Issue, name: str) -> str:
    """The address of a step of this draft; of its last page for any other name."""
    if name == "files":
        return reverse("issues:draft_files", args=[issue.client_key])
    if name in ORDER:
        return reverse("issues:draft_step", args=[issue.client_key, name])
    return issue.get_absolute_url()


def beside(name: str, by: int) -> str:
    """The step so many places on or back from this one; the check page after the last."""
    place = ORDER.index(name) + by
    return ORDER[max(place, 0)] if place < len(ORDER) else CHECK


def drafts_of(user: Reader) -> QuerySet[Issue]:
    """The drafts the user may go on with, in the order in which they were begun."""
    rows = Issue.objects.visible_to(user).filter(status=Issue.Status.DRAFT)
    return rows.defer(*LONG).order_by("created_at", "pk")
