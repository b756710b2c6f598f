"""The days that can be planned with: none so far off that no calendar can show it."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

FIRST, LATEST = dt.date(2000, 1, 1), dt.date(2200, 12, 31)
# The same as moments, in the provinces' time zone (UTC+7): its first and the one after its last.
BEGINNING = dt.datetime(1999, 12, 31, 17, tzinfo=dt.UTC)
END = dt.datetime(2200, 12, 31, 17, tzinfo=dt.UTC)
OUT_OF_REACH = _("Choose a day between 2000 and 2200.")


def has_days(*days: dt.date | None) -> bool:
    """All of these days lie within reach; those that are not set do no harm."""
    return all(day is None or FIRST <= day <= LATEST for day in days)


def has_moments(*moments: dt.datetime | None) -> bool:
    """All of these moments lie within reach; those that are not set do no harm."""
    return all(one is None or BEGINNING <= one <= END for one in moments)
