"""The list of issues and the look for repeats, as a coordinator of three provinces asks for them.

Each page goes the whole way: the view, its queries, its template. The bare query beside them reads
one row by its primary key through the same driver.
"""

import sys
import time
import uuid
from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
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
from issues.models.issue import Reader
from issues.published import PublishedListing
from issues.repeats import Words, alike

DEEP = 4000  # the page that is to be as quick as the first
COMMON_WORD = "ទឹក"
TARGET = 100  # milliseconds, of the first page
DATED = 400  # of the order by due date a page that still has dates
# What is asked for by each line of the table, and which page of it.
ASKED: tuple[tuple[str, dict[str, str], int], ...] = (
    ("list", {}, 1),
    ("list", {}, DEEP),
    (
        "filtered: state, theme, province",
        {"state": "referred", "theme": "land", "province": "11"},
        1,
    ),
    ("filtered: overdue", {"overdue": "on"}, 1),
    ("by due date", {"sort": "due"}, 1),
    ("by due date", {"sort": "due"}, DATED),
    ("by due date", {"sort": "due"}, DEEP),
    ("by priority", {"sort": "priority"}, 1),
    ("by priority", {"sort": "priority"}, DEEP),
    ("by times deferred", {"sort": "deferred"}, 1),
    ("by times deferred", {"sort": "deferred"}, DEEP),
    ("search, a common word", {"q": COMMON_WORD}, 1),
    ("search, a rare word", {"q": issues_made.RARE_WORD}, 1),
)
PUBLISHED = (
    ("published", {}, 1),
    ("published", {}, DEEP),
    ("published, a common word", {"q": COMMON_WORD}, 1),
)


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
    listed = [_page(name, query, page, user, times) for name, query, page in ASKED]
    public = [_page(name, query, page, AnonymousUser(), times) for name, query, page in PUBLISHED]
    repeats = _repeats(user, times) + _repeats_of_draft(times)
    first, deep = listed[:2]
    return "\n".join(
        [
            f"\nissues: {Issue.objects.count():,} rows; {times} times each",
            table([*listed, *public, *repeats], bare),
            f"{deep.name} : page 1 = {deep.middle / first.middle:.2f};"
            f" first page {first.best:.0f} ms at best of at most {TARGET}",
            _judged(repeats),
        ]
    )


def _judged(repeats: list[Figure]) -> str:
    """Whether the look for repeats is as quick as it has to be, in one sentence."""
    slowest = max(repeats, key=lambda one: one.middle)
    verdict = "within" if slowest.middle <= TARGET else "NOT within"
    return (
        f"Repeat suggestions are {verdict} {TARGET} ms: the slowest of them takes"
        f" {slowest.middle:.0f} ms, {slowest.best:.0f} at best ({slowest.name})."
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


def _page(name: str, query: dict[str, str], page: int, user: Reader, times: int) -> Figure:
    asked = QueryDict(urlencode(query))
    listing: Listing | PublishedListing
    if isinstance(user, User):
        listing, view = Listing(asked, user=user, today=clock.today()), "issues:issues"
    else:
        listing, view = PublishedListing(asked, user=user), "issues:published"
    at, number = _beginning(listing, page)
    address = f"{reverse(view)}?{urlencode(query | at)}"
    count = listing.count
    more = f"more than {MOST_COUNTED:,}" if count > MOST_COUNTED else f"{count:,}"
    name = f"{name}, page {number}"
    return measured(name, _opened(user, address), times=times, note=f"({more} found)")


def _opened(user: Reader, address: str) -> Callable[[], object]:
    client = Client(headers={"accept-language": "km"})
    if isinstance(user, User):
        client.force_login(user)

    def open_page() -> None:
        answer = client.get(address)
        assert answer.status_code == 200, address  # noqa: S101 - a wrong page has no time

    return open_page


def _beginning(listing: Listing | PublishedListing, page: int) -> tuple[dict[str, str], int]:
    """Where the page begins, and its number; of a shorter list those of the last full page."""
    number = min(page, listing.rows.count() // PAGE_SIZE)
    if number < 2:
        return {}, 1
    before = (number - 1) * PAGE_SIZE
    keys = [key for one in listing.sections for key in one.keys(before, None, False)]
    pk, value = keys[before - 1]
    return {"after": str(keyset.Place(value, pk))}, number


def _repeats(user: User, times: int) -> list[Figure]:
    """The look for issues like a new one, by itself and with its page."""
    issue = Issue.objects.filter(status=Issue.Status.SUBMITTED).latest("submitted_at")
    words = Words.of(issue)
    address = reverse("issues:issue_alike", args=[issue.reference])
    return [
        measured("repeats of an issue, by themselves", lambda: alike(words, user), times=times),
        measured("repeats of an issue, their page", _opened(user, address), times=times),
    ]


def _repeats_of_draft(times: int) -> list[Figure]:
    """The same while a representative writes an issue, who is shown own and published ones."""
    issue = Issue.objects.filter(status=Issue.Status.SUBMITTED).latest("submitted_at")
    author, words = issue.author, Words.of(issue)
    copied = ("title", "text", "language", "theme", "province", "commune", "organization", "author")
    draft = Issue(
        client_key=uuid.uuid4(),
        created_at=clock.now(),
        **{name: getattr(issue, name) for name in copied},
    )
    draft.write_index()
    draft.save()
    address = reverse("issues:draft_alike", args=[draft.client_key])
    return [
        measured("repeats of a draft, by themselves", lambda: alike(words, author), times=times),
        measured("repeats of a draft, their page", _opened(author, address), times=times),
    ]
