"""What the rooms above do when a session's change is published, so that this room knows none."""

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from accounts.models import User
from forum.models import Session


class WhenCancelled(Protocol):
    """What follows the cancellation of these sessions, by whoever published it."""

    def __call__(self, sessions: Sequence[Session], *, by: User, now: dt.datetime) -> None: ...


class WhenOpened(Protocol):
    """What follows the opening of a session."""

    def __call__(self, session: Session, *, now: dt.datetime) -> object: ...


def _nothing(sessions: Sequence[Session], *, by: User, now: dt.datetime) -> None:
    """Nothing follows before somebody registers."""


_cancelled: list[WhenCancelled] = [_nothing]


def when_cancelled(do: WhenCancelled) -> None:
    """Say what follows a published cancellation; the latest registration counts.

    It is called with the sessions whose cancellation was just published, in that transaction and
    with their rows locked: what it raises takes the publishing back.
    """
    _cancelled[0] = do


def cancelled(sessions: Sequence[Session], *, by: User, now: dt.datetime) -> None:
    """Do what was registered, where there is any such session."""
    if sessions:
        _cancelled[0](sessions, by=by, now=now)


def _nothing_yet(session: Session, *, now: dt.datetime) -> object:
    """Nothing follows before somebody registers."""


_opened: list[WhenOpened] = [_nothing_yet]


def when_opened(do: WhenOpened) -> None:
    """Say what follows the opening of a session, in its transaction and with its row locked."""
    _opened[0] = do


def opened(session: Session, *, now: dt.datetime) -> None:
    """Do what was registered."""
    _opened[0](session, now=now)
