"""What lies around planned sessions: the others of these days, their people, and closed days."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import models
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from accounts.models import User
from forum.models import Entry, Invitation, IssueCall, Presiding, Session
from provinces import roads
from provinces.models import Holiday
from provinces.workdays import DAY, Calendar


@dataclass(frozen=True)
class Facts:
    """All that the checks look at, read once."""

    sessions: list[Session]
    presidings: Mapping[int, list[Presiding]]
    team: Mapping[int, list[User]]
    invited: Mapping[int, list[Invitation]]
    holidays: list[Holiday]
    minutes: Mapping[tuple[str, str], int]
    today: dt.date

    def beside(self, session: Session, days: int) -> Iterator[Session]:
        """The other sessions at most so many days away, the earliest first."""
        day = day_of(session)
        for other in self.sessions:
            if other.pk != session.pk and abs((day_of(other) - day).days) <= days:
                yield other

    def calendar(self, province_id: str) -> Calendar:
        """The working days of a province."""
        closed = {one.date for one in self.holidays if one.province_id in (None, province_id)}
        return Calendar(frozenset(closed))


def read(wanted: Sequence[Session], now: dt.datetime) -> Facts:
    """What the checks of these placed sessions look at: six queries, however many they are."""
    sessions = list(_sessions_around({day_of(one) for one in wanted}))
    ids = [one.pk for one in sessions]
    presidings: defaultdict[int, list[Presiding]] = defaultdict(list)
    for sitting in Presiding.objects.filter(session__in=ids).select_related("presider"):
        presidings[sitting.session_id].append(sitting)
    invited: defaultdict[int, list[Invitation]] = defaultdict(list)
    asked = Invitation.objects.standing().exclude(status=Invitation.Status.DECLINED)
    for one in asked.filter(session__in=ids).select_related("organization", "authority"):
        invited[one.session_id].append(one)
    provinces = {one.province_id for one in sessions}
    today = timezone.localdate(now)
    return Facts(
        sessions=sessions,
        presidings=presidings,
        team=_teams(ids),
        invited=invited,
        holidays=list(
            Holiday.objects.filter(Q(province=None) | Q(province__in=provinces)).order_by("pk")
        ),
        minutes=roads.minutes_between(provinces) if len(provinces) > 1 else {},
        today=today,
    )


def _sessions_around(days: Collection[dt.date]) -> models.QuerySet[Session]:
    """Standing sessions of these days and of the days beside them, with all that is asked of them.

    ``closes_on`` is the last day of the call for issues of the session's province, ``known_since``
    when the session was first published on the day it now has (empty where it is not).
    """
    near = {day + step * DAY for day in days for step in (-1, 0, 1)}
    calls = IssueCall.objects.filter(forum=OuterRef("forum"), province=OuterRef("province"))
    entries = Entry.objects.filter(session=OuterRef("pk"))
    on_another_day = entries.exclude(starts_at__date=OuterRef("held_on"), is_cancelled=False)
    on_this_day = entries.filter(programme__number__gt=OuterRef("another_version"))
    rows = Session.objects.standing().filter(starts_at__date__in=near)
    return (
        rows.select_related("forum", "province", "venue")
        .annotate(
            held_on=TruncDate("starts_at"),
            closes_on=Subquery(calls.values("closes_on")[:1]),
        )
        .annotate(
            another_version=Coalesce(
                Subquery(
                    on_another_day.order_by("-programme__number").values("programme__number")[:1]
                ),
                Value(0),
            )
        )
        .annotate(
            known_since=Subquery(
                on_this_day.order_by("programme__number").values("programme__published_at")[:1]
            )
        )
        .order_by("starts_at", "pk")
    )


def _teams(session_ids: Collection[int]) -> Mapping[int, list[User]]:
    found: defaultdict[int, list[User]] = defaultdict(list)
    through = Session.team.through.objects.filter(session__in=session_ids)
    for row in through.select_related("user").order_by("user"):
        found[row.session_id].append(row.user)
    return found


def span_of(session: Session) -> tuple[dt.datetime, dt.datetime]:
    """When it starts and ends; only sessions that have a day are looked at."""
    if session.starts_at is None or session.ends_at is None:
        raise ValueError(session.pk)
    return session.starts_at, session.ends_at


def day_of(session: Session) -> dt.date:
    """Its day in the provinces' time zone."""
    return timezone.localdate(span_of(session)[0])
