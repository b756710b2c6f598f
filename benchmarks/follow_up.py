"""What plans and sends: idle over very many open referrals, and in a rush.

Planning stands beside the bare ``INSERT … SELECT`` of the same rows in the same run. How long the
database works is summed up over the queries as the process waits for them.
"""

import datetime as dt
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from benchmarks import follow_up_made, follow_up_sent, ground
from benchmarks.follow_up_made import Made
from outbox import actions as outbox_actions
from outbox.models import Notice
from reminders import actions, claims

MOST_IDLE, MOST_PLANNED = 50.0, 3.0
RUSHES = 3
MINUTE = dt.timedelta(minutes=1)
COLUMNS = """subject, kind, rung, version, recipient, channel, province_id, state, urgency, due_at,
             reason"""


def run(*, rows: int, times: int) -> str:
    """Make so many open referrals, measure, and say it in a table."""
    began = time.monotonic()
    made = follow_up_made.make(rows)
    sys.stderr.write(f"Generated {rows} open referrals in {time.monotonic() - began:.0f} s.\n")
    lines = [f"\nfollow-up: {rows} open referrals", *_idle(made, times), *_rush(made)]
    lines += follow_up_sent.report(made)
    return "\n".join(lines)


# --- nothing is due -------------------------------------------------------------------------------
def _idle(made: Made, times: int) -> Iterator[str]:
    first = _timed(lambda: actions.plan(now=made.quiet))
    Notice.objects.update(state=Notice.State.SKIPPED)  # what the claims ask is not what is measured
    follow_up_made.vacuum()
    yield f"{'planner, the first look of a day':<42} {first:>9.2f} s"
    moments = [made.quiet + number * MINUTE for number in range(1, times + 1)]
    yield _database("planner, nothing due", _plan, moments)
    yield _database("dispatcher, nothing due", _dispatch, moments)


def _plan(now: dt.datetime) -> None:
    done = claims.lapse(now=now) + actions.plan(now=now)
    assert done == 0, done  # noqa: S101 - else it is not idle
    outbox_actions.beat("plan", now=now, done=done)


def _dispatch(now: dt.datetime) -> None:
    done = outbox_actions.dispatch_some(now=now)
    assert done == 0, done  # noqa: S101 - as above
    outbox_actions.beat("dispatch", now=now, done=done)


def _database(name: str, act: Callable[[dt.datetime], None], moments: list[dt.datetime]) -> str:
    spent, counts = [], []
    for now in moments:
        with _queries() as spans:
            act(now)
        spent.append(sum(spans) * 1000)
        counts.append(len(spans))
    middle = statistics.median(spent)
    note = f"{max(counts)} queries; best {min(spent):.1f} ms, at most {MOST_IDLE:.0f} asked"
    return f"{name:<42} {middle:>9.1f} ms of database  ({note})"


@contextmanager
def _queries() -> Iterator[list[float]]:
    """How long each query of the block took."""
    spans: list[float] = []

    def measure(execute: Any, *query: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*query)
        finally:
            spans.append(time.perf_counter() - began)

    with connection.execute_wrapper(measure):
        yield spans


# --- everything is due ----------------------------------------------------------------------------
def _rush(made: Made) -> Iterator[str]:
    actions.plan(now=made.before_rush)  # the look at everything that begins the day is apart
    follow_up_made.clear_notices()
    planned, bare, count = [], [], 0
    for _time in range(RUSHES):
        follow_up_made.look_again(made.before_rush)
        follow_up_made.vacuum()
        planned.append(_timed(lambda: actions.plan(now=made.rush)))
        count = Notice.objects.count()
        bare.append(_bare())
    plan, insert = statistics.median(planned), statistics.median(bare)
    yield f"{f'planner, {count} notices in one pass':<42} {plan:>9.2f} s"
    yield f"{'bare INSERT … SELECT of the same rows':<42} {insert:>9.2f} s"
    yield f"{'ratio':<42} {plan / insert:>9.2f}    (at most {MOST_PLANNED:.0f} asked)"


def _bare() -> float:
    """Take the notices away, and put the same rows back by one statement."""
    with ground.owner(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bench_rows AS SELECT {COLUMNS} FROM outbox_notice")  # noqa: S608
        cursor.execute("DELETE FROM outbox_notice")
        cursor.execute("VACUUM ANALYZE outbox_notice")
        insert = f"INSERT INTO outbox_notice ({COLUMNS}) SELECT {COLUMNS} FROM bench_rows"  # noqa: S608
        span = _timed(lambda: cursor.execute(insert))
        cursor.execute("DELETE FROM outbox_notice")
        cursor.execute("DROP TABLE bench_rows")
    return span


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
