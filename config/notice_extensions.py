"""Notices of more time for an office: asked for, and decided on."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config import notice_truths as truths
from config import notice_words as words
from config.notice_endings import may_know
from issues.actions.extending import State
from issues.extensions import by_silence
from issues.models import Extension
from issues.permissions import Audience
from outbox.models import Notice


def _extension_of(notice: Notice) -> Extension | None:
    rows = Extension.objects.select_related("referral__issue", "referral__authority")
    return rows.filter(pk=notice.version).first()


def asked(notice: Notice, now: dt.datetime) -> bool:
    """Nobody has decided yet, and the office still holds it; for the secretariat."""
    found = _extension_of(notice)
    return (
        found is not None
        and found.is_waiting
        and found.referral.is_open
        and truths.coordinates(notice.recipient, found.referral.issue.province_id)
    )


def decided(notice: Notice, now: dt.datetime) -> bool:
    """It was decided; for the office, the secretariat, and of a new date the organization."""
    found = _extension_of(notice)
    if found is None or found.state not in (State.GRANTED, State.REFUSED):
        return False
    issue, recipient = found.referral.issue, notice.recipient
    return (
        may_know(recipient, issue, found.referral.authority_id)
        or truths.coordinates(recipient, issue.province_id)
        or (found.state == State.GRANTED and truths.represents(recipient, issue.organization_id))
    )


def extension(notice: Notice, language: str) -> dict[str, Any]:
    """The dates, and what was said where the issue is not confidential."""
    found = _extension_of(notice)
    if found is None:
        raise LookupError(notice.version)
    context = words.referral(Audience.OFFICE)(notice, language)
    is_told = bool(context["title"])
    return context | {
        "wanted": words.date_in_words(found.wanted_on, language),
        "before": words.date_in_words(found.due_on, language),
        "until": words.date_in_words(found.granted_on, language),
        "is_granted": found.state == State.GRANTED,
        "is_silent": found.decided_by_id is None,
        "because": found.reason if is_told else "",
        "answered": found.answer if is_told else "",
    }


def question(notice: Notice, language: str) -> dict[str, Any]:
    """As ``extension``, with the page on which it is decided and what silence does."""
    found = _extension_of(notice)
    path = reverse("issues:extension", args=[notice.version])
    silence = by_silence(found) if found else ""
    return extension(notice, language) | {
        "link": f"{settings.BASE_URL}{path}", "silence": silence
    }  # fmt: skip


KINDS = {
    "extension_asked": (_("More time asked for"), asked, question),
    "extension_decided": (_("Decision on more time"), decided, extension),
}
