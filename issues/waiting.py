"""All wishes for more time that wait for one coordinator, each with what silence will do."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from accounts.models import User
from issues.actions.extending import State
from issues.extensions import silence
from issues.models import Extension, Issue
from issues.models.extension import MOST_DAYS
from issues.models.issue import LONG_OF_ISSUE
from provinces import workdays


@dataclass(frozen=True)
class Waiting:
    """One wish for more time; ``is_plain``: the first of its referral, thirty days at most."""

    extension: Extension
    silence: str
    is_plain: bool


def waiting(user: User) -> list[Waiting]:
    """The oldest first; three queries."""
    earlier = Extension.objects.filter(
        referral=OuterRef("referral"), state__in=[State.GRANTED, State.REFUSED]
    )
    served = Issue.objects.visible_to(user) & Issue.objects.served_by(user)
    rows = Extension.objects.undecided().filter(
        referral__issue__in=served.order_by().values("pk"),
        referral__issue__status=Issue.Status.REFERRED,
        referral__issue__pressured_at=None,
    )
    rows = rows.select_related("referral__authority", "referral__issue")
    rows = rows.defer(*(f"referral__{name}" for name in LONG_OF_ISSUE))
    found = list(rows.annotate(has_earlier=Exists(earlier)).order_by("asked_at", "pk"))
    calendars = workdays.calendars({one.referral.issue.province_id for one in found})
    return [_row(one, calendars[one.referral.issue.province_id]) for one in found]


def _row(extension: Extension, calendar: workdays.Calendar) -> Waiting:
    is_first = not extension.has_earlier  # type: ignore[attr-defined]
    return Waiting(
        extension=extension,
        silence=silence(extension, calendar, is_first=is_first),
        is_plain=is_first and extension.days <= MOST_DAYS,
    )
