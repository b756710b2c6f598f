"""Acts on all notices that a filter shows, by one press and with their number."""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.errors import TransitionError
from outbox import handling, holding, permissions, post, registry
from outbox.handling import OPEN, Act, Locked
from outbox.models import Notice, NoticeQuerySet

ACTS = (Act.SEND, Act.HOLD, Act.LET_GO, Act.RETRY, Act.CANCEL)


def open_to(act: Act, rows: NoticeQuerySet, *, now: dt.datetime) -> list[Notice]:
    """Those of these notices that the act is for.

    To send none whose issue is frozen, and none that its reader asked to be spared: that is for
    a press on it alone.
    """
    found = list(rows.filter(OPEN[act]))
    return _free(found, now) if act is Act.SEND else found


def _free(notices: list[Notice], now: dt.datetime) -> list[Notice]:
    waits = registry.held(notices, now) | post.muted(notices, now)
    return [one for one in notices if one.pk not in waits]


@transaction.atomic
def act_on_all(
    act: Act, rows: NoticeQuerySet, *, by: User, now: dt.datetime, expected: int, reason: str = ""
) -> int:
    """Do it with each of these notices that it is open to; how many those were.

    Raises PermissionDenied, or TransitionError where their number is no longer the one the user
    was shown.
    """
    if not permissions.opens(by):
        raise PermissionDenied
    if act is Act.SEND and holding.is_on():
        raise TransitionError(_("All outbound is held back."))
    locked = handling.lock(rows.visible_to(by), act)
    if act is Act.SEND:
        locked.notices[:] = _free(locked.notices, now)
    if len(locked.notices) != expected:
        raise TransitionError(
            _("Meanwhile their number has changed: please look again before you go on.")
        )
    _do(act, locked, by=by, now=now, reason=reason)
    return expected


def _do(act: Act, locked: Locked, *, by: User, now: dt.datetime, reason: str) -> None:
    match act:
        case Act.SEND:
            handling.send_now(locked, by=by, now=now)
        case Act.HOLD:
            handling.hold(locked, by=by, reason=reason)
        case Act.LET_GO:
            handling.let_go(locked, by=by, now=now)
        case Act.RETRY:
            handling.retry(locked, by=by, now=now)
        case Act.CANCEL:
            handling.cancel(locked, by=by, reason=reason)
