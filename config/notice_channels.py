"""The notice that an address failed: who is told otherwise now, for the coordinators."""

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config import notice_truths as truths
from config.notice_words import link
from outbox import falling_back, recipients
from outbox.models import Channel, FailedAddress, Notice
from outbox.registry import Title


def _failed(notice: Notice) -> FailedAddress | None:
    return FailedAddress.objects.filter(pk=truths.id_of(notice.subject)).first()


def failed(notice: Notice, now: dt.datetime) -> bool:
    """The address was not mended since; for a coordinator of the province."""
    found = _failed(notice)
    if found is None or falling_back.is_mended(found):
        return False
    return truths.coordinates(notice.recipient, notice.province_id or "")


def words(notice: Notice, language: str) -> dict[str, Any]:
    """Whose address it is and by which way; the address itself is on no page."""
    found = _failed(notice)
    if found is None:
        raise LookupError(notice.subject)
    person = recipients.labels([found.recipient]).get(found.recipient, found.recipient)
    is_mail = found.channel == Channel.EMAIL
    has_mail = not is_mail and recipients.resolve(found.recipient, "email") is not None
    page = f"{reverse('outbox:outbox')}?state=failed"
    return {
        "person": person,
        "way": found.get_channel_display(),
        "has_mail": has_mail,
        "is_mail": is_mail,
        "link": link(reverse("issues:no_one") if is_mail else page),
    }


KINDS = {falling_back.KIND: (gettext_lazy("Address that failed"), failed, words)}


# --- what the coordinators read instead of ``failedaddress:3`` ------------------------------------
def titles(ids: list[int]) -> dict[int, Title]:
    """Whose address it is."""
    rows = list(FailedAddress.objects.filter(pk__in=ids))
    people = recipients.labels(one.recipient for one in rows)
    said = _("%(way)s of %(person)s")
    return {
        one.pk: Title(
            said
            % {
                "way": one.get_channel_display(),
                "person": people.get(one.recipient, one.recipient),
            }
        )
        for one in rows
    }


def find(text: str) -> tuple[int, ...]:
    """Addresses have no reference."""
    return ()


SUBJECT = ("failedaddress", titles, find)
