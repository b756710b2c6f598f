"""Other organizations behind an issue: they co-sign it, or are asked to after a merging."""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organization, User
from audit.actions import record
from audit.errors import TransitionError
from audit.models import AuditEntry
from issues.actions import merging, notify
from issues.actions.move import check, lock
from issues.models import Cosign, Issue, Merge
from issues.workflow import Act

REPRESENTATIVE = AuditEntry.Role.REPRESENTATIVE
State = Cosign.State


@transaction.atomic
def cosign(issue: Issue, *, by: User, now: dt.datetime, organization: Organization) -> Cosign:
    """Make another's published issue one's own as well; a second press changes nothing."""
    locked = lock(issue)
    check(locked, Act.COSIGN, by=by)
    own = by.organization_ids - {locked.organization_id}
    if organization.pk not in own or organization.ended_on:
        raise PermissionDenied
    if not Issue.objects.visible_to(by).filter(pk=locked.pk).exists():
        raise PermissionDenied
    live = locked.cosigns.live().filter(organization=organization).first()
    if live and live.state == State.AGREED:
        return live
    if live is None and (locked.published_at is None or locked.pressured_at):
        raise TransitionError(_("An issue can be co-signed while it is published."))
    return _agree(live or Cosign(issue=locked, organization=organization), by, now)


def _agree(row: Cosign, by: User, now: dt.datetime) -> Cosign:
    row.state, row.answered_at, row.answered_by = State.AGREED, now, by
    row.save()
    record("issue.cosign", row.issue, by=by, role=REPRESENTATIVE, at=now, cosign=row.pk)
    told = [*notify.coordinators(row.issue), *notify.representatives(row.issue)]
    notify.tell("cosigned", row.issue, told, now=now, version=row.pk)
    return row


@transaction.atomic
def uncosign(cosign: Cosign, *, by: User, now: dt.datetime) -> Cosign:
    """No longer stand behind the issue; its organization's own merged issue must be apart first."""
    locked = lock(cosign.issue)
    held = Cosign.objects.select_for_update(of=("self",)).get(pk=cosign.pk)
    _refuse_others(held, by)
    if held.state == State.ENDED:
        return held
    if held.state != State.AGREED:
        raise TransitionError(_("Your organization does not co-sign this issue."))
    if _merges_of(held):
        raise TransitionError(
            _("Your own issue goes on in this one. Ask the secretariat to take them apart.")
        )
    held.state, held.answered_at, held.answered_by = State.ENDED, now, by
    held.save()
    record("issue.uncosign", locked, by=by, role=REPRESENTATIVE, at=now, cosign=held.pk)
    return held


def _refuse_others(cosign: Cosign, by: User) -> None:
    if cosign.organization_id not in by.organization_ids:
        raise PermissionDenied


def _merges_of(cosign: Cosign) -> list[Merge]:
    """The standing mergings of the organization's own issues into the one it co-signs."""
    rows = Merge.objects.standing().filter(target=cosign.issue_id).order_by("pk")
    return list(rows.filter(source__organization=cosign.organization_id))


@transaction.atomic
def answer_cosign(cosign: Cosign, *, by: User, now: dt.datetime, agrees: bool) -> Cosign:
    """The organization of a merged issue says whether it is the same matter.

    If it is, both organizations know each other from then on; if not, its issue goes on by
    itself again, whenever that is said. The same answer again changes nothing.
    """
    made = _merges_of(cosign)
    merging.lock_both(*made)
    lock(cosign.issue)
    held = Cosign.objects.select_for_update(of=("self",)).get(pk=cosign.pk)
    _refuse_others(held, by)
    if held.state == (State.AGREED if agrees else State.REFUSED):
        return held
    if held.state != State.ASKED:
        raise TransitionError(_("Meanwhile this was answered, or the issues were taken apart."))
    return _agree(held, by, now) if agrees else _refuse(held, made, by, now)


def _refuse(row: Cosign, made: list[Merge], by: User, now: dt.datetime) -> Cosign:
    row.state, row.answered_at, row.answered_by = State.REFUSED, now, by
    row.save()
    record("issue.refuse_cosign", row.issue, by=by, role=REPRESENTATIVE, at=now, cosign=row.pk)
    for one in made:
        merging.undo(one, by=by, role=REPRESENTATIVE, now=now, because="")
        people = notify.coordinators(one.source) + notify.coordinators(one.target)
        told = list(dict.fromkeys(people))
        notify.tell("cosign_refused", one.source, told, now=now, version=row.pk)
    return row
