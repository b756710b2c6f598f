"""The whole ladder of one referral: who was told at each rung, and who is to be told when."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from issues.models import Issue, Referral
from outbox import recipients
from outbox.models import Notice
from outbox.rows import Row, rows_of
from provinces.models import Authority
from reminders import actions, ladder, policy_words, rung_words
from reminders.ladder import Step
from reminders.models import Rung
from reminders.reconciling import Book
from reminders.rung_words import CLIMBS

RUNGS = frozenset({actions.FIRST, *actions.LADDER})
SKIPPED = Notice.State.SKIPPED


@dataclass(frozen=True)
class Told:
    """A rung that has notices, whatever became of them."""

    words: str
    rows: list[Row]

    @property
    def on(self) -> dt.date:
        """The day of its first notice."""
        return timezone.localdate(min(one.notice.due_at for one in self.rows))

    @property
    def is_skipped(self) -> bool:
        """Nobody was told, because a later rung had come as well."""
        return all(one.notice.state == SKIPPED for one in self.rows)


@dataclass(frozen=True)
class Ahead:
    """A rung that nobody was told of yet: its day, and whom it would be told today."""

    words: str
    on: dt.date
    audience: str
    names: list[str]
    is_due: bool


@dataclass(frozen=True)
class Ladder:
    """What a coordinator sees of a referral's ladder; ``passed`` are rungs that were skipped."""

    passed: list[Told]
    told: list[Told]
    ahead: list[Ahead]
    others: list[Row]
    rests: str


def ladder_of(referral: Referral, *, now: dt.datetime) -> Ladder:
    """Every rung of the referral, told and to come; a constant number of queries."""
    subject = f"referral:{referral.pk}"
    notices = Notice.objects.about([subject]).select_related("message", "province", "by_phone__by")
    rows = rows_of(notices.order_by("due_at", "pk"), with_forms=True)
    rests, until_now = _rests(referral), _told(rows)
    return Ladder(
        passed=[one for one in until_now if one.is_skipped],
        told=[one for one in until_now if not one.is_skipped],
        ahead=[] if rests else _ahead(referral, [one.notice for one in rows], now),
        others=[one for one in rows if one.notice.kind not in RUNGS],
        rests=rests,
    )


def _rests(referral: Referral) -> str:
    """Why no rung is to come; empty where some may."""
    if referral.ended_at is not None:
        return _("The referral has ended: nobody is reminded of it any more.")
    if referral.issue.pressured_at is not None:
        return _("The issue is frozen: nobody is told of it until that is lifted.")
    if referral.issue.status != Issue.Status.REFERRED:
        return _("The issue is not with its office now: nobody is reminded of it.")
    if referral.role == Referral.Role.INFORMATION:
        return _("The office was only informed: it is not reminded.")
    if referral.paused_on is not None:
        return _("The clock stands still while the organization is asked.")
    if referral.handed_over_on is None:
        return _("The days count from the hand-over, which has not happened yet.")
    return ""


# --- what has notices -----------------------------------------------------------------------------
def _told(rows: Sequence[Row]) -> list[Told]:
    groups: defaultdict[tuple[int, str, bool], list[Row]] = defaultdict(list)
    for one in rows:
        if one.notice.kind in RUNGS:
            climbs = one.notice.kind in CLIMBS
            groups[one.notice.version, one.notice.rung, climbs].append(one)
    return [Told(_called(some[0].notice), some) for some in groups.values()]


def _called(notice: Notice) -> str:
    """What the rung of a notice is called."""
    if not notice.rung:
        return _("First notice")
    if notice.kind in CLIMBS:
        return _("To the superior office")
    return rung_words.words(notice.rung, notice.kind)


# --- what is to come ------------------------------------------------------------------------------
def _ahead(referral: Referral, notices: list[Notice], now: dt.datetime) -> list[Ahead]:
    """The rungs after the newest that has a notice on the present ladder."""
    book = Book([referral])
    stand = {one.rung for one in notices if one.version >= referral.ladder_version}
    steps = ladder.untold(book.steps(referral), stand)
    days = {one.key: one.offset for one in book.rungs[referral.issue.priority]}
    climb = book.climbs[referral.pk]
    above = Authority.objects.in_bulk([climb[one.height - 1] for one in steps if one.height])
    told = {one: _people(one, referral, book) for one in steps}
    names = recipients.labels(one for some in told.values() for one in some)
    return [
        Ahead(
            words=_("To the superior office")
            if one.height
            else capfirst(policy_words.when(days[one.key])),
            on=one.on,
            audience=str(
                above[climb[one.height - 1]] if one.height else Rung.Audience(one.audience).label
            ),
            names=[names.get(person, person) for person in told[one]],
            is_due=book.hours.opening(one.on) <= now,
        )
        for one in steps
    ]


def _people(step: Step, referral: Referral, book: Book) -> list[str]:
    """Whom it would be told today, without coordinators and organizations."""
    climb = book.climbs[referral.pk]
    office = climb[step.height - 1] if step.height else referral.authority_id
    return book.offices.people(office, referral.issue_id)
