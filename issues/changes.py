"""From what to what an issue was changed, in the reader's words."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from audit.models import AuditEntry
from issues.models import Issue
from provinces.models import Locality, Theme

# Fields whose values stand in the trail; the order in which they are told.
TOLD = (
    "kind", "theme", "commune", "people", "women", "spoken", "needs_interpreter", "language",
    "source", "disclosure", "is_named", "priority",
)  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One field, with what it was and what it became."""

    label: str
    before: str
    after: str


def changes_of(entries: Iterable[AuditEntry]) -> dict[int, list[Change]]:
    """By entry: what it changed; at most two queries, for the names of themes and communes."""
    told = {
        entry.pk: [(name, *entry.change[name]) for name in TOLD if _is_pair(entry.change, name)]
        for entry in entries
    }
    names = _names(told.values())
    return {
        pk: [_change(name, before, after, names) for name, before, after in rows]
        for pk, rows in told.items()
        if rows
    }


def _is_pair(change: dict[str, object], name: str) -> bool:
    pair = change.get(name)
    return isinstance(pair, list) and len(pair) == 2 and pair[0] != pair[1]


def _names(rows: Iterable[list[tuple[str, object, object]]]) -> dict[tuple[str, object], str]:
    """The names behind the codes of themes and communes."""
    codes: dict[str, set[object]] = {"theme": set(), "commune": set()}
    for changed in rows:
        for name, before, after in changed:
            if name in codes:
                codes[name] |= {before, after} - {None}
    found: dict[tuple[str, object], str] = {}
    if codes["theme"]:
        found |= {
            ("theme", one.pk): one.name for one in Theme.objects.filter(pk__in=codes["theme"])
        }
    if codes["commune"]:
        places = Locality.objects.filter(pk__in=codes["commune"])
        found |= {("commune", one.pk): one.full_name for one in places}
    return found


def _change(
    name: str, before: object, after: object, names: dict[tuple[str, object], str]
) -> Change:
    field = Issue._meta.get_field(name)
    choices = dict(getattr(field, "flatchoices", ()))

    def said(value: object) -> str:
        if value is None:
            return "–"
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        return str(names.get((name, value)) or choices.get(value, value))

    return Change(str(field.verbose_name), said(before), said(after))  # type: ignore[union-attr]
