"""What waits for a person on the first page of each role, in a constant number of queries."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

from django.db.models import (
    Count,
    F,
    Prefetch,
    Q,
    QuerySet,
)
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Role, RoleAssignment, User
from config import home_clock, home_desk
from config.home_guests import Guest, guests_of
from config.home_lists import FIRST, Some, lists, served, some
from forum import programme, publishing
from forum.models import Invitation, IssueCall, Session
from issues import drafted, history
from issues.due import GROUPS, Due, due_of
from issues.models import Call, Cosign, Issue, Merge, Redirection, Referral, Response
from issues.models.issue import LONG, LONG_OF_ISSUE, Reader
from issues.permissions import Audience, disclosed
from khmer import dates
from outbox.models import Notice
from provinces import workdays
from provinces.models import Authority, ContactPoint

# Lines of a list on a first page, fewer where it holds many lists; the whole one is a press away.
FEW, MANY = 10, 50
Status = Issue.Status


@dataclass(frozen=True)
class Row:
    """A referral with its date in words."""

    referral: Referral
    due: Due


def _rows(referrals: Iterable[Referral], today: dt.date) -> list[Row]:
    referrals = list(referrals)
    calendars = workdays.calendars({one.issue.province_id for one in referrals})
    return [Row(one, due_of(one, calendars[one.issue.province_id], today)) for one in referrals]


# --- coordinator --------------------------------------------------------------------------------
@dataclass(frozen=True)
class Meeting:
    """A session ahead, its agenda, and the offices that have not answered."""

    session: Session
    days_left: int


@dataclass(frozen=True)
class New:
    """An issue nobody has read yet, and for how many days."""

    issue: Issue
    age: int


@dataclass(frozen=True)
class ToCall:
    """An office whose dates have passed, its telephone numbers, and whether it was called today."""

    office: Authority
    rows: list[Row]
    is_called: bool


@dataclass(frozen=True)
class Coordinator:
    """Everything of "Today"."""

    meetings: list[Meeting]
    new: list[New]
    new_total: int
    claims: Some
    asked: Some
    proposals: Some
    extensions: home_clock.Asked
    prepared: int
    desk: home_desk.Desk
    failed: list[tuple[str, str, int]]
    calls: list[ToCall]
    silent: Some
    alerts: list[Issue]
    unpublished: list[publishing.Waiting]


def coordinator(user: User, now: dt.datetime) -> Coordinator:
    """What waits for a coordinator, the safety of people first; constant queries."""
    today = timezone.localdate(now)
    of_issues = lists(user, now)
    new, desk = of_issues["new"], home_desk.desk(user, now)
    return Coordinator(
        meetings=_meetings(user, now, today),
        new=[New(one, (today - timezone.localdate(one.submitted_at)).days) for one in new.rows],
        new_total=new.total,
        claims=of_issues["claims"],
        asked=_asked(served(user), FIRST),
        proposals=_proposals(user),
        extensions=home_clock.extensions(served(user), FIRST),
        prepared=desk.states.get(Notice.State.PREPARED, 0),
        desk=desk,
        failed=[
            (one.value, str(one.label), desk.states[one])
            for one in home_desk.FAILED
            if one in desk.states
        ],
        calls=_calls(user, today),
        silent=of_issues["silent"],
        alerts=of_issues["alerts"].rows,
        unpublished=publishing.waiting(user),
    )


def _meetings(user: User, now: dt.datetime, today: dt.date) -> list[Meeting]:
    unanswered = Q(invitations__status="pending")
    unanswered |= Q(invitations__answered_sequence__lt=F("sequence"))
    silent = unanswered & Q(
        invitations__authority__isnull=False,
        invitations__released_at__isnull=False,
        invitations__withdrawn_at=None,
    )
    # One that was opened and whose draft minutes nobody agreed yet still needs its coordinator.
    waits = Q(status=Session.Status.OPEN) | Q(ends_at__gte=now)
    sessions = Session.objects.served_by(user).standing().filter(waits).order_by("starts_at")
    counted = sessions.shown().annotate(
        items=Count("agenda_items", filter=Q(agenda_items__is_heading=False), distinct=True),
        silent=Count("invitations", filter=silent, distinct=True),
    )
    return [Meeting(one, (one.day - today).days) for one in counted[:3]]


def _asked(issues: QuerySet[Issue], limit: int) -> Some:
    """Questions of offices on these issues that nobody has answered, the oldest first."""
    open_questions = Response.objects.unanswered().filter(
        referral__issue__in=issues.order_by().values("pk"),
        referral__issue__status=Status.REFERRED,
    )
    rows = open_questions.select_related("referral__authority", "referral__issue")
    long = [f"referral__{name}" for name in LONG_OF_ISSUE]
    return some(rows.defer(*long).order_by("created_at", "pk"), limit)


def _proposals(user: User) -> Some:
    """Referrals that their office says another should have, the oldest proposal first."""
    rows = Redirection.objects.undecided().filter(
        referral__issue__in=served(user).order_by().values("pk"),
        referral__issue__status=Status.REFERRED,
    )
    rows = rows.select_related("referral__authority", "referral__issue")
    long = [f"referral__{name}" for name in LONG_OF_ISSUE]
    return some(rows.defer(*long).order_by("proposed_at", "pk"), FIRST)


def _calls(user: User, today: dt.date) -> list[ToCall]:
    """A few offices after their date, the longest first; those called today come last."""
    phones = ContactPoint.objects.phones()
    latest = Call.objects.order_by("referral_id", "-called_at", "-pk").distinct("referral_id")
    late = Referral.objects.visible_to(user).overdue(today).order_by("due_on", "pk")
    late = late.filter(issue__in=Issue.objects.served_by(user).values("pk"))
    late = late.select_related("authority", "issue").prefetch_related(
        Prefetch("authority__contacts", phones, to_attr="phones"),
        Prefetch("calls", latest, to_attr="latest_calls"),
    )
    late = late.defer(*LONG_OF_ISSUE)
    offices: dict[int, list[Row]] = {}
    for row in _rows(late[:MANY], today):
        offices.setdefault(row.referral.authority_id, []).append(row)
    calls = [_to_call(rows, today) for rows in offices.values()]
    return sorted(calls, key=attrgetter("is_called"))[:FIRST]


def _to_call(rows: list[Row], today: dt.date) -> ToCall:
    latest = [call for row in rows for call in row.referral.latest_calls]
    is_called = any(timezone.localdate(one.called_at) == today for one in latest)
    return ToCall(rows[0].referral.authority, rows[:FIRST], is_called)


# --- official -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Official:
    """The office's own referrals under their headings, and how it stands below it."""

    offices: list[Authority]
    awaiting: int
    groups: list[tuple[str, list[Row]]]
    below: int
    below_late: int
    guests: list[Guest]
    meeting: Meeting | None
    drafts: drafted.OfOffice


