"""The link in a notice by which an office answers without an account."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from audit import clock
from config.notice_truths import id_of
from config.notice_words import Words
from issues import actions, links
from issues.models import Referral
from outbox.models import Notice
from outbox.registry import Text


def with_link(said: Words) -> Words:
    """The words with a place for the link; none where the page could show nothing."""

    def words(notice: Notice, language: str) -> dict[str, Any]:
        context = said(notice, language)
        return context | {"act_link": links.address(links.BLANK) if context["title"] else ""}

    return words


def seal(*, may_act: bool) -> Callable[[Notice, Text], Text]:
    """Put a fresh link into its place; words without one stay as they are."""

    def sealed(notice: Notice, text: Text) -> Text:
        blank = links.address(links.BLANK)
        if blank not in text.body:
            return text
        referral = Referral.objects.get(pk=id_of(notice.subject))
        key = actions.make_link(notice, referral=referral, may_act=may_act, now=clock.now())
        return replace(text, body=text.body.replace(blank, links.address(key)))

    return sealed
