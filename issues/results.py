"""What a session came to, as a short text to copy for Facebook or Telegram."""

from collections import Counter
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import translation
from django.utils.translation import gettext as _

from forum import papers, turnout
from forum.models import Session
from issues.models import Concern, Issue, Outcome
from khmer import numbers
from provinces.models import Theme

LEAST = 3  # issues below which a theme is not named
TOLD = (Session.Status.OPEN, Session.Status.RELEASED)


@dataclass
class Results:
    """The figures of one session; ``outcomes`` by kind, ``themes`` those that are named.

    ``untold`` are issues that were heard, of whose outcome nothing is told.
    """

    session: Session
    came: turnout.Number
    issues: int = 0
    left: int = 0
    untold: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    themes: list[str] = field(default_factory=list)


def is_ready(session: Session) -> bool:
    """Whether there is something to tell: it sits, or it has been held."""
    return session.status in TOLD


def of_session(session: Session) -> Results:
    """The figures that anybody may read; six queries, five of them for who came.

    Frozen issues are not counted. Neither an organization, an office, a place below the province
    nor a title is told. Outcomes and themes are those of issues that are neither confidential nor
    marked as concerning an office: who reads the minutes could find theirs by subtracting. A
    theme is told only where at least ``LEAST`` such issues of it were heard.
    """
    quiet = Exists(Concern.objects.filter(issue=OuterRef("issue")))
    items = session.agenda_items.filter(issue__isnull=False, issue__pressured_at=None)
    rows = items.annotate(is_marked=quiet).values_list(
        "outcome__kind", "issue__theme", "issue__disclosure", "is_marked"
    )
    found = Results(session, turnout.of_session(session).came)
    themes: Counter[str | None] = Counter()
    for kind, theme, disclosure, is_marked in rows.order_by():
        if kind is None:
            found.left += 1
            continue
        found.issues += 1
        if disclosure == Issue.Disclosure.CONFIDENTIAL or is_marked:
            found.untold += 1
            continue
        found.outcomes[kind] += 1
        themes[theme] += 1
    found.themes = [key for key, number in themes.items() if key and number >= LEAST]
    return found


def text(results: Results, language: str) -> str:
    """The figures as plain text with line breaks, in one language; one query for the themes."""
    with translation.override(language):
        parts = [_head(results), _counts(results), _themes(results), _foot(results.session)]
        return "\n\n".join(part for part in parts if part)


def _head(results: Results) -> str:
    session = results.session
    lines = [
        str(session.forum),
        _("Session in %(province)s") % {"province": session.province},
        papers.day_of(session.day) if session.day else "",
    ]
    if results.came.total:
        lines.append(
            _("Participants: %(total)s, of whom %(women)s women")
            % {"total": _digits(results.came.total), "women": _digits(results.came.women)}
        )
    return "\n".join(line for line in lines if line)


def _counts(results: Results) -> str:
    lines = [_counted(_("Issues heard"), results.issues)]
    lines += [
        f"• {_counted(kind.label, results.outcomes[kind])}"
        for kind in Outcome.Kind
        if results.outcomes[kind]
    ]
    if results.untold:
        lines.append(f"• {_counted(_('Outcome not shown'), results.untold)}")
    if results.left:
        lines.append(f"• {_counted(_('Not heard yet'), results.left)}")
    return "\n".join(lines)


def _counted(label: object, number: int) -> str:
    return _("%(label)s: %(number)s") % {"label": label, "number": _digits(number)}


def _themes(results: Results) -> str:
    if not results.themes:
        return ""
    names = [one.name for one in Theme.objects.filter(pk__in=results.themes)]
    return _("Themes: %(themes)s") % {"themes": ", ".join(names)}


def _foot(session: Session) -> str:
    """Who says so, and where the public finds the session."""
    lines = [_("The secretariat of the dialogue forums")]
    if session.published_at:
        lines.append(f"{settings.BASE_URL}{session.get_absolute_url()}")
    return "\n".join(lines)


def _digits(number: int) -> str:
    return numbers.in_language(number, translation.get_language())
