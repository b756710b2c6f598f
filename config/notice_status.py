"""The daily mail to administrators, only if something is wrong: counts and links, no detail."""

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from audit import clock
from config import notice_truths as truths
from config import status
from config.notice_words import date_in_words, link
from khmer import numbers
from outbox.models import Notice
from outbox.registry import Title
from reminders import daily


def is_wrong(notice: Notice, now: dt.datetime) -> bool:
    """It is of today, for an administrator, and something is wrong."""
    if notice.subject != daily.subject_of(timezone.localdate(now)):
        return False
    if not truths.administers(notice.recipient):
        return False
    return bool(status.look(status.everything(), now).wrong)


def lines(notice: Notice, language: str) -> dict[str, Any]:
    """What is wrong, and what has to be looked at, each in one line with what to do."""
    found = status.look(status.everything(), clock.now())
    return {
        "count": len(found.wrong),
        "day": date_in_words(_day(truths.id_of(notice.subject)), language),
        "lines": [
            f"– {one.name}{_value(one, language)}. {one.do}"
            for one in sorted(found.lines, key=lambda one: one.level != status.Level.WRONG)
            if one.level != status.Level.FINE
        ],
        "link": link(reverse("status")),
    }


def _value(line: status.Line, language: str) -> str:
    if line.number is not None:
        return f": {numbers.in_language(line.number, language)}"
    if line.at is None:
        return ""
    at = timezone.localtime(line.at)
    hour = numbers.in_language(formats.date_format(at, "H:i"), language)
    return f": {date_in_words(at.date(), language)}, {hour}"


def titles(ids: list[int]) -> dict[int, Title]:
    """What is read for ``status:20261122``: of which day it is."""
    said, language = _("How the sending stood on %(day)s"), get_language() or ""
    days = {pk: date_in_words(_day(pk), language) for pk in ids}
    return {pk: Title(said % {"day": day}, reverse("status")) for pk, day in days.items()}


def find(text: str) -> tuple[int, ...]:
    """A day has no reference."""
    return ()


def _day(number: int) -> dt.date:
    return dt.date(number // 10000, number // 100 % 100, number % 100)


KINDS = {daily.STATUS: (gettext_lazy("Daily word that something is wrong"), is_wrong, lines)}
SUBJECT = ("status", titles, find)
