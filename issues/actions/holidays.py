"""Days on which offices are closed: with each change the dates of open referrals move along."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from audit import actions as audit
from audit.errors import Conflict, TransitionError
from audit.models import AuditEntry
from issues.actions.move import lock_all
from issues.models import Pause, Referral
from issues.models.issue import LONG_OF_ISSUE
from provinces import permissions
from provinces.actions import proposed_holidays
from provinces.models import Holiday
from provinces.workdays import Calendar

FIELDS = ("date", "name_km", "name_en", "source", "province_id")
# Who changes a day waits for who was first; pages go on reading.
LOCK = "LOCK TABLE provinces_holiday IN SHARE ROW EXCLUSIVE MODE"
UPDATE = """
    UPDATE issues_referral AS held
       SET due_on = moved.due_on, due_version = held.due_version + 1
      FROM unnest(%s::bigint[], %s::date[]) AS moved(id, due_on)
     WHERE held.id = moved.id
"""

Day = tuple[dt.date, str | None]


@dataclass(frozen=True)
class Moved:
    """An open referral whose date moves; needs its issue's reference."""

    referral: Referral
    due_on: dt.date


@dataclass(frozen=True)
class Days:
    """Closed days that come and that go, as (date, province) pairs; no province is everywhere."""

    come: frozenset[Day] = frozenset()
    gone: frozenset[Day] = frozenset()

    @classmethod
    def between(cls, before: Iterable[Holiday], after: Iterable[Holiday]) -> "Days":
        """What changes from these rows to those."""
        was = frozenset((one.date, one.province_id) for one in before)
        is_ = frozenset((one.date, one.province_id) for one in after)
        return cls(is_ - was, was - is_)

    def provinces(self) -> set[str] | None:
        """Whose calendars change; None for all."""
        found = {province for _day, province in self.come | self.gone}
        return None if None in found else {one for one in found if one}


def moved_date(referral: Referral, before: Calendar, after: Calendar) -> dt.date | None:
    """The due date that keeps the referral's working days; None while its clock does not run.

    They are counted in the calendar as it was, since an extension, a suspension or a freeze may
    have given more than ``days``; a date on which offices were closed anyway stays where it is
    unless the working day it stands for moves.
    """
    due_on, since = referral.due_on, referral.counts_from
    if due_on is None or since is None:
        return None
    days = before.between(since, due_on)
    if days <= 0 or before.add(since, days) == after.add(since, days):
        return due_on
    return after.add(since, days)


def would_move(days: Days) -> list[Moved]:
    """Which open dates would move if these days came and went, by reference; nothing is kept."""
    rows = _running(days.provinces()).select_related("issue")
    return _moved(rows.order_by("issue__reference", "pk"), days)


def _running(provinces: set[str] | None) -> QuerySet[Referral]:
    rows = Referral.objects.open().filter(handed_over_on__isnull=False)
    return rows if provinces is None else rows.filter(issue__province__in=provinces)


def _moved(rows: QuerySet[Referral], days: Days) -> list[Moved]:
    """Those of the rows whose date moves; the same span of the same province is reckoned once."""
    found = list(rows.select_related("issue").defer(*LONG_OF_ISSUE))
    calendars = _calendars({one.issue.province_id for one in found}, days)
    dates: dict[tuple[object, ...], dt.date | None] = {}
    for one in found:
        span = (one.issue.province_id, one.counts_from, one.due_on)
        if span not in dates:
            dates[span] = moved_date(one, *calendars[one.issue.province_id])
    moved = [(one, dates[one.issue.province_id, one.counts_from, one.due_on]) for one in found]
    return [Moved(one, date) for one, date in moved if date is not None and date != one.due_on]


def _calendars(provinces: set[str], days: Days) -> dict[str, tuple[Calendar, Calendar]]:
    """The calendar of each province as it is, and as it would be; one query."""
    rows = Holiday.objects.filter(Q(province=None) | Q(province__in=provinces))
    before = frozenset(rows.values_list("date", "province_id"))
    after = (before - days.gone) | days.come
    return {one: (_calendar(before, one), _calendar(after, one)) for one in provinces}


def _calendar(days: Iterable[Day], province: str) -> Calendar:
    return Calendar(frozenset(date for date, of in days if of in (None, province)))


# --- what an administrator does -------------------------------------------------------------------
@transaction.atomic
def add_holiday(holiday: Holiday, *, by: User, now: dt.datetime) -> int:
    """Keep a new day, confirmed by who adds it; how many dates moved.

    The same form sent twice makes one day. Raises Conflict where another stands for the date.
    """
    _lock(by)
    stands = Holiday.objects.filter(date=holiday.date, province=holiday.province_id).first()
    if stands:
        if _said(stands) != _said(holiday):
            raise Conflict(_("Another day stands for this date already."))
        return 0
    return _change("add_holiday", holiday, Days.between([], [holiday]), holiday.save, by, now)


