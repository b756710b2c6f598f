"""An office's inbox, and the secretariat's list of all referrals."""

import datetime as dt
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import Role, User
from audit import clock
from issues.due import GROUPS, Due, due_of
from issues.forms.referring import ReferralFilter
from issues.models import Issue, Referral
from issues.models.issue import LONG_OF_ISSUE
from outbox.models import Notice
from provinces import workdays

PAGE = 25


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    referral: Referral
    due: Due
    notice: Notice | None


@require_GET
def referrals(request: HttpRequest) -> HttpResponse:
    today = clock.today()
    is_secretariat = request.user.is_role(Role.COORDINATOR)
    is_official = request.user.is_role(Role.OFFICIAL)
    if not (is_secretariat or is_official):
        raise PermissionDenied
    is_ended = request.GET.get("state") == "ended"
    held = _held_by(request.user).filter(ended_at__isnull=not is_ended)
    filters = ReferralFilter(request.GET, rows=held, user=request.user, today=today)
    page = Paginator(_in_order(filters.qs, is_ended), PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": filters,
        "page_obj": page,
        "groups": _grouped(_rows(page, request.user, today)),
        "is_ended": is_ended,
        "is_secretariat": is_secretariat,
        "is_official": is_official,
    }
    return render(request, "issues/referrals.html", context)


def _held_by(user: User) -> QuerySet[Referral]:
    """Referrals to the user's offices and those below, and those of the user's provinces."""
    served = Issue.objects.served_by(user).values("pk")
    of_the_list = Q(authority__in=user.answerable_ids) | Q(issue__in=served)
    return Referral.objects.visible_to(user).filter(of_the_list)


def _in_order(rows: QuerySet[Referral], is_ended: bool) -> QuerySet[Referral]:
    """The oldest date first, what waits for its hand-over last; of ended ones the newest first."""
    rows = rows.select_related("issue", "authority")
    rows = rows.defer(*LONG_OF_ISSUE)
    if is_ended:
        return rows.order_by("-ended_at", "-pk")
    return rows.order_by(F("due_on").asc(nulls_last=True), "wanted_on", "pk")


def _rows(page: Page, user: User, today: dt.date) -> list[Row]:
    calendars = workdays.calendars({one.issue.province_id for one in page})
    notices = _latest_notices(page, user)
    return [
        Row(one, due_of(one, calendars[one.issue.province_id], today), notices.get(one.pk))
        for one in page
    ]


def _latest_notices(page: Page, user: User) -> dict[int, Notice]:
    """The newest notice about each referral, for coordinators of its province."""
    if not user.is_role(Role.COORDINATOR):
        return {}
    subjects = {f"referral:{one.pk}": one.pk for one in page}
    rows = Notice.objects.visible_to(user).filter(subject__in=subjects)
    newest = rows.order_by("subject", "-due_at", "-pk").distinct("subject")
    return {subjects[one.subject]: one for one in newest}


def _grouped(rows: list[Row]) -> list[tuple[str, list[Row]]]:
    """The rows under their headings, in the order of the headings."""
    found = {name: [row for row in rows if row.due.group == name] for name in GROUPS}
    return [(name, members) for name, members in found.items() if members]
