"""What a change of an issue leaves behind: the earlier wording, and from what to what."""

import datetime as dt
from collections.abc import Mapping

from accounts.models import User
from issues.models import Issue, Revision

WORDS = ("title", "text", "asked")
# What may stand in the trail with its values: choices, figures and codes, never a person's words.
PLAIN = frozenset({
    "kind", "language", "spoken", "needs_interpreter", "source", "theme", "commune", "people",
    "women", "disclosure", "is_named", "priority",
})  # fmt: skip


def keep(issue: Issue, content: Mapping[str, object], *, by: User, now: dt.datetime) -> None:
    """Keep the wording that ``content`` replaces, once the issue was submitted.

    ``issue`` is locked and still as it was.
    """
    changed = any(content.get(name, getattr(issue, name)) != getattr(issue, name) for name in WORDS)
    if not changed or issue.status == Issue.Status.DRAFT:
        return
    Revision.objects.create(
        issue=issue,
        version=issue.version,
        replaced_by=by,
        replaced_at=now,
        **{name: getattr(issue, name) for name in WORDS},
    )


def trace(issue: Issue, content: Mapping[str, object]) -> dict[str, object]:
    """For the trail: the names of the fields that ``content`` changes, and plain values from–to.

    ``issue`` is locked and still as it was.
    """
    changed = [name for name, value in content.items() if getattr(issue, name, None) != value]
    values = {
        name: [_plain(getattr(issue, name)), _plain(content[name])]
        for name in changed
        if name in PLAIN
    }
    return {"fields": changed, **values}


def _plain(value: object) -> object:
    return getattr(value, "pk", value)
