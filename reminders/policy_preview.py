"""What a ladder would do: "on 12 May this goes to …", with the words in both languages.

Nothing is kept, and nothing of an issue is shown but its reference, its office and its dates: who
sets the policy need not be a reader of issues.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.template import Context, loader
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from issues.models import Issue, Referral
from khmer import numbers
from outbox import registry
from outbox.models import Channel, Notice
from provinces import workdays
from provinces.models import Authority, Province
from provinces.workdays import Calendar
from reminders import actions, ladder, policy_words
from reminders.digest_lines import dated, day_in_words
from reminders.ladder import Step
from reminders.models import Rung
from reminders.offices import Offices

LANGUAGES = ("km", "en")


@dataclass(frozen=True)
class Words:
    """A message in one language, as far as it is the same for every issue."""

    language: str
    subject: str
    body: str


@dataclass
class Line:
    """One rung: when it is told, to whom, by which way, in which words; and where it stands."""

    step: Step
    rung: Rung | None
    to: list[str]
    words: list[Words]
    is_told: bool = False
    is_overtaken: bool = False
    is_next: bool = False

    @property
    def is_daily(self) -> bool:
        """Whether it is told in the one message of the day."""
        return _is_daily(self.step)

    @property
    def is_short(self) -> bool:
        """Whether it goes by SMS, which takes no more than counts and a link."""
        return bool(self.step.channel == Channel.SMS)

    @property
    def way(self) -> str:
        """By which way it goes, in the reader's words."""
        return str(Channel(self.step.channel).label)


@dataclass
class Preview:
    """What is tried, and what would come of it; ``refusal`` says why nothing does."""

    due_on: dt.date | None = None
    province: Province | None = None
    reference: str = ""
    office: str = ""
    refusal: str = ""
    lines: list[Line] = field(default_factory=list)


def of_referral(reference: str, rungs: Sequence[Rung], *, by: User, now: dt.datetime) -> Preview:
    """What would come of an open referral of the issue with this reference."""
    found = _find(reference, by)
    if found is None:
        return Preview(refusal=_("No office has an issue with this reference in hand."))
    preview = Preview(due_on=found.due_on, province=found.issue.province, reference=reference)
    if found.due_on is None:
        preview.refusal = _("Its clock has not begun: its office was not told yet.")
        return preview
    if found.role == Referral.Role.INFORMATION:
        preview.refusal = _("It was sent for information: nobody is reminded of it.")
        return preview
    offices = Offices.read([found.issue_id])
    climb = offices.climb(found)
    names = _Names(found, climb)
    preview.office = names.office
    calendar = workdays.calendar_of(found.issue.province_id)
    steps = ladder.steps(_ordered(rungs), found, calendar, superiors=len(climb))
    _fill(preview, steps, rungs, names, calendar)
    _mark(preview.lines, _told(found), now)
    return preview


def of_date(due_on: dt.date, province: Province, rungs: Sequence[Rung]) -> Preview:
    """What would come of a referral due on this day, handed over long before."""
    held = Referral(due_on=due_on, handed_over_on=due_on - dt.timedelta(days=365))
    calendar = workdays.calendar_of(province.pk)
    superiors = sum(one.is_escalation for one in rungs)
    preview = Preview(due_on=due_on, province=province)
    steps = ladder.steps(_ordered(rungs), held, calendar, superiors=superiors)
    _fill(preview, steps, rungs, _Names(None, [], province), calendar)
    return preview


def _find(reference: str, by: User) -> Referral | None:
    """The referral in hand, the leading office's first; none that concerns an office of theirs."""
    rows = Referral.objects.in_hand().filter(issue__reference=numbers.to_ascii(reference))
    barred = Issue.objects.filter(concerns__authority__in=by.commanding_ids)
    rows = rows.exclude(issue__in=barred.values("pk")).select_related(
        "issue__province", "authority"
    )
    return min(rows, key=lambda one: (one.role != Referral.Role.LEAD, one.pk), default=None)


def _ordered(rungs: Sequence[Rung]) -> list[Rung]:
    """From the lowest; new ones get a key for the time of looking."""
    for place, one in enumerate(rungs):
        one.key = one.key or f"new {place}"
    return sorted(rungs, key=lambda one: one.offset)


