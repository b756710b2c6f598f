"""References of issues: numbers drawn at random, telling nothing of how many there are."""

import datetime as dt
import secrets
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.errors import TransitionError
from issues.models import Issue

DRAWS = 200  # tries to find a free number; at 9,000 taken a draw is free with chance 1 in 10


def save_numbered(issue: Issue, now: dt.datetime, save: Callable[[], None]) -> None:
    """Give the issue a free reference and save it; one that another drew first is drawn again.

    Runs inside its caller's transaction. Raises TransitionError where no number is free.
    """
    start = f"{issue.province_id}-{timezone.localdate(now).year}-"
    for _draw in range(DRAWS):
        issue.reference = f"{start}{secrets.randbelow(9999) + 1:04d}"
        if _is_taken(issue.reference):
            continue
        issue.write_index()
        try:
            with transaction.atomic():
                save()
        except IntegrityError:
            if not _is_taken(issue.reference):  # another rule was broken
                raise
        else:
            return
    raise TransitionError(_("No number is free in this province this year. Tell the secretariat."))


def _is_taken(reference: str) -> bool:
    return Issue.objects.filter(reference=reference).exists()
