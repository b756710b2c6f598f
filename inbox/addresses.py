"""The signed address to which a notice is answered: it says which notice, and nothing else."""

import re
from email.utils import parseaddr

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from outbox.models import Notice

SALT = "inbox.addresses.notice"
PLUS = re.compile(r"\+n(\d{1,18})-([0-9a-f]{20})$")


def of(notice: Notice) -> str:
    """Where the notice is answered; empty, for the sender's address, where no mailbox is read.

    Short and in small letters: a local part has 64 characters, and servers fold its case.
    """
    if not settings.REPLY_ADDRESS or notice.pk is None:
        return ""
    local, _at, domain = settings.REPLY_ADDRESS.partition("@")
    return f"{local}+n{notice.pk}-{_seal(notice)}@{domain}"


def read(addresses: list[str]) -> Notice | None:
    """The notice that one of these addresses answers; None where they are none of ours."""
    for address in addresses:
        local = parseaddr(address)[1].partition("@")[0].lower()
        if match := PLUS.search(local):
            notice = Notice.objects.filter(pk=match[1]).first()
            if notice is not None and constant_time_compare(match[2], _seal(notice)):
                return notice
    return None


def _seal(notice: Notice) -> str:
    """Of its key too: after a restore from a backup another notice may get its number."""
    content = "\n".join([str(notice.pk), *notice.key])
    return salted_hmac(SALT, content, algorithm="sha256").hexdigest()[:20]
