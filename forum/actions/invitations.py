"""Who is invited to a session, and what they answer."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organization, User
from audit.actions import record
from audit.errors import TransitionError
from audit.models import AuditEntry, subject_of
from forum import parties, permissions, workflow
from forum.actions import shared
from forum.models import Invitation, Session
from forum.workflow import Act
from outbox import actions as outbox
from outbox.models import Notice
from provinces.models import Authority


@transaction.atomic
def invite(
    session: Session,
    *,
    by: User,
    now: dt.datetime,
    quota: int,
    organizations: Collection[Organization] = (),
    authorities: Collection[Authority] = (),
) -> list[Invitation]:
    """Invite these parties and tell their people; those invited before stay as they are."""
    locked = shared.lock(session, Act.INVITE, by=by)
    _check_invitable(locked, organizations, authorities)
    asked = {parties.key_of(one) for one in locked.invitations.all()}
    rows = [Invitation(session=locked, organization=one, quota=quota) for one in organizations]
    rows += [Invitation(session=locked, authority=one, quota=quota) for one in authorities]
    new = Invitation.objects.bulk_create([one for one in rows if parties.key_of(one) not in asked])
    if new:
        ids = [one.pk for one in new]
        record(
            f"forum.{Act.INVITE}", locked, by=by, role=shared.COORDINATOR, at=now, invitations=ids
        )
        _tell_of_invitations(new, now=now)
    return new


def _tell_of_invitations(invitations: Sequence[Invitation], *, now: dt.datetime) -> None:
    """One notice for each person of each invited party."""
    people = parties.people_of(
        [one.organization_id for one in invitations if one.organization_id],
        [one.authority_id for one in invitations if one.authority_id],
    )
    outbox.tell_all(
        Notice(
            kind="invitation",
            subject=subject_of(one),
            recipient=recipient,
            due_at=now,
            province_id=one.session.province_id,
        )
        for one in invitations
        for recipient in people[parties.key_of(one)]
    )


def _check_invitable(
    session: Session, organizations: Collection[Organization], authorities: Collection[Authority]
) -> None:
    """Raise TransitionError for a party that has ended, or an authority of another province."""
    invited: list[Organization | Authority] = [*organizations, *authorities]
    for party in invited:
        if party.ended_on is not None:
            raise TransitionError(_("%(party)s no longer exists.") % {"party": party})
    for authority in authorities:
        if authority.province_id not in (None, session.province_id):
            raise TransitionError(
                _("%(authority)s does not answer for %(province)s.")
                % {"authority": authority, "province": session.province}
            )


@transaction.atomic
def uninvite(invitation: Invitation, *, by: User, now: dt.datetime) -> None:
    """Take back an invitation nobody has answered."""
    session = shared.lock(invitation.session, Act.UNINVITE, by=by)
    locked = _locked_invitation(invitation)
    if locked.status != Invitation.Status.PENDING:
        raise TransitionError(_("The invitation has already been answered."))
    party: dict[str, Any] = dict([parties.key_of(locked)])
    if session.attendances.filter(**party).exists():
        raise TransitionError(_("It has been counted who came for them."))
    locked.delete()
    record(f"forum.{Act.UNINVITE}", session, by=by, role=shared.COORDINATOR, at=now, **party)


@transaction.atomic
def answer_invitation(
    invitation: Invitation, *, by: User, now: dt.datetime, status: str
) -> Invitation:
    """Say whether the party comes: its own people, or a coordinator on their behalf."""
    session = shared.locked_session(invitation.session)
    locked = _locked_invitation(invitation)
    if not permissions.answers(by, locked):
        raise PermissionDenied
    workflow.check_state(Act.ANSWER, session)
    before = locked.status
    if before == status:
        return locked
    shared.update(locked, {}, status=str(status), answered_at=now)
    record(
        f"forum.{Act.ANSWER}",
        locked,
        by=by,
        role=_role(by, locked),
        at=now,
        status=[before, str(status)],
    )
    return locked


def _locked_invitation(invitation: Invitation) -> Invitation:
    """The invitation's row, locked; TransitionError where it has been taken back."""
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("session")
    locked = rows.filter(pk=invitation.pk).first()
    if locked is None:
        raise TransitionError(_("The invitation has been taken back."))
    return locked


def _role(by: User, invitation: Invitation) -> str:
    """As whom the user answers: for their own party where they can."""
    if not permissions.is_of_party(by, invitation):
        return shared.COORDINATOR
    if invitation.organization_id is not None:
        return AuditEntry.Role.REPRESENTATIVE
    return AuditEntry.Role.OFFICIAL
