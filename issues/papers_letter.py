"""A notice as an official letter, in Khmer and below in English, as it is printed."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from audit.errors import TransitionError
from forum import papers
from forum.papers import DateLines
from issues import letters
from issues.models import Letter
from khmer import numbers
from outbox import letter_words
from outbox.letter_words import Fact, LetterText
from paper.letters import Letter as Paper
from paper.letters import Part
from paper.official import Labelled

LANGUAGES = papers.LANGUAGES  # the first is the one that is signed


def lines_of(letter: Letter) -> DateLines:
    """Its date lines: the day it was written, in its province."""
    return papers.date_lines(letter.province, letter.on)


def paper_of(
    letter: Letter, now: dt.datetime, typed: Mapping[str, str | None] | None = None
) -> Paper:
    """The letter ready to print: as it was handed over, else with the notice's words of now.

    ``typed`` are date lines in place of its own, by name. Raises TransitionError where it cannot
    be printed: it was cancelled, its notice is no longer true, or its issue became stricter.
    """
    _refuse(letter, now)
    given = {line: text for line, text in (typed or {}).items() if text is not None}
    lines = replace(lines_of(letter), **given)
    address = letters.address_of(letter)
    parts = []
    for language in LANGUAGES:
        with translation.override(language):
            parts.append(_part(letter, _text(letter, language), lines, address))
    return {"parts": parts, "address": address}


def _refuse(letter: Letter, now: dt.datetime) -> None:
    if not letter.is_of_notice:
        raise TransitionError(_("Only letters that were made here can be printed."))
    if letter.cancelled_at:
        raise TransitionError(_("This letter was cancelled."))
    assert letter.notice is not None  # noqa: S101 - by the database's own rule
    assert letter.issue is not None  # noqa: S101 - the same
    if not letter.words and letter_words.refusal(letter.notice, now):
        raise TransitionError(
            _("What this letter says is no longer true. Cancel its number, and say why.")
        )
    if letter.words and letter.words["disclosure"] != letter.issue.disclosure:
        raise TransitionError(
            _("Meanwhile fewer people may see the issue, so the letter is not printed again.")
        )


def _text(letter: Letter, language: str) -> LetterText:
    """What it said when it was handed over, else what its notice says now."""
    if not letter.words:
        assert letter.notice is not None  # noqa: S101 - by the database's own rule
        return letter_words.render(letter.notice, language)
    kept = letter.words[language]
    facts = [Fact(label, lines) for label, lines in kept["facts"]]
    return LetterText(kept["subject"], kept["paragraphs"], facts)


def _part(letter: Letter, text: LetterText, lines: DateLines, address: str) -> Part:
    language = translation.get_language()
    is_signed = language == LANGUAGES[0]
    number = _number(letter)
    return {
        "language": language,
        "digits": list(numbers.in_language(numbers.ASCII_DIGITS, language)),
        "page_of": _("Page {page} of {pages}"),
        "head": papers.head(letter.province.full_name, number),
        "title": _("Official letter"),
        "note": ""
        if is_signed
        else _("Translation: the letter in Khmer is the one that is signed."),
        "addressee": {"label": _("To:"), "lines": [letter.other_side]},
        "subject": {"label": _("Subject:"), "lines": [text.subject]},
        "references": [],
        "paragraphs": text.paragraphs,
        "facts": [_fact(one) for one in text.facts],
        "closing": _closing(letter, address),
        "copies": [],
        "signature": {
            "dates": [one for one in _dates(lines, is_signed=is_signed) if one],
            "role": _("For the secretariat"),
            "name": "",
        },
        "qr_title": _("To read more, scan with the telephone's camera"),
        "qr_lines": [urlsplit(settings.BASE_URL).netloc, number],
    }


def _number(letter: Letter) -> str:
    shown = numbers.in_language(letter.number, translation.get_language())
    return _("No. %(number)s") % {"number": shown}


def _fact(fact: Fact) -> Labelled:
    return {"label": fact.label, "lines": fact.lines}


def _closing(letter: Letter, address: str) -> list[str]:
    """How to answer without an account, and the words of respect."""
    return [_how(letter, address), _("Please accept the assurance of our high consideration.")]


def _how(letter: Letter, address: str) -> str:
    """An office above the one that was asked only reads by the code."""
    if not address:
        return _("Please answer by a letter or a call to the secretariat.")
    if letter.link.may_act:
        return _(
            "Your office can read more and answer at once, without signing in: scan the code below."
            " It is for your office alone. A letter or a call to the secretariat is as welcome."
        )
    return _(
        "Your office can read more, without signing in: scan the code below. It is for your office"
        " alone."
    )


def _dates(lines: DateLines, *, is_signed: bool) -> list[str]:
    return [lines.lunar, lines.solar] if is_signed else [lines.english]
