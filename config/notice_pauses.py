"""Notices of clocks that stood still while an office waited for the organization."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from config import notice_truths as truths
from config import notice_words as words
from config.notice_endings import may_know
from issues.models import Pause, Response
from issues.permissions import Audience
from outbox.models import Notice


def lapsed(notice: Notice, now: dt.datetime) -> bool:
    """It ended by itself, and the office still holds the issue; for all who waited."""
    rows = Pause.objects.filter(pk=notice.version, ended_why=Pause.Why.LAPSED)
    found = rows.select_related("referral__issue").first()
    if found is None or not found.referral.is_open:
        return False
    issue, recipient = found.referral.issue, notice.recipient
    return (
        may_know(recipient, issue, found.referral.authority_id)
        or truths.represents(recipient, issue.organization_id)
        or truths.coordinates(recipient, issue.province_id)
    )


def lapse(notice: Notice, language: str) -> dict[str, Any]:
    """Since when it stood, and until when the office has time now."""
    found = Pause.objects.get(pk=notice.version)
    return words.referral(Audience.OFFICE)(notice, language) | {
        "since": words.date_in_words(found.began_on, language)
    }


def question(notice: Notice, language: str) -> dict[str, Any]:
    """As any answer of an office; with the day until which its clock stands still, if it does."""
    asked = Response.objects.filter(pk=notice.version).first()
    pause = Pause.objects.open().filter(question=asked).first() if asked else None
    until = words.date_in_words(pause.ends_by, language) if pause else ""
    return words.response(notice, language) | {"until": until}


KINDS = {
    "pause_lapsed": (_("The working days of an office count again"), lapsed, lapse),
}
