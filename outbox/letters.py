"""Numbers of official letters: one row of figures a year, without a gap."""

import datetime as dt

from django.db import connection

DRAW = """
    INSERT INTO outbox_letterbook AS book (year, latest) VALUES (%s, %s)
    ON CONFLICT (year) DO UPDATE SET latest = book.latest + EXCLUDED.latest
    RETURNING latest
"""


def draw(count: int, *, on: dt.date) -> list[str]:
    """The next numbers of the year, as ``0012/26``; given back where the transaction fails."""
    with connection.cursor() as cursor:
        cursor.execute(DRAW, [on.year, count])
        latest = cursor.fetchone()[0]
    return [f"{number:04}/{on:%y}" for number in range(latest - count + 1, latest + 1)]
