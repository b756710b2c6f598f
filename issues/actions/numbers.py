"""References and tracking codes: drawn at random, telling nothing of how many there are."""

import datetime as dt
import secrets
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.errors import TransitionError
from issues.models import Issue

CODES = 10**12
DRAWS = 200  # tries to find a free number; at 9,000 taken a draw is free with chance 1 in 10


def save_numbered(issue: Issue, now: dt.datetime, save: Callable[[], None]) -> None:
    """Give the issue a free reference and a tracking code, and save it.

    One that another drew first is drawn again. Runs inside its caller's transaction. Raises
    TransitionError where no number is free.
    """
    start = f"{issue.province_id}-{timezone.localdate(now).year}-"
    for _draw in range(DRAWS):
        issue.reference = f"{start}{secrets.randbelow(9999) + 1:04d}"
        if _is_taken(issue.reference):
            continue
        issue.tracking_code = f"{secrets.randbelow(CODES):012d}"
        issue.write_index()
        try:
            with transaction.atomic():
                save()
        except IntegrityError:
            if not (_is_taken(issue.reference) or _is_known(issue.tracking_code)):
                raise  # another rule was broken
        else:
            return
    raise TransitionError(_("No number is free in this province this year. Tell the secretariat."))


def _is_taken(reference: str) -> bool:
    return Issue.objects.filter(reference=reference).exists()


def _is_known(code: str) -> bool:
    return Issue.objects.filter(tracking_code=code).exists()
