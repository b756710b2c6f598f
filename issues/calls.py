"""Whom the secretariat should call today, and why; a call that was logged takes them off the list.

Who did not answer comes back tomorrow, who asked to be called again on the day they named, and
whom we spoke with once there is something new, at the latest while a date stays passed for a week.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organization, Role, RoleAssignment, User
from issues import claims
from issues.models import Call, Issue, Referral, Response
from issues.models.issue import LONG, LONG_OF_ISSUE
from outbox import recipients
from outbox.models import Notice
from provinces.models import Authority, ContactPoint

MOST = 200  # referrals and issues that are looked at
WEEK = dt.timedelta(days=7)
ON_THE_WAY = dt.timedelta(days=3)  # until one asks whether a letter or message arrived
PATIENCE = dt.timedelta(days=2)  # for an answer after a reminder
S = Notice.State
TROUBLES = {
    S.FAILED: gettext_lazy("a message could not be sent"),
    S.DEAD: gettext_lazy("a message was given up"),
    S.UNKNOWN: gettext_lazy("it is not known whether a message arrived"),
}
LEFT = (S.SENT, S.DELIVERED, S.UNKNOWN)
Called = dict[tuple[int | None, int | None], Call]  # by referral or issue


class Reason(NamedTuple):
    """Why somebody is called, since when."""

    since: dt.datetime
    words: str


@dataclass(frozen=True)
class About:
    """A referral or an issue one calls about."""

    issue: Issue
    reasons: list[str]
    called: Call | None
    referral: Referral | None = None


@dataclass(frozen=True)
class ToCall:
    """An office or an organization, its numbers, and what one calls about."""

    party: Authority | Organization
    phones: list[str]
    abouts: list[About] = field(default_factory=list)

    @property
    def key(self) -> str:
        """As it stands in the form."""
        return f"{'organization' if self.is_organization else 'office'}-{self.party.pk}"

    @property
    def is_organization(self) -> bool:
        return isinstance(self.party, Organization)

    @property
    def called(self) -> Call | None:
        """The latest call about one of these."""
        calls = [one.called for one in self.abouts if one.called]
        return max(calls, key=lambda one: one.called_at, default=None)


def today(user: User, now: dt.datetime, *, has_phones: bool = True) -> list[ToCall]:
    """Everybody to call, offices first, those with the oldest reason first; constant queries.

    Whoever only counts them needs no numbers.
    """
    troubled = _troubles(user)
    rows = _candidates(user, now, troubled["referral"])
    referrals = list(_with_phones(rows, user) if has_phones else rows)
    issues = list(_unheard(user, now, troubled["issue"]))
    phones = _phones({one.organization_id for one in issues}) if has_phones else {}
    called = _called(referrals, issues)
    return [
        *_offices(referrals, now, troubled["referral"], called),
        *_organizations(issues, now, troubled["issue"], called, phones),
    ]


def _called(referrals: Iterable[Referral], issues: Iterable[Issue]) -> Called:
    """The latest call about each of these, in one query."""
    rows = Call.objects.filter(Q(referral__in=referrals) | Q(issue__in=issues))
    rows = rows.order_by("referral_id", "issue_id", "-called_at", "-pk")
    latest = rows.distinct("referral_id", "issue_id")
    return {(one.referral_id, one.issue_id): one for one in latest}


def _is_due(reason: Reason, call: Call | None, now: dt.datetime) -> bool:
    """Whether the reason still asks for a call, after the latest one."""
    if call is None:
        return True
    day, called = timezone.localdate(now), timezone.localdate(call.called_at)
    if call.outcome == Call.Outcome.NO_ANSWER:
        return day > called
    if call.outcome == Call.Outcome.CALL_BACK:
        return day >= (call.again_on or called + dt.timedelta(1)) and day > called
    return reason.since > call.called_at


def _again(since: dt.datetime, now: dt.datetime) -> dt.datetime:
    """The latest moment at which something that lasts asks anew: each week."""
    return since + max((now - since) // WEEK, 0) * WEEK


def _moment(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


# --- offices --------------------------------------------------------------------------------------
def _offices(
    referrals: list[Referral], now: dt.datetime, troubled: dict[int, list[Notice]], called: Called
) -> list[ToCall]:
    facts = _Facts(recipients.officials({one.authority_id for one in referrals}), troubled)
    found: dict[int, ToCall] = {}
    for one in referrals:
        call = called.get((one.pk, None))
        reasons = [each for each in facts.reasons(one, now) if _is_due(each, call, now)]
        if not reasons:
            continue
        phones = [each.value for each in getattr(one.authority, "phones", ())]
        row = found.setdefault(one.authority_id, ToCall(one.authority, phones))
        row.abouts.append(About(one.issue, [each.words for each in reasons], call, one))
    return list(found.values())


def _candidates(
    user: User, now: dt.datetime, troubled: dict[int, list[Notice]]
) -> QuerySet[Referral]:
    """Open referrals that may ask for a call, the earliest date first."""
    rows = Referral.objects.awaited_by(user).running().filter(released_at__lte=now)
    day = timezone.localdate(now)
    rows = rows.exclude(suspended_until__gte=day)
    asks = Q(due_on__lt=day) | Q(handed_over_on=None, released_at__lte=now - ON_THE_WAY)
    asks |= Q(pk__in=list(troubled)) | Q(acknowledged_at=None, handed_over_on__isnull=False)
    rows = rows.filter(asks).select_related("authority", "issue").defer(*LONG_OF_ISSUE)
    rows = rows.annotate(reminded_at=_reminded_at(), answered_at=_answered_at())
    return rows.order_by("due_on", "pk")[:MOST]


def _reminded_at() -> Subquery:
    """When the latest reminder of a referral left."""
    subject = Concat(Value("referral:"), Cast(OuterRef("pk"), TextField()))
    sent = Notice.objects.filter(subject=subject, kind="reminder", state__in=LEFT)
    return Subquery(sent.order_by("-due_at").values("due_at")[:1])


def _answered_at() -> Subquery:
    said = Response.objects.filter(referral=OuterRef("pk"))
    return Subquery(said.order_by("-created_at").values("created_at")[:1])


def _with_phones(rows: QuerySet[Referral], user: User) -> QuerySet[Referral]:
    phones = ContactPoint.objects.visible_to(user).phones()
    return rows.prefetch_related(Prefetch("authority__contacts", phones, to_attr="phones"))


def _troubles(user: User) -> dict[str, dict[int, list[Notice]]]:
    """Notices that did not arrive, or may not have, by kind and id of what they are about."""
    about = Q(subject__startswith="referral:") | Q(subject__startswith="issue:")
    rows = Notice.objects.visible_to(user).filter(about, state__in=list(TROUBLES), by_phone=None)
    found: dict[str, dict[int, list[Notice]]] = {"referral": {}, "issue": {}}
    for one in rows.order_by("-due_at")[: 10 * MOST]:
        name, _colon, pk = one.subject.partition(":")
        found[name].setdefault(int(pk), []).append(one)
    return found


@dataclass(frozen=True)
class _Facts:
    """Whom one tells of the offices, and what did not reach them."""

    people: dict[int, list[str]]
    troubled: dict[int, list[Notice]]

    def reasons(self, referral: Referral, now: dt.datetime) -> Iterator[Reason]:
        """Why the office may have to be called about this referral."""
        told = self.people.get(referral.authority_id, [])
        if told == [f"authority:{referral.authority_id}"]:
            since = referral.released_at or now
            yield Reason(_again(since, now), _("no address is known"))
        for one in self.troubled.get(referral.pk, []):
            if one.recipient in told:
                yield Reason(one.due_at, str(TROUBLES[S(one.state)]))
                break
        yield from self._silent(referral, now)

    def _silent(self, referral: Referral, now: dt.datetime) -> Iterator[Reason]:
        released = referral.released_at or now
        if referral.handed_over_on is None and released <= now - ON_THE_WAY:
            words = _("it is not confirmed that the request or letter arrived")
            yield Reason(_again(released + ON_THE_WAY, now), words)
        reminded = referral.reminded_at  # type: ignore[attr-defined]
        answered = referral.answered_at  # type: ignore[attr-defined]
        is_silent = reminded and (answered is None or answered < reminded)
        if reminded and is_silent and reminded <= now - PATIENCE:
            yield Reason(_again(reminded, now), _("no answer since the reminder"))
        elif referral.due_on and referral.due_on < timezone.localdate(now):
            yield Reason(_again(_moment(referral.due_on), now), _("the date has passed"))


# --- organizations --------------------------------------------------------------------------------
def _unheard(user: User, now: dt.datetime, troubled: dict[int, list[Notice]]) -> QuerySet[Issue]:
    """Those whose word is missed before a claim lapses, or whom a message did not reach."""
    silent = claims.unheard(_served(user), now)
    rows = _served(user).filter(Q(pk__in=silent.values("pk")) | Q(pk__in=list(troubled)))
    rows = rows.select_related("organization", "province").defer(*LONG)
    return rows.order_by("resolved_at", "pk")[:MOST]


def _organizations(
    issues: list[Issue],
    now: dt.datetime,
    troubled: dict[int, list[Notice]],
    called: Called,
    phones: dict[int, list[str]],
) -> list[ToCall]:
    people = recipients.representatives({one.organization_id for one in issues})
    found: dict[int, ToCall] = {}
    for one in issues:
        call = called.get((None, one.pk))
        told = people.get(one.organization_id, [])
        reasons = list(_of_claim(one, now))
        reasons += list(_of_troubles(troubled.get(one.pk, []), told))
        due = [each for each in reasons if _is_due(each, call, now)]
        if due:
            pk = one.organization_id
            row = found.setdefault(pk, ToCall(one.organization, phones.get(pk, [])))
            row.abouts.append(About(one, [each.words for each in due], call))
    return list(found.values())


def _served(user: User) -> QuerySet[Issue]:
    rows = Issue.objects.visible_to(user) & Issue.objects.served_by(user)
    return rows.filter(pressured_at=None).exclude(status=Issue.Status.CLOSED)


def _of_claim(issue: Issue, now: dt.datetime) -> Iterator[Reason]:
    if issue.status == Issue.Status.RESOLVED and issue.resolved_at:
        since = issue.resolved_at + claims.CALLED_AFTER
        if since <= now:
            words = _("asked for the third time whether it is solved; without a word it lapses")
            yield Reason(_again(since, now), words)


def _of_troubles(troubled: Iterable[Notice], told: list[str]) -> Iterator[Reason]:
    for one in troubled:
        if one.recipient in told:
            yield Reason(one.due_at, str(TROUBLES[S(one.state)]))
            return


def _phones(organization_ids: Iterable[int]) -> dict[int, list[str]]:
    """The numbers of those who speak for these organizations, in one query."""
    held = RoleAssignment.objects.current().filter(
        role=Role.REPRESENTATIVE, organization__in=list(organization_ids), user__is_active=True
    )
    found: defaultdict[int, list[str]] = defaultdict(list)
    rows = held.exclude(user__phone=None).order_by("pk")
    for organization, phone in rows.values_list("organization", "user__phone"):
        found[organization].append(str(phone))
    return dict(found)
