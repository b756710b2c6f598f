"""The one message of the day: what could wait of one person and channel, joined and kept true.

A digest is packed for a person only while nothing else of theirs is planned and due: so two
dispatchers never make two of what belongs together, and the key (person, channel, day) is unique
besides. Until a try may have left its words are made anew; then they stay as they are.
"""

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from outbox import packing, post, recipients, registry
from outbox.models import DIGEST, Message, Notice
from outbox.packing import BROKEN, NO_ADDRESS, OVERTAKEN
from outbox.post import IN_DIGEST, MUTED, Office
from outbox.recipients import Recipient
from outbox.registry import Line

log = logging.getLogger(__name__)
S = Notice.State


# --- from what waits to a message -----------------------------------------------------------------
def pack(now: dt.datetime, limit: int) -> int:
    """Join what waits of a few people whose hour has come; how many notices were decided on."""
    waiting = _waiting(now)
    if not waiting.exists():
        return 0
    office = Office(now)
    if not office.is_open:  # nobody packed while it was open
        return waiting.update(due_at=office.opens_at)
    if not office.is_planned:
        return 0
    more = Notice.objects.due(now).filter(recipient=OuterRef("recipient"))
    people = waiting.exclude(Exists(more)).order_by("recipient").values_list("recipient", flat=True)
    return sum(_join(one, office) for one in people.distinct()[:limit])


def _waiting(now: dt.datetime) -> QuerySet[Notice]:
    return Notice.objects.filter(state=S.HELD, reason=IN_DIGEST, due_at__lte=now)


@transaction.atomic
def _join(person: str, office: Office) -> int:
    """All that waits of one person, by each channel in its own message."""
    rows = _waiting(office.now).filter(recipient=person).order_by("pk")
    notices = list(rows.select_for_update())
    with registry.reading(notices):
        for recipient, some in _by_way(person, _still_wanted(notices, office.now)):
            _put_into(person, recipient, some, office)
    return len(notices)


def _by_way(person: str, notices: Iterable[Notice]) -> list[tuple[Recipient, list[Notice]]]:
    """These notices by the way they go; what has none fails."""
    ways: defaultdict[str, list[Notice]] = defaultdict(list)
    for notice in notices:
        ways[notice.channel].append(notice)
    found: dict[str, tuple[Recipient, list[Notice]]] = {}
    for asked, some in ways.items():
        recipient = recipients.resolve(person, asked)
        if recipient is None:
            _leave(some, S.FAILED, NO_ADDRESS)
        else:
            found.setdefault(recipient.channel, (recipient, []))[1].extend(some)
    return list(found.values())


def _still_wanted(notices: Sequence[Notice], now: dt.datetime) -> list[Notice]:
    """Those that are to be told now; the others are held or ended, each for its own reason."""
    waits = registry.held(notices, now) | post.muted(notices, now)
    wanted = []
    for notice in notices:
        if notice.pk in waits:
            _leave([notice], S.HELD, waits[notice.pk])
        elif (is_wanted := _is_wanted(notice, now)) is None:
            _leave([notice], S.FAILED, BROKEN)
        elif not is_wanted:
            _leave([notice], S.CANCELLED, OVERTAKEN)
        else:
            wanted.append(notice)
    return wanted


