"""The warnings of one session as its page shows them, each with where it is mended."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit import clock
from forum import permissions, warnings
from forum.models import Session
from forum.warnings import Kind, Warning

_EDIT = ("session_edit", _("Change the session"))
_PRESIDERS = ("session_presiders", _("Who presides"))
_TEAM = ("session_team", _("Team"))
_INVITATIONS = ("invitations", _("Invitations"))
# Where each kind is mended; all others by changing the session.
_MENDED: dict[Kind, tuple[str, Promise]] = {
    Kind.PRESIDER_TWICE: _PRESIDERS,
    Kind.NO_OFFICIAL: _PRESIDERS,
    Kind.TEAM_TWICE: _TEAM,
    Kind.AUTHORITY_TWICE: _INVITATIONS,
    Kind.ORGANIZATION_TWICE: _INVITATIONS,
    Kind.TOO_MANY: _INVITATIONS,
    Kind.CALL_OPEN: ("forum_calls", _("Calls for issues")),
}


@dataclass(frozen=True)
class Shown:
    """A warning with the page it is mended on; ``other_url`` only where the reader may read it."""

    warning: Warning
    mend_url: str
    mend_label: Promise
    other_url: str


def of_session(request: HttpRequest, session: Session) -> list[Shown]:
    """The warnings of the session's draft for its coordinators; none for all others."""
    if not permissions.serves(request.user, session):
        return []
    found = warnings.of([session], now=clock.now())[session.pk]
    return [_shown(request, session, one) for one in found]


def _shown(request: HttpRequest, session: Session, warning: Warning) -> Shown:
    name, label = _MENDED.get(warning.kind, _EDIT)
    about = session.forum_id if name == "forum_calls" else session.pk
    other = warning.other
    may_read = other is not None and (
        other.published_at is not None or permissions.serves(request.user, other)
    )
    return Shown(
        warning=warning,
        mend_url=reverse(f"forum:{name}", args=[about]),
        mend_label=label,
        other_url=other.get_absolute_url() if other is not None and may_read else "",
    )
