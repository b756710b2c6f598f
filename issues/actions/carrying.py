"""What offices and sessions hold of an issue goes with it when it is merged, and comes back."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from audit.actions import record
from audit.models import AuditEntry
from forum.models import Session
from issues.actions import notify, pausing
from issues.actions.move import enter, lock, move
from issues.actions.raising import end_referrals
from issues.actions.referring import recall
from issues.models import AgendaItem, Issue, Merge, Pause, Referral
from issues.workflow import Act
from provinces import workdays
from provinces.models import Authority

COPIED = (
    "authority_id", "role", "outcome_id", "referred_at", "referred_by_id", "note", "wanted_on",
    "days", "released_at", "handed_over_on", "due_on", "due_version", "acknowledged_at",
    "acknowledged_by_id", "expected_on",
)  # fmt: skip
CLOCK = ("wanted_on", "days", "released_at", "handed_over_on", "due_on")
TO_COME = (Session.Status.PLANNED, Session.Status.OPEN)
S = Issue.Status


@dataclass(frozen=True)
class Hand:
    """Who moves the target's referrals: a coordinator, or the system at another's word."""

    by: User | None
    now: dt.datetime

    @property
    def role(self) -> AuditEntry.Role:
        """As the trail names it."""
        return AuditEntry.Role.COORDINATOR if self.by else AuditEntry.Role.SYSTEM


# --- to the other issue -------------------------------------------------------------------------
def carry_over(source: Issue, target: Issue, *, by: User, now: dt.datetime) -> list[list[int]]:
    """Give the target the source's open referrals with their clocks; pairs of old and new.

    A row of its own for each, since what was said on the old one was said to its organization
    alone. What the target's office may not have, stays where it is.
    """
    barred = Authority.objects.below(target.concerns.values_list("authority", flat=True))
    fit = Referral.objects.open().filter(issue=source, authority__ended_on=None)
    fit = fit.exclude(authority__in=barred).select_related("authority")
    near = [one for one in fit if one.authority.province_id in (None, target.province_id)]
    pairs = []
    for one in sorted(near, key=_leads_first):
        pausing.end_pause(one, why=Pause.Why.OVER, now=now)  # the question was to the source
        held = Referral.objects.open().filter(issue=target)
        if held.filter(authority=one.authority_id).exists():
            _end(one, now)
            pairs.append([one.pk, 0])
        elif one.role == Referral.Role.LEAD or held.leading().exists():
            pairs.append([one.pk, _copy(one, target, by, now).pk])
            _end(one, now)
    return pairs


def _end(referral: Referral, now: dt.datetime) -> None:
    referral.ended_at, referral.ended_as = now, Referral.Ending.OVER
    referral.save(update_fields=["ended_at", "ended_as"])


def _copy(referral: Referral, target: Issue, by: User, now: dt.datetime) -> Referral:
    trace = {"authority": referral.authority_id, "part": referral.role}
    moved = move(target, Act.REFER, by=by, now=now, trace=trace)
    copy = Referral.objects.create(
        issue=moved, **{name: getattr(referral, name) for name in COPIED}
    )
    if copy.released_at:
        people = notify.representatives(moved)
        notify.tell("issue_referred", moved, people, now=now, about=copy)
    return copy


def tell_moved(made: Merge, *, now: dt.datetime) -> None:
    """Tell the offices whose clock ran under which reference they go on with it."""
    olds = Referral.objects.filter(pk__in=dict(made.before["moved"]), handed_over_on__isnull=False)
    heirs = Referral.objects.open().filter(
        issue=made.target, authority__in=olds.values("authority")
    )
    notify.tell_offices("referral_moved", made.target, list(heirs), now=now, version=made.pk)


def recall_all(issue: Issue, *, by: User, now: dt.datetime) -> None:
    """Recall what offices still hold of the issue."""
    if lock(issue).status != S.REFERRED:
        end_referrals(issue, Referral.Ending.RECALLED, now)
    for pk in list(Referral.objects.open().filter(issue=issue).values_list("pk", flat=True)):
        referral = Referral.objects.open().filter(pk=pk).first()
        if referral is not None:  # the last leading one took the others with it
            recall(referral, by=by, now=now)


# --- back ---------------------------------------------------------------------------------------
def open_again(target: Issue, made: Merge, hand: Hand) -> None:
    """Give the target's offices back what was recalled from them by the merging."""
    if target.status not in (S.ACCEPTED, S.SCHEDULED, S.REFERRED):
        return
    for one in _ended_by(made, target):
        if _may_hold(one):
            _reopen(one, hand.now)
            trace: dict[str, object] = {"authority": one.authority_id, "part": one.role}
            _stand(target, hand, "issue.refer", trace)
    if target.status == S.REFERRED:  # with the last of its offices it had lost its review
        put_back(target, made.before.get("left", []), hand.now)


def take_back(target: Issue, made: Merge, hand: Hand) -> bool:
    """Give the source its referrals back that are still open; whether a leading one is."""
    copies = dict(made.before["moved"])
    still = {
        one.pk: one for one in Referral.objects.open().filter(issue=target, pk__in=copies.values())
    }
    olds = Referral.objects.filter(issue=made.source_id, pk__in=copies).select_related("authority")
    back = _ended_by(made, made.source)
    for old in olds.select_for_update(of=("self",), no_key=True):
        copy = still.get(copies[old.pk])
        if copy is not None:
            _recall_copy(target, copy, old, hand)
        if copy is not None or not copies[old.pk]:  # else it was solved or recalled there
            back.append(old)
    for one in sorted(back, key=_leads_first):
        if _may_hold(one):
            _reopen(one, hand.now, goes_on=copies.get(one.pk) in still)
    _tell_back(made, target, list(still.values()), hand.now)
    return Referral.objects.open().leading().filter(issue=made.source_id).exists()


