"""What the agenda's page shows: its items as each reader may see them, with times and voices."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Organization, User
from forum.models import Invitation, Session
from issues import permissions, timing
from issues.models import AgendaItem, Concern, Issue, Outcome, PreparedReply
from issues.models.issue import Reader
from issues.permissions import Audience, Shown
from issues.timing import Slot
from provinces.models import Authority


@dataclass
class Entry:
    """An agenda item as its reader may see it: without ``shown``, by its number alone.

    ``furnish`` adds its time, its voices and the replies the reader may know of.
    """

    item: AgendaItem
    label: str
    language: str = ""  # of the label where it was typed
    url: str = ""
    shown: Shown | None = None
    is_hidden: bool = False
    slot: Slot | None = None
    presenter: Organization | None = None
    offices: list[Authority] = field(default_factory=list)
    replies: list[PreparedReply] = field(default_factory=list)
    outcome: Outcome | None = None
    is_review: bool = False
    is_mine: bool = False
    review_on: dt.date | None = None
    due_on: dt.date | None = None


def items(session: Session) -> QuerySet[AgendaItem]:
    """The items in order, with what a page shows of each issue and its outcome."""
    return session.agenda_items.select_related(
        "outcome",
        "issue__theme",
        "issue__organization",
        "issue__province",
        "issue__commune__parent",
    )


def reads_agenda(user: Reader, session: Session) -> bool:
    """The agenda is for the province's coordinators and for those invited, nobody else."""
    if not isinstance(user, User):
        return False
    return user.serves(session.province_id) or _is_invited(user, session)


def times(items: list[AgendaItem], session: Session) -> dict[str, int]:
    """Minutes planned, minutes the session lasts, and by how many it is too full."""
    planned = sum(item.minutes for item in items)
    if session.starts_at is None or session.ends_at is None:  # nothing is too full without hours
        return {"planned": planned, "lasts": 0, "over": 0}
    lasts = int((session.ends_at - session.starts_at).total_seconds()) // 60
    return {"planned": planned, "lasts": lasts, "over": max(0, planned - lasts)}


def entries(items: list[AgendaItem], session: Session, user: Reader, serves: bool) -> list[Entry]:
    """Each item as far as the reader may see it: as coordinator, or in the room."""
    rows = Issue.objects.filter(agenda_items__session=session).order_by()
    hidden = hidden_from(user, rows)
    if serves:
        return [_hidden(item) if item.issue_id in hidden else _full_entry(item) for item in items]
    readable = set(rows.visible_to(user).values_list("pk", flat=True))
    if isinstance(user, User) and _is_invited(user, session):
        readable |= set(rows.values_list("pk", flat=True))
    return [_hidden(item) if item.issue_id in hidden else _entry(item, readable) for item in items]


def place(found: Sequence[Entry], session: Session) -> None:
    """Add to each entry its time."""
    slots = timing.slots([one.item for one in found], session.starts_at, session.ends_at)
    for entry, slot in zip(found, slots, strict=True):
        entry.slot = slot


def furnish(found: Sequence[Entry], session: Session, user: User, *, serves: bool) -> None:
    """Add to each entry its time and, where its issue is shown, who speaks and what came of it.

    Needs presenter, ``expected`` and outcome of the items loaded; one query.
    """
    replies = defaultdict(list)
    rows = PreparedReply.objects.visible_to(user).filter(item__session=session)
    for reply in rows.select_related("authority"):
        replies[reply.item_id].append(reply)
    place(found, session)
    is_over = session.status == Session.Status.RELEASED
    for entry in found:
        outcome = getattr(entry.item, "outcome", None)
        if entry.item.issue is None:
            entry.outcome = outcome
        elif entry.shown is not None:
            shown = entry.item.presenter if serves else permissions.presenter_of(entry.item)
            entry.presenter = shown
            entry.offices = list(entry.item.expected.all())
            entry.replies = replies[entry.item.pk]
            entry.is_review = outcome is None and entry.item.issue.status == Issue.Status.REFERRED
            entry.is_mine = any(one.pk in user.office_ids for one in entry.offices)
            if outcome and (serves or is_over or outcome.shown_at):
                entry.outcome = outcome


def _is_invited(user: User, session: Session) -> bool:
    return Invitation.objects.visible_to(user).filter(session=session).exists()


def hidden_from(user: Reader, rows: QuerySet[Issue]) -> set[int]:
    """Issues not even whose number the user is told.

    What is frozen, unless the user is inside it, and what concerns the user's office or one above.
    """
    inside = Issue.objects.inside(user).values("pk")
    hidden = Q(pk__in=Issue.objects.frozen().exclude(pk__in=inside).values("pk"))
    if user.is_authenticated and user.office_ids:
        concerns = Concern.objects.filter(authority__in=user.commanding_ids)
        own = Q(organization__in=user.organization_ids)
        hidden |= Q(pk__in=concerns.values("issue")) & ~own
    return set(rows.filter(hidden).values_list("pk", flat=True))


def hide(items: list[AgendaItem], session: Session, user: User) -> None:
    """Mark those that the screen of a session must not name: the room may look at it."""
    rows = Issue.objects.filter(agenda_items__session=session).order_by()
    hidden = hidden_from(user, rows) if user.office_ids else set()
    for item in items:
        is_frozen = item.issue is not None and item.issue.pressured_at is not None
        item.is_hidden = is_frozen or item.issue_id in hidden


def _hidden(item: AgendaItem) -> Entry:
    """In the place of an issue of which the reader must not learn."""
    return Entry(item, _("An issue that is not shown at present"), is_hidden=True)


def _full_entry(item: AgendaItem) -> Entry:
    if (issue := item.issue) is None:
        return Entry(item, item.title)
    shown = permissions.disclosed(issue, Audience.SECRETARIAT)
    return Entry(item, issue.title, issue.language, issue.get_absolute_url(), shown)


def _entry(item: AgendaItem, readable: set[int]) -> Entry:
    if (issue := item.issue) is None:
        return Entry(item, item.title)
    if issue.disclosure == Issue.Disclosure.CONFIDENTIAL:
        return Entry(item, _("Confidential item"))
    if issue.pk not in readable:
        return Entry(item, _("Issue %(reference)s") % {"reference": issue.reference})
    shown = permissions.disclosed(issue, Audience.ROOM)
    return Entry(item, issue.title, issue.language, shown=shown)
