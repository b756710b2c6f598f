"""What may become of one try to send a message, whichever the channel."""

import datetime as dt
from dataclasses import dataclass

from outbox.models import Attempt

LONGEST_WAIT = dt.timedelta(hours=6)  # whatever a provider asks for


@dataclass(frozen=True)
class Sent:
    """The provider took it; ``provider_id`` is how it names it."""

    code: str
    text: str
    provider_id: str = ""
    outcome = Attempt.Outcome.SENT


@dataclass(frozen=True)
class Refused:
    """It will never be taken: no such mailbox, too large, not wanted.

    ``is_address`` says that nothing sent to this address will ever be.
    """

    code: str
    text: str
    is_address: bool = False
    outcome = Attempt.Outcome.REFUSED


@dataclass(frozen=True)
class TryLater:
    """It surely did not leave and may do so later.

    ``unreachable`` says that the provider itself failed, not this message; ``wait`` is the
    time the provider asked for.
    """

    code: str
    text: str
    unreachable: bool = False
    wait: dt.timedelta | None = None
    outcome = Attempt.Outcome.TRY_LATER


@dataclass(frozen=True)
class Unknown:
    """The provider fell silent after it had the whole message: it may have been delivered."""

    code: str
    text: str
    outcome = Attempt.Outcome.UNKNOWN


Outcome = Sent | Refused | TryLater | Unknown


def wait_of(seconds: str) -> dt.timedelta | None:
    """The wait of a Retry-After in seconds; None where it says none that we understand."""
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) < 9):
        return None
    return min(dt.timedelta(seconds=int(seconds)), LONGEST_WAIT)