def _ended_by(made: Merge, issue: Issue) -> list[Referral]:
    """What the merging itself recalled of the issue, the leading ones first."""
    rows = Referral.objects.filter(issue=issue, pk__in=made.before["recalled"], ended_at=made.at)
    locked = rows.select_related("authority").select_for_update(of=("self",), no_key=True)
    return sorted(locked, key=_leads_first)


def _leads_first(referral: Referral) -> bool:
    """For sorting: no office supports where none leads."""
    return referral.role != Referral.Role.LEAD


def _may_hold(referral: Referral) -> bool:
    """Its office may have it again: it stands, has it not, and the issue does not concern it."""
    if referral.authority.ended_on:
        return False
    held = Referral.objects.open().filter(issue=referral.issue_id)
    if held.filter(authority=referral.authority_id).exists():
        return False
    if referral.role != Referral.Role.LEAD and not held.leading().exists():
        return False
    line = Authority.objects.above([referral.authority_id])
    return not referral.issue.concerns.filter(authority__in=line).exists()


def _reopen(referral: Referral, now: dt.datetime, *, goes_on: bool = False) -> None:
    """Open it again; its clock starts anew, unless the office went on with it all the while."""
    referral.ended_at, referral.ended_as, referral.ended_because = None, "", ""
    referral.due_version += 1  # what was told of it before stays told
    if referral.released_at and not goes_on:
        calendar = workdays.calendar_of(referral.issue.province_id)
        referral.wanted_on = calendar.add(timezone.localdate(now), referral.days)
        referral.handed_over_on = referral.due_on = None
        referral.begin_ladder()
    referral.save()


def _recall_copy(target: Issue, copy: Referral, old: Referral, hand: Hand) -> None:
    pausing.end_pause(copy, why=Pause.Why.OVER, now=hand.now)
    for name in CLOCK:
        setattr(old, name, getattr(copy, name))
    old.due_version = max(old.due_version, copy.due_version)
    copy.ended_at, copy.ended_as = hand.now, Referral.Ending.RECALLED
    copy.save(update_fields=["ended_at", "ended_as"])
    trace: dict[str, object] = {"referral": copy.pk, "authority": copy.authority_id}
    _stand(target, hand, "issue.recall", trace)
    told, version = notify.representatives(target), copy.due_version
    notify.tell("referral_taken_back", target, told, now=hand.now, version=version, about=copy)


def _tell_back(made: Merge, target: Issue, copies: list[Referral], now: dt.datetime) -> None:
    """Tell the offices that went on with it under which reference it is now, or that it ended."""
    ids = {one.authority_id for one in copies}
    again = Referral.objects.open().filter(issue=made.source_id, authority__in=ids)
    ran = [one for one in again if one.handed_over_on]
    notify.tell_offices("referral_moved", made.source, ran, now=now, version=made.pk)
    held = {one.authority_id for one in again}
    over = [one for one in copies if one.authority_id not in held]
    notify.tell_offices("referral_recalled", target, notify.known(target, over), now=now)


def _stand(target: Issue, hand: Hand, act: str, trace: dict[str, object]) -> None:
    """Put the target into the state that its open referrals say, and record what was done."""
    leads = Referral.objects.open().leading().filter(issue=target).exists()
    waits = target.agenda_items.filter(outcome=None).exists()
    state = S.REFERRED if leads else S.SCHEDULED if waits else S.ACCEPTED
    if not leads:
        end_referrals(target, Referral.Ending.OVER, hand.now)
    if state != target.status:
        trace = trace | {"status": [target.status, state]}
        enter_and_save(target, state, hand.now)
    record(act, target, by=hand.by, role=hand.role, at=hand.now, **trace)


def enter_and_save(issue: Issue, state: Issue.Status, now: dt.datetime) -> None:
    """Set the state with its interval, and save the issue."""
    enter(issue, state, now)
    issue.save()


# --- agendas ------------------------------------------------------------------------------------
def lock_sessions(session_ids: Iterable[int]) -> None:
    """Lock these sessions, in one order for everybody and before any issue."""
    rows = Session.objects.filter(pk__in=list(session_ids)).order_by("pk")
    list(rows.select_for_update(of=("self",)).values_list("pk"))


def turns(issue: Issue) -> list[list[int]]:
    """The sessions that have still to deal with the issue, each with its minutes."""
    rows = issue.agenda_items.filter(outcome=None).order_by("pk")
    return [list(one) for one in rows.values_list("session", "minutes")]


def put_back(issue: Issue, agenda: list[list[int]], now: dt.datetime) -> bool:
    """Put the issue last on those of its agendas that are still to come; whether there is one."""
    minutes = {session: length for session, length in agenda}  # noqa: C416 - pairs are lists
    sessions = Session.objects.filter(pk__in=minutes, status__in=TO_COME, ends_at__gt=now)
    sessions = sessions.exclude(pk__in=issue.agenda_items.values("session"))
    latest = dict(
        sessions.annotate(latest=Max("agenda_items__position")).values_list("pk", "latest")
    )
    AgendaItem.objects.bulk_create(
        [
            AgendaItem(
                session_id=pk, issue=issue, position=(position or 0) + 1, minutes=minutes[pk]
            )
            for pk, position in latest.items()
        ]
    )
    return bool(latest)
