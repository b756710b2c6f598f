"""The notice that issues were recorded for an organization from a file; no title is in it."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from config import notice_truths as truths
from issues.models import Batch, Issue
from khmer import numbers
from outbox.models import Notice
from outbox.registry import Title


def _recorded(notice: Notice) -> QuerySet[Issue]:
    """The issues of the file for the organization, whose id is the notice's version."""
    batch = truths.id_of(notice.subject)
    return Issue.objects.filter(batch_line__batch=batch, organization=notice.version)


def recorded(notice: Notice, now: dt.datetime) -> bool:
    """The issues are there, and the recipient speaks for their organization."""
    return truths.represents(notice.recipient, notice.version) and _recorded(notice).exists()


def numbers_of(notice: Notice, language: str) -> dict[str, Any]:
    """How many were recorded, and where they stand."""
    return {
        "count": _recorded(notice).count(),
        "link": f"{settings.BASE_URL}{reverse('issues:issues')}",
    }


def titles(ids: list[int]) -> dict[int, Title]:
    """What coordinators read for ``batch:5``: how many issues; its page is its sender's alone."""
    sizes = Batch.objects.filter(pk__in=ids).values_list("pk", "created")
    said, language = _("A file of %(number)s issues"), get_language()
    return {pk: Title(said % {"number": numbers.in_language(size, language)}) for pk, size in sizes}


def find(text: str) -> tuple[int, ...]:
    """A file has no reference."""
    return ()


KINDS = {
    "issues_recorded": (gettext_lazy("Issues recorded from a file"), recorded, numbers_of),
}
SUBJECT = ("batch", titles, find)
