"""Issues of the same place and theme that say nearly the same: raised before, or by others."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.models import User
from issues import history
from issues.models import Issue
from issues.models.issue import LONG
from issues.permissions import raised
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
    def of(cls, issue: Issue) -> "Words | None":
        """The words of an issue; None where its place is not known yet."""
        if issue.commune is None:
            return None
        return cls(issue.title, f"{issue.text} {issue.asked}", issue.commune, issue.theme)


@dataclass(frozen=True)
class Alike:
    """An issue that may be about the same matter, and where it stands."""

    issue: Issue
    score: float
    stands: str
    is_own: bool


def alike(words: Words, user: User, *, leave_out: int | None = None) -> list[Alike]:
    """The nearest issues that the user may know of, the likest first; one query.

    A representative is shown their organizations' own and published ones, a coordinator all of
    the provinces served.
    """
    sketches = _sketches(words)
    found = [
        Alike(one, score, history.stands(one), raised(user, one))
        for one in _near(words, user).exclude(pk=leave_out or 0)[:LOOKED_AT]
        if (score := _score(sketches, one, words))
    ]
    return sorted(found, key=lambda one: one.score, reverse=True)[:SHOWN]


def _near(words: Words, user: User) -> QuerySet[Issue]:
    """Issues of the same commune, and those of the theme in the same district."""
    district = Locality.objects.filter(parent=words.commune.parent_id).values("pk")
    near = Q(commune=words.commune)
    if words.theme:
        near |= Q(commune__in=district, theme=words.theme)
    rows = _known_to(user).filter(near).exclude(status=Issue.Status.DRAFT)
    long = [name for name in LONG if name != "shingles"]
    rows = rows.select_related("province", "commune__parent", "theme", "organization")
    return rows.defer(*long).order_by("-submitted_at", "-pk")


def _known_to(user: User) -> QuerySet[Issue]:
    own = Q(organization__in=user.organization_ids) | Q(
        published_at__isnull=False, pressured_at=None
    )
    if user.serves_all:
        return Issue.objects.all()
    return Issue.objects.filter(own | Q(province__in=user.served_ids))


def _sketches(words: Words) -> Sequence[bytes]:
    """Of the title alone and of all words: a title may stand in a long text and be lost in it."""
    title = likeness.shingles(words.title)
    return title, likeness.shingles(f"{words.title} {words.text}")


def _score(sketches: Sequence[bytes], issue: Issue, words: Words) -> float:
    """How like they are, 0 to 1, and a little more in the same commune; 0 where they are not."""
    theirs = bytes(issue.shingles)
    likely = [one for one in sketches if one and likeness.is_likely(one, theirs)]
    if not likely:
        return 0.0
    near = SAME_COMMUNE if issue.commune_id == words.commune.pk else 0.0
    return max(likeness.likeness(one, theirs) for one in likely) + near
