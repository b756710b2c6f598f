"""What the planner has to look at now, and when it looks at it again.

PostgreSQL asks for a look at once where a referral, its issue or a claim changes (see
``issues.models.look``). What is common to all of them (the ladder, holidays, superiors, hours)
leaves a mark instead: where it is another one than at the latest look at everything, everything
is looked at again, and so it is once a day whatever happened.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from outbox.models import Heartbeat
from reminders.held import array

BEAT = "look at all"
DAY_BEGINS = dt.timedelta(hours=3)  # after the nightly check, so that it finds what was missed
SOON = dt.timedelta(minutes=10)  # where something stands still that should not
# Everything on which the days of all referrals depend, in a form that changes with it.
COMMON = """
    SELECT concat_ws('~',
        (SELECT string_agg(one::text, '|' ORDER BY id) FROM reminders_rung AS one),
        (SELECT string_agg(one::text, '|' ORDER BY province_id)
           FROM reminders_provincepolicy AS one),
        (SELECT string_agg(concat_ws(' ', date, province_id), '|' ORDER BY id)
           FROM provinces_holiday),
        (SELECT string_agg(concat_ws(' ', id, superior_id, kind), '|' ORDER BY id)
           FROM provinces_authority WHERE superior_id IS NOT NULL OR kind <> ''),
        (SELECT string_agg(concat_ws(' ', opens, closes), '|') FROM outbox_hours))
"""
# What is prepared for a press may belong to what has ended: it is looked at as well.
ALL = """
    INSERT INTO issues_look (referral_id, at)
    SELECT id, 'epoch' FROM issues_referral
     WHERE ended_at IS NULL AND released_at IS NOT NULL
        OR id IN (SELECT split_part(subject, ':', 2)::bigint FROM outbox_notice
                   WHERE state = 'prepared' AND subject LIKE 'referral:%%')
     ORDER BY id
        ON CONFLICT (referral_id) DO UPDATE SET at = excluded.at;
    INSERT INTO issues_claimlook (issue_id, at)
    SELECT id, 'epoch' FROM issues_issue WHERE status = 'resolved' ORDER BY id
        ON CONFLICT (issue_id) DO UPDATE SET at = excluded.at;
"""


class Looks(NamedTuple):
    """A table of looks and its key."""

    table: str
    key: str


REFERRALS = Looks("issues_look", "referral_id")
CLAIMS = Looks("issues_claimlook", "issue_id")


def at_all_if_needed(*, now: dt.datetime) -> bool:
    """Ask for a look at everything, where something common changed or a day began.

    A change that is not yet committed is found by the next pass. Of two at once one waits.
    """
    mark = _mark(now)
    if Heartbeat.objects.filter(name=BEAT, done=mark).exists():
        return False
    with transaction.atomic():
        Heartbeat.objects.get_or_create(name=BEAT, defaults={"ran_at": now})
        beat = Heartbeat.objects.select_for_update().get(name=BEAT)
        if beat.done == mark:
            return False
        with connection.cursor() as cursor:
            cursor.execute(ALL, [])
        beat.done, beat.ran_at = mark, now
        beat.save()
    return True


def _mark(now: dt.datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(COMMON)
        (common,) = cursor.fetchone()
    day = timezone.localdate(now - DAY_BEGINS)
    digest = hashlib.blake2b(f"{day} {common}".encode(), digest_size=4).digest()
    return int.from_bytes(digest) >> 1  # as much as a positive integer holds


def due(looks: Looks, *, now: dt.datetime, at_once: int) -> Iterator[list[int]]:
    """All that is to be looked at now, so many at once, and none of it twice in one pass."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {looks.key} FROM {looks.table} WHERE at <= %s"  # noqa: S608 - constants
            f" ORDER BY at, {looks.key}",
            [now],
        )
        keys = [pk for (pk,) in cursor.fetchall()]
    for start in range(0, len(keys), at_once):
        yield keys[start : start + at_once]


def take(looks: Looks, keys: Sequence[int], *, now: dt.datetime) -> list[int]:
    """Those of these that are still to be looked at, ours until the transaction ends.

    What others hold is passed by. Whatever changes meanwhile waits for us with its own wish for a
    look, which so stays. The transaction does not wait for the disk: what a crash takes away of a
    plan is planned again, and nothing leaves before it is safe.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL synchronous_commit TO off;"  # noqa: S608 - as above
            f"SELECT {looks.key} FROM {looks.table}"
            f" WHERE {looks.key} = ANY(%s::bigint[]) AND at <= %s FOR UPDATE SKIP LOCKED",
            [array(keys), now],
        )
        return [pk for (pk,) in cursor.fetchall()]


def put_on(
    looks: Looks,
    taken: Sequence[int],
    after: Mapping[dt.datetime, Sequence[int]],
    *,
    now: dt.datetime,
) -> None:
    """Look at those again that stand after a moment; at the others only once something changes."""
    earliest = now + dt.timedelta(seconds=1)  # else the next pass has to look at once
    moments = [str(max(moment, earliest)) for moment in after]
    over = list(set(taken).difference(*after.values()))
    with connection.cursor() as cursor:
        if over:
            cursor.execute(
                f"DELETE FROM {looks.table} WHERE {looks.key} = ANY(%s)",  # noqa: S608 - as above
                [over],
            )
        if moments:
            cursor.execute(
                f"UPDATE {looks.table} SET at = next.at"  # noqa: S608 - as above
                # By the key of each, many to a moment: a join would read the whole table.
                " FROM unnest(%s::text[], %s::timestamptz[]) AS next (keys, at)"
                f" WHERE {looks.key} = ANY(next.keys::bigint[])",
                [[array(keys) for keys in after.values()], moments],
            )
