"""What of a session's agenda leaves the house: as the room may know it, copy by copy."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import User
from forum.models import Session
from forum.replies import Asked
from issues.models import AgendaItem, Concern, Cosign, Issue
from issues.permissions import Audience, Shown, disclosed, presenter_of
from provinces.models import Authority

ALSO_READ = (
    "issue__organization",
    "issue__theme",
    "issue__province",
    "issue__commune__parent",
    "presenter",
)


@dataclass(frozen=True)
class Copy:
    """For whom a copy is made: what concerns one of these offices is not shown in it.

    ``offices`` are the reader's own and all above them; None is the copy for everybody invited,
    in which nothing is shown that concerns any office.
    """

    offices: frozenset[int] | None = None


EVERYBODY = Copy()


def copy_for(user: User, session: Session) -> Copy:
    """A coordinator's copy is laid on tables, so it is the one for everybody."""
    return EVERYBODY if user.serves(session.province_id) else Copy(user.commanding_ids)


def copy_by_link(asked: Asked) -> Copy:
    """The copy of who holds a link: of the invited office, and of the offices they hold."""
    offices: set[int] = set()
    if asked.invitation.authority_id is not None:
        line = Authority.objects.above([asked.invitation.authority_id])
        offices |= set(line.values_list("pk", flat=True))
    name, _colon, pk = asked.recipient.partition(":")
    if name == "user":
        offices |= User.objects.get(pk=pk).commanding_ids
    return Copy(frozenset(offices))


@dataclass(frozen=True)
class History:
    """How often the matter was raised and since when, and how many organizations co-sign it."""

    times: int = 1
    since: int | None = None
    cosigners: int = 0


@dataclass(frozen=True)
class Row:
    """An item as the copy's reader may know it.

    ``number`` counts the turns, 0 for a heading; without ``shown`` of an issue its number is all
    that is told, ``is_confidential`` says why. ``presenter`` may be named.
    """

    item: AgendaItem
    number: int
    shown: Shown | None = None
    is_confidential: bool = False
    presenter: str = ""
    offices: tuple[str, ...] = ()
    history: History = History()

    @property
    def is_hidden(self) -> bool:
        """It is an issue of which no more than its number is told."""
        return self.item.issue_id is not None and self.shown is None


def rows(session: Session, copy: Copy) -> list[Row]:
    """The items in order; at most six queries, however many they are."""
    items = list(session.agenda_items.select_related(*ALSO_READ).prefetch_related("expected"))
    hidden = _hidden(session, copy)
    told = [one.issue for one in items if one.issue and one.issue_id not in hidden]
    histories = _histories([one for one in told if not _is_confidential(one)])
    found, number = [], 0
    for item in items:
        number += not item.is_heading
        found.append(_row(item, 0 if item.is_heading else number, hidden, histories))
    return found


def _hidden(session: Session, copy: Copy) -> set[int]:
    """Issues that are not shown: what is frozen, and what concerns the reader's offices."""
    concerns = Concern.objects.filter(issue__agenda_items__session=session)
    if copy.offices is not None:
        concerns = concerns.filter(authority__in=copy.offices)
    issues = Issue.objects.filter(agenda_items__session=session).order_by()
    barred = Q(pressured_at__isnull=False) | Q(pk__in=concerns.values("issue"))
    return set(issues.filter(barred).values_list("pk", flat=True))


def _row(item: AgendaItem, number: int, hidden: set[int], histories: dict[int, History]) -> Row:
    issue, presenter = item.issue, presenter_of(item)
    name = presenter.name if presenter else ""
    if issue is None:
        return Row(item, number, presenter=name)
    if issue.pk in hidden:
        return Row(item, number)
    if _is_confidential(issue):
        return Row(item, number, is_confidential=True)
    return Row(
        item,
        number,
        shown=disclosed(issue, Audience.ROOM),
        presenter=name,
        offices=tuple(one.name for one in item.expected.all()),
        history=histories[issue.pk],
    )


def _is_confidential(issue: Issue) -> bool:
    return issue.disclosure == Issue.Disclosure.CONFIDENTIAL


# --- what came before ---------------------------------------------------------------------------
def _histories(issues: list[Issue]) -> dict[int, History]:
    """The history of each of these issues, as the room may know it; two queries."""
    known = _known_of_threads({_root_of(one) for one in issues})
    agreed = Cosign.objects.agreed().filter(issue__in=issues).order_by()
    counts = agreed.values("issue").annotate(number=Count("pk"))
    cosigners = dict(counts.values_list("issue", "number"))
    return {
        one.pk: _history(one, known.get(_root_of(one), {}), cosigners.get(one.pk, 0))
        for one in issues
    }


def _root_of(issue: Issue) -> int:
    return issue.root_id or issue.pk


def _history(issue: Issue, known: dict[int, int], cosigners: int) -> History:
    """The issue itself counts with those of its thread that are known."""
    years = dict(known)
    if issue.submitted_at and (issue.root_id is None or issue.link == Issue.Link.AGAIN):
        years[issue.pk] = timezone.localdate(issue.submitted_at).year
    return History(max(len(years), 1), min(years.values(), default=None), cosigners)


def _known_of_threads(roots: set[int]) -> dict[int, dict[int, int]]:
    """By the thread's root: each time it was raised, with its year.

    Only what was published, or heard in a session before: others would give away a voice.
    """
    again = Q(pk__in=roots) | Q(root__in=roots, link=Issue.Link.AGAIN)
    heard = Q(agenda_items__session__status=Session.Status.RELEASED)
    known = Issue.objects.filter(again, heard | Q(published_at__isnull=False), pressured_at=None)
    known = known.exclude(disclosure=Issue.Disclosure.CONFIDENTIAL).order_by().distinct()
    found: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for pk, root, year in known.values_list("pk", "root", "submitted_at__year"):
        found[root or pk][pk] = year
    return dict(found)
