"""The words an administrator gives a rung: a closed set of placeholders, filled in safely.

What was typed is never a template and never a format string: only the names written out here are
replaced, everything else stays as it is.
"""

import re
from collections.abc import Collection, Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from khmer import numbers
from reminders import ladder
from reminders.models import Rung

# None of them holds a title, the name of an organization, or what is protected.
PLACEHOLDERS: dict[str, Promise] = {
    "reference": gettext_lazy("the reference of the issue"),
    "authority": gettext_lazy("the office that is asked"),
    "due": gettext_lazy("the due date in words"),
    "days": gettext_lazy("how many working days lie between the due date and today"),
    "place": gettext_lazy("commune, district and province; of a confidential issue the province"),
}
IN_SUBJECT = frozenset(PLACEHOLDERS) - {"place"}  # subjects stand in the open
IN_OPENING = frozenset(PLACEHOLDERS)
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def fault(text: str, allowed: Collection[str]) -> str:
    """What is wrong with the placeholders of a text, in a sentence; empty where nothing is."""
    for name in PLACEHOLDER.findall(text):
        if name in allowed:
            continue
        if name in PLACEHOLDERS:
            return _("{%(name)s} may not stand in a subject.") % {"name": name}
        known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS if one in allowed)
        return _("We do not know {%(name)s}. You may write %(known)s.") % {
            "name": name,
            "known": known,
        }
    if re.search(r"[{}]", PLACEHOLDER.sub("", text)):
        return _("A curly bracket stands alone.")
    return ""


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders replaced; values are not looked into again."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        return values.get(name, found[0]) if name in PLACEHOLDERS else found[0]

    return PLACEHOLDER.sub(value, text)


def own_words(rung: Rung | None, language: str, values: Mapping[str, str]) -> dict[str, str]:
    """Subject and opening of a rung in a language; empty where our standard words are used."""
    if rung is None:
        return {"own_subject": "", "own_opening": ""}
    in_khmer = language == "km"
    return {
        "own_subject": fill(rung.subject_km if in_khmer else rung.subject_en, values),
        "own_opening": fill(rung.opening_km if in_khmer else rung.opening_en, values),
    }


def rung_told(rungs: Sequence[Rung], key: str, *, is_escalation: bool) -> Rung | None:
    """Which of a priority's rungs, the lowest first, a notice with this key tells of.

    A superior beyond the highest rung is told as at that one.
    """
    if not is_escalation:
        return next((one for one in rungs if one.key == key and not one.is_escalation), None)
    stages = [one for one in rungs if one.is_escalation]
    places = {ladder.climb_key(place + 1): one for place, one in enumerate(stages)}
    return places.get(key) or (stages[-1] if stages else None)


def when(offset: int) -> str:
    """The day of a rung in the reader's words."""
    if offset == 0:
        return _("on the due date")
    number = numbers.in_language(abs(offset), get_language())
    if offset < 0:
        said = ngettext(
            "%(number)s working day before the due date",
            "%(number)s working days before the due date",
            -offset,
        )
    else:
        said = ngettext(
            "%(number)s working day after the due date",
            "%(number)s working days after the due date",
            offset,
        )
    return said % {"number": number}
