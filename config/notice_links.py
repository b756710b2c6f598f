"""The link in a notice by which an office answers without an account."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from audit import clock
from config import notice_reading as reading
from config.notice_words import Words
from issues import actions, links
from issues.models import Referral
from outbox.models import Notice
from outbox.registry import Said, Text


def with_link(said: Words) -> Words:
    """The words with a place for the link; none where the page could show nothing."""

    def words(notice: Notice, language: str) -> dict[str, Any]:
        context = said(notice, language)
        return context | {"act_link": links.address(links.BLANK) if context["title"] else ""}

    return words


def seal(*, may_act: bool) -> Callable[[Said], list[Text]]:
    """Put a fresh link into its place in each; words without one stay as they are."""

    def sealed(said: Said) -> list[Text]:
        blank = links.address(links.BLANK)
        asked = [_with_referral(notice) for notice, text in said if blank in text.body]
        keys = iter(actions.make_links(asked, may_act=may_act, now=clock.now()))
        return [
            replace(text, body=text.body.replace(blank, links.address(next(keys))))
            if blank in text.body
            else text
            for _notice, text in said
        ]

    return sealed


def _with_referral(notice: Notice) -> tuple[Notice, Referral]:
    referral = reading.referral_of(notice)
    if referral is None:
        raise LookupError(notice.subject)
    return notice, referral
