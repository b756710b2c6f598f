"""What a gateway reports of a message: kept first, then matched; before, twice or of nothing."""

import datetime as dt
import hashlib
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext_noop

from outbox import falling_back, gateway
from outbox.models import Channel, Heartbeat, Message, Receipt

NOT_DELIVERED = gettext_noop("Its provider reported that it could not be delivered.")
Status = Receipt.Status
WORDS = {
    Status.DELIVERED: {"delivered", "delivrd", "read"},
    Status.FAILED: {
        "failed", "undelivered", "undeliv", "undeliverable", "rejected", "rejectd", "expired",
        "bounced",
    },
}  # fmt: skip
LEFT = (Message.State.SENT, Message.State.UNKNOWN)
KEPT = dt.timedelta(weeks=6)  # no message lives as long, nor its gateway's memory of it
DAY = dt.timedelta(days=1)
PRUNED = "receipts"  # the beat


class Report(NamedTuple):
    """One report: the provider's own name of the message, ours, and what it says."""

    provider_id: str
    reference: str
    said: str

    @property
    def status(self) -> str:
        """What it means; much of it, as "buffered", means nothing to us."""
        said = self.said.strip().lower()
        return next((one for one, words in WORDS.items() if said in words), Status.OTHER)


@transaction.atomic
def take(channel: str, report: Report, *, now: dt.datetime) -> bool:
    """Keep a report and let it count; False where it was here before.

    One that came before our own record of the sending counts once that is written.
    """
    expect(channel, report.provider_id)
    _row, is_new = Receipt.objects.get_or_create(
        channel=channel,
        provider_id=report.provider_id,
        reference=report.reference,
        status=report.status,
        defaults={"said": report.said[:40], "came_at": now},
    )
    if is_new and (message := message_of(channel, report)) is not None:
        _apply(message, report.status, now)
    return is_new


def expect(channel: str, provider_id: str) -> None:
    """Wait for whoever writes of the same name: one of the two sees what the other wrote.

    Before the message is locked, by both. For our own name of it the message's lock is enough.
    """
    if provider_id:
        digest = hashlib.sha256(f"{channel}\n{provider_id}".encode()).digest()
        key = int.from_bytes(digest[:8], "big", signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def may_come(channel: str) -> bool:
    """Whether anything is reported of this channel: a plain mail server never does."""
    return channel != Channel.EMAIL or bool(settings.ANYMAIL_PROVIDER)


def catch_up(message: Message, now: dt.datetime) -> None:
    """Let count what was reported before the message's own outcome was written.

    Inside the transaction that writes it, which holds the message.
    """
    if not may_come(message.channel) or message.state not in LEFT:
        return
    names = Q(reference=gateway.reference_of(message))
    if message.provider_id:
        names |= Q(provider_id=message.provider_id)
    found = set(Receipt.objects.filter(names, channel=message.channel).values_list("status"))
    for status in (Status.DELIVERED, Status.FAILED):  # who has it has it
        if (status.value,) in found:
            _apply(message, status, now)
            break


def message_of(channel: str, report: Report) -> Message | None:
    """The message, locked; by our own name of it first, which is there before any answer."""
    rows = Message.objects.filter(channel=channel).select_for_update(of=("self",))
    if report.reference:
        named = rows.filter(message_id__startswith=f"<{report.reference}@").first()
        if named is not None:
            return named
    return rows.filter(provider_id=report.provider_id).first() if report.provider_id else None


def _apply(message: Message, status: str, now: dt.datetime) -> None:
    """Move on what left or may have left; what has ended otherwise stays."""
    if message.state not in LEFT or status == Status.OTHER:
        return
    is_there = status == Status.DELIVERED
    state = Message.State.DELIVERED if is_there else Message.State.FAILED
    message.state, message.next_try_at = state, None
    message.save(update_fields=["state", "next_try_at"])
    message.carried.update(state=state, reason="" if is_there else NOT_DELIVERED)
    if not is_there:
        falling_back.tell_otherwise(message, now)


@transaction.atomic
def prune_when_due(*, now: dt.datetime) -> int:
    """Once a day, delete old reports of messages that are not ours; how many those were."""
    if Heartbeat.objects.filter(name=PRUNED, ran_at__range=(now - DAY, now)).exists():
        return 0
    theirs = Message.objects.filter(
        channel=OuterRef("channel"), provider_id=OuterRef("provider_id")
    ).exclude(provider_id="")
    ours = Message.objects.filter(  # begins with our name and "@"; so an index finds it
        message_id__gte=Concat(Value("<"), OuterRef("reference"), Value("@")),
        message_id__lt=Concat(Value("<"), OuterRef("reference"), Value("A")),
    )
    old = Receipt.objects.filter(came_at__lt=now - KEPT)
    number, _rows = old.exclude(Exists(theirs) | Exists(ours)).delete()
    Heartbeat.objects.update_or_create(name=PRUNED, defaults={"ran_at": now, "done": number})
    return number
