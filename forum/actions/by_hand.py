"""What coordinators told somebody themselves: by telephone, or with the printed letter."""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.actions import record
from audit.errors import TransitionError
from forum import parties, permissions, telling
from forum.actions import shared
from forum.actions.invitations import locked_invitation
from forum.models import Invitation, Session, Told


@transaction.atomic
def tell_by_hand(
    session: Session,
    *,
    by: User,
    now: dt.datetime,
    recipient: str,
    way: str,
    seen: int,
) -> Told:
    """Note that somebody was told of the session as it is published: by telephone or letter.

    Noted twice it is the same, and stands in the trail once.

    ``seen`` is the sequence that was shown: raises TransitionError where it was published anew
    since, so that nobody counts as told of a day that was never named to them.
    """
    if not permissions.serves(by, session):
        raise PermissionDenied
    locked = shared.locked_session(session)
    if locked.announced is None:
        raise TransitionError(_("The session has not been published yet."))
    _check_shown(locked, seen)
    if before := _noted(locked, recipient, way):
        return before
    told = telling.note(locked, recipient, locked.announced, at=now, way=way, by=by)
    record(
        "forum.tell_by_hand",
        locked,
        by=by,
        role=shared.COORDINATOR,
        at=now,
        recipient=recipient,
        way=str(way),
    )
    return told


@transaction.atomic
def hand_over_letter(
    invitation: Invitation, *, by: User, now: dt.datetime, seen: int | None = None
) -> Invitation:
    """Note that the printed letter was handed over today; the party then knows the session.

    ``seen`` is the sequence that was shown, where the list showed one: see ``tell_by_hand``.
    """
    if not permissions.serves(by, invitation.session):
        raise PermissionDenied
    session = shared.locked_session(invitation.session)
    locked = locked_invitation(invitation)
    if locked.released_at is None or locked.withdrawn_at is not None:
        raise TransitionError(_("The invitation has not been sent yet."))
    if session.announced is None:
        raise TransitionError(_("The session has not been published yet."))
    if seen is not None:
        _check_shown(session, seen)
    name, pk = parties.key_of(locked)
    recipient = f"{name}:{pk}"
    if locked.handed_over_on is not None and _noted(session, recipient, Told.Way.LETTER):
        return locked
    shared.update(locked, {}, handed_over_on=timezone.localdate(now))
    telling.note(session, recipient, session.announced, at=now, way=Told.Way.LETTER, by=by)
    record("forum.hand_over_letter", locked, by=by, role=shared.COORDINATOR, at=now)
    return locked


def _check_shown(session: Session, seen: int) -> None:
    """Raise TransitionError where it was published anew since the list was opened."""
    if seen != session.sequence:
        raise TransitionError(
            _("Meanwhile the session has changed again: look what they have to be told.")
        )


def _noted(session: Session, recipient: str, way: str) -> Told | None:
    """What is noted already: that they were told what is published, in this way."""
    known, entry = telling.known_by(session, recipient), session.announced
    if known is None or entry is None or known.is_withdrawn:
        return None
    is_same = (known.entry.sequence, known.way) == (entry.sequence, str(way))
    return known if is_same else None
