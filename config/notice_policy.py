"""The words an administrator gave a rung, in the notices to those the rung is for."""

from collections.abc import Callable
from typing import Any

from audit import clock
from config import notice_reading as reading
from config.notice_words import Words
from issues.models import Referral
from khmer import numbers
from outbox.models import Notice
from provinces import workdays
from reminders import policy_words
from reminders.models import Rung


def own(*, is_escalation: bool) -> Callable[[Words], Words]:
    """The words with the subject and the opening of their rung, where it has some of its own."""

    def with_own(said: Words) -> Words:
        def words(notice: Notice, language: str) -> dict[str, Any]:
            context = said(notice, language)
            held = reading.referral_of(notice)
            assert held is not None  # noqa: S101 - its words were just made
            rungs = Rung.objects.filter(priority=held.issue.priority).order_by("offset")
            rung = policy_words.rung_told(list(rungs), notice.rung, is_escalation=is_escalation)
            return context | policy_words.own_words(
                rung, language, _values(held, context, language)
            )

        return words

    return with_own


def _values(held: Referral, context: dict[str, Any], language: str) -> dict[str, str]:
    """What stands for each placeholder; all of it is in our standard words as well."""
    days = 0
    if held.due_on is not None:
        calendar = workdays.calendar_of(held.issue.province_id)
        days = abs(calendar.between(held.due_on, clock.today()))
    return {
        "reference": context["reference"] or "",
        "authority": context["office"],
        "due": context["due"],
        "days": numbers.in_language(days, language),
        "place": context["place"],
    }
