"""How the sending stands: figures, each with a sentence on what to do; constantly few queries."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.models import Role, User
from config.home_clock import WARNS_FROM
from inbox.models import Incoming
from outbox import holding
from outbox.models import UNFINISHED, Breaker, Channel, Heartbeat, Notice, Standstill
from provinces.models import Holiday
from reminders import reconciling
from reminders.models import Finding

SILENT = dt.timedelta(minutes=5)  # an engine that has not run for so long is missing
NIGHT_MISSED = dt.timedelta(hours=26)
LATE = dt.timedelta(minutes=15)  # due for so long and still here
URGES_FROM = 12  # the month from which unconfirmed holidays are more than a wish
S = Notice.State
WAITING = (S.PLANNED, S.QUEUED, S.SENDING)


class Level(StrEnum):
    """How a line stands; each has its words and its colour on the page."""

    FINE = "fine"
    LOOK = "look"
    WRONG = "wrong"


@dataclass(frozen=True)
class Line:
    """One figure or moment, how it stands, and what to do about it."""

    name: str
    level: Level
    do: str
    number: int | None = None
    at: dt.datetime | None = None
    url: str = ""


@dataclass(frozen=True)
class View:
    """What one reader may count, and where the figures lead that reader."""

    notices: QuerySet[Notice]
    mails: QuerySet[Incoming]
    findings: QuerySet[Finding]
    opens_outbox: bool = True
    keeps_holidays: bool = True


def everything() -> View:
    """All provinces: for the mail to administrators."""
    return View(
        Notice.objects.all(), Incoming.objects.all(), Finding.objects.all(), opens_outbox=False
    )


def view_of(user: User) -> View:
    """A coordinator's provinces; an administrator counts all, and reads none of it."""
    is_administrator = user.is_role(Role.ADMINISTRATOR)
    return View(
        notices=Notice.objects.all() if is_administrator else Notice.objects.visible_to(user),
        mails=Incoming.objects.visible_to(user),
        findings=Finding.objects.visible_to(user),
        opens_outbox=user.is_role(Role.COORDINATOR),
        keeps_holidays=is_administrator,
    )


@dataclass(frozen=True)
class Status:
    """The lines of the page, under their headings."""

    engine: list[Line] = field(default_factory=list)
    notices: list[Line] = field(default_factory=list)
    desk: list[Line] = field(default_factory=list)

    @property
    def lines(self) -> list[Line]:
        """All of them."""
        return [*self.engine, *self.notices, *self.desk]

    @property
    def wrong(self) -> list[Line]:
        """Those that are wrong."""
        return [one for one in self.lines if one.level == Level.WRONG]


def look(view: View, now: dt.datetime) -> Status:
    """How everything stands that the view may count; eight queries."""
    states = _states(view.notices, now)
    return Status(
        engine=[*_held(now), *_beats(now), *_breakers()],
        notices=[_oldest(states, now), *_counts(states, view)],
        desk=[*_mails(view), *_findings(view), *_holidays(view, now)],
    )


# --- the engine ----------------------------------------------------------------------------------
def _held(now: dt.datetime) -> Iterator[Line]:
    standing: Standstill | None = holding.standing()
    if standing is not None:
        yield Line(
            _("All outbound is held back"),
            Level.WRONG,
            _("Nothing leaves; planning goes on. Lift it once its reason is gone."),
            at=standing.set_at,
            url=reverse("hold_outbound"),
        )


def _engines() -> list[tuple[str, Promise, dt.timedelta, Promise]]:
    """Name of the beat, its words, after how long it is missed, and what to do then."""
    ask = gettext_lazy(
        "It should run every minute and has not for more than five. Please tell whoever keeps the "
        "server: nothing is lost, but nothing goes on either."
    )
    rows = [
        ("plan", gettext_lazy("The planner ran"), SILENT, ask),
        ("dispatch", gettext_lazy("The dispatcher ran"), SILENT, ask),
    ]
    if settings.IMAP_URL:
        read = gettext_lazy(
            "The mailbox has not been read for more than five minutes. Please ask whoever keeps "
            "the mail server whether it answers."
        )
        rows.append(("fetch", gettext_lazy("The mailbox was read"), SILENT, read))
    night = gettext_lazy(
        "The nightly check did not run. Please tell whoever keeps the server; it can be run by "
        "hand at any time."
    )
    rows.append((reconciling.BEAT, gettext_lazy("The nightly check ran"), NIGHT_MISSED, night))
    return rows


def _beats(now: dt.datetime) -> Iterator[Line]:
    ran = dict(Heartbeat.objects.values_list("name", "ran_at"))
    for name, words, patience, ask in _engines():
        at = ran.get(name)
        is_missing = at is None or now - at > patience
        yield Line(
            str(words),
            Level.WRONG if is_missing else Level.FINE,
            str(ask) if is_missing else _("It runs. There is nothing to do."),
            at=at,
        )


