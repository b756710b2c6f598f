"""The columns of a file of issues: their headings, what they mean, and the words they take."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import Choices
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from issues.models import Issue
from issues.models.issue import ASKED_LENGTH, TEXT_LENGTH, TITLE_LENGTH
from khmer import text as khmer_text

LANGUAGES = (("km", _("Khmer")), ("en", _("English")))
YES, NO = "yes", "no"
YES_OR_NO: list[tuple[str, Any]] = [(YES, _("Yes")), (NO, _("No"))]
# What people write for them besides.
ALSO = {
    YES: ("y", "1", "true", "x", "✓", "✔", "បាទ", "ចាស", "ចាស៎", "មាន", "ត្រូវ"),
    NO: ("n", "0", "false", "-", "–", "ទេ", "អត់", "គ្មាន", "មិនត្រូវ"),
}
SOURCES = (Issue.Source.PAPER, Issue.Source.PHONE, Issue.Source.LETTER, Issue.Source.IMPORT)
# A label is followed by its explanation: of "Public: may be published" the first word is enough.
COLON = re.compile("[:៖]")
JOINTS = re.compile(r"[\s_–-]+")


@dataclass(frozen=True)
class Column:
    """One column: its fixed name, its heading, and what is to be written in it."""

    name: str
    heading: str | Promise
    note: str | Promise
    is_required: bool = False
    choices: tuple[tuple[str, Any], ...] = ()
    width: int = 16


def _of(choices: type[Choices]) -> tuple[tuple[str, Any], ...]:
    return tuple(choices.choices)


COLUMNS = (
    Column(
        "organization",
        _("Organization"),
        _("Its short name or its name, as in the list of organizations. A line with # here is not "
          "read."),
        is_required=True,
        width=30,
    ),
    Column("kind", _("Kind"), _("Empty means a challenge."), choices=_of(Issue.Kind)),
    Column(
        "title",
        _("Title"),
        _("One sentence without names of persons, up to %(limit)s characters."),
        is_required=True,
        width=40,
    ),
    Column(
        "text",
        _("Text"),
        _("What happened and since when, without names, telephone numbers and houses; up to "
          "%(limit)s characters."),
        is_required=True,
        width=60,
    ),
    Column("asked", _("What is asked"), _("Up to %(limit)s characters; may be empty."), width=40),
    Column(
        "language",
        _("Language of the text"),
        _("Empty means the script in which the text is written."),
        choices=LANGUAGES,
    ),
    Column("theme", _("Theme"), _("Its code or its name."), is_required=True),
    Column("province", _("Province"), _("Not needed where the commune has its code.")),
    Column("district", _("District or municipality"), _("Not needed where the commune has its "
           "code, or a name that stands once in the province."), width=22),
    Column(
        "commune",
        _("Commune or sangkat"),
        _("Its code of six figures, or its name."),
        is_required=True,
        width=22,
    ),
    Column(
        "village",
        _("Village"),
        _("Its code of eight figures or its name; may be empty. It is kept under a key: no office "
          "and no visitor ever sees it."),
    ),
    Column("people", _("People affected"), _("A whole number, at least 1."), is_required=True),
    Column(
        "women",
        _("of whom women"),
        _("A whole number, no more than the people; 0 where there are none."),
        is_required=True,
    ),
    Column("spoken", _("Language spoken"), _("Empty means Khmer."), choices=_of(Issue.Spoken)),
    Column(
        "interpreter",
        _("An interpreter is needed"),
        _("Empty means no."),
        choices=tuple(YES_OR_NO),
    ),
    Column(
        "disclosure",
        _("Who may see it"),
        _("As the organization has said it; empty means restricted."),
        choices=_of(Issue.Disclosure),
    ),
    Column(
        "named",
        _("The organization may be named"),
        _("Empty means no; of a confidential issue it never is."),
        choices=tuple(YES_OR_NO),
    ),
    Column(
        "came_on",
        _("Came on"),
        _("The day as 2026-03-28 or 28/03/2026; may be empty."),
        width=14,
    ),
    Column(
        "source",
        _("How it came"),
        _("Empty means: in a file of many."),
        choices=tuple((one.value, one.label) for one in SOURCES),
    ),
)  # fmt: skip
BY_NAME = {column.name: column for column in COLUMNS}
LIMITS = {"title": TITLE_LENGTH, "text": TEXT_LENGTH, "asked": ASKED_LENGTH}


def note_of(column: Column) -> str:
    """What is to be written in the column, in the reader's language."""
    return str(column.note) % {"limit": LIMITS.get(column.name, "")}


def heading_of(name: str) -> str:
    """The heading of a column in the reader's language; nothing where a whole line is meant."""
    return str(BY_NAME[name].heading) if name in BY_NAME else ""


def short(label: object) -> str:
    """A label without the explanation that follows it."""
    return COLON.split(str(label))[0].strip()


def plain(typed: str) -> str:
    """What was typed, so that two ways to write the same are equal."""
    return JOINTS.sub(" ", khmer_text.fold(typed)).strip()


@cache
def headings() -> dict[str, str]:
    """The column of each heading: its fixed name, and its words in every language."""
    found = {plain(one.name): one.name for one in COLUMNS}
    for words in _in_every_language(lambda: [(one.heading, one.name) for one in COLUMNS]):
        found.update({word: name for word, name in words.items() if word not in found})
    return found


@cache
def words_of(name: str) -> dict[str, str]:
    """The value of each word that the column takes: values and labels in every language."""
    choices = BY_NAME[name].choices
    found = {plain(value): value for value, _label in choices}
    for value, _label in choices:
        found |= {plain(word): value for word in ALSO.get(value, ())}
    for words in _in_every_language(lambda: [(label, value) for value, label in choices]):
        found |= words
    for words in _in_every_language(lambda: [(short(label), value) for value, label in choices]):
        found |= words
    return found


def _in_every_language(pairs: Any) -> Any:
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            yield {plain(str(word)): value for word, value in pairs()}
