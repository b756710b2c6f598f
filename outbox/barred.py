"""What a coordinator must not read of although they serve its province; the rooms above say it."""

from collections.abc import Callable, Collection

from accounts.models import User

Barred = Callable[[User], Collection[str]]


def _nothing(user: User) -> Collection[str]:
    return ()


_barred: list[Barred] = [_nothing]


def register(barred: Barred) -> None:
    """Say of which subjects a person with an office reads nothing; the latest counts."""
    _barred[:] = [barred]


def subjects(user: User) -> Collection[str]:
    """The subjects, as ``referral:12``, that concern an office of theirs or one above it."""
    return _barred[0](user) if user.office_ids else ()
