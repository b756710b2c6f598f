"""What a coordinator builds an agenda from: what waits, reviews, and the forms to add them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.core.paginator import Paginator
from django.db.models import Min, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import clock
from forum.models import Session
from issues import candidates, reviews
from issues.filters import CandidateFilter
from issues.forms import agenda as agenda_forms
from issues.models import AgendaItem, Issue, Referral
from issues.models.issue import LONG
from issues.views.agenda_page import Entry

CANDIDATES = 25  # issues a page of those that wait for a session
REVIEWS = 10  # open referrals offered for review; words and theme find the others


@dataclass(frozen=True)
class Weight:
    """An issue that waits, with its age in days."""

    issue: Issue
    age: int
    is_late: bool = False


def builder(
    request: HttpRequest,
    session: Session,
    entries: Sequence[Entry],
    forms_sent: dict[str, forms.Form],
) -> dict[str, object]:
    """What may be put on the agenda, and the forms that do it."""
    rows = Issue.objects.served_by(request.user).defer(*LONG)
    rows = rows.select_related("theme", "province", "commune__parent")
    province, today = session.province, clock.today()
    waiting = CandidateFilter(
        request.GET, queryset=rows.eligible(session.province_id), province=province
    )
    referred = CandidateFilter(request.GET, queryset=_for_review(rows, session), province=province)
    page = Paginator(candidates.weighed(waiting.qs), CANDIDATES).get_page(request.GET.get("page"))
    _add_review_dates(entries)
    places = places_of([one.item for one in entries])
    return {
        "filter": waiting,
        "page_obj": page,
        "waiting": [Weight(one, _age(one, today)) for one in page],
        "reviews": [
            Weight(one, _age(one, today), one.next_due < today)
            for one in candidates.weighed(referred.qs)[:REVIEWS]
        ],
        "come_back": reviews.waiting_for(session).count() if session.day else 0,
        "bare": sum(1 for one in entries if _is_bare(one)),
        "schedule_form": agenda_forms.ScheduleForm(among=Issue.objects.none(), places=places),
        "point_form": agenda_forms.PointForm(),
        "heading_form": agenda_forms.HeadingForm(),
    } | forms_sent


def places_of(items: Sequence[AgendaItem]) -> list[tuple[int, str]]:
    """Where new items may go besides the end: before each heading, so at the end of a section."""
    found, above = [], ""
    for item in items:
        if item.is_heading:
            words = _("At the end of “%(section)s”") if above else _("Before “%(section)s”")
            found.append((item.pk, words % {"section": above or item.title}))
            above = item.title
    return found


def _age(issue: Issue, today: dt.date) -> int:
    return (today - timezone.localdate(issue.submitted_at)).days


def _is_bare(entry: Entry) -> bool:
    """Nobody is expected to answer yet, where somebody should be."""
    issue = entry.item.issue
    is_open = issue is not None and issue.pressured_at is None and entry.outcome is None
    return is_open and entry.shown is not None and not entry.offices


def _add_review_dates(entries: Sequence[Entry]) -> None:
    """Until when each review on the agenda is due, or when it is looked at next."""
    wanted = {one.item.issue_id: one for one in entries if one.is_review}
    rows = Referral.objects.open().filter(issue__in=list(wanted)).order_by("-pk")
    for row in rows.values("issue", "review_on", "due_on", "wanted_on"):
        entry, due = wanted[row["issue"]], row["due_on"] or row["wanted_on"]
        entry.review_on = min(filter(None, [entry.review_on, row["review_on"]]), default=None)
        entry.due_on = min(filter(None, [entry.due_on, due]), default=None)


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
