"""What the secretariat sets right in an issue: theme, place and priority, and who may see it."""

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.errors import TransitionError
from issues import sealing
from issues.actions.move import check, lock, move
from issues.models import Issue, ProtectedPart
from issues.workflow import Act
from provinces.models import Locality, Theme


@dataclass(frozen=True)
class Wanted:
    """What is to stand in an issue; None and "" leave it as it is.

    ``seen`` is the version that whoever wants it has read: somebody faster is not overwritten.
    """

    theme: Theme | None = None
    commune: Locality | None = None
    priority: int | None = None
    disclosure: str = ""
    seen: int | None = None


@dataclass
class Correction:
    """What changes: ``trace`` from what to what, by keys alone, and the columns to be written."""

    trace: dict[str, object] = field(default_factory=dict)
    columns: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def correct(
    issue: Issue,
    *,
    by: User,
    now: dt.datetime,
    theme: Theme | None = None,
    commune: Locality | None = None,
    priority: int | None = None,
    seen: int | None = None,
) -> Issue:
    """Set theme, place or priority right; what stands there already leaves no trace.

    The village is forgotten if its commune is left. Raises TransitionError for a commune of
    another province, and where somebody has changed the issue since version ``seen``.
    """
    locked = lock(issue)
    check(locked, Act.CORRECT, by=by)
    wanted = Wanted(theme=theme, commune=commune, priority=priority, seen=seen)
    found = correction(locked, wanted)
    if not found.trace:
        return locked
    moved = move(issue, Act.CORRECT, by=by, now=now, trace=found.trace, **found.columns)
    if "commune" in found.columns:
        forget_village(moved)
    return moved


def correction(locked: Issue, wanted: Wanted) -> Correction:
    """What of the wanted is new to a locked issue.

    Raises TransitionError for what may not be so.
    """
    _refuse_stale(locked, wanted.seen)
    found = Correction()
    _correct_theme(found, locked, wanted.theme)
    _correct_commune(found, locked, wanted.commune)
    _tighten(found, locked, wanted.disclosure)
    if found.trace:  # of what was typed, and of who may see it
        found.columns["version"] = locked.version + 1
    if wanted.priority not in (None, locked.priority):
        found.trace["priority"] = [locked.priority, wanted.priority]
        found.columns["priority"] = wanted.priority
    return found


def _refuse_stale(locked: Issue, seen: int | None) -> None:
    if seen not in (None, locked.version):
        raise TransitionError(
            _("Somebody else has changed this issue meanwhile: read it anew beside this page.")
        )


def _correct_theme(found: Correction, locked: Issue, theme: Theme | None) -> None:
    if theme is None or theme.pk == locked.theme_id:
        return
    found.trace["theme"] = [locked.theme_id, theme.pk]
    found.columns["theme"] = theme


def _correct_commune(found: Correction, locked: Issue, commune: Locality | None) -> None:
    if commune is None or commune.pk == locked.commune_id:
        return
    is_commune = commune.level == Locality.Level.COMMUNE
    if not is_commune or commune.province_id != locked.province_id:
        raise TransitionError(_("Choose a commune of the issue's own province."))
    found.trace["commune"] = [locked.commune_id, commune.pk]
    locked.commune = commune
    locked.write_index()
    found.columns |= {"commune": commune, "place_text": locked.place_text}


def _tighten(found: Correction, locked: Issue, disclosure: str) -> None:
    if not disclosure or disclosure == locked.disclosure:
        return
    if disclosure not in locked.stricter:
        raise TransitionError(_("Choose a disclosure under which fewer people see the issue."))
    is_confidential = disclosure == Issue.Disclosure.CONFIDENTIAL
    found.trace["disclosure"] = [locked.disclosure, str(disclosure)]
    found.columns |= {
        "disclosure": disclosure,
        "is_named": locked.is_named and not is_confidential,
        "published_at": None,
    }


def forget_village(issue: Issue) -> None:
    """Drop the village from the protected part where it does not lie in the issue's commune."""
    kept = sealing.protected_of(issue)
    if kept.village and not kept.village.startswith(str(issue.commune_id)):
        sealed = sealing.sealed(replace(kept, village=""))
        ProtectedPart.objects.filter(issue=issue).update(sealed=sealed)
