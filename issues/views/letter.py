"""What an office is asked, as one letter to print."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from accounts.models import Role, User
from audit import clock
from issues import closed
from issues.models import Referral
from issues.permissions import Audience, Shown, disclosed
from issues.views.sitting import served
from khmer import lunar
from provinces.models import Authority

ALSO_READ = (
    "authority",
    "outcome",
    "issue__organization",
    "issue__province",
    "issue__commune__parent",
)


@dataclass(frozen=True)
class Request:
    """A referral with what its office may know of the issue."""

    referral: Referral
    shown: Shown


@dataclass(frozen=True)
class Letter:
    """All that one office is asked."""

    office: Authority
    requests: list[Request]


@require_GET
def referrals_letter(request: HttpRequest) -> HttpResponse:
    if not request.user.is_role(Role.OFFICIAL):
        raise PermissionDenied
    return _printed(request, _letters(_asked_of(request.user)))


@require_GET
def session_letters(request: HttpRequest, pk: int) -> HttpResponse:
    session = served(request, pk)
    rows = closed.referrals_of(session).filter(released_at__isnull=False)
    rows = rows.visible_to(request.user).select_related(*ALSO_READ)
    office = request.GET.get("office", "")
    if office.isdecimal():
        rows = rows.filter(authority=office)
    letters = _letters(closed.told_to_offices(session, rows))
    return _printed(request, letters, session=session)


def _printed(request: HttpRequest, letters: list[Letter], **more: object) -> HttpResponse:
    today = clock.today()
    context = {
        "letters": letters,
        "today": today,
        "lunar": "" if get_language() == "en" else lunar.official(today),
    }
    return render(request, "issues/referrals_letter.html", context | more)


def _asked_of(user: User) -> QuerySet[Referral]:
    """Open referrals to the user's own offices, as an official sees them whatever else they are."""
    rows = Referral.objects.answerable_by(user).open().exclude(role=Referral.Role.INFORMATION)
    rows = rows.filter(authority__in=user.office_ids, released_at__isnull=False)
    rows = rows.exclude(issue__concerns__authority__in=user.commanding_ids)
    rows = rows.filter(issue__pressured_at=None)
    rows = rows.select_related(*ALSO_READ)
    return rows.order_by("authority", F("due_on").asc(nulls_last=True), "wanted_on", "pk")


def _letters(rows: Iterable[Referral]) -> list[Letter]:
    by_office = groupby(rows, attrgetter("authority"))
    return [Letter(office, [_request(one) for one in held]) for office, held in by_office]


def _request(referral: Referral) -> Request:
    return Request(referral, disclosed(referral.issue, Audience.OFFICE))
