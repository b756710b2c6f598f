"""Whether what is about to be sent is still true, and says no more than it may now."""

import datetime as dt
import logging
from collections.abc import Iterable, Sequence

from django.db import InterfaceError, OperationalError, transaction

from outbox import digests, holding, moves, packing, registry
from outbox.models import Message, Notice
from outbox.packing import BROKEN, OVERTAKEN
from outbox.post import Office

log = logging.getLogger(__name__)


@transaction.atomic
def still_wanted(messages: Sequence[Message], now: dt.datetime) -> list[Message]:
    """Those of these claimed messages that are to be sent now; the others wait or end.

    All are read at once. None where all outbound is held back, or somebody else has the claim.
    """
    mine = ours(messages)
    if not holding.pass_gate():  # held back since they were claimed: they wait as they did before
        for message in mine:
            moves.wait(message, now)
        return []
    office = Office(now) if any(one.is_digest for one in mine) else None
    open_now = [one for one in mine if not one.is_digest or _is_open_hour(one, office)]
    with registry.reading(_carried(open_now)):
        return [one for one in open_now if _is_wanted(one, now)]


def ours(messages: Sequence[Message]) -> list[Message]:
    """Those that are still claimed as they were, locked; in their order."""
    claimed = {one.pk: one.claim_token for one in messages}
    rows = Message.objects.filter(pk__in=claimed, state=Message.State.SENDING).order_by("pk")
    locked = rows.select_for_update()
    held = {one.pk for one in locked if one.claim_token == claimed[one.pk]}
    return [one for one in messages if one.pk in held]


def _carried(messages: Iterable[Message]) -> list[Notice]:
    return list(Notice.objects.filter(message__in=messages).order_by("pk"))


def _is_open_hour(message: Message, office: Office | None) -> bool:
    """Whether a digest may leave now; else it waits for the next opening, with all it tells."""
    assert office is not None  # noqa: S101 - read where there is a digest
    if not office.is_open:
        moves.wait(message, office.opens_at)
        message.carried.update(due_at=office.opens_at)
    return office.is_open


def _is_wanted(message: Message, now: dt.datetime) -> bool:
    """Whether one of its notices is still true and need not wait; else ends the message."""
    try:
        with transaction.atomic():
            reason = digests.renew(message, now) if message.is_digest else _renew(message, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # whatever a room's own rule runs into
        log.exception("Message %s could not be checked.", message.pk)
        reason = BROKEN
    if reason:
        moves.stop(message, reason)
    return not reason


def _renew(message: Message, now: dt.datetime) -> str:
    """Make a message true again, right before a try; why it is not sent, or nothing."""
    notices = list(message.notices.all())
    waits = registry.held(notices, now)
    free = [one for one in notices if one.pk not in waits]
    wanted = [one for one in free if registry.wanted(one, now)]
    _take_out(message, waits)
    if wanted:
        _renew_words(message, wanted[0])
        return ""
    return OVERTAKEN if free or not waits else next(iter(waits.values()))


def _take_out(message: Message, waits: dict[int, str]) -> None:
    """Hold these notices back, each for its reason; not once the message may have left."""
    if waits and not packing.times_maybe_left(message):
        for pk, reason in waits.items():
            one = Notice.objects.filter(pk=pk)
            one.update(state=Notice.State.HELD, reason=reason, message=None)


def _renew_words(message: Message, notice: Notice) -> None:
    """Say what may be said now: an issue may have become stricter since the words were made.

    Once a try may have left, every other one carries the same words.
    """
    if packing.times_maybe_left(message):
        return
    now_true = packing.words(notice, message.language)
    for name, value in now_true.items():
        setattr(message, name, value)
    message.save(update_fields=list(now_true))
