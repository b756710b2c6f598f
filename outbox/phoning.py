"""A notice told by telephone, or by another way than the one that failed."""

import datetime as dt
import uuid

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from audit import once
from audit.actions import record
from audit.errors import Conflict, TransitionError
from audit.models import AuditEntry
from outbox import actions, beneath, handling, other_ways, permissions, registry
from outbox.handling import CANCELLED, RETRIED, Act, Locked
from outbox.models import ByPhone, Message, Notice

PHONED = gettext_noop("It was told by phone.")
ENDED = (Notice.State.FAILED, Notice.State.DEAD, Notice.State.CANCELLED, Notice.State.SKIPPED)


class MayArriveTwice(TransitionError):
    """It may have arrived already: a coordinator has to say that twice does no harm."""


# --- by telephone ---------------------------------------------------------------------------------
@transaction.atomic
def tell_by_phone(
    notice: Notice,
    *,
    by: User,
    now: dt.datetime,
    name: str,
    told_at: dt.datetime,
    client_key: uuid.UUID,
) -> ByPhone:
    """Keep to whom it was told; what still waited is not sent, what had failed is settled.

    It counts as told to its room, too: the clock of a referral starts with it. The same key a
    second time changes nothing. Raises PermissionDenied, Conflict for the same key with other
    words, or TransitionError.
    """
    if not permissions.serves(by, notice):
        raise PermissionDenied
    beneath.lock(notice)  # its room is told below
    locked = handling.lock(Notice.objects.filter(pk=notice.pk), Act.BY_PHONE)
    facts = {"notice_id": notice.pk, "name": name.strip(), "told_at": told_at, "by_id": by.pk}
    other = Conflict(_("This form was sent before with other words."))
    if known := once.made_before(ByPhone.objects.all(), client_key, facts, refusal=other):
        return known
    if not locked.notices:
        raise handling.overtaken(Notice.objects.get(pk=notice.pk))
    if not notice.created_at <= told_at <= now:
        raise TransitionError(_("The call lies between the planning of the notice and now."))
    made = ByPhone.objects.create(client_key=client_key, **facts)
    _settle(locked, by=by)
    if registry.known(notice.kind):
        registry.sent(locked.notices[0], told_at)
        registry.left(locked.notices, told_at)
    return made


def _settle(locked: Locked, *, by: User) -> None:
    (notice,) = locked.notices
    if notice.state in CANCELLED - RETRIED:
        handling.cancel(locked, by=by, reason=PHONED, action="outbox.by_phone")
        return
    handling.trace("outbox.by_phone", [notice], to=Notice.State(notice.state), by=by)
    if not any(one.state not in ENDED for one in locked.beside):  # nobody else waits for it
        waiting = Message.objects.filter(notices=notice.pk, state=Message.State.UNKNOWN)
        waiting.update(next_try_at=None)


# --- by another way -------------------------------------------------------------------------------
@transaction.atomic
def tell_by(
    notice: Notice, channel: str, *, by: User, now: dt.datetime, may_arrive_twice: bool = False
) -> Notice:
    """Plan the same to the same person by this way, as a notice with a key of its own.

    Raises PermissionDenied; MayArriveTwice where a try may have arrived and nobody said that twice
    does no harm; TransitionError where there is no such address, or it was told so already.
    """
    locked = handling.lock_one(notice, Act.OTHER_WAY, by=by).notices[0]
    ways = other_ways.addresses([locked.recipient]).get(locked.recipient, {})
    if channel not in ways:
        raise TransitionError(_("No address of this person is known for that."))
    same = Notice.objects.filter(
        subject=locked.subject,
        kind=locked.kind,
        rung=locked.rung,
        version=locked.version,
        recipient=locked.recipient,
    )
    if same.filter(channel=channel).exists() or same.filter(message__channel=channel).exists():
        raise TransitionError(_("It goes or went out by this way already: send that one again."))
    if not may_arrive_twice and same.may_have_arrived().exists():
        raise MayArriveTwice(_("It may have arrived already: please say that twice does no harm."))
    made = _plan(locked, channel, now)
    record(
        "outbox.other_way",
        locked,
        by=by,
        role=AuditEntry.Role.COORDINATOR,
        at=now,
        notice=made.pk,
        channel=channel,
    )
    return made


def _plan(like: Notice, channel: str, now: dt.datetime) -> Notice:
    key = {
        "subject": like.subject,
        "kind": like.kind,
        "rung": like.rung,
        "version": like.version,
        "recipient": like.recipient,
        "channel": channel,
    }
    more = {"province_id": like.province_id, "urgency": like.urgency, "due_at": now}
    actions.tell_all([Notice(**key, **more)])
    return Notice.objects.get(**key)
