"""The notice that somebody has written on an issue."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from config import notice_truths as truths
from config import notice_words as words
from config.notice_endings import may_know
from issues import permissions, talk
from issues.models import Comment
from issues.permissions import Audience
from outbox.models import Notice


def _comment_of(notice: Notice) -> Comment | None:
    rows = Comment.objects.select_related(
        "issue__organization", "issue__province", "issue__commune__parent", "referral__authority"
    )
    return rows.filter(pk=truths.id_of(notice.subject)).first()


def may_read(notice: Notice, now: dt.datetime) -> bool:
    """The recipient may still read the comment, and did not write it."""
    comment = _comment_of(notice)
    if comment is None:
        return False
    name, pk = notice.recipient.split(":")
    if name == "user":
        reader = User.objects.filter(pk=pk, is_active=True).exclude(pk=comment.by_id).first()
        return (
            reader is not None and Comment.objects.visible_to(reader).filter(pk=comment.pk).exists()
        )
    if name == "organization":
        return comment.to_organization and comment.issue.organization_id == int(pk)
    return _office_may_read(notice.recipient, comment)


def _office_may_read(recipient: str, comment: Comment) -> bool:
    """An address of an office to which it was said; an office's own words go to people alone."""
    if not comment.to_offices or comment.referral_id:
        return False
    offices = permissions.listeners(comment.issue)
    return any(may_know(recipient, comment.issue, one.pk) for one in offices)


def comment(notice: Notice, language: str) -> dict[str, Any]:
    """Who wrote, and what; of a confidential issue only that somebody did."""
    found = _comment_of(notice)
    if found is None:
        raise LookupError(notice.subject)
    context = words.issue(Audience.OFFICE)(notice, language)
    shown = permissions.disclosed(found.issue, Audience.OFFICE)
    is_told = bool(context["title"])
    return context | {
        "who": talk.speaker(found, shown),
        "said": found.text if is_told else "",
        "note": "" if is_told else _("Its words stand on the page of the issue alone."),
    }


KINDS = {"comment_added": (gettext_lazy("Comment on an issue"), may_read, comment)}
