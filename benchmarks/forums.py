"""What coordinators plan and send by: the board, publishing, invitations, calendar and the door.

Each page goes the whole way: the view, its queries, its template. How much there is of everything
is fixed (``forums_made``): a forum has sixty sessions, however many issues a benchmark makes.
"""

import sys
import time
from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from benchmarks import forums_made
from benchmarks.forums_made import Made
from benchmarks.measure import Figure, measured, table
from forum.models import Session


def run(*, rows: int, times: int) -> str:
    """Make the forums, measure, and say it in a table; ``rows`` is for other benchmarks."""
    began = time.monotonic()
    made = forums_made.make()
    sys.stderr.write(f"Generated the forums in {time.monotonic() - began:.0f} s.\n")
    return report(made, times=times)


def report(made: Made, *, times: int) -> str:
    """Measure on what there is."""
    client = Client(headers={"accept-language": "km"})
    client.force_login(User.objects.get(username="coordinator"))
    bare = measured("one row by its key", _bare(made), times=times * 10)
    board = reverse("forum:board", args=[made.forum.pk])
    month = f"{board}?view=month&month={made.forum.starts_on:%Y-%m}"
    published = Session.objects.filter(announced__isnull=False).count()
    planned, crowded = made.forum.sessions.count(), made.crowded
    invitations, delegates = crowded.invitations.count(), crowded.delegates.count()
    asked = (
        ("board, a month", month, f"(of {planned} sessions)"),
        ("board, all weeks", f"{board}?view=weeks", f"({planned} sessions)"),
        ("publish page", _address("programme_publish", made.forum.pk), f"({planned} sessions)"),
        ("invitations", _address("invitations", crowded.pk), f"({invitations} invitations)"),
        ("check-in", _address("check_in", crowded.pk), f"({delegates} delegates)"),
        ("calendar.ics", _address("calendar_feed"), f"({published} sessions)"),
    )
    figures = [
        measured(name, _opened(client, address), times=times, note=note)
        for name, address, note in asked
    ]
    figures.append(_unchanged(client, _address("check_in_count", crowded.pk), times))
    return "\n".join([f"\nforums: {times} times each", table(figures, bare)])


def _address(name: str, *pks: int) -> str:
    return reverse(f"forum:{name}", args=pks)


def _bare(made: Made) -> Callable[[], object]:
    def read() -> object:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT starts_at, status FROM forum_session WHERE id = %s", [made.crowded.pk]
            )
            return cursor.fetchone()

    return read


def _opened(client: Client, address: str) -> Callable[[], object]:
    def open_page() -> None:
        answer = client.get(address)
        assert answer.status_code == 200, address  # noqa: S101 - a wrong page has no time

    return open_page


def _unchanged(client: Client, address: str, times: int) -> Figure:
    """The count that devices at the door ask for again and again, where nobody came since."""
    tag = client.get(address).headers["ETag"]

    def ask() -> None:
        answer = client.get(address, headers={"if-none-match": tag})
        assert answer.status_code == 304, address  # noqa: S101 - as above

    return measured("check-in count, unchanged (304)", ask, times=times)
