"""Which offices an edit leaves marked, and how far it may widen who sees the issue."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from audit.errors import TransitionError
from issues.merged import STRICTNESS, Demands, demands_of, marked_for
from issues.models import Concern, Issue
from issues.permissions import serves
from provinces.models import Authority

CONFIDENTIAL = Issue.Disclosure.CONFIDENTIAL


@dataclass(frozen=True)
class Marks:
    """The offices marked before; those of which the editor was ``told``, and what they typed."""

    before: set[int]
    told: set[int]
    typed: set[int]
    demands: Demands
    knows_all: bool

    @property
    def after(self) -> set[int]:
        """What is marked from now on: as typed, with what the merged issues need."""
        return self.typed | (self.before & self.demands.needed)

    @property
    def unmarked(self) -> set[int]:
        """What the editor wants to be marked no longer."""
        return self.told - self.typed


def marks_of(draft: Issue, concerns: Collection[Authority] | None, *, by: User) -> Marks:
    """The marks of a locked issue; ``concerns`` None lets them stay."""
    demands = demands_of(draft)
    told = marked_for(by, draft, demands.brought)
    typed = told if concerns is None else {office.pk for office in concerns}
    before = told | set(draft.concerns.values_list("authority", flat=True))
    return Marks(before, told, typed, demands, serves(by, draft))


def refuse_below(draft: Issue, content: Mapping[str, object], marks: Marks) -> None:
    """A sentence where more would see it than the issues allow that were merged into it.

    It speaks of the secretariat, since the organization may not know of the other ones.
    """
    demands = marks.demands
    wanted = str(content.get("disclosure", draft.disclosure))
    is_wider = wanted not in (draft.disclosure, *draft.stricter)
    if is_wider and STRICTNESS.index(wanted) < STRICTNESS.index(demands.disclosure):
        raise TransitionError(
            _("The secretariat has limited who may see this issue. The widest is: %(disclosure)s.")
            % {"disclosure": Issue.Disclosure(demands.disclosure).label}
        )
    is_newly_named = bool(content.get("is_named")) and not draft.is_named
    if is_newly_named and demands.disclosure == CONFIDENTIAL:
        raise TransitionError(
            _("The secretariat has limited who may see this issue: nobody may be named.")
        )
    if marks.knows_all and marks.unmarked & demands.needed:
        raise TransitionError(
            _("Another issue goes on in this one, and the offices that it concerns stay marked.")
        )


def mark_also(issue: Issue, authority: Authority, *, by: User) -> None:
    """Mark one office of a locked issue; its organization's mark is its own from then on."""
    told = marked_for(by, issue)
    Concern.objects.get_or_create(issue=issue, authority=authority)
    if not serves(by, issue):
        marked = set(issue.concerns.values_list("authority", flat=True))
        demands_of(issue).share(own=told | {authority.pk}, marked=marked)


def mark_anew(moved: Issue, marks: Marks) -> None:
    """Save the marks; what the organization marks or not itself is told from the mergings'."""
    Concern.objects.filter(issue=moved).exclude(authority__in=marks.after).delete()
    rows = [Concern(issue=moved, authority_id=pk) for pk in marks.after - marks.before]
    Concern.objects.bulk_create(rows, ignore_conflicts=True)
    if not marks.knows_all:
        marks.demands.share(own=marks.typed, marked=marks.after)
