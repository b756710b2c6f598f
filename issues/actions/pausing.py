"""The clock of a referral stands still while its office waits for the organization's reply."""

import datetime as dt

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from audit.actions import record
from audit.models import AuditEntry
from issues.actions import notify
from issues.actions.move import lock, lock_referral, role_of
from issues.models import Issue, Pause, Referral, Response
from issues.models.pause import DAYS, MOST
from provinces import workdays

Why = Pause.Why


def begin_pause(held: Referral, question: Response, *, on: dt.date) -> Pause | None:
    """Stop the clock of a locked referral with a question of its office; None where it runs on.

    It does not stop before it has started, while it stands still anyway, and after the first
    questions of a referral: to ask again and again would stop it for ever.
    """
    rests = held.suspended_until is not None and held.suspended_until > on
    if held.role == Referral.Role.INFORMATION or held.due_on is None or held.paused_on or rests:
        return None
    if held.pauses.count() >= MOST:
        return None
    ends_by = workdays.calendar_of(held.issue.province_id).add(on, DAYS)
    held.paused_on, held.paused_until = on, ends_by
    held.save(update_fields=["paused_on", "paused_until"])
    return Pause.objects.create(referral=held, question=question, began_on=on, ends_by=ends_by)


def end_pause(
    held: Referral, *, why: Why, now: dt.datetime, by: User | None = None
) -> Pause | None:
    """Let the clock of a locked referral go on; None where it does not stand still.

    The due date moves on by the working days that it stood, and the reminders with it: they go on
    where they were. The version rises though no day passed, as what was about to be told
    meanwhile was dropped.
    """
    pause = held.pauses.open().first()
    if pause is None:
        return None
    calendar, before = workdays.calendar_of(held.issue.province_id), held.due_on
    pause.ended_on = max(pause.began_on, min(timezone.localdate(now), pause.ends_by))
    pause.ended_why = why
    since = max(pause.began_on, held.counts_from or pause.began_on)
    pause.days = max(0, calendar.between(since, pause.ended_on)) if held.due_on else 0
    pause.save()
    go_on(held, pause.days, calendar)
    held.save()
    change = {"referral": held.pk, "authority": held.authority_id, "pause": pause.pk, "did": why}
    dates = {"due_on": [str(before), str(held.due_on)]}
    role = role_of(by, held.issue) if by and why == Why.ANSWERED else AuditEntry.Role.SYSTEM
    actor = by if role != AuditEntry.Role.SYSTEM else None
    record("issue.pause", held.issue, by=actor, role=role, at=now, **change, **dates)
    return pause


def go_on(held: Referral, days: int, calendar: workdays.Calendar) -> None:
    """Let the clock run again after so many working days that it stood; nothing is saved."""
    if held.due_on and held.counts_from and days:
        move_on(held, days, calendar)
    held.due_version += 1
    held.paused_on = held.paused_until = None


def move_on(held: Referral, days: int, calendar: workdays.Calendar) -> None:
    """Move the dates, and with them the day after which its reminders are told; nothing is saved.

    So the whole ladder stands as many working days later: none of its rungs is left behind the
    hand-over, and none comes into it that was not there.
    """
    held.wanted_on = calendar.add(held.wanted_on, days)
    since = held.counts_from
    if held.due_on and since:
        held.due_on = calendar.add(held.due_on, days)
        held.ladder_since = calendar.add(max(since, held.ladder_since or since), days)


# --- by itself ------------------------------------------------------------------------------------
def settle_pauses(*, now: dt.datetime) -> int:
    """Let the clocks go on whose organization did not reply in time; how many ended.

    Those of referrals that ended meanwhile end with them. May run twice and in several places at
    once: each ends once, under its issue's lock. While an issue is frozen nothing ends.
    """
    found = list(_ripe(timezone.localdate(now)).select_related("referral__issue"))
    return sum(_settle(one, now) for one in found)


def _ripe(today: dt.date) -> QuerySet[Pause]:
    silent = Q(ends_by__lt=today, referral__issue__pressured_at=None)
    ended = Q(referral__ended_at__isnull=False)
    return Pause.objects.open().filter(silent | ended).order_by("pk")


@transaction.atomic
def _settle(pause: Pause, now: dt.datetime) -> bool:
    issue = lock(pause.referral.issue)
    held = lock_referral(pause.referral_id)
    held.issue = issue
    if not held.pauses.open().filter(pk=pause.pk).exists():
        return False
    if held.ended_at:
        return _end_with(held, now)
    if issue.pressured_at or timezone.localdate(now) <= (held.paused_until or pause.ends_by):
        return False
    ended = end_pause(held, why=Why.LAPSED, now=now)
    if ended:
        _tell(issue, held, ended, now)
    return True


def _end_with(held: Referral, now: dt.datetime) -> bool:
    """It ended with its referral, whose date does not matter any more."""
    today = timezone.localdate(now)
    for one in held.pauses.open():
        one.ended_on = max(one.began_on, min(today, one.ends_by))
        one.ended_why, one.days = Why.OVER, 0
        one.save()
    held.paused_on = held.paused_until = None
    held.save(update_fields=["paused_on", "paused_until"])
    return True


def _tell(issue: Issue, held: Referral, pause: Pause, now: dt.datetime) -> None:
    """Tell the organization that it ended, and the office that its days count again."""
    office = notify.offices(issue, [held.authority_id]).get(held.authority_id, [])
    told = [*notify.representatives(issue), *office, *notify.coordinators(issue)]
    people = list(dict.fromkeys(told))
    notify.tell("pause_lapsed", issue, people, now=now, version=pause.pk, about=held)


# --- when something else moves the date -----------------------------------------------------------
def give_back(held: Referral, *, since: dt.date, today: dt.date) -> int:
    """How many working days a freeze took from a locked referral that no pause gives back.

    A pause that still stands goes on for as many days, so that the organization has its time.
    """
    calendar = workdays.calendar_of(held.issue.province_id)
    begun = max(since, held.handed_over_on or since)
    pause = held.pauses.open().first()
    if pause is not None:
        lost = max(0, calendar.between(begun, today))
        pause.ends_by = held.paused_until = calendar.add(pause.ends_by, lost)
        pause.save(update_fields=["ends_by"])
        held.save(update_fields=["paused_until"])
        return 0
    ended = held.pauses.filter(ended_on__gt=begun).order_by("ended_on").last()
    return calendar.between(ended.ended_on if ended and ended.ended_on else begun, today)