def official(user: User, now: dt.datetime) -> Official:
    """What waits for an official; eight queries, nine for a director."""
    today = timezone.localdate(now)
    held = Referral.objects.answerable_by(user).open().exclude(role=Referral.Role.INFORMATION)
    own = held.filter(authority__in=user.office_ids).select_related("issue", "authority")
    own = own.defer(*LONG_OF_ISSUE)
    found = some(own.order_by(F("due_on").asc(nulls_last=True), "wanted_on", "pk"), MANY)
    below = held.exclude(authority__in=user.office_ids).aggregate(
        total=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today, paused_on=None))
    )
    guests = guests_of(user, now)
    meeting, shown = _invited(user, now, today), [one.session for one in guests]
    return Official(
        offices=[one.authority for one in user.held if one.role == Role.OFFICIAL],
        awaiting=found.total,
        groups=_grouped(_rows(found.rows, today)),
        below=below["total"],
        below_late=below["late"],
        guests=guests,
        meeting=meeting if meeting and meeting.session not in shown else None,
        drafts=drafted.of_office(user, FEW),
    )


def _grouped(rows: list[Row]) -> list[tuple[str, list[Row]]]:
    found = {name: [row for row in rows if row.due.group == name] for name in GROUPS}
    return [(name, members) for name, members in found.items() if members]


def _invited(user: User, now: dt.datetime, today: dt.date) -> Meeting | None:
    """The next session that one of the user's offices, or one below, is invited to."""
    asked = Invitation.objects.left().filter(authority__in=user.answerable_ids)
    sessions = Session.objects.filter(pk__in=asked.values("session")).announced_after(now)
    found = sessions.shown().first()
    if found is None:
        return None
    shown = programme.as_published(found)
    return Meeting(shown, (shown.day - today).days)


