"""Whether a notice is still true, and still for its recipient, when it is about to leave."""

import datetime as dt
from collections.abc import Callable

from accounts.models import Role, RoleAssignment, User
from config import notice_reading as reading
from config.notice_reading import id_of, issue_of
from issues.models import Climb, Concern, Issue, Referral
from outbox.models import Notice
from provinces.models import Authority, ContactPoint
from reminders import ladder
from reminders.offices import Offices

__all__ = ["id_of", "issue_of"]  # what others ask here as well

Truth = Callable[[Notice, dt.datetime], bool]
S = Issue.Status
UNDERWAY = frozenset({S.ACCEPTED, S.SCHEDULED, S.REFERRED, S.RESOLVED})


# --- for whom ---------------------------------------------------------------------------------
def _roles(recipient: str, role: Role) -> list[RoleAssignment]:
    """The roles of this kind that the recipient, an active person, holds now."""
    if not recipient.startswith("user:"):
        return []
    return [one for one in reading.roles_of(id_of(recipient)) if one.role == role]


def represents(recipient: str, organization_id: int) -> bool:
    """The recipient speaks for the organization, or is the organization of which nobody does."""
    if recipient == f"organization:{organization_id}":
        return True
    roles = _roles(recipient, Role.REPRESENTATIVE)
    return any(one.organization_id == organization_id for one in roles)


def coordinates(recipient: str, province_id: str) -> bool:
    """The recipient is of the secretariat of the province."""
    roles = _roles(recipient, Role.COORDINATOR)
    return any(one.province_id in (province_id, None) for one in roles)


def administers(recipient: str) -> bool:
    """The recipient is an administrator."""
    return bool(_roles(recipient, Role.ADMINISTRATOR))


def belongs(recipient: str, authority_ids: list[int]) -> bool:
    """The recipient is an official or an address of one of these authorities."""
    name, pk = recipient.split(":")
    if name == "contact":
        return ContactPoint.objects.filter(pk=pk, authority__in=authority_ids).exists()
    if name == "authority":
        return int(pk) in authority_ids
    return any(one.authority_id in authority_ids for one in _roles(recipient, Role.OFFICIAL))


def may_read(recipient: str, referral: Referral, authority_ids: list[int]) -> bool:
    """The recipient is of one of these authorities, and the issue does not concern it."""
    if not belongs(recipient, authority_ids):
        return False
    if recipient.startswith("user:"):
        return reading.may_read(id_of(recipient), referral)
    line = Authority.objects.above(authority_ids)
    return not Concern.objects.filter(issue=referral.issue_id, authority__in=line).exists()


# --- the ladder -------------------------------------------------------------------------------
def _open(notice: Notice, now: dt.datetime) -> Referral | None:
    """The notice's referral, if it still stands as the notice says."""
    referral = _in_hand(notice, now)
    if referral is None or referral.is_paused or referral.due_version != notice.version:
        return None
    return referral


def _in_hand(notice: Notice, now: dt.datetime) -> Referral | None:
    """The notice's referral, if its office was told of it and still has it."""
    referral = reading.referral_of(notice)
    if referral is None or not referral.is_open or referral.issue.status != S.REFERRED:
        return None
    is_released = referral.released_at is not None and referral.released_at <= now
    return referral if is_released else None


def first_referral(notice: Notice, now: dt.datetime) -> bool:
    """The office still holds it; that its date moved a little makes it no less new."""
    referral = _in_hand(notice, now)
    return (
        referral is not None
        and referral.ladder_version <= notice.version <= referral.due_version
        and may_read(notice.recipient, referral, [referral.authority_id])
    )


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
    known = reading.of(notice)
    rungs = known.rungs[referral.issue.priority]
    calendar = known.calendar_of(referral.issue.province_id)
    come = ladder.come(ladder.steps(rungs, referral, calendar, superiors=0), now, known.hours)
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
    if reading.of(notice).hours.opening(referral.due_on) < now:
        return referral
    by_hand = referral.climbs.filter(direction=Climb.Direction.UP, rung=notice.rung)
    return referral if by_hand.exists() else None


# --- an issue's life --------------------------------------------------------------------------
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
