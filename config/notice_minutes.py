"""Notices of a session's minutes: sent for comment, published, amended; nothing of any issue."""

import datetime as dt
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.notice_session_truths import invitations_of
from config.notice_truths import Truth, id_of
from config.notice_words import Words, date_in_words, link
from minutes import actions
from minutes.models import Minutes
from outbox.models import Notice
from outbox.registry import Title


def _minutes_of(notice: Notice) -> Minutes | None:
    rows = Minutes.objects.select_related("session__province", "session__forum")
    return rows.defer("content").filter(pk=id_of(notice.subject)).first()


# --- still true -----------------------------------------------------------------------------------
def for_comment(notice: Notice, now: dt.datetime) -> bool:
    """The minutes still wait for comments, of this very round."""
    found = _minutes_of(notice)
    return (
        found is not None
        and found.status == Minutes.Status.FOR_COMMENT
        and found.round == notice.version
        and _is_invited(found, notice.recipient)
    )


def published(notice: Notice, now: dt.datetime) -> bool:
    """The minutes are still before the public, by this very publication."""
    found = _minutes_of(notice)
    return (
        found is not None
        and found.is_published
        and found.publications == notice.version
        and _is_invited(found, notice.recipient)
    )


def amended(notice: Notice, now: dt.datetime) -> bool:
    """The amendment stands, as all do, for who is still invited."""
    found = _minutes_of(notice)
    return (
        found is not None
        and found.amendments.filter(number=notice.version).exists()
        and _is_invited(found, notice.recipient)
    )


def _is_invited(minutes: Minutes, recipient: str) -> bool:
    return bool(invitations_of(minutes.session, recipient))


# --- the words ------------------------------------------------------------------------------------
def words(notice: Notice, language: str) -> dict[str, Any]:
    """The session by province and day, where the minutes are, and until when comments come."""
    found = _minutes_of(notice)
    if found is None:
        raise LookupError(notice.subject)
    session = found.session
    return {
        "province": session.province.name,
        "forum": session.forum.name,
        "day": date_in_words(session.day, language),
        "until": date_in_words(found.comment_until, language),
        "number": notice.version,
        "link": link(found.get_absolute_url()),
    }


KINDS: dict[str, tuple[Promise, Truth, Words]] = {
    actions.FOR_COMMENT: (gettext_lazy("Minutes sent for comment"), for_comment, words),
    actions.PUBLISHED: (gettext_lazy("Minutes published"), published, words),
    actions.AMENDED: (gettext_lazy("Minutes amended"), amended, words),
}


# --- what the coordinators read instead of ``minutes:3`` ------------------------------------------
def titles(ids: list[int]) -> dict[int, Title]:
    """The minutes by the province of their session."""
    rows = Minutes.objects.filter(pk__in=ids).defer("content").select_related("session__province")
    said = _("Minutes of %(session)s")
    return {one.pk: Title(said % {"session": one.session}, one.get_absolute_url()) for one in rows}


def find(text: str) -> tuple[int, ...]:
    """Minutes have no reference; their mails are found by their subject."""
    return ()


SUBJECT = ("minutes", titles, find)
