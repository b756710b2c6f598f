"""The one clock: every room that asks for the time asks here, so that a rehearsal can move it."""

import datetime as dt

from django.conf import settings
from django.utils import timezone


def now() -> dt.datetime:
    """The present moment, moved by ``CLOCK_OFFSET`` seconds in tests and rehearsals."""
    return timezone.now() + dt.timedelta(seconds=settings.CLOCK_OFFSET)


def today() -> dt.date:
    """The present day in the provinces' time zone."""
    return timezone.localdate(now())
