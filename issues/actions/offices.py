"""What an office is given when an issue comes into its hands, and whether it can be given it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.errors import TransitionError
from issues.models import Issue, Outcome, Referral
from provinces import workdays
from provinces.models import Authority
from provinces.workdays import Calendar


@dataclass(frozen=True)
class Charge:
    """What an office is given: which one, in which part, and by when.

    ``review_on`` brings it back to a session; the clock stands still until ``suspended_until``.
    """

    authority_id: int
    due_on: dt.date
    role: str = Referral.Role.LEAD
    review_on: dt.date | None = None
    suspended_until: dt.date | None = None


def charge_offices(
    issue: Issue,
    charges: Sequence[Charge],
    *,
    by: User,
    now: dt.datetime,
    note: str,
    released_at: dt.datetime | None,
    outcome: Outcome | None = None,
    redirected_from: Referral | None = None,
) -> list[Referral]:
    """Open the referrals of an issue that the caller has locked and moved; refused as ``refer``.

    Three queries, however many they are.
    """
    if not charges:
        return []
    calendar, today = workdays.calendar_of(issue.province_id), timezone.localdate(now)
    days = [_days(one, calendar, today) for one in charges]
    offices = check_offices(issue, [(one.authority_id, one.role) for one in charges])
    return Referral.objects.bulk_create(
        Referral(
            issue=issue,
            authority=offices[charge.authority_id],
            role=charge.role,
            outcome=outcome,
            referred_at=now,
            referred_by=by,
            note=note,
            wanted_on=due_on,
            days=number,
            review_on=charge.review_on,
            suspended_until=charge.suspended_until,
            released_at=released_at,
            redirected_from=redirected_from,
        )
        for charge, (due_on, number) in zip(charges, days, strict=True)
    )


def _days(charge: Charge, calendar: Calendar, today: dt.date) -> tuple[dt.date, int]:
    """The day it is due, one on which offices are open, and how many working days that gives."""
    since = max(today, charge.suspended_until or today)
    if charge.due_on <= since:
        raise TransitionError(
            _("Choose a due date after today.")
            if since == today
            else _("Choose a due date after the day until which it is suspended.")
        )
    due_on = calendar.open_from(charge.due_on)  # else the days counted would end before it
    return due_on, calendar.between(since, due_on)


def check_offices(issue: Issue, parts: Sequence[tuple[int, str]]) -> dict[int, Authority]:
    """The offices by their keys, if each can be given the issue in its part, in this order.

    Else a sentence, or Authority.DoesNotExist for a key that is none. One query.
    """
    keys = [office for office, _role in parts]
    held = Referral.objects.open().filter(issue=issue)
    rows = Authority.objects.filter(pk__in=keys).annotate(
        is_barred=Case(When(_barred(issue, keys), then=Value(True)), default=Value(False)),
        is_holding=Exists(held.filter(authority=OuterRef("pk"))),
        has_lead=Exists(held.leading()),
    )
    found = {one.pk: one for one in rows}
    is_led, given = False, set[int]()
    for key, role in parts:
        if key not in found:
            raise Authority.DoesNotExist
        is_led = is_led or role == Referral.Role.LEAD
        _refuse(issue, found[key], is_led=is_led, is_given=key in given)
        given.add(key)
    return found


def _barred(issue: Issue, keys: Sequence[int]) -> Q:
    """Those of these offices that the issue concerns, or an office above them."""
    barred = Q()
    for key in keys:
        line = Authority.objects.above([key]).values("pk")
        barred |= Q(Exists(issue.concerns.filter(authority__in=line)), pk=key)
    return barred


def _refuse(issue: Issue, office: Authority, *, is_led: bool, is_given: bool) -> None:
    """A sentence where this office, as it was just read, cannot be given the issue."""
    facts = vars(office)
    if office.province_id not in (None, issue.province_id) or office.ended_on:
        raise TransitionError(
            _("%(office)s does not answer for %(province)s.")
            % {"office": office, "province": issue.province}
        )
    if facts["is_barred"]:
        raise TransitionError(
            _("The issue concerns %(office)s or one above it: choose another.") % {"office": office}
        )
    if facts["is_holding"] or is_given:
        raise TransitionError(_("%(office)s holds this issue already.") % {"office": office})
    if not is_led and not facts["has_lead"]:
        raise TransitionError(_("Name the leading office first."))
