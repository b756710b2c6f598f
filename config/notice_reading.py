"""What truths and words ask of the database, read once for all notices of a block.

Outside a block each asks for itself. A block belongs into one short transaction, as what is read
stays as it was read first.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property

from accounts.models import RoleAssignment, User
from issues.models import Issue, Referral
from issues.models.issue import LONG, LONG_OF_ISSUE
from outbox.models import Hours, Notice
from provinces import workdays
from provinces.workdays import Calendar
from reminders.models import Rung

PLACED = ("province", "organization", "theme", "commune__parent")  # of an issue, for its words


def id_of(name: str) -> int:
    """The number in ``referral:12``."""
    return int(name.partition(":")[2])


class Reading:
    """Some notices, and what was read of them so far; each of its parts takes a few queries."""

    def __init__(self, notices: Iterable[Notice] = ()) -> None:
        self.subjects = {one.subject for one in notices}
        self.people = {id_of(one.recipient) for one in notices if one.recipient.startswith("user:")}
        self._visible: dict[int, dict[int, bool]] = {}
        self._calendars: dict[str, Calendar] = {}

    def _ids(self, name: str) -> list[int]:
        return [id_of(one) for one in self.subjects if one.startswith(f"{name}:")]

    @cached_property
    def referrals(self) -> dict[int, Referral]:
        """By key, each with its office and its issue."""
        joined = ["authority", "issue", *(f"issue__{one}" for one in PLACED)]
        rows = Referral.objects.select_related(*joined).defer(*LONG_OF_ISSUE)
        return rows.in_bulk(self._ids("referral"))

    @cached_property
    def issues(self) -> dict[int, Issue]:
        """Those that are named themselves."""
        return Issue.objects.select_related(*PLACED).defer(*LONG).in_bulk(self._ids("issue"))

    @cached_property
    def roles(self) -> dict[int, list[RoleAssignment]]:
        """The present roles of each active person, by the person's key."""
        found: defaultdict[int, list[RoleAssignment]] = defaultdict(list)
        rows = RoleAssignment.objects.current().filter(user__in=self.people, user__is_active=True)
        for one in rows:
            found[one.user_id].append(one)
        return found

    @cached_property
    def users(self) -> dict[int, User]:
        """The persons by their keys."""
        return User.objects.in_bulk(self.people)

    @cached_property
    def rungs(self) -> dict[int, list[Rung]]:
        """The ladder of each priority, but for its escalations."""
        found: defaultdict[int, list[Rung]] = defaultdict(list)
        for one in Rung.objects.filter(is_escalation=False):
            found[one.priority].append(one)
        return found

    @cached_property
    def hours(self) -> Hours:
        """The working hours of offices."""
        return Hours.current()

    def calendar_of(self, province_id: str) -> Calendar:
        """The working days of a province."""
        if province_id not in self._calendars:
            self._calendars[province_id] = workdays.calendar_of(province_id)
        return self._calendars[province_id]

    def reads(self, user_id: int, referral_id: int) -> bool:
        """Whether the person may read the referral now."""
        known = self._visible.setdefault(user_id, {})
        if referral_id not in known:
            asked = {referral_id} if known else {*self._ids("referral"), referral_id}
            rows = Referral.objects.visible_to(self.users[user_id]).filter(pk__in=asked)
            seen = set(rows.order_by().values_list("pk", flat=True))
            known |= {pk: pk in seen for pk in asked}
        return known[referral_id]


_current: ContextVar[Reading | None] = ContextVar("_current", default=None)


@contextmanager
def together(notices: Sequence[Notice]) -> Iterator[None]:
    """Read of all these notices at once, within the block."""
    token = _current.set(Reading(notices))
    try:
        yield
    finally:
        _current.reset(token)


def of(notice: Notice) -> Reading:
    """What is read with this notice; of itself alone outside a block."""
    current = _current.get()
    return current if current and notice.subject in current.subjects else Reading([notice])


def roles_of(user_id: int) -> list[RoleAssignment]:
    """The present roles of an active person; none of whoever is not."""
    return _with(user_id).roles.get(user_id, [])


def may_read(user_id: int, referral: Referral) -> bool:
    """Whether the person may read the referral now."""
    return _with(user_id).reads(user_id, referral.pk)


def _with(user_id: int) -> Reading:
    current = _current.get()
    if current is not None and user_id in current.people:
        return current
    alone = Reading()
    alone.people = {user_id}
    return alone


def referral_of(notice: Notice) -> Referral | None:
    """The referral a notice is about, with its office and its issue."""
    return of(notice).referrals.get(id_of(notice.subject))


def issue_of(notice: Notice) -> Issue | None:
    """The issue a notice is about, whether it names it, a referral or an item of an agenda."""
    name, _colon, pk = notice.subject.partition(":")
    if name == "referral":
        held = referral_of(notice)
        return held.issue if held else None
    if name not in PATHS:
        return of(notice).issues.get(int(pk))
    rows = Issue.objects.select_related(*PLACED)
    return rows.filter(**{PATHS[name]: pk}).first()


PATHS = {
    "agendaitem": "agenda_items",
    "comment": "comments",
    "draftedanswer": "referrals__drafts",
}
