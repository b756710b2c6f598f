"""Keeping a mail as it came, before anybody looks into it."""

import datetime as dt
import hashlib
from dataclasses import dataclass

from django.db import transaction

from inbox import raw
from inbox.models import Incoming, Mailbox


@dataclass(frozen=True)
class Fetched:
    """A mail as its server gave it; of one that is not whole the headers alone."""

    uidvalidity: int
    uid: int
    content: bytes
    size: int
    received_at: dt.datetime
    is_whole: bool = True


@transaction.atomic
def keep(mailbox: Mailbox, fetched: Fetched, *, now: dt.datetime) -> None:
    """Store a mail once, and that its mailbox was read so far.

    What was kept before, under whichever number, adds nothing.
    """
    held = Mailbox.objects.select_for_update().get(pk=mailbox.pk)
    row = Incoming(
        mailbox=held,
        uidvalidity=fetched.uidvalidity,
        uid=fetched.uid,
        sha256=hashlib.sha256(fetched.content).hexdigest(),
        sealed=raw.sealed(fetched.content),
        size=fetched.size,
        is_whole=fetched.is_whole,
        received_at=min(fetched.received_at, now),
    )
    Incoming.objects.bulk_create([row], ignore_conflicts=True)
    held.uidvalidity, held.latest_uid = fetched.uidvalidity, fetched.uid
    held.save(update_fields=["uidvalidity", "latest_uid"])