def _breakers() -> Iterator[Line]:
    """Ways that do not answer; one line where all do."""
    found = list(Breaker.objects.filter(opened_at__isnull=False))
    for one in found:
        yield Line(
            _("No answer by %(channel)s") % {"channel": Channel(one.channel).label},
            Level.WRONG,
            _(
                "The provider does not answer; it is asked once a minute, and all goes on by "
                "itself once it does. If it lasts for hours, please ask the provider."
            ),
            at=one.opened_at,
        )
    if not found:
        yield Line(
            _("Providers that do not answer"),
            Level.FINE,
            _("All of them answer. There is nothing to do."),
            number=0,
        )


# --- notices -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class State:
    """How many notices stand in a state, and since when the oldest of them is due."""

    number: int = 0
    oldest: dt.datetime | None = None


def _states(notices: QuerySet[Notice], now: dt.datetime) -> dict[str, State]:
    """Of what is not over; one query, by an index that holds nothing else."""
    rows = notices.filter(state__in=UNFINISHED, by_phone=None).order_by().values("state")
    counted = rows.annotate(number=Count("pk"), oldest=Min("due_at", filter=Q(due_at__lte=now)))
    return {one["state"]: State(one["number"], one["oldest"]) for one in counted}


def _oldest(states: dict[str, State], now: dt.datetime) -> Line:
    moments = [states[one].oldest for one in WAITING if one in states]
    oldest = min((one for one in moments if one), default=None)
    if oldest is None or now - oldest <= LATE:
        fine = _("What is due leaves in time. There is nothing to do.")
        return Line(_("Oldest that is due and not sent"), Level.FINE, fine, at=oldest)
    return Line(
        _("Oldest that is due and not sent"),
        Level.WRONG,
        _(
            "It has been due for more than a quarter of an hour. The lines above say why; "
            "otherwise please tell whoever keeps the server."
        ),
        at=oldest,
    )


# State, the level where there are any, and what to do about them.
COUNTED = (
    (S.PLANNED, Level.FINE, gettext_lazy("They leave by themselves when their time comes.")),
    (
        S.PREPARED,
        Level.LOOK,
        gettext_lazy("They wait for a coordinator: please read them, and send or cancel them."),
    ),
    (
        S.HELD,
        Level.FINE,
        gettext_lazy("They wait for what holds them, and then leave by themselves."),
    ),
    (
        S.UNKNOWN,
        Level.LOOK,
        gettext_lazy("They may have arrived. Please ask the recipients, or send them again."),
    ),
    (
        S.FAILED,
        Level.WRONG,
        gettext_lazy(
            "They cannot be sent so. Please correct the address and send them again, or tell it "
            "by telephone and cancel them."
        ),
    ),
    (
        S.DEAD,
        Level.WRONG,
        gettext_lazy(
            "They could not be sent in their time. Please tell it by telephone, or send them again."
        ),
    ),
)


def _counts(states: dict[str, State], view: View) -> Iterator[Line]:
    for state, level, words in COUNTED:
        number = states.get(state, State()).number
        url = f"{reverse('outbox:outbox')}?state={state}" if view.opens_outbox else ""
        yield Line(
            name=str(state.label),
            level=level if number else Level.FINE,
            do=str(words) if number else pgettext("notices", "None. There is nothing to do."),
            number=number,
            url=url,
        )


# --- what waits for people -----------------------------------------------------------------------
def _mails(view: View) -> Iterator[Line]:
    number = view.mails.held().count()
    waits = _("They could not be matched. Please attach them where they belong, or put them aside.")
    yield Line(
        _("Mail that waits in the inbox"),
        Level.LOOK if number else Level.FINE,
        waits if number else _("None. There is nothing to do."),
        number=number,
        url=reverse("inbox:inbox"),
    )


def _findings(view: View) -> Iterator[Line]:
    rows = view.findings.standing().order_by().values_list("kind")
    numbers = dict(rows.annotate(number=Count("pk")))
    said = {
        Finding.Kind.MISSING: (
            _("Reminders that are missing"),
            _("Please look at these referrals: what was not told may be told by telephone."),
        ),
        Finding.Kind.EXTRA: (
            _("Reminders that are too many"),
            _("Please look at these referrals: somebody was told too early, and may ask."),
        ),
    }
    for kind, (name, ask) in said.items():
        number = numbers.get(kind, 0)
        level = Level.WRONG if number else Level.FINE
        do = ask if number else _("The nightly check found none.")
        url = "#findings" if number and view.opens_outbox else ""
        yield Line(name, level, do, number=number, url=url)


def _holidays(view: View, now: dt.datetime) -> Iterator[Line]:
    """From November on, while an administrator has not confirmed those of next year."""
    today = timezone.localdate(now)
    if today.month < WARNS_FROM or not Holiday.objects.awaits_confirmation(today.year + 1):
        return
    url = reverse("issues:holidays", args=[today.year + 1]) if view.keeps_holidays else ""
    yield Line(
        _("Holidays of next year are not confirmed"),
        Level.WRONG if today.month >= URGES_FROM else Level.LOOK,
        _("Dates in that year may still move. An administrator confirms them."),
        url=url,
    )