# --- representative -----------------------------------------------------------------------------
@dataclass(frozen=True)
class Mine:
    """An issue of one's organization and how it stands, in one sentence."""

    issue: Issue
    sentence: str


@dataclass(frozen=True)
class Representative:
    """What waits for a representative, what is called for, and whom to call."""

    guests: list[Guest]
    calls: list[IssueCall]
    drafts: list[Issue]
    claims: list[Issue]
    questions: list[Issue]
    asked: list[Response]
    same: list[Cosign]
    mine: list[Mine]
    coordinators: list[RoleAssignment]


def representative(user: User, now: dt.datetime) -> Representative:
    """What waits for a representative; eight queries."""
    asking = [Status.DRAFT, Status.RETURNED, Status.RESOLVED]
    rows = Issue.objects.raised_by(user).defer(*LONG)
    waiting = list(rows.filter(status__in=asking).order_by("created_at", "pk")[:MANY])
    leads = Prefetch(
        "referrals",
        Referral.objects.open()
        .leading()
        .filter(released_at__isnull=False)
        .select_related("authority"),
        to_attr="leads",
    )
    others = rows.exclude(status__in=asking).prefetch_related(leads)[:FEW]
    return Representative(
        guests=guests_of(user, now),
        calls=list(IssueCall.objects.of_people_of(user, timezone.localdate(now))[:FEW]),
        drafts=[one for one in waiting if one.status == Status.DRAFT],
        claims=[one for one in waiting if one.status == Status.RESOLVED],
        questions=[one for one in waiting if one.status == Status.RETURNED],
        asked=_asked(Issue.objects.raised_by(user), FEW).rows,
        same=_same(user),
        mine=[Mine(one, _sentence(one)) for one in others],
        coordinators=_coordinators_of(user),
    )


def _same(user: User) -> list[Cosign]:
    """Co-signings asked of the user's organizations, each with the issue that was merged."""
    rows = Cosign.objects.asked().filter(organization__in=user.organization_ids)
    rows = rows.filter(merge__in=Merge.objects.standing()).select_related("merge__source")
    return list(rows.defer(*(f"merge__source__{name}" for name in LONG))[:FEW])


def _sentence(issue: Issue) -> str:
    """Where the issue stands; needs ``leads``, its open leading referrals."""
    if not issue.leads:
        return history.stands(issue)
    first = issue.leads[0]
    return _("It is with %(office)s, to be solved by %(day)s.") % {
        "office": first.authority,
        "day": _short(first.date),
    }


def _short(day: dt.date) -> str:
    return date_format(day, "j F Y") if get_language() == "en" else dates.short_date(day)


def _coordinators_of(user: User) -> list[RoleAssignment]:
    """The coordinators of the organizations' provinces; those of all where they have none."""
    rows = RoleAssignment.objects.current().filter(role=Role.COORDINATOR, user__is_active=True)
    near = Q(province__organizations__in=user.organization_ids)
    found = list(rows.filter(near | Q(province=None)).select_related("user", "province").distinct())
    return [one for one in found if one.province_id] or found


# --- everybody ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Published:
    """A published issue and its place, no finer than the commune."""

    issue: Issue
    place: str
    sentence: str


@dataclass(frozen=True)
class Visitor:
    """The public page."""

    upcoming: list[Session]
    past: list[Session]
    published: list[Published]


def visitor(user: Reader, now: dt.datetime) -> Visitor:
    """The published programme and the latest published issues; three queries."""
    sessions = Session.objects.all().shown()
    issues = Issue.objects.visible_to(user).published()
    issues = issues.select_related("theme", "organization", "province", "commune__parent")
    newest = issues.defer(*LONG).order_by("-published_at", "-pk")[:FEW]
    return Visitor(
        upcoming=[programme.as_published(one) for one in sessions.announced_after(now)[:FEW]],
        past=[programme.as_published(one) for one in sessions.announced_before(now)[:FEW]],
        published=[
            Published(one, disclosed(one, Audience.PUBLIC).place, history.stands(one))
            for one in newest
        ],
    )