class _Names:
    """How offices are called; of a confidential issue none is named."""

    def __init__(
        self, referral: Referral | None, climb: Sequence[int], province: Province | None = None
    ) -> None:
        self.referral = referral
        self.province = referral.issue.province if referral else province
        hidden = Issue.Disclosure.CONFIDENTIAL
        self.is_named = referral is not None and referral.issue.disclosure != hidden
        rows = Authority.objects.in_bulk(list(climb)) if self.is_named else {}
        self.climb = [rows.get(pk) for pk in climb]

    @property
    def office(self) -> str:
        """The office that is asked, in the active language."""
        if self.referral is not None and self.is_named:
            return str(self.referral.authority.name)
        return _("the office that is asked")

    @property
    def reference(self) -> str:
        """The issue's own, or one as they look."""
        if self.referral is not None:
            return self.referral.issue.reference or ""
        return f"{self.province.pk if self.province else ''}-0000-0000"

    def to(self, step: Step) -> list[str]:
        """Who is told at a step, by title and office."""
        if step.height:
            above = self.climb[step.height - 1] if step.height <= len(self.climb) else None
            said = _("%(office)s, as the superior") % {"office": above.name} if above else ""
            usual = _("superior authority no. %(number)s")
            number = numbers.in_language(step.height, translation.get_language())
            first = said or usual % {"number": number}
            told = _("told of it as well: %(office)s and the organization that raised the issue")
            return [first, told % {"office": self.office}]
        officials = _("the officials of %(office)s") % {"office": self.office}
        if step.audience != Rung.Audience.WITH_COPY:
            return [officials]
        copy = _("a copy to the coordinators of %(province)s")
        return [officials, copy % {"province": self.province.name if self.province else ""}]


def _fill(
    preview: Preview,
    steps: Sequence[Step],
    rungs: Sequence[Rung],
    names: _Names,
    calendar: Calendar,
) -> None:
    ordered = _ordered(rungs)
    for step in steps:
        rung = policy_words.rung_told(ordered, step.key, is_escalation=bool(step.height))
        words = [_words(step, rung, names, preview, calendar, one) for one in LANGUAGES]
        preview.lines.append(Line(step, rung, names.to(step), words))


def _words(
    step: Step,
    rung: Rung | None,
    names: _Names,
    preview: Preview,
    calendar: Calendar,
    language: str,
) -> Words:
    """The message at a step, without what is an issue's own."""
    kind = actions.ESCALATION if step.height else actions.REMINDER
    assert preview.due_on is not None  # noqa: S101 - there is no step without a date
    with translation.override(language):
        place = names.province.name if names.province else ""
        due = day_in_words(preview.due_on, language)
        days = numbers.in_language(abs(calendar.between(preview.due_on, step.on)), language)
        said = {"reference": names.reference, "due": due, "place": place}
        values = said | {"authority": names.office, "days": days}
        own = policy_words.own_words(rung, language, values)
        if _is_daily(step):
            return _in_digest(step, preview.due_on, own, names.reference, calendar, language)
        context = said | own | {"office": names.office, "link": f"{settings.BASE_URL}/…"}
        template = loader.get_template(f"notices/{kind}.txt")
        text = template.template.render(Context(context, autoescape=False))  # type: ignore[attr-defined]
    subject, _newline, body = text.strip().partition("\n")
    lines = [line.rstrip() for line in body.strip().splitlines()]
    kept = [one for place, one in enumerate(lines) if one or (place and lines[place - 1])]
    return Words(language, subject.strip(), "\n".join(kept))


def _is_daily(step: Step) -> bool:
    """Whether it is told in the one message of the day, as reminders to offices are."""
    return not step.height and registry.manner(actions.REMINDER) is registry.Manner.DAILY


def _in_digest(
    step: Step,
    due_on: dt.date,
    own: dict[str, str],
    reference: str,
    calendar: Calendar,
    language: str,
) -> Words:
    """The message of the day with nothing else in it."""
    group, text = dated(due_on, step.on, calendar, language)
    links = (f"{settings.BASE_URL}/…",)
    words = {"lead": own["own_opening"], "own": own["own_subject"]}
    line = registry.Line(group, f"{reference}: {text}", links, **words)
    said = registry.digest([line], language)
    return Words(language, said.subject, said.body)


def _told(referral: Referral) -> set[str]:
    """The rungs that were told, or stand to be told, on the present ladder."""
    rows = Notice.objects.filter(
        subject=f"referral:{referral.pk}",
        kind__in=actions.LADDER,
        version__gte=referral.ladder_version,
    )
    over = rows.exclude(state__in=[Notice.State.SKIPPED, Notice.State.CANCELLED])
    return set(over.values_list("rung", flat=True))


def _mark(lines: Sequence[Line], told: set[str], now: dt.datetime) -> None:
    """Which lines were told, which were overtaken by a later one, and which comes next."""
    newest = max((place for place, one in enumerate(lines) if one.step.key in told), default=-1)
    come = [place for place, one in enumerate(lines) if ladder.opening(one.step.on) <= now]
    latest = max(come, default=-1)
    for place, line in enumerate(lines):
        line.is_told = line.step.key in told
        line.is_overtaken = not line.is_told and place < max(newest, latest)
    waiting = (one for one in lines if not one.is_told and not one.is_overtaken)
    upcoming = next(waiting, None)
    if upcoming is not None:
        upcoming.is_next = True
