"""The list of issues and the look for repeats, as a coordinator of three provinces asks for them.

Each page goes the whole way: the view, its queries, its template. The bare query beside them reads
one row by its primary key through the same driver.
"""

import sys
import time
from collections.abc import Callable
from urllib.parse import urlencode

from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit import clock
from benchmarks import issues_made
from benchmarks.measure import Figure, measured, table
from issues import keyset
from issues.listing import MOST_COUNTED, PAGE_SIZE, Listing
from issues.models import Issue
from issues.repeats import Words, alike

DEEP = 4000  # the page that is to be as quick as the first
COMMON_WORD = "ទឹក"
TARGET = 100  # milliseconds, of the first page
# What is asked for by each line of the table.
ASKED = {
    "list, first page": {},
    f"list, page {DEEP}": {},
    "filtered: state, theme, province": {"state": "referred", "theme": "land", "province": "11"},
    "filtered: overdue": {"overdue": "on"},
    "by due date": {"sort": "due"},
    "by priority": {"sort": "priority"},
    "search, a common word": {"q": COMMON_WORD},
    "search, a rare word": {"q": issues_made.RARE_WORD},
}


def run(*, rows: int, times: int) -> str:
    """Make so many issues, measure, and say it in a table."""
    began = time.monotonic()
    _tell(f"Generating {rows:,} issues …")
    issues_made.make(rows)
    _tell(f"… {Issue.objects.count():,} in {time.monotonic() - began:.0f} s.")
    return report(times=times)


def report(*, times: int) -> str:
    """Measure on what there is."""
    user = User.objects.get(username="coordinator")
    bare = measured("one row by its key", _bare(), times=times * 10)
    figures = [_page(name, query, user, times) for name, query in ASKED.items()]
    figures += _repeats(user, times)
    first, deep = figures[0], figures[1]
    return "\n".join(
        [
            f"\nissues: {Issue.objects.count():,} rows; {times} times each",
            table(figures, bare),
            f"page {DEEP} : page 1 = {deep.middle / first.middle:.2f};"
            f" first page {first.best:.0f} ms at best of at most {TARGET}",
        ]
    )


def _tell(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


def _bare() -> Callable[[], object]:
    pk = Issue.objects.order_by("pk").values_list("pk", flat=True)[Issue.objects.count() // 2]

    def read() -> object:
        with connection.cursor() as cursor:
            cursor.execute("SELECT reference, status FROM issues_issue WHERE id = %s", [pk])
            return cursor.fetchone()

    return read


def _page(name: str, query: dict[str, str], user: User, times: int) -> Figure:
    listing = Listing(QueryDict(urlencode(query)), user=user, today=clock.today())
    count, at = listing.count, {}
    if name.endswith(str(DEEP)):
        at = {"after": _deep(listing)}
    address = f"/issues/?{urlencode(query | at)}"
    more = f"more than {MOST_COUNTED:,}" if count > MOST_COUNTED else f"{count:,}"
    return measured(name, _opened(user, address), times=times, note=f"({more} found)")


def _opened(user: User, address: str) -> Callable[[], object]:
    client = Client(headers={"accept-language": "km"})
    client.force_login(user)

    def open_page() -> None:
        answer = client.get(address)
        assert answer.status_code == 200, address  # noqa: S101 - a wrong page has no time

    return open_page


def _deep(listing: Listing) -> str:
    """Where page 4,000 begins; of a shorter list the last full page."""
    (section,) = [one for one in listing.sections if one.key]
    at = min((DEEP - 1) * PAGE_SIZE, section.rows.count() - PAGE_SIZE) - 1
    falling = section.rows.order_by("-submitted_at", "-pk").values_list("submitted_at", "pk")
    return str(keyset.Place(*falling[max(at, 0)]))


def _repeats(user: User, times: int) -> list[Figure]:
    """The look for issues like a new one, by itself and with its page."""
    issue = Issue.objects.filter(status=Issue.Status.SUBMITTED).latest("submitted_at")
    words = Words.of(issue)
    address = reverse("issues:issue_alike", args=[issue.reference])
    return [
        measured("repeats of an issue, by themselves", lambda: alike(words, user), times=times),
        measured("repeats of an issue, their page", _opened(user, address), times=times),
    ]
