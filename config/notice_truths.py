"""Whether a notice is still true, and still for its recipient, when it is about to leave."""

import datetime as dt
from collections.abc import Callable

from accounts.models import Role, RoleAssignment, User
from issues.models import AgendaItem, Climb, Concern, Issue, Referral
from outbox.models import Notice
from provinces import workdays
from provinces.models import Authority, ContactPoint
from reminders import ladder
from reminders.models import Rung
from reminders.offices import Offices

Truth = Callable[[Notice, dt.datetime], bool]
S = Issue.Status
UNDERWAY = frozenset({S.ACCEPTED, S.SCHEDULED, S.REFERRED, S.RESOLVED})


def id_of(name: str) -> int:
    """The number in ``referral:12``."""
    return int(name.partition(":")[2])


# --- for whom ---------------------------------------------------------------------------------
def _holds(recipient: str, **scope: object) -> bool:
    """The recipient is an active person who holds this role now."""
    if not recipient.startswith("user:"):
        return False
    roles = RoleAssignment.objects.current().filter(user__is_active=True)
    return roles.filter(user=id_of(recipient), **scope).exists()


def represents(recipient: str, organization_id: int) -> bool:
    """The recipient speaks for the organization, or is the organization of which nobody does."""
    if recipient == f"organization:{organization_id}":
        return True
    return _holds(recipient, role=Role.REPRESENTATIVE, organization=organization_id)


def coordinates(recipient: str, province_id: str) -> bool:
    """The recipient is of the secretariat of the province."""
    named = _holds(recipient, role=Role.COORDINATOR, province=province_id)
    return named or _holds(recipient, role=Role.COORDINATOR, province=None)


def administers(recipient: str) -> bool:
    """The recipient is an administrator."""
    return _holds(recipient, role=Role.ADMINISTRATOR)


def belongs(recipient: str, authority_ids: list[int]) -> bool:
    """The recipient is an official or an address of one of these authorities."""
    name, pk = recipient.split(":")
    if name == "contact":
        return ContactPoint.objects.filter(pk=pk, authority__in=authority_ids).exists()
    if name == "authority":
        return int(pk) in authority_ids
    return _holds(recipient, role=Role.OFFICIAL, authority__in=authority_ids)


def may_read(recipient: str, referral: Referral, authority_ids: list[int]) -> bool:
    """The recipient is of one of these authorities, and the issue does not concern it."""
    if not belongs(recipient, authority_ids):
        return False
    if recipient.startswith("user:"):
        reader = User.objects.get(pk=id_of(recipient))
        return Referral.objects.visible_to(reader).filter(pk=referral.pk).exists()
    line = Authority.objects.above(authority_ids)
    return not Concern.objects.filter(issue=referral.issue_id, authority__in=line).exists()


# --- the ladder -------------------------------------------------------------------------------
def _open(notice: Notice, now: dt.datetime) -> Referral | None:
    """The notice's referral, if it still stands as the notice says."""
    rows = Referral.objects.running().filter(
        pk=id_of(notice.subject),
        due_version=notice.version,
        released_at__lte=now,
        issue__status=S.REFERRED,
    )
    return rows.select_related("issue").first()


def first_referral(notice: Notice, now: dt.datetime) -> bool:
    """The office still holds it; that its date moved a little makes it no less new."""
    rows = Referral.objects.open().filter(
        pk=id_of(notice.subject),
        ladder_version__lte=notice.version,
        due_version__gte=notice.version,
        released_at__lte=now,
        issue__status=S.REFERRED,
    )
    referral = rows.select_related("issue").first()
    return referral is not None and may_read(notice.recipient, referral, [referral.authority_id])


def reminder(notice: Notice, now: dt.datetime) -> bool:
    """Its rung is still the newest, and it goes to the office itself."""
    referral = _open(notice, now)
    return (
        referral is not None
        and _is_newest(notice, referral, now)
        and may_read(notice.recipient, referral, [referral.authority_id])
    )


def reminder_copy(notice: Notice, now: dt.datetime) -> bool:
    """The office was or is reminded, and the coordinators are told."""
    referral = _open(notice, now)
    return referral is not None and coordinates(notice.recipient, referral.issue.province_id)


def _is_newest(notice: Notice, referral: Referral, now: dt.datetime) -> bool:
    """No later rung to the office itself has come."""
    rungs = Rung.objects.filter(priority=referral.issue.priority, is_escalation=False)
    calendar = workdays.calendar_of(referral.issue.province_id)
    come = ladder.come(ladder.steps(list(rungs), referral, calendar, superiors=0), now)
    return bool(come) and come[-1].key == notice.rung


def escalation(notice: Notice, now: dt.datetime) -> bool:
    """The date has passed, and the recipient is of a superior whom the issue does not concern."""
    referral = _late(notice, now)
    if referral is None:
        return False
    above = Offices.read([referral.issue_id]).climb(referral)
    return bool(above) and may_read(notice.recipient, referral, above)


