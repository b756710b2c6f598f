"""What an office is given when an issue comes into its hands, and whether it can be given it."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Exists
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.errors import TransitionError
from issues.models import Issue, Outcome, Referral
from provinces import workdays
from provinces.models import Authority


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


def charge_office(
    issue: Issue,
    charge: Charge,
    *,
    by: User,
    now: dt.datetime,
    note: str,
    released_at: dt.datetime | None,
    outcome: Outcome | None = None,
    redirected_from: Referral | None = None,
) -> Referral:
    """Open a referral of an issue that the caller has locked and moved; refused as ``refer``."""
    today, calendar = timezone.localdate(now), workdays.calendar_of(issue.province_id)
    since = max(today, charge.suspended_until or today)
    if charge.due_on <= since:
        raise TransitionError(
            _("Choose a due date after today.")
            if since == today
            else _("Choose a due date after the day until which it is suspended.")
        )
    due_on = calendar.open_from(charge.due_on)  # else the days counted would end before it
    authority = check_office(issue, charge.authority_id, charge.role)
    return Referral.objects.create(
        issue=issue,
        authority=authority,
        role=charge.role,
        outcome=outcome,
        referred_at=now,
        referred_by=by,
        note=note,
        wanted_on=due_on,
        days=calendar.between(since, due_on),
        review_on=charge.review_on,
        suspended_until=charge.suspended_until,
        released_at=released_at,
        redirected_from=redirected_from,
    )


def check_office(issue: Issue, authority_id: int, role: str) -> Authority:
    """The office, if it can be given the issue in this part; else a sentence. One query."""
    held = Referral.objects.open().filter(issue=issue)
    line = Authority.objects.above([authority_id])
    authority = (
        Authority.objects.filter(pk=authority_id)
        .annotate(
            is_barred=Exists(issue.concerns.filter(authority__in=line.values("pk"))),
            is_holding=Exists(held.filter(authority=authority_id)),
            has_lead=Exists(held.leading()),
        )
        .get()
    )
    facts = vars(authority)
    if authority.province_id not in (None, issue.province_id) or authority.ended_on:
        raise TransitionError(
            _("%(office)s does not answer for %(province)s.")
            % {"office": authority, "province": issue.province}
        )
    if facts["is_barred"]:
        raise TransitionError(
            _("The issue concerns %(office)s or one above it: choose another.")
            % {"office": authority}
        )
    if facts["is_holding"]:
        raise TransitionError(_("%(office)s holds this issue already.") % {"office": authority})
    if role != Referral.Role.LEAD and not facts["has_lead"]:
        raise TransitionError(_("Name the leading office first."))
    return authority
