"""What the presiding official is told before a session: figures since the province's last one."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _

from forum.models import Session
from issues.models import Concern, Confirmation, Interval, Issue, Outcome, Referral, Response
from provinces.models import Locality, Theme

LEAST = 3  # issues below which a district or a theme has no line of its own
HELD = (Session.Status.OPEN, Session.Status.RELEASED)


@dataclass(frozen=True)
class Figures:
    """So many issues each; one issue may stand in several."""

    raised: int = 0
    addressed: int = 0
    referred: int = 0
    resolved: int = 0
    confirmed: int = 0
    overdue: int = 0


@dataclass(frozen=True)
class Line:
    """The figures of one district or theme; of all those too small for a line of their own."""

    name: str
    figures: Figures


@dataclass(frozen=True)
class Brief:
    """The figures of a province; ``since`` is its previous session, None where there was none."""

    since: Session | None
    total: Figures
    districts: list[Line]
    themes: list[Line]


@dataclass(frozen=True)
class _Counted:
    """An issue of which something is to be told, and what."""

    district: str | None
    theme: str | None
    is_quiet: bool
    told: frozenset[str]


NAMES = tuple(one.name for one in fields(Figures))


def of_session(session: Session, now: dt.datetime, today: dt.date) -> Brief:
    """The figures from the province's previous session to this one; four queries.

    The paper goes to an office and may lie open on a table. So nothing is counted by organization,
    and a frozen issue is not counted at all. A confidential issue, or one marked as concerning an
    office, stands in the total of the province alone: neither its district nor its theme can be
    read off. A district or theme with fewer than ``LEAST`` issues has no line, so that a figure of
    one is always one of several issues; and districts and themes are never crossed.
    """
    since = previous(session)
    until = min(now, session.starts_at) if session.starts_at else now
    counted = _counted(session.province_id, since.starts_at if since else None, until, today)
    spoken = [one for one in counted if not one.is_quiet]
    districts = {one.pk: one.full_name for one in Locality.objects.districts().filter(
        province=session.province_id
    )}  # fmt: skip
    themes = {one.pk: one.name for one in Theme.objects.all()}
    return Brief(
        since=since,
        total=_sum(counted),
        districts=_lines(((one.district, one) for one in spoken), districts, _("Other districts")),
        themes=_lines(((one.theme, one) for one in spoken), themes, _("Other themes")),
    )


def previous(session: Session) -> Session | None:
    """The province's latest session that was held before this one."""
    held = Session.objects.filter(province=session.province_id, status__in=HELD)
    held = held.exclude(pk=session.pk).select_related("forum")
    if session.starts_at is not None:
        held = held.filter(starts_at__lt=session.starts_at)
    return held.order_by("-starts_at", "-pk").first()


def _counted(
    province_id: str, since: dt.datetime | None, until: dt.datetime, today: dt.date
) -> list[_Counted]:
    flags = _flags(province_id, since, until, today)
    quiet = Q(disclosure=Issue.Disclosure.CONFIDENTIAL) | Q(pk__in=Concern.objects.values("issue"))
    rows = Issue.objects.filter(province=province_id, pressured_at=None)
    rows = rows.exclude(status=Issue.Status.DRAFT).filter(reduce(or_, flags.values()))
    rows = rows.order_by().annotate(
        is_quiet=_as_flag(quiet), **{f"is_{name}": _as_flag(flag) for name, flag in flags.items()}
    )
    columns = ("commune__parent", "theme", "is_quiet", *(f"is_{name}" for name in NAMES))
    return [
        _Counted(district, theme, is_quiet, frozenset(_marked(marks)))
        for district, theme, is_quiet, *marks in rows.values_list(*columns)
    ]


def _marked(marks: Iterable[bool]) -> Iterable[str]:
    return (name for name, is_so in zip(NAMES, marks, strict=True) if is_so)


def _as_flag(condition: Q) -> Combinable:
    return ExpressionWrapper(condition, output_field=BooleanField())


def _flags(
    province_id: str, since: dt.datetime | None, until: dt.datetime, today: dt.date
) -> dict[str, Q]:
    """What makes an issue count in each figure, in the order of ``Figures``."""

    def within(name: str) -> Q:
        return (Q(**{f"{name}__gte": since}) if since else Q()) & Q(**{f"{name}__lt": until})

    of_province = Q(issue__province=province_id)
    solved = Confirmation.objects.filter(within("created_at"), verdict="solved")
    return {
        "raised": within("submitted_at"),
        "addressed": _among(_addressed(province_id).filter(within("recorded_at")), "item__issue"),
        "referred": _among(_handed().filter(of_province, within("referred_at"))),
        "resolved": _among(_resolved().filter(of_province, within("entered_at")))
        & _among(_claims(province_id).filter(within("created_at")), "referral__issue"),
        "confirmed": _among(solved.filter(of_province)),
        "overdue": Q(pk__in=Issue.objects.overdue(today).values("pk")),
    }


def _among(rows: QuerySet[Any], name: str = "issue") -> Q:
    return Q(pk__in=rows.order_by().values(name))


def _addressed(province_id: str) -> QuerySet[Outcome]:
    return Outcome.objects.filter(
        kind=Outcome.Kind.ADDRESSED,
        item__session__province=province_id,
        item__issue__isnull=False,  # IN a list with NULL is never false
    )


def _handed() -> QuerySet[Referral]:
    """What was handed to an office; neither what it passed on nor what was taken back."""
    rows = Referral.objects.leading().filter(released_at__isnull=False, redirected_from=None)
    return rows.exclude(ended_as=Referral.Ending.RECALLED)


def _resolved() -> QuerySet[Interval]:
    return Interval.objects.filter(status=Issue.Status.RESOLVED)


def _claims(province_id: str) -> QuerySet[Response]:
    """By offices: what was addressed in a session is counted apart."""
    return Response.objects.filter(kind=Response.Kind.CLAIM, referral__issue__province=province_id)


def _sum(issues: Iterable[_Counted]) -> Figures:
    told = [one.told for one in issues]
    return Figures(**{name: sum(name in each for each in told) for name in NAMES})


def _lines(
    keyed: Iterable[tuple[str | None, _Counted]], names: Mapping[str, str], rest: str
) -> list[Line]:
    """A line each in the order of ``names``, the small ones together last; none of one issue."""
    groups: dict[str | None, list[_Counted]] = defaultdict(list)
    for key, one in keyed:
        groups[key].append(one)
    shown = [key for key in names if len(groups.get(key, ())) >= LEAST]
    small = [one for key, group in groups.items() if key not in shown for one in group]
    lines = [Line(names[key], _sum(groups[key])) for key in shown]
    return [*lines, Line(rest, _sum(small))] if lines and len(small) > 1 else lines
