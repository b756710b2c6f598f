"""What could not be told by the chosen way is told by e-mail, and the coordinators learn of it."""

import datetime as dt

from outbox import recipients
from outbox.models import Channel, FailedAddress, Message, Notice
from outbox.outcomes import Refused

KIND = "address_failed"


def tell_otherwise(message: Message, now: dt.datetime, *, refused: Refused | None = None) -> None:
    """Plan by e-mail what this message, which surely did not arrive, was to tell.

    Where the provider refused the address itself, that is marked. What a coordinator sent by a
    way of their own choice stays failed. Inside the transaction that records the failure.
    """
    if message.channel == Channel.EMAIL:
        return
    notices = list(message.notices.all())
    if refused and refused.is_address and message.recipient.startswith("user:"):
        _mark(message, refused, notices, now)
    if recipients.resolve(message.recipient, Channel.EMAIL) is None:
        return
    usual = [one for one in notices if one.channel == Channel.USUAL]
    Notice.objects.bulk_create([_by_mail(one, now) for one in usual], ignore_conflicts=True)


def _by_mail(notice: Notice, now: dt.datetime) -> Notice:
    """The same to the same person, as a row of its own: the key differs by the way alone."""
    return Notice(
        subject=notice.subject,
        kind=notice.kind,
        rung=notice.rung,
        version=notice.version,
        recipient=notice.recipient,
        channel=Channel.EMAIL,
        province_id=notice.province_id,
        urgency=notice.urgency,
        due_at=now,
        created_at=now,
    )


def _mark(message: Message, failed: Refused, notices: list[Notice], now: dt.datetime) -> None:
    """Keep that the address failed, and tell the coordinators concerned, once each time."""
    row, is_new = FailedAddress.objects.get_or_create(
        channel=message.channel,
        address=message.address,
        defaults={"recipient": message.recipient, "code": failed.code, "failed_at": now},
    )
    if not is_new:
        return
    provinces = {one.province_id for one in notices if one.province_id}
    told = recipients.coordinators(provinces)
    Notice.objects.bulk_create(
        [
            Notice(
                subject=f"failedaddress:{row.pk}",
                kind=KIND,
                recipient=one,
                province_id=province,
                due_at=now,
                created_at=now,
            )
            for province, people in sorted(told.items())
            for one in people
            if one != message.recipient
        ],
        ignore_conflicts=True,
    )
