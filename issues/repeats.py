"""Issues of the same place and theme that say nearly the same: raised before, or by others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from issues import history, workflow
from issues.models import Issue
from issues.models.issue import LONG
from issues.permissions import raised
from issues.workflow import Act
from khmer import likeness
from provinces.models import Locality, Theme

LOOKED_AT = 500  # of one district and theme, the newest: more would cost time and tell no more
SHOWN = 5
SAME_COMMUNE = 0.1  # what it adds to the likeness of two texts


@dataclass(frozen=True)
class Words:
    """What was typed of an issue so far, and where and what it is about."""

    title: str
    text: str
    commune: Locality
    theme: Theme | None

    @classmethod
    def of(cls, issue: Issue, typed: Mapping[str, Any] | None = None) -> "Words | None":
        """The words of an issue, with what is ``typed`` in place of what is kept of it.

        None where its place is not known yet.
        """
        kept = {name: getattr(issue, name) for name in ("title", "text", "commune", "theme")}
        said = kept | dict(typed or {})
        if said["commune"] is None:
            return None
        return cls(said["title"], f"{said['text']} {issue.asked}", said["commune"], said["theme"])


@dataclass(frozen=True)
class Alike:
    """An issue that may be about the same matter, and where it stands."""

    issue: Issue
    score: float
    stands: str
    is_own: bool

    @property
    def takes_in(self) -> bool:
        """Another issue may be merged into it."""
        sources = workflow.TRANSITIONS[Act.MERGE].sources
        return self.issue.status in sources and not self.issue.pressured_at

    @property
    def takes_cosigners(self) -> bool:
        """Another organization may co-sign it."""
        sources = workflow.TRANSITIONS[Act.COSIGN].sources
        return not self.is_own and self.issue.status in sources and not self.issue.pressured_at


def alike(words: Words, user: User, *, leave_out: int | None = None) -> list[Alike]:
    """The nearest issues that the user may know of, the likest first; two queries.

    A representative is shown their organizations' own and published ones, a coordinator all of
    the provinces served.
    """
    sketches = _sketches(words)
    near = _near(words, user).exclude(pk=leave_out or 0)
    rows = near.values_list("pk", "commune", "shingles")[:LOOKED_AT]
    scores = {
        pk: score
        for pk, commune, sketch in rows
        if (score := _score(sketches, bytes(sketch), is_here=commune == words.commune.pk))
    }
    best = sorted(scores, key=lambda pk: scores[pk], reverse=True)[:SHOWN]
    return [
        Alike(one, scores[one.pk], history.stands(one), raised(user, one)) for one in _read(best)
    ]


def _near(words: Words, user: User) -> QuerySet[Issue]:
    """Issues of the same commune, and those of the theme in the same district."""
    district = Locality.objects.filter(parent=words.commune.parent_id).values("pk")
    near = Q(commune=words.commune)
    if words.theme:
        near |= Q(commune__in=district, theme=words.theme)
    rows = _known_to(user).filter(near).exclude(status=Issue.Status.DRAFT)
    return rows.order_by("-submitted_at", "-pk")


def _read(keys: Sequence[int]) -> list[Issue]:
    """These issues with what a card of them names, in the order of the keys."""
    if not keys:
        return []
    rows = Issue.objects.select_related("province", "commune__parent", "theme", "organization")
    found = {one.pk: one for one in rows.defer(*LONG).filter(pk__in=keys)}
    return [found[pk] for pk in keys if pk in found]


def _known_to(user: User) -> QuerySet[Issue]:
    # What concerns an office is kept from its people, whatever else they are. Of others all that
    # follows may be read, and the issues that offices hold are not to be read here.
    rows = Issue.objects.visible_to(user) if user.office_ids else Issue.objects.all()
    own = Q(organization__in=user.organization_ids) | Q(
        published_at__isnull=False, pressured_at=None
    )
    if user.serves_all:
        return rows
    return rows.filter(own | Q(province__in=user.served_ids))


def _sketches(words: Words) -> Sequence[bytes]:
    """Of the title alone and of all words: a title may stand in a long text and be lost in it."""
    title = likeness.shingles(words.title)
    return title, likeness.shingles(f"{words.title} {words.text}")


def _score(sketches: Sequence[bytes], theirs: bytes, *, is_here: bool) -> float:
    """How like they are, 0 to 1, and a little more in the same commune; 0 where they are not."""
    likely = [one for one in sketches if one and likeness.is_likely(one, theirs)]
    if not likely:
        return 0.0
    near = SAME_COMMUNE if is_here else 0.0
    return max(likeness.likeness(one, theirs) for one in likely) + near
