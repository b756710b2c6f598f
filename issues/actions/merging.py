"""Two issues of one matter become one, and apart again: nothing of either is lost."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from audit.actions import record
from audit.errors import TransitionError
from audit.models import AuditEntry
from issues.actions import carrying, notify
from issues.actions.move import check, lock, lock_all, move
from issues.actions.protecting import _recall_from
from issues.actions.raising import leave_agendas
from issues.merged import demands_of, strictest
from issues.models import Concern, Cosign, Issue, Merge, Referral
from issues.permissions import serves
from issues.workflow import TRANSITIONS, Act

UNDO_WITHIN = dt.timedelta(hours=24)
COORDINATOR = AuditEntry.Role.COORDINATOR


@transaction.atomic
def merge(
    issue: Issue,
    *,
    by: User,
    now: dt.datetime,
    target: Issue,
    note: str = "",
    moves_referrals: bool = False,
) -> Merge:
    """Close the issue, since it goes on in the target; its organization is asked to co-sign there.

    The stricter disclosure holds for the target, and no office sees it that must not see one of
    them. The same press again changes nothing. Raises TransitionError where one of the issues is
    not what can be merged.
    """
    lock_all([issue.pk, target.pk])
    source, into = lock(issue), lock(target)
    if done := _done_before(source, into, by):
        return done
    check(source, Act.MERGE, by=by)
    _refuse(source, into, by, moves_referrals)
    made = Merge(source=source, target=into, by=by, at=now, before=_snapshot(source, into))
    made.note, made.moves_referrals = note, moves_referrals
    _tighten(made, by, now)
    _hand_on(made, by, now)
    _close(made, by, now)
    carrying.tell_moved(made, now=now)
    _ask_organizations(made, now)
    return made


def _close(made: Merge, by: User, now: dt.datetime) -> None:
    """Close the source, and keep what was done."""
    leave_agendas(made.source)
    move(
        made.source,
        Act.MERGE,
        by=by,
        now=now,
        trace={"into": made.target.pk},
        closed_at=now,
        closed_as=Issue.Closing.MERGED,
        merged_into=made.target,
    )
    made.save(force_insert=True)
    source_id = made.source.pk
    record("issue.take_in", made.target, by=by, role=COORDINATOR, at=now, source=source_id)


def _done_before(source: Issue, target: Issue, by: User) -> Merge | None:
    """What the same press did already."""
    if source.merged_into_id != target.pk:
        return None
    return source.merges.standing().filter(target=target, by=by).first()


def _refuse(source: Issue, target: Issue, by: User, moves_referrals: bool) -> None:
    if source.pk == target.pk:
        raise TransitionError(_("Choose another issue: this is the same."))
    if not serves(by, target):
        raise TransitionError(
            _("Issue %(reference)s is not of your provinces.") % {"reference": target.reference}
        )
    if target.status not in TRANSITIONS[Act.MERGE].sources:
        raise TransitionError(
            _("Nothing can go on in %(reference)s: it is “%(state)s”.")
            % {"reference": target.reference, "state": target.get_status_display()}
        )
    if source.pressured_at or target.pressured_at:
        raise TransitionError(_("One of the issues is frozen. Lift that first."))
    if source.merges_in.standing().exists():
        raise TransitionError(
            _("Other issues go on in this one. Merge %(reference)s into it instead.")
            % {"reference": target.reference}
        )
    held = moves_referrals and Referral.objects.open().filter(issue=source).exists()
    if held and target.status == Issue.Status.SUBMITTED:
        raise TransitionError(
            _("Accept %(reference)s first, so that the offices can go on with it.")
            % {"reference": target.reference}
        )


def _snapshot(source: Issue, target: Issue) -> dict[str, Any]:
    """What an undo needs: ids, states and dates of both issues, never their words."""
    return {
        "status": source.status,
        "agenda": carrying.turns(source),
        "left": [],
        "disclosure": target.disclosure,
        "concerns": [],
        "moved": [],
        "recalled": [],
    }


# --- the target becomes as strict as both -------------------------------------------------------
def _tighten(made: Merge, by: User, now: dt.datetime) -> None:
    """Let the target be seen by none who must not see one of the two."""
    source, target = made.source, made.target
    before = target.disclosure
    target.disclosure = strictest([before, source.disclosure])
    target.is_named = target.is_named and target.disclosure != Issue.Disclosure.CONFIDENTIAL
    if target.disclosure != Issue.Disclosure.PUBLIC:
        target.published_at = None
    target.version += 1
    made.before["version_after"] = target.version
    target.save()
    if target.disclosure != before:
        change = [before, str(target.disclosure)]
        record("issue.tighten", target, by=by, role=COORDINATOR, at=now, disclosure=change)
    _unite_concerns(made, by, now)


def _unite_concerns(made: Merge, by: User, now: dt.datetime) -> None:
    source, target = made.source, made.target
    known = set(target.concerns.values_list("authority", flat=True))
    fresh = [
        one for one in source.concerns.select_related("authority") if one.authority_id not in known
    ]
    Concern.objects.bulk_create(
        [Concern(issue=target, authority_id=one.authority_id) for one in fresh]
    )
    made.before["concerns"] = [one.authority_id for one in fresh]
    held, agenda = _open_ids(target), carrying.turns(target)
    for one in fresh:
        record("issue.concern", target, by=by, role=COORDINATOR, at=now, authority=one.authority_id)
        _recall_from(target, one.authority, by, now)
    made.before["recalled"] += sorted(held - _open_ids(target))
    stays = carrying.turns(target)
    made.before["left"] = [one for one in agenda if one not in stays]


def _open_ids(issue: Issue) -> set[int]:
    return set(Referral.objects.open().filter(issue=issue).values_list("pk", flat=True))


def _hand_on(made: Merge, by: User, now: dt.datetime) -> None:
    """Let the offices of the source go on with the target, or recall it from them."""
    held = _open_ids(made.source)
    if made.moves_referrals:
        made.before["moved"] = carrying.carry_over(made.source, made.target, by=by, now=now)
    carrying.recall_all(made.source, by=by, now=now)
    made.before["recalled"] += sorted(held - {old for old, _new in made.before["moved"]})


# --- the organizations --------------------------------------------------------------------------
def _ask_organizations(made: Merge, now: dt.datetime) -> None:
    """Ask those behind the source whether it is the same matter; who knows already is told."""
    source, target = made.source, made.target
    behind = {source.organization_id, *_organizations(source.cosigns.agreed())}
    known = {target.organization_id, *_organizations(target.cosigns.live())}
    asked = sorted(behind - known)
    Cosign.objects.bulk_create(
        [
            Cosign(
                issue=target,
                organization_id=one,
                merge=made,
                state=Cosign.State.ASKED,
                asked_at=now,
            )
            for one in asked
        ]
    )
    people = notify.representatives_of(asked)
    notify.tell("cosign_asked", source, people, now=now, version=made.pk)
    told = sorted(behind - set(asked))
    people = notify.representatives_of(told)
    notify.tell("issue_merged", source, people, now=now, version=made.pk)


def _organizations(rows: Iterable[Cosign]) -> set[int]:
    return {one.organization_id for one in rows}


# --- apart again --------------------------------------------------------------------------------
@transaction.atomic
def unmerge(issue: Issue, *, by: User, now: dt.datetime, reason: str) -> Issue:
    """Undo a merging within a day: both issues are as before, where nobody changed them since."""
    made = issue.merges.standing().first()
    if made is None:
        check(lock(issue), Act.UNMERGE, by=by)
        raise TransitionError(_("Meanwhile this issue goes on by itself again."))
    lock_both(made)
    check(lock(issue), Act.UNMERGE, by=by)
    if not serves(by, made.target):
        raise PermissionDenied
    if now > made.at + UNDO_WITHIN:
        raise TransitionError(
            _("A merging can be undone for 24 hours. Split the other issue instead.")
        )
    return undo(made, by=by, role=COORDINATOR, now=now, because=reason)


def lock_both(*made: Merge) -> None:
    """Lock the sessions and then the issues of these merges, as everybody does."""
    turns = [turn for one in made for turn in one.before["agenda"] + one.before.get("left", [])]
    carrying.lock_sessions(session for session, _minutes in turns)
    lock_all(pk for one in made for pk in (one.source_id, one.target_id))


def undo(merge: Merge, *, by: User, role: AuditEntry.Role, now: dt.datetime, because: str) -> Issue:
    """Take the two issues apart again; the caller has locked them and checked who may."""
    made = Merge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
    if made.undone_at:
        raise TransitionError(_("Meanwhile this issue goes on by itself again."))
    made.undone_at, made.undone_by, made.undone_because = now, by, because
    made.save()
    _end_cosigns(made, made.cosigns.live(), by, now)
    source, target = lock(made.source), lock(made.target)
    hand = carrying.Hand(by if serves(by, target) else None, now)
    _loosen(made, target)
    if target.is_open:
        carrying.open_again(target, made, hand)
    back = carrying.take_back(target, made, hand)
    record("issue.let_go", target, by=hand.by, role=hand.role, at=now, source=source.pk)
    _restore(source, made, back, by, role, now)
    people = notify.representatives(source)
    notify.tell("issue_unmerged", source, people, now=now, version=made.pk)
    return source


def _end_cosigns(made: Merge, rows: QuerySet[Cosign], by: User, now: dt.datetime) -> None:
    """End what was asked by the merging, unless another of the organization asks the same."""
    others = _others_of(made)
    for row in rows.filter(organization__in=others):
        row.merge = others[row.organization_id]
        row.save(update_fields=["merge"])
        if row.state == Cosign.State.ASKED:
            people = notify.representatives_of([row.organization_id])
            issue, version = row.merge.source, row.merge.pk
            notify.tell("cosign_asked", issue, people, now=now, version=version)
    rows.filter(merge=made).update(state=Cosign.State.ENDED, answered_at=now, answered_by=by)


def _others_of(made: Merge) -> dict[int, Merge]:
    """For each organization the other issue behind which it stands that goes on in the target."""
    others = made.target.merges_in.standing().exclude(pk=made.pk).select_related("source")
    return {
        organization: other
        for other in others.prefetch_related("source__cosigns")
        for organization in (
            *_organizations(
                one for one in other.source.cosigns.all() if one.state == Cosign.State.AGREED
            ),
            other.source.organization_id,
        )
    }


def _loosen(made: Merge, target: Issue) -> None:
    """Give the target back what the merging took, as far as no other merged issue forbids it.

    Its disclosure only where nobody touched it since: whoever did had a reason. Nothing is
    published or named again by itself; that the secretariat and the organization decide.
    """
    demands = demands_of(target)
    if target.version == made.before.get("version_after") and not target.pressured_at:
        target.disclosure = strictest([made.before["disclosure"], demands.disclosure])
    target.version += 1
    target.save()
    brought = set(made.before["concerns"])
    target.concerns.filter(authority__in=brought - demands.needed).delete()
    marked = set(target.concerns.values_list("authority", flat=True))
    demands.share(own=marked - brought - demands.brought, marked=marked)


def _restore(
    source: Issue, made: Merge, back: bool, by: User, role: AuditEntry.Role, now: dt.datetime
) -> None:
    """Open the source again, in its state of before or the nearest one."""
    before = Issue.Status(made.before["status"])
    source.closed_at, source.closed_as, source.merged_into = None, "", None
    state = before
    if before in (Issue.Status.SCHEDULED, Issue.Status.REFERRED):
        on_agenda = carrying.put_back(source, made.before["agenda"], now)
        state = Issue.Status.SCHEDULED if on_agenda else Issue.Status.ACCEPTED
        state = Issue.Status.REFERRED if back else state
    carrying.enter_and_save(source, state, now)
    change = {"status": [Issue.Status.CLOSED, state], "from": made.target_id}
    record("issue.unmerge", source, by=by, role=role, at=now, **change)


def come_apart(issue: Issue, *, by: User, now: dt.datetime, because: str) -> None:
    """Let a merged issue that is taken up again no longer belong to the one it went on in.

    For the caller that has locked it. Raises TransitionError while that one is still open.
    """
    if issue.merged_into is None:
        return
    if issue.merged_into.is_open:
        raise TransitionError(
            _("It goes on in %(reference)s, which is open.")
            % {"reference": issue.merged_into.reference}
        )
    for made in issue.merges.standing():
        made.undone_at, made.undone_by, made.undone_because = now, by, because
        made.save()
        _end_cosigns(made, made.cosigns.asked(), by, now)  # merged again, it is asked again