def _is_wanted(notice: Notice, now: dt.datetime) -> bool | None:
    """Whether it is still true; None where nobody can say."""
    try:
        with transaction.atomic():
            return registry.wanted(notice, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # whatever a room's own rule runs into
        log.exception("Notice %s could not be checked.", notice.pk)
        return None


def _leave(notices: Iterable[Notice], state: str, reason: str) -> None:
    """Take these out of whatever they were to be told in."""
    keys = [one.pk for one in notices]
    Notice.objects.filter(pk__in=keys).update(state=state, reason=reason, message=None)


def _put_into(
    person: str, recipient: Recipient, notices: list[Notice], office: Office
) -> Message | None:
    """Join the person's digest of today; the next working day's where that one has begun."""
    message = _of_today(person, recipient, office)
    keys = [one.pk for one in notices]
    if message is None:
        later = office.opening_after(office.today)
        Notice.objects.filter(pk__in=keys).update(due_at=later)
        return None
    Notice.objects.filter(pk__in=keys).update(state=S.QUEUED, reason="", message=message)
    told = list(message.carried.order_by("pk"))
    if not _say(message, told):
        message.state = Message.State.CANCELLED
    message.urgency = max((one.urgency for one in told), default=0)
    message.save()
    return message


def _of_today(person: str, recipient: Recipient, office: Office) -> Message | None:
    """The message to join, locked: today's, or one that never left before; None if it has begun."""
    key = {"recipient": person, "channel": recipient.channel, "kind": DIGEST}
    rows = Message.objects.select_for_update().filter(**key)
    earlier = rows.filter(day__lt=office.today, state=Message.State.QUEUED).order_by("day").last()
    if earlier is not None and not rows.filter(day=office.today).exists():
        # It still waits for its next try: no second one beside it, which would come the same day.
        today = {"day": office.today, "address": recipient.address, "language": recipient.language}
        return _renewed(earlier, today)
    fresh = _facts(recipient, office)
    mark = packing.mark([DIGEST, person, recipient.channel, str(office.today)])
    Message.objects.get_or_create(**key, day=office.today, defaults=fresh | {"message_id": mark})
    message = rows.get(day=office.today)
    if message.state == Message.State.QUEUED:
        return message
    was_emptied = message.state == Message.State.CANCELLED and not message.carried.exists()
    is_empty = was_emptied and not packing.times_maybe_left(message)
    return _renewed(message, fresh) if is_empty else None


def _facts(recipient: Recipient, office: Office) -> dict[str, object]:
    """What a digest begins its life with."""
    return {
        "address": recipient.address,
        "language": recipient.language,
        "state": Message.State.QUEUED,
        "tries": 0,
        "created_at": office.now,
        "expires_at": packing.expiry(recipient.channel, DIGEST, office.now),
        "next_try_at": office.now,
    }


def _renewed(message: Message, facts: dict[str, object]) -> Message:
    for name, value in facts.items():
        setattr(message, name, value)
    return message


# --- its words ------------------------------------------------------------------------------------
def _say(message: Message, notices: Sequence[Notice]) -> bool:
    """Put the lines of these into its words, unsaved; what has none fails alone. False for none."""
    lines = [line for one in notices if (line := _line(one, message.language)) is not None]
    if not lines:
        return False
    for name, value in packing.fields(registry.digest(lines, message.language)).items():
        setattr(message, name, value)
    return True


def _line(notice: Notice, language: str) -> Line | None:
    try:
        with transaction.atomic():
            return registry.line(notice, language)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # whatever a room's own words run into
        log.exception("Notice %s could not be put into a line.", notice.pk)
        _leave([notice], S.FAILED, BROKEN)
        return None


def renew(message: Message, now: dt.datetime) -> str:
    """Make a claimed digest true again, right before a try; why it is not sent, or nothing.

    What is no longer to be told is taken out, and its words are made anew. Once they may have
    left they stay, all or nothing: not while one of its notices has to wait.
    """
    notices = list(message.carried.order_by("pk"))
    if packing.times_maybe_left(message):
        waits = registry.held(notices, now)
        if waits:
            return next(iter(waits.values()))
        return "" if any(_is_wanted(one, now) for one in notices) else OVERTAKEN
    if not _say(message, _still_wanted(notices, now)):
        return OVERTAKEN
    message.save(update_fields=list(packing.WORDS))
    return ""


# --- what was muted -------------------------------------------------------------------------------
def wake(now: dt.datetime) -> int:
    """Plan what was muted, once its silence is over; it keeps the reason until it is decided on."""
    over = Notice.objects.filter(state=S.HELD, reason=MUTED, due_at__lte=now)
    return over.update(state=S.PLANNED)


def unmute(person: str, now: dt.datetime) -> int:
    """Let go at once on what this person had asked to be spared; how much that is."""
    held = Notice.objects.filter(state=S.HELD, reason=MUTED, recipient=person)
    return held.update(state=S.PLANNED, due_at=now)