@transaction.atomic
def change_holiday(holiday: Holiday, *, by: User, now: dt.datetime, seen: str) -> int:
    """Keep a day as it is said now; how many dates moved.

    ``seen`` is the ``stamp`` of the day as it was shown. Raises TransitionError where somebody
    changed or removed it meanwhile, Conflict where another stands for its new date.
    """
    _lock(by)
    before = _as_seen(holiday.pk, seen)
    same = Holiday.objects.filter(date=holiday.date, province=holiday.province_id)
    if same.exclude(pk=holiday.pk).exists():
        raise Conflict(_("Another day stands for this date already."))
    if _said(before) == _said(holiday):
        return 0
    days = Days.between([before], [holiday])
    return _change("change_holiday", holiday, days, holiday.save, by, now)


@transaction.atomic
def remove_holiday(holiday: Holiday, *, by: User, now: dt.datetime, seen: str) -> int:
    """Offices are open on the day after all; how many dates moved. Refused as a change is."""
    _lock(by)
    before = _as_seen(holiday.pk, seen)
    days = Days.between([before], [])
    return _change("remove_holiday", before, days, before.delete, by, now)


@transaction.atomic
def propose_year(year: int, *, by: User, now: dt.datetime) -> int:
    """Add the reckoned days of a year that has none, to be confirmed; how many dates moved.

    Raises TransitionError where somebody has begun with the year.
    """
    _lock(by)
    if Holiday.objects.filter(date__year=year).exists():
        raise TransitionError(_("Meanwhile somebody has entered days for this year."))
    made = proposed_holidays(year)
    if not made:
        raise TransitionError(_("Nothing can be reckoned for this year: enter its days."))

    def write() -> None:
        Holiday.objects.bulk_create(made)

    return _change("propose_holidays", made[0], Days.between([], made), write, by, now)


@transaction.atomic
def confirm_year(year: int, *, by: User, now: dt.datetime) -> int:
    """Say that the days of a year are those the government announced; how many were confirmed."""
    _lock(by)
    waiting = Holiday.objects.filter(date__year=year).unconfirmed()
    first = waiting.first()
    if first is None:
        return 0
    count = waiting.update(confirmed_by=by)
    _record("confirm_holidays", first, by, now, year=year, days=count)
    return count


def stamp(holiday: Holiday) -> str:
    """A day as it stands, in a short form that is another one once it was changed."""
    return hashlib.sha256(repr(_said(holiday)).encode()).hexdigest()[:16]


def _said(holiday: Holiday) -> tuple[object, ...]:
    return tuple(getattr(holiday, name) for name in FIELDS)


def _lock(by: User) -> None:
    if not permissions.keeps_holidays(by):
        raise PermissionDenied
    with connection.cursor() as cursor:
        cursor.execute(LOCK)


def _as_seen(pk: int, seen: str) -> Holiday:
    found = Holiday.objects.filter(pk=pk).first()
    if found is None or stamp(found) != seen:
        raise TransitionError(_("Meanwhile somebody changed this day. Open the page again."))
    return found


def _change(
    act: str,
    holiday: Holiday,
    days: Days,
    write: Callable[[], object],
    by: User,
    now: dt.datetime,
) -> int:
    """Write the rows, move the open dates with them, and record it once."""
    moved, standing = _lock_and_reckon(days), _standing(days)
    if act != "propose_holidays":
        holiday.confirmed_by = by
    pk = holiday.pk  # a row that is removed forgets it
    write()
    with connection.cursor() as cursor:
        cursor.execute(UPDATE, [[one.referral.pk for one in moved], [one.due_on for one in moved]])
    _move_pauses(standing)
    holiday.pk = pk or holiday.pk
    _record(act, holiday, by, now, date=str(holiday.date), moved=len(moved))
    return len(moved)


def _lock_and_reckon(days: Days) -> list[Moved]:
    """What moves, with every referral of the provinces held fast whose clock runs or may start."""
    provinces = days.provinces()
    rows = Referral.objects.open()
    if provinces is not None:
        rows = rows.filter(issue__province__in=provinces)
    lock_all(rows.order_by().values_list("issue", flat=True))  # as every act: before referrals
    list(rows.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk"))
    return _moved(_running(provinces), days)


def _standing(days: Days) -> list[Pause]:
    """Clocks that stand still, with the day until which they would: the working days stay."""
    provinces, rows = days.provinces(), Pause.objects.open().select_related("referral__issue")
    if provinces is not None:
        rows = rows.filter(referral__issue__province__in=provinces)
    found = list(rows)
    calendars = _calendars({one.referral.issue.province_id for one in found}, days)
    for one in found:
        before, after = calendars[one.referral.issue.province_id]
        many = before.between(one.began_on, one.ends_by)
        if before.add(one.began_on, many) != after.add(one.began_on, many):
            one.ends_by = after.add(one.began_on, many)
    return found


def _move_pauses(standing: list[Pause]) -> None:
    for one in standing:
        one.referral.paused_until = one.ends_by
    Pause.objects.bulk_update(standing, ["ends_by"])
    Referral.objects.bulk_update([one.referral for one in standing], ["paused_until"])


def _record(act: str, holiday: Holiday, by: User, now: dt.datetime, **change: object) -> None:
    role = AuditEntry.Role.ADMINISTRATOR
    audit.record(f"provinces.{act}", holiday, by=by, role=role, at=now, **change)
