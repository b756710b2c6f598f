"""Which notices go by themselves, and which wait for the one message of the day, or for silence.

What goes alone (first referrals, escalations, warnings, invitations) is never held here, however
much its reader was told today; nor is what a coordinator sends now, or by a way of their own
choice.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_noop

from outbox import recipients, registry
from outbox.models import DIGEST, Channel, Heartbeat, Hours, Message, Notice
from outbox.registry import Manner
from provinces import workdays

IN_DIGEST = gettext_noop("It waits for the one message of the day.")
MUTED = gettext_noop("Its reader asked for no early reminders for a few days.")
DAY = dt.timedelta(days=1)
# The urgency of what a coordinator sends now: before all that waits to be sent but a warning.
PRESSED = 8
GATHER = dt.timedelta(minutes=10)  # after the opening, at most, until the planner has looked
PLANNER = "plan"  # the beat of whoever plans what falls due
Wait = tuple[str, dt.datetime]  # why, and until when


class Office:
    """The working hours of the country, read once."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now
        self.hours = Hours.current()
        self.calendar = workdays.national()
        self.today = timezone.localdate(now)

    @property
    def opens_at(self) -> dt.datetime:
        """Now, where offices are written to now; else the next opening."""
        return self.hours.first_in(self.now, self.calendar)

    @property
    def is_open(self) -> bool:
        """Whether offices are written to now."""
        return self.opens_at == self.now

    @property
    def is_planned(self) -> bool:
        """Whether the planner has added what fell due this morning, or had time enough to."""
        opened = self.hours.opening(self.today)
        looked = Heartbeat.objects.filter(name=PLANNER, ran_at__gte=opened, ran_at__lte=self.now)
        return self.now >= opened + GATHER or looked.exists()

    @property
    def next_evening(self) -> dt.datetime:
        """When the next working day has passed, and the night after it."""
        return self.opening_after(self.today) + DAY

    def opening_after(self, day: dt.date) -> dt.datetime:
        """The opening of the next working day."""
        return self.hours.opening(self.calendar.add(day, 1))


class Sorter:
    """Whom of some recipients to tell how, read once: a few queries, none where all goes alone."""

    def __init__(self, notices: Iterable[Notice], now: dt.datetime) -> None:
        self.now = now
        notices = list(notices)
        self.by_hand = _sent_by_hand(notices)
        people = {one.recipient for one in notices if self._may_wait(one)}
        self.office = Office(now) if people else None
        if self.office is not None:
            self.takers = recipients.digest_takers(people)
            self.mutes = recipients.mutes(people, self.office.today)
            self.singles = _singles(people, self.office.today)

    def wait_of(self, notice: Notice) -> Wait | None:
        """Why the notice waits and until when; None for what goes by itself, now."""
        if self.office is None or not self._may_wait(notice):
            return None
        until = self.mutes.get(notice.recipient)
        if until is not None and registry.is_early(notice):
            return MUTED, self.office.opening_after(until)
        return (IN_DIGEST, self.office.opens_at) if self._joins(notice) else None

    def _may_wait(self, notice: Notice) -> bool:
        if notice.urgency >= PRESSED or notice.pk in self.by_hand:
            return False
        return registry.manner(notice.kind) is not Manner.ALONE

    def _joins(self, notice: Notice) -> bool:
        manner, who = registry.manner(notice.kind), notice.recipient
        if manner is Manner.DAILY or (manner is Manner.PATIENT and who in self.takers):
            return True
        # Beyond the rate. Two dispatchers at once may let one too many go: that harms nobody.
        return self.singles[who] >= self.office.hours.most_a_day if self.office else False

    def note_single(self, notice: Notice) -> None:
        """Count a message that was just made for the notice alone."""
        if self.office is not None:
            self.singles[notice.recipient] += 1


def _sent_by_hand(notices: Iterable[Notice]) -> set[int]:
    """Those of these that repeat by another way what was told before; none where all go as usual.

    A rung of the ladder may name a way as well: that is no press of anybody.
    """
    named = [one.pk for one in notices if one.channel != Channel.USUAL]
    if not named:
        return set()
    key = ("subject", "kind", "rung", "version", "recipient")
    same = Notice.objects.filter(**{one: OuterRef(one) for one in key})
    twins = same.exclude(channel=OuterRef("channel"))
    rows = Notice.objects.filter(Exists(twins), pk__in=named)
    return set(rows.values_list("pk", flat=True))


def _singles(people: set[str], today: dt.date) -> Counter[str]:
    """How many messages of one notice each of these got, or is to get, today."""
    rows = Message.objects.filter(recipient__in=people, day=today).exclude(kind=DIGEST)
    counted = rows.exclude(state=Message.State.CANCELLED).order_by().values("recipient")
    return Counter(dict(counted.annotate(n=Count("pk")).values_list("recipient", "n")))


def muted(notices: Iterable[Notice], now: dt.datetime) -> dict[int, str]:
    """Those of these that their reader asked to be spared, by their key."""
    early = [one for one in notices if registry.is_early(one)]
    if not early:
        return {}
    mutes = recipients.mutes({one.recipient for one in early}, timezone.localdate(now))
    return {one.pk: MUTED for one in early if one.recipient in mutes}
