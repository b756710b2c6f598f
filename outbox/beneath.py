"""What a notice is about is locked before the notice; the rooms above say how.

Acts on an issue lock it first and its notices last. An act that begins with a notice and then
tells its room (``registry.sent``) would take the same locks the other way round, and of two such
acts at once PostgreSQL would end one.
"""

from collections.abc import Callable

from outbox.models import Notice

Lock = Callable[[int], object]
_locks: dict[str, Lock] = {}


def register(name: str, lock: Lock) -> None:
    """Say how a kind of subject, as ``referral``, is locked by its id; the latest counts."""
    _locks[name] = lock


def lock(notice: Notice) -> None:
    """Lock what the notice is about until the transaction ends, where its room says how."""
    name, _colon, pk = notice.subject.partition(":")
    if name in _locks:
        _locks[name](int(pk))