def escalated_office(notice: Notice, now: dt.datetime) -> bool:
    """The date has passed; goes to the office itself."""
    referral = _late(notice, now)
    return referral is not None and may_read(notice.recipient, referral, [referral.authority_id])


def escalated_organization(notice: Notice, now: dt.datetime) -> bool:
    """The date has passed; goes to the organization that raised the issue."""
    referral = _late(notice, now)
    return referral is not None and represents(notice.recipient, referral.issue.organization_id)


def _late(notice: Notice, now: dt.datetime) -> Referral | None:
    """The referral after its date, or escalated by hand at this rung; none that is kept low."""
    referral = _open(notice, now)
    if referral is None or referral.due_on is None or referral.kept_low_at:
        return None
    if ladder.opening(referral.due_on) < now:
        return referral
    by_hand = referral.climbs.filter(direction=Climb.Direction.UP, rung=notice.rung)
    return referral if by_hand.exists() else None


# --- an issue's life --------------------------------------------------------------------------
def issue_of(notice: Notice) -> Issue | None:
    """The issue a notice is about, whether it names it, a referral or an item of an agenda."""
    name, pk = notice.subject.split(":")
    rows = Issue.objects.select_related("province", "organization", "theme", "commune__parent")
    if name == "referral":
        return rows.filter(pk__in=Referral.objects.filter(pk=pk).values("issue")).first()
    if name == "agendaitem":
        return rows.filter(pk__in=AgendaItem.objects.filter(pk=pk).values("issue")).first()
    if name == "comment":
        return rows.filter(comments=pk).first()
    if name == "draftedanswer":
        return rows.filter(referrals__drafts=pk).first()
    return rows.filter(pk=pk).first()


def to_organization(*states: str) -> Truth:
    """The issue stands in one of these states, and the recipient speaks for its organization."""

    def holds(notice: Notice, now: dt.datetime) -> bool:
        issue = issue_of(notice)
        return (
            issue is not None
            and issue.status in states
            and represents(notice.recipient, issue.organization_id)
        )

    return holds


def to_secretariat(*states: str) -> Truth:
    """The issue stands in one of these states, and the recipient coordinates its province."""

    def holds(notice: Notice, now: dt.datetime) -> bool:
        issue = issue_of(notice)
        return (
            issue is not None
            and issue.status in states
            and coordinates(notice.recipient, issue.province_id)
        )

    return holds


def declined(notice: Notice, now: dt.datetime) -> bool:
    """The issue is still declined."""
    issue = issue_of(notice)
    return (
        issue is not None
        and issue.closed_as == Issue.Closing.DECLINED
        and represents(notice.recipient, issue.organization_id)
    )


def response_given(notice: Notice, now: dt.datetime) -> bool:
    """The issue is not closed; for its organization and its secretariat."""
    states = (S.REFERRED, S.RESOLVED)
    return to_organization(*states)(notice, now) or to_secretariat(*states)(notice, now)


def question_answered(notice: Notice, now: dt.datetime) -> bool:
    """The office that asked still holds the referral."""
    rows = Referral.objects.open().filter(pk=id_of(notice.subject), released_at__lte=now)
    referral = rows.first()
    return referral is not None and may_read(notice.recipient, referral, [referral.authority_id])


def disputed(notice: Notice, now: dt.datetime) -> bool:
    """The issue is open again; for its secretariat and the offices that hold it."""
    issue = issue_of(notice)
    if issue is None or issue.status not in (S.REFERRED, S.ACCEPTED):
        return False
    if coordinates(notice.recipient, issue.province_id):
        return True
    held = Referral.objects.open().filter(issue=issue)
    return any(may_read(notice.recipient, one, [one.authority_id]) for one in held)


def pressured(notice: Notice, now: dt.datetime) -> bool:
    """The issue is still frozen; for the coordinators of its province."""
    issue = issue_of(notice)
    return (
        issue is not None
        and issue.pressured_at is not None
        and coordinates(notice.recipient, issue.province_id)
    )


def protected(notice: Notice, now: dt.datetime) -> bool:
    """The recipient coordinates its province, and reads it: it may concern an office of theirs."""
    issue = issue_of(notice)
    if issue is None or not coordinates(notice.recipient, issue.province_id):
        return False
    reader = User.objects.get(pk=id_of(notice.recipient))
    return Issue.objects.visible_to(reader).filter(pk=issue.pk).exists()


def confirmation_asked(notice: Notice, now: dt.datetime) -> bool:
    """This very claim still waits for the organization's word."""
    issue = issue_of(notice)
    return (
        issue is not None
        and issue.claims == notice.version
        and to_organization(S.RESOLVED)(notice, now)
    )
