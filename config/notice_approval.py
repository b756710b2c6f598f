"""Notices of drafted answers: to the directors of an office, and back to who wrote one."""

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import RoleAssignment
from config import notice_truths as truths
from config import notice_words as words
from issues.models import DraftedAnswer, Issue
from issues.permissions import Audience
from outbox.models import Notice
from outbox.registry import Title

FOUND = 200  # rows that a search in the outbox looks behind


def _draft_of(notice: Notice) -> DraftedAnswer | None:
    rows = DraftedAnswer.objects.select_related("referral__issue", "referral__authority")
    return rows.filter(pk=truths.id_of(notice.subject)).first()


def drafted(notice: Notice, now: dt.datetime) -> bool:
    """It still waits, and the recipient approves the answers of its office."""
    found = _draft_of(notice)
    if found is None or not found.is_standing or found.state != DraftedAnswer.State.WAITING:
        return False
    office = found.referral.authority_id
    directors = RoleAssignment.objects.directors([office])
    is_director = directors.filter(user=truths.id_of(notice.recipient)).exists()
    return is_director and truths.may_read(notice.recipient, found.referral, [office])


def sent_back(notice: Notice, now: dt.datetime) -> bool:
    """It was sent back and nobody has changed it yet; for its office."""
    found = _draft_of(notice)
    if found is None or not found.is_standing or found.state != DraftedAnswer.State.RETURNED:
        return False
    return truths.may_read(notice.recipient, found.referral, [found.referral.authority_id])


def draft(notice: Notice, language: str) -> dict[str, Any]:
    """Whose answer waits for what; its words stand on the page alone."""
    found = _draft_of(notice)
    if found is None:
        raise LookupError(notice.subject)
    about = Notice(kind=notice.kind, subject=f"referral:{found.referral_id}")
    page = reverse("issues:referral", args=[found.referral_id])
    return words.referral(Audience.OFFICE)(about, language) | {
        "kind": found.kind,
        "author": found.title,
        "link": words.link(f"{page}#drafted"),
        "beside": {"reply_to": ""},  # who approves it does so on the page
    }


def titles(ids: list[int]) -> dict[int, Title]:
    """The issue behind each draft, for the coordinators' list."""
    rows = DraftedAnswer.objects.filter(pk__in=ids).select_related("referral__issue")
    return {one.pk: _title(one.referral.issue) for one in rows}


def _title(issue: Issue) -> Title:
    confidential = issue.disclosure == Issue.Disclosure.CONFIDENTIAL
    return Title(issue.reference or "–" if confidential else str(issue), issue.get_absolute_url())


def find(text: str) -> list[int]:
    """Drafts of the issues whose reference holds the text."""
    rows = DraftedAnswer.objects.filter(referral__issue__reference__icontains=text)
    return list(rows.order_by("-pk").values_list("pk", flat=True)[:FOUND])


KINDS = {
    "answer_drafted": (_("Answer for the director's approval"), drafted, draft),
    "answer_sent_back": (_("Drafted answer sent back"), sent_back, draft),
}
SUBJECT = ("draftedanswer", titles, find)
