"""What a ladder must keep to, each rule with the sentence that says so."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from issues.models import Issue
from khmer import numbers
from outbox.models import Channel
from reminders.models import Rung
from reminders.policy_words import IN_OPENING, IN_SUBJECT, fault

MOST = 12  # rungs of a priority
EARLIEST, LATEST = -30, 90  # working days; see also ladder.LONGEST_AHEAD
SUBJECT, OPENING = 150, 1000  # signs
WORDS = {"subject": (IN_SUBJECT, SUBJECT), "opening": (IN_OPENING, OPENING)}


class Fault(NamedTuple):
    """What is wrong: with which of the rungs (None: with all together), and with which field."""

    place: int | None
    field: str
    sentence: str


def faults(rungs: Sequence[Rung], language: str) -> list[Fault]:
    """Everything that is wrong with the rungs of a priority, in the order they were given."""
    found = list(_together(rungs, language))
    for place, rung in enumerate(rungs):
        found += [Fault(place, field, sentence) for field, sentence in _alone(rung)]
    return found + list(_beside_each_other(rungs))


def _together(rungs: Sequence[Rung], language: str) -> Iterator[Fault]:
    if not rungs:
        yield Fault(None, "", _("Keep at least one rung: without any, no office is reminded."))
    if len(rungs) > MOST:
        most = numbers.in_language(MOST, language)
        said = _("An office is reminded at most %(most)s times: remove some rungs.")
        yield Fault(None, "", said % {"most": most})
    if any(one.priority not in Issue.Priority.values for one in rungs):
        yield Fault(None, "", _("There is no such priority."))


def _alone(rung: Rung) -> Iterator[tuple[str, str]]:
    """Field and sentence of what is wrong with a rung by itself."""
    if not EARLIEST <= rung.offset <= LATEST:
        yield "days", _("This is too far from the due date.")
    if rung.audience not in Rung.Audience.values:
        yield "audience", _("Choose to whom it goes.")
    if rung.channel not in Channel.values:
        yield "channel", _("Choose by which way it goes.")
    if rung.is_escalation and rung.offset <= 0:
        yield "days", _("A superior authority is told only after the due date.")
    for name, (allowed, longest) in WORDS.items():
        yield from _words(rung, name, allowed, longest)


def _words(
    rung: Rung, name: str, allowed: frozenset[str], longest: int
) -> Iterator[tuple[str, str]]:
    texts = {f"{name}_{language}": getattr(rung, f"{name}_{language}") for language in ("km", "en")}
    missing = [field for field, text in texts.items() if not text]
    if len(missing) == 1:
        said = _("Write it in both languages, or leave both empty.")
        yield missing[0], said
    for field, text in texts.items():
        if len(text) > longest:
            yield field, _("This is too long.")
        if sentence := fault(text, allowed):
            yield field, sentence
        if name == "subject" and len(text.splitlines()) > 1:
            yield field, _("A subject is one line.")


def _beside_each_other(rungs: Sequence[Rung]) -> Iterator[Fault]:
    """A day has one rung, and superiors are turned to after all reminders of the office itself."""
    taken: set[int] = set()
    reminded = max((one.offset for one in rungs if not one.is_escalation), default=None)
    for place, rung in enumerate(rungs):
        if rung.offset in taken:
            yield Fault(place, "days", _("Another rung stands on this day already."))
        elif rung.is_escalation and reminded is not None and rung.offset < reminded:
            said = _("A superior authority is told after the last reminder of the office itself.")
            yield Fault(place, "days", said)
        taken.add(rung.offset)
