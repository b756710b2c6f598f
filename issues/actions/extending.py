"""More time for an office: asked for, decided on by a coordinator, or granted by silence."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit import once
from audit.actions import record
from audit.errors import TransitionError
from issues.actions import notify
from issues.actions.move import check, concerned, lock, lock_referral, move
from issues.actions.referring import open_referral
from issues.models import Extension, Issue, Referral
from issues.models.extension import MOST, MOST_DAYS
from issues.permissions import answers, serves
from issues.workflow import Act
from provinces import workdays
from provinces.workdays import Calendar

SILENCE = 2  # working days after which nobody's answer grants the first extension
State = Extension.State


def silent_after(asked_at: dt.datetime, calendar: Calendar) -> dt.date:
    """The last day on which the secretariat decides before silence does."""
    return calendar.add(timezone.localdate(asked_at), SILENCE)


def latest_first(due_on: dt.date, today: dt.date) -> dt.date:
    """Until when a first extension may be asked for."""
    return max(due_on, today) + dt.timedelta(MOST_DAYS)


@transaction.atomic
def ask_extension(
    referral: Referral,
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    wanted_on: dt.date,
    reason: str,
) -> Extension:
    """An official asks for time until a day; the same form sent twice asks once.

    Raises TransitionError while another wish waits, after two that were granted, before the clock
    runs, and for a day that is too early or, the first time, too late.
    """
    issue = lock(referral.issue)
    if made := _asked_before(client_key, referral, by, wanted_on, reason):
        return made
    held = _held(referral, issue, by)
    if not answers(by, held) or concerned(issue, by):
        raise PermissionDenied
    check(issue, Act.EXTEND, by=by, referral=held)
    if held.extensions.undecided().exists():
        raise TransitionError(
            _("Your office has asked for more time already; the secretariat will decide.")
        )
    granted = _granted_before(held)
    _check_day(held, wanted_on, timezone.localdate(now))
    if not granted and wanted_on > latest_first(held.date, timezone.localdate(now)):
        raise TransitionError(_("At first you can ask for 30 days more at most."))
    made = _keep(held, by, now, client_key, wanted_on, reason)
    move(issue, Act.EXTEND, by=by, now=now, referral=held, trace=_trace(made, "asked"))
    told = notify.coordinators(issue)
    notify.tell("extension_asked", issue, told, now=now, version=made.pk, about=held)
    return made


@transaction.atomic
def decide_extension(
    extension: Extension,
    *,
    by: User,
    now: dt.datetime,
    grants: bool,
    until: dt.date | None = None,
    answer: str = "",
) -> Extension:
    """A coordinator gives time until the day asked for or another one, or says why not.

    Raises TransitionError where it was decided meanwhile, by somebody or by silence.
    """
    issue = lock(extension.referral.issue)
    held = _held(extension.referral, issue, by)
    if not serves(by, issue):
        raise PermissionDenied
    made = _locked(extension)
    if not made.is_waiting:
        raise TransitionError(_("Meanwhile it was decided on."))
    check(issue, Act.EXTEND, by=by)
    if grants:
        _check_day(held, until or made.wanted_on, timezone.localdate(now))
        return _grant(_Grant(issue, held, made, by, now), until or made.wanted_on, answer)
    if not answer:
        raise TransitionError(_("Tell the office why it gets no more time."))
    made.state, made.answer = State.REFUSED, answer
    made.decided_by, made.decided_at = by, now
    made.save()
    move(issue, Act.EXTEND, by=by, now=now, trace=_trace(made, "refused"))
    _tell(issue, held, made, by, now)
    return made


@transaction.atomic
def extend(
    referral: Referral,
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    until: dt.date,
    reason: str,
) -> Extension:
    """A coordinator gives an office more time at once, as it asked for on another way."""
    issue = lock(referral.issue)
    if made := _asked_before(client_key, referral, by, until, reason):
        return made
    held = _held(referral, issue, by)
    if not serves(by, issue):
        raise PermissionDenied
    check(issue, Act.EXTEND, by=by)
    if held.extensions.undecided().exists():
        raise TransitionError(_("The office has asked for more time: decide on that."))
    _granted_before(held)
    _check_day(held, until, timezone.localdate(now))
    made = _keep(held, by, now, client_key, until, reason)
    return _grant(_Grant(issue, held, made, by, now), until, "")


# --- silence --------------------------------------------------------------------------------------
def settle_extensions(*, now: dt.datetime) -> int:
    """Grant what nobody decided on in time, end what is no longer needed; how many they were.

    May run twice and in several places at once: each is decided once, under its issue's lock.
    """
    found = list(_ripe(now).select_related("referral__issue"))
    if not found:
        return 0
    calendars = workdays.calendars({one.referral.issue.province_id for one in found})
    return sum(_settle(one, calendars[one.referral.issue.province_id], now) for one in found)


def _ripe(now: dt.datetime) -> QuerySet[Extension]:
    """Those that may be over: their referral has ended, or silence decides and it is time."""
    earlier = Extension.objects.filter(
        referral=OuterRef("referral"), state__in=[State.GRANTED, State.REFUSED]
    )
    silent = Q(
        ~Exists(earlier),
        days__lte=MOST_DAYS,
        asked_at__lte=now - dt.timedelta(SILENCE),
        referral__issue__status=Issue.Status.REFERRED,
        referral__issue__pressured_at=None,
    )
    ended = Q(referral__ended_at__isnull=False)
    return Extension.objects.filter(silent | ended, state=State.ASKED).order_by("pk")


@transaction.atomic
def _settle(extension: Extension, calendar: Calendar, now: dt.datetime) -> bool:
    issue = lock(extension.referral.issue)
    held = lock_referral(extension.referral_id)
    made = _locked(extension)
    if not made.is_waiting:
        return False
    if held.ended_at or held.due_on is None:
        return _lapse(issue, made, now)
    if timezone.localdate(now) <= silent_after(made.asked_at, calendar):
        return False
    if made.wanted_on <= held.due_on:  # the date moved on by itself
        return _lapse(issue, made, now)
    try:
        check(issue, Act.EXTEND, by=None)
    except TransitionError:  # frozen or resolved since it was found
        return False
    _grant(_Grant(issue, held, made, None, now), made.wanted_on, "")
    return True


def _lapse(issue: Issue, made: Extension, now: dt.datetime) -> bool:
    made.state, made.decided_at = State.LAPSED, now
    made.save(update_fields=["state", "decided_at"])
    record("issue.extend", issue, by=None, at=now, **_trace(made, "lapsed"))
    return True


# --- one by one -----------------------------------------------------------------------------------
def _held(referral: Referral, issue: Issue, by: User) -> Referral:
    """The open referral, locked; 403 for who never extends it, as for one for information."""
    held = open_referral(referral, Act.EXTEND, issue, by)
    if held.role == Referral.Role.INFORMATION:
        raise PermissionDenied
    return held


def _locked(extension: Extension) -> Extension:
    return Extension.objects.select_for_update(of=("self",)).get(pk=extension.pk)


def _granted_before(held: Referral) -> int:
    """How often it was extended; a sentence where that is often enough."""
    granted = held.extensions.granted().count()
    if granted >= MOST:
        raise TransitionError(_("This referral was extended twice already."))
    return granted


def _check_day(held: Referral, until: dt.date, today: dt.date) -> None:
    if held.due_on is None:
        raise TransitionError(_("Its working days do not count yet, so there is no date to move."))
    if until <= max(held.due_on, today):
        raise TransitionError(_("Choose a day after today and after the due date."))


def _asked_before(
    client_key: uuid.UUID, referral: Referral, by: User, until: dt.date, reason: str
) -> Extension | None:
    """What the same form made when it was sent before; Conflict if it says something else."""
    said = {"referral_id": referral.pk, "wanted_on": until, "reason": reason}
    return once.made_before(Extension.objects.all(), client_key, said | {"asked_by_id": by.pk})


def _keep(
    held: Referral,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    wanted_on: dt.date,
    reason: str,
) -> Extension:
    made = Extension(
        client_key=client_key,
        referral=held,
        due_on=held.date,
        wanted_on=wanted_on,
        days=(wanted_on - held.date).days,
        reason=reason,
        asked_by=by,
        asked_at=now,
    )
    return once.keep(made)


@dataclass(frozen=True)
class _Grant:
    """What is extended, locked; ``by`` is empty where silence decides."""

    issue: Issue
    held: Referral
    made: Extension
    by: User | None
    now: dt.datetime


def _grant(grant: _Grant, until: dt.date, answer: str) -> Extension:
    """Move the date on to the day or the next working day; the reminders begin anew with it."""
    held, made, now = grant.held, grant.made, grant.now
    calendar = workdays.calendar_of(grant.issue.province_id)
    before, due_on = held.date, calendar.open_from(until)
    made.state, made.granted_on, made.answer = State.GRANTED, due_on, answer
    made.turn = held.extensions.granted().count() + 1
    made.due_on = before  # it may have moved since somebody asked
    made.decided_by, made.decided_at = grant.by, now
    made.save()
    held.due_on = held.wanted_on = due_on
    held.days = calendar.between(held.counts_from or before, due_on)
    held.due_version += 1
    held.begin_ladder(timezone.localdate(now))
    held.save()
    trace = _trace(made, "granted") | {"due_on": [str(before), str(due_on)]}
    move(grant.issue, Act.EXTEND, by=grant.by, now=now, trace=trace)
    _tell(grant.issue, held, made, grant.by, now)
    return made


def _trace(made: Extension, did: str) -> dict[str, Any]:
    held = made.referral
    return {
        "referral": held.pk, "authority": held.authority_id, "extension": made.pk, "did": did,
    }  # fmt: skip


def _tell(issue: Issue, held: Referral, made: Extension, by: User | None, now: dt.datetime) -> None:
    """Tell the office and the other coordinators, and of a new date the organization as well."""
    told = notify.offices(issue, [held.authority_id]).get(held.authority_id, [])
    told = told + notify.coordinators(issue)
    if made.state == State.GRANTED:
        told = told + notify.representatives(issue)
    told = [one for one in dict.fromkeys(told) if by is None or one != f"user:{by.pk}"]
    notify.tell("extension_decided", issue, told, now=now, version=made.pk, about=held)
