"""The lists of issues on the coordinator's first page, read together."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value, Window
from django.db.models.functions import RowNumber

from accounts.models import Role, RoleAssignment, User
from issues import claims
from issues.models import Confirmation, Issue
from issues.models.issue import LONG

FIRST = 5  # lines of a list
Status = Issue.Status


@dataclass(frozen=True)
class Some:
    """The first rows of a list, and how many there are in all."""

    rows: list[Any]
    total: int


def some(rows: QuerySet[Any], limit: int) -> Some:
    """The first rows and their number, in one query."""
    found = list(rows.annotate(total=Window(Count("pk")))[:limit])
    return Some(found, found[0].total if found else 0)


def served(user: User) -> QuerySet[Issue]:
    """Issues of the user's provinces that the user may read, without their long texts."""
    rows = Issue.objects.visible_to(user) & Issue.objects.served_by(user)
    return rows.select_related("province").defer(*LONG)


def lists(user: User, now: dt.datetime) -> dict[str, Some]:
    """Every list of issues with its number, read in one query."""
    rows: Any = served(user).annotate(
        is_disputed=Exists(_refused()), phones=ArraySubquery(_phones())
    )
    sorted_rows = {
        "new": rows.filter(status=Status.SUBMITTED).order_by("submitted_at", "pk"),
        "claims": _claims(rows).order_by("-is_disputed", "resolved_at", "pk"),
        "silent": claims.silent(rows, now),
        "alerts": rows.frozen().order_by("pressured_at", "pk"),
    }
    found: dict[str, Some] = {name: Some([], 0) for name in sorted_rows}
    parts: list[Any] = [_part(name, one) for name, one in sorted_rows.items()]
    for one in parts[0].union(*parts[1:], all=True).order_by("list", "place"):
        found[one.list] = Some([*found[one.list].rows, one], one.total)
    return found


def _part(name: str, rows: Any) -> Any:
    """The first lines of one list, each with its place; of frozen issues all."""
    place = Window(RowNumber(), order_by=rows.query.order_by)
    numbered = rows.annotate(list=Value(name), total=Window(Count("pk")), place=place)
    return numbered if name == "alerts" else numbered[:FIRST]


def _phones() -> QuerySet[RoleAssignment, Any]:
    """The telephones of those who are to be called where an issue is frozen."""
    held = RoleAssignment.objects.current().filter(
        role=Role.REPRESENTATIVE, organization=OuterRef("organization"), user__is_active=True
    )
    return held.exclude(user__phone=None).order_by("pk").values("user__phone")


def _refused() -> QuerySet[Confirmation]:
    """That the organization said of the present claim that it is not solved."""
    return Confirmation.objects.filter(
        issue=OuterRef("pk"), claim=OuterRef("claims"), verdict=Confirmation.Verdict.NOT_SOLVED
    )


def _claims(rows: Any) -> Any:
    """Issues reported resolved, and those whose organization says that they are not."""
    open_again = Q(status__in=[Status.REFERRED, Status.ACCEPTED], is_disputed=True)
    return rows.filter(Q(status=Status.RESOLVED) | open_again)
