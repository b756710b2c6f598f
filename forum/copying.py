"""What a copy of a forum would be: each session on its new day, and what does not fit there."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from forum.models import Forum, Presiding, Session
from provinces import workdays
from provinces.workdays import DAY, SATURDAY

WEEK = 7
# What can be copied, in the order it is asked for.
PARTS = {
    "sessions": _("Sessions with their hours and venues"),
    "presiders": _("Who presides"),
    "team": _("Secretariat team"),
    "invitations": _("Invitations with their places, as drafts"),
    "texts": _("Theme, about and rules"),
    "calls": _("Calls for issues"),
}


@dataclass(frozen=True)
class Moved:
    """A session with the times its copy would have.

    ``clash`` is another session that one of its presiders sits in then: with who presides, the
    copy goes into the tray.
    """

    session: Session
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    clash: Presiding | None
    is_weekend: bool
    is_holiday: bool


def proposed_day(forum: Forum, today: dt.date) -> dt.date:
    """The forum's first day a whole number of years of 52 weeks later: the same weekday, ahead."""
    day, year = forum.starts_on, 52 * WEEK * DAY
    while day <= today:
        day += year
    return day if day > forum.starts_on else day + year


def planned(forum: Forum, user: User, shift: dt.timedelta) -> list[Moved]:
    """The standing sessions of the provinces the user coordinates, moved; four queries."""
    rows = forum.sessions.served_by(user).standing().select_related("province", "venue")
    sessions = list(rows.prefetch_related("presidings__presider"))
    times = {one.pk: _moved(one, shift) for one in sessions}
    busy = _busy(sessions, times.values())
    calendars = workdays.calendars({one.province_id for one in sessions})
    return [_planned(one, times[one.pk], busy, calendars[one.province_id]) for one in sessions]


Times = tuple[dt.datetime | None, dt.datetime | None]


def _moved(session: Session, shift: dt.timedelta) -> Times:
    if session.starts_at is None or session.ends_at is None:
        return None, None
    return session.starts_at + shift, session.ends_at + shift


def presiders_of(session: Session) -> list[Presiding]:
    """Those who preside the session and may again."""
    return [one for one in session.presidings.all() if one.presider.ended_on is None]


def _busy(sessions: Sequence[Session], times: Iterable[Times]) -> list[Presiding]:
    """When the sessions' presiders sit anywhere in the time of the copies."""
    ids = {one.presider_id for session in sessions for one in presiders_of(session)}
    moments = [(starts, ends) for starts, ends in times if starts and ends]
    if not ids or not moments:
        return []
    first, latest = min(one[0] for one in moments), max(one[1] for one in moments)
    sittings = Presiding.objects.filter(
        presider__in=ids, is_off=False, starts_at__lt=latest, ends_at__gt=first
    )
    return list(sittings.select_related("presider", "session__province", "session__forum"))


def _planned(
    session: Session, times: Times, busy: Collection[Presiding], calendar: workdays.Calendar
) -> Moved:
    starts_at, ends_at = times
    if starts_at is None or ends_at is None:
        return Moved(session, None, None, None, is_weekend=False, is_holiday=False)
    own = {one.presider_id for one in presiders_of(session)}
    clash = (one for one in busy if one.presider_id in own and _overlaps(one, starts_at, ends_at))
    day = timezone.localdate(starts_at)
    return Moved(
        session,
        starts_at,
        ends_at,
        next(clash, None),
        is_weekend=day.weekday() >= SATURDAY,
        is_holiday=day in calendar.holidays,
    )


def _overlaps(sitting: Presiding, starts_at: dt.datetime, ends_at: dt.datetime) -> bool:
    if sitting.starts_at is None or sitting.ends_at is None:
        return False
    return sitting.starts_at < ends_at and sitting.ends_at > starts_at
