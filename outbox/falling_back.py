"""What could not be told by the chosen way is told by e-mail, and the coordinators learn of it."""

import datetime as dt

from outbox import recipients
from outbox.models import Channel, FailedAddress, Message, Notice
from outbox.outcomes import Refused
from outbox.post import IN_DIGEST

KIND = "address_failed"


def tell_otherwise(message: Message, now: dt.datetime, *, refused: Refused | None = None) -> None:
    """Plan by e-mail what this message, which surely did not arrive, was to tell.

    Where the provider refused the address itself, that is marked, also one of e-mail. What a
    coordinator sent by a way of their own choice stays failed. Inside the transaction that records
    the failure.
    """
    notices = list(message.carried)
    if refused and refused.is_address:
        mark(message, refused.code, now)
    if message.channel == Channel.EMAIL:  # there is no other way
        return
    if recipients.resolve(message.recipient, Channel.EMAIL) is None:
        return
    usual = [one for one in notices if one.channel == Channel.USUAL]
    # What was told in a digest is told in one by e-mail, not in as many mails.
    waits = {"state": Notice.State.HELD, "reason": IN_DIGEST} if message.is_digest else {}
    rows = [_by_mail(one, now, waits) for one in usual]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)


def _by_mail(notice: Notice, now: dt.datetime, waits: dict[str, str]) -> Notice:
    """The same to the same person, as a row of its own: the key differs by the way alone."""
    return Notice(
        **waits,
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


def is_mended(failed: FailedAddress) -> bool:
    """Whether its owner has another e-mail address by now; other ways' rows go by themselves."""
    if failed.channel != Channel.EMAIL:
        return False
    present = recipients.resolve(failed.recipient, Channel.EMAIL)
    return present is not None and present.address != failed.address


def mark(message: Message, code: str, now: dt.datetime) -> None:
    """Keep that the address failed, and tell the coordinators concerned, once each time.

    An address of e-mail is written to all the same: mail servers may change their mind.
    """
    row, is_new = FailedAddress.objects.get_or_create(
        channel=message.channel,
        address=message.address,
        defaults={"recipient": message.recipient, "code": code[:20], "failed_at": now},
    )
    if not is_new:
        return
    provinces = {one.province_id for one in message.carried if one.province_id}
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
            if one != message.recipient and one.startswith("user:")  # else their list says it
        ],
        ignore_conflicts=True,
    )
