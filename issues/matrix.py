"""The issue matrix of a session: each issue with its outcome, who has it now, and by when."""

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum

from django.db.models import Prefetch, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from forum.models import Session
from issues.models import AgendaItem, Concern, Issue, Outcome, Referral
from issues.models.issue import LONG_OF_ISSUE
from issues.permissions import Audience, disclosed
from khmer import numbers

NOTHING = "–"
# Outcomes after which whoever held the issue before still holds it.
KEPT = {Outcome.Kind.STUDY, Outcome.Kind.SUSPENDED, Outcome.Kind.HIGHER}


class Edition(StrEnum):
    """For whom the matrix is made: the room and all who were invited, or the secretariat."""

    ROOM = "room"
    SECRETARIAT = "secretariat"


@dataclass(frozen=True)
class Row:
    """An issue of a session and one who has it, in words, as its audience may know it.

    An issue in the hands of several offices has a row for each of them; without an office it has
    one. ``number`` is that of the issue on the agenda, ``due`` a day if there is any.
    """

    number: int
    reference: str
    place: str
    title: str
    outcome: str
    authority: str = ""
    due: dt.date | None = None


def columns() -> list[str]:
    """The headings of the matrix, one for each field of a ``Row``."""
    return [
        _("Number"),
        _("Reference"),
        _("Place"),
        _("Issue"),
        _("Outcome"),
        _("Authority"),
        _("By when"),
    ]


def rows(session: Session, user: User, edition: Edition) -> list[Row]:
    """The session's issues in the order of its agenda; three queries.

    Whatever the edition, a frozen issue is left out: the file leaves the secretariat's hands. The
    room's is read by every office that was invited, so it also lacks what concerns any office,
    and of a confidential issue it has the number on the agenda alone. The secretariat's has what
    the user reads from inside.
    """
    items = enumerate(session.agenda_items.turns().values_list("pk", flat=True), start=1)
    numbers_of = {pk: number for number, pk in items}
    found = _items(session, user, edition)
    return [row for item in found for row in _rows(item, numbers_of[item.pk], edition)]


def left_out(session: Session, user: User, edition: Edition) -> int:
    """How many issues of the agenda an edition does not hold."""
    issues = session.agenda_items.filter(issue__isnull=False)
    return issues.count() - _shown(session, user, edition).count()


def _shown(session: Session, user: User, edition: Edition) -> QuerySet[AgendaItem]:
    """Items with an issue that the edition holds."""
    rows = session.agenda_items.filter(issue__isnull=False, issue__pressured_at=None)
    if edition == Edition.ROOM:
        return rows.exclude(issue__in=Concern.objects.values("issue"))
    return rows.filter(issue__in=Issue.objects.inside(user).values("pk"))


def _items(session: Session, user: User, edition: Edition) -> QuerySet[AgendaItem]:
    held = Referral.objects.exclude(ended_as=Referral.Ending.RECALLED).select_related("authority")
    rows = _shown(session, user, edition).select_related(
        "outcome__said_office",
        "issue__organization",
        "issue__province",
        "issue__commune__parent",
    )
    return rows.defer(*LONG_OF_ISSUE).prefetch_related(Prefetch("issue__referrals", held))


def _rows(item: AgendaItem, number: int, edition: Edition) -> list[Row]:
    issue = item.issue
    assert issue is not None  # noqa: S101 - titled points were left out
    if edition == Edition.ROOM and issue.disclosure == Issue.Disclosure.CONFIDENTIAL:
        return [_by_number(number)]
    audience = Audience.ROOM if edition == Edition.ROOM else Audience.SECRETARIAT
    outcome: Outcome | None = getattr(item, "outcome", None)
    row = Row(
        number=number,
        reference=issue.reference or NOTHING,
        place=disclosed(issue, audience).place,
        title=issue.title,
        outcome=outcome.get_kind_display() if outcome else _("No outcome yet"),
    )
    return _with_offices(row, issue, outcome) if outcome else [row]


def _by_number(number: int) -> Row:
    shown = numbers.in_language(number, get_language())
    title = _("Confidential item, number %(number)s on the agenda") % {"number": shown}
    return Row(number, NOTHING, NOTHING, title, NOTHING)


def _with_offices(row: Row, issue: Issue, outcome: Outcome) -> list[Row]:
    """The row for each referral; else once, with the office that promised something."""
    referrals = referrals_after(issue, outcome)
    if not referrals:
        office = outcome.said_office.name if outcome.said_office else ""
        return [replace(row, authority=office, due=outcome.review_on or outcome.by_on)]
    return [
        replace(row, authority=_named(one), due=outcome.review_on or _due(one)) for one in referrals
    ]


def referrals_after(issue: Issue, outcome: Outcome) -> list[Referral]:
    """Those the outcome made, or else the open leads that it left where they were; leads first.

    Needs the referrals of the issue that were not recalled, read with their authorities.
    """
    every = list(issue.referrals.all())
    made = [one for one in every if one.outcome_id == outcome.pk]
    if not made and outcome.kind in KEPT:
        made = [one for one in every if one.is_open and one.role == Referral.Role.LEAD]
    return sorted(made, key=lambda one: one.role != Referral.Role.LEAD)


def _named(referral: Referral) -> str:
    """The office, with its part where it does not lead."""
    if referral.role == Referral.Role.LEAD:
        return referral.authority.name
    return f"{referral.authority.name} ({referral.get_role_display()})"


def _due(referral: Referral) -> dt.date | None:
    return None if referral.role == Referral.Role.INFORMATION else referral.date
