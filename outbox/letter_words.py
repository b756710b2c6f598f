"""What a notice says as an official letter; the rooms above make the words, as for messages."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import translation

from outbox import registry
from outbox.models import Notice
from outbox.packing import OVERTAKEN


@dataclass(frozen=True)
class Fact:
    """A label and what belongs to it, line by line."""

    label: str
    lines: list[str]


@dataclass(frozen=True)
class LetterText:
    """The words of a letter in one language: what it is about, what it says, and the facts."""

    subject: str
    paragraphs: list[str]
    facts: list[Fact]


Words = Callable[[Notice, str], LetterText]


def _unknown(notice: Notice, language: str) -> LetterText:
    raise LookupError(notice.kind)


_words: list[Words] = [_unknown]


def register(words: Words) -> None:
    """Say how a notice reads as a letter; the latest registration counts."""
    _words[:] = [words]


def render(notice: Notice, language: str) -> LetterText:
    """The notice's words in this language; LookupError where its kind is none for paper."""
    with translation.override(language):
        return _words[0](notice, language)


def refusal(notice: Notice, now: dt.datetime) -> str:
    """Why the notice may not be told now: held back or no longer true; empty where it may."""
    if waits := registry.held([notice], now):
        return next(iter(waits.values()))
    if not registry.known(notice.kind) or not registry.wanted(notice, now):
        return OVERTAKEN
    return ""
