"""What the agenda's page shows: its items as each reader may see them, and what builds it."""

from dataclasses import dataclass

from django import forms
from django.core.paginator import Paginator
from django.db.models import Min, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import User
from audit import clock
from forum.models import Invitation, Session
from issues import permissions
from issues.filters import CandidateFilter
from issues.forms import meeting as meeting_forms
from issues.models import AgendaItem, Concern, Issue
from issues.models.issue import LONG, Reader
from issues.permissions import Audience, Shown

CANDIDATES = 25  # issues a page of those that wait for a session
REVIEWS = 10  # open referrals offered for review; words and theme find the others


@dataclass(frozen=True)
class Entry:
    """An agenda item as its reader may see it: without ``shown``, by its number alone."""

    item: AgendaItem
    label: str
    language: str = ""  # of the label where it was typed
    url: str = ""
    shown: Shown | None = None


def items(session: Session) -> QuerySet[AgendaItem]:
    """The items in order, with what a page shows of each issue and its outcome."""
    return session.agenda_items.select_related(
        "outcome",
        "issue__theme",
        "issue__organization",
        "issue__province",
        "issue__commune__parent",
    )


def times(items: list[AgendaItem], session: Session) -> dict[str, int]:
    """Minutes planned, minutes the session lasts, and by how many it is too full."""
    planned = sum(item.minutes for item in items)
    if session.starts_at is None or session.ends_at is None:  # nothing is too full without hours
        return {"planned": planned, "lasts": 0, "over": 0}
    lasts = int((session.ends_at - session.starts_at).total_seconds()) // 60
    return {"planned": planned, "lasts": lasts, "over": max(0, planned - lasts)}


def entries(items: list[AgendaItem], session: Session, user: Reader, serves: bool) -> list[Entry]:
    """Each item as far as the reader may see it: as coordinator, in the room, or in public."""
    rows = Issue.objects.filter(agenda_items__session=session).order_by()
    hidden = _hidden_from(user, rows)
    if serves:
        return [_hidden(item) if item.issue_id in hidden else _full_entry(item) for item in items]
    readable = set(rows.visible_to(user).values_list("pk", flat=True))
    audience = Audience.PUBLIC
    if user.is_authenticated and _is_invited(user, session):
        audience = Audience.ROOM
        readable |= set(rows.values_list("pk", flat=True))
    return [
        _hidden(item) if item.issue_id in hidden else _entry(item, readable, audience)
        for item in items
    ]


def _is_invited(user: User, session: Session) -> bool:
    return Invitation.objects.visible_to(user).filter(session=session).exists()


def _hidden_from(user: Reader, rows: QuerySet[Issue]) -> set[int]:
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
    hidden = _hidden_from(user, rows) if user.office_ids else set()
    for item in items:
        is_frozen = item.issue is not None and item.issue.pressured_at is not None
        item.is_hidden = is_frozen or item.issue_id in hidden


def _hidden(item: AgendaItem) -> Entry:
    """In the place of an issue of which the reader must not learn."""
    return Entry(item, _("An issue that is not shown at present"))


def _full_entry(item: AgendaItem) -> Entry:
    if (issue := item.issue) is None:
        return Entry(item, item.title)
    shown = permissions.disclosed(issue, Audience.SECRETARIAT)
    return Entry(item, issue.title, issue.language, issue.get_absolute_url(), shown)


def _entry(item: AgendaItem, readable: set[int], audience: Audience) -> Entry:
    if (issue := item.issue) is None:
        return Entry(item, item.title)
    if issue.disclosure == Issue.Disclosure.CONFIDENTIAL:
        return Entry(item, _("Confidential item"))
    if issue.pk not in readable:
        return Entry(item, _("Issue %(reference)s") % {"reference": issue.reference})
    return Entry(item, issue.title, issue.language, shown=permissions.disclosed(issue, audience))


def builder(
    request: HttpRequest, session: Session, forms_sent: dict[str, forms.Form]
) -> dict[str, object]:
    """What may be put on the agenda, and the forms that do it."""
    rows = Issue.objects.served_by(request.user).defer(*LONG)
    rows = rows.select_related("theme", "province", "commune__parent")
    waiting = CandidateFilter(request.GET, queryset=rows.eligible(session.province_id))
    reviews = CandidateFilter(request.GET, queryset=_for_review(rows, session))
    today = clock.today()
    return {
        "filter": waiting,
        "page_obj": Paginator(waiting.qs, CANDIDATES).get_page(request.GET.get("page")),
        "reviews": [(issue, issue.next_due < today) for issue in reviews.qs[:REVIEWS]],
        "schedule_form": meeting_forms.ScheduleForm(among=Issue.objects.none()),
        "point_form": meeting_forms.PointForm(),
    } | forms_sent


def _for_review(rows: QuerySet[Issue], session: Session) -> QuerySet[Issue]:
    """Referred issues of the province that are not on this agenda, the latest ones first."""
    still_open = Q(referrals__ended_at=None)
    due = Min("referrals__due_on", filter=still_open)
    wanted = Min("referrals__wanted_on", filter=still_open)
    return (
        rows.filter(province=session.province_id, status=Issue.Status.REFERRED)
        .exclude(agenda_items__session=session)
        .annotate(next_due=Coalesce(due, wanted))
        .filter(next_due__isnull=False)
        .order_by("next_due", "pk")
    )
