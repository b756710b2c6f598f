"""One look into the mailbox: fetch what came, then settle what nobody has read yet."""

import datetime as dt
import logging
import time

from django.conf import settings

from audit.alone import alone
from inbox import actions, mailbox
from inbox.models import Mailbox
from outbox import actions as outbox_actions

log = logging.getLogger(__name__)
LOCK = 0x1B0C5  # one number for everybody who fetches
SECONDS = 200.0  # of one look, below Celery's limits


def look(*, now: dt.datetime) -> int:
    """Fetch and settle, unless somebody else does just now; how many mails were settled.

    A server that does not answer is no error of ours: what was kept is settled, and the beat, by
    which the status page knows that the mailbox was read, is left out.
    """
    until = time.monotonic() + SECONDS
    with alone(LOCK) as is_alone:
        if not is_alone:
            return 0
        is_read = _fetch(now)
        done = actions.settle_some(now=now, goes_on=lambda: time.monotonic() < until)
        if is_read:
            outbox_actions.beat("fetch", now=now, done=done)
        return done


def _fetch(now: dt.datetime) -> bool:
    """Keep what came; whether the mailbox could be read to its end."""
    if not settings.IMAP_URL:
        return False
    place = mailbox.place_of(settings.IMAP_URL)
    known, _made = Mailbox.objects.get_or_create(name=place.name)
    mails = mailbox.fetch(
        place,
        uidvalidity=known.uidvalidity,
        latest_uid=known.latest_uid,
        most_bytes=settings.INBOX_MAX_BYTES,
    )
    try:
        for one in mails:
            actions.keep(known, one, now=now)
    except mailbox.Error as error:  # its words may hold an address
        log.warning("The mailbox could not be read: %s.", type(error).__name__)
        return False
    return True
