"""Open referrals by the hundred thousand, which all come to the same rung on one morning."""

import datetime as dt
import random
from dataclasses import dataclass

from django.db import connection, transaction

from accounts.models import Role, RoleAssignment, User
from audit import clock
from benchmarks import ground
from benchmarks.issues_made import Maker
from issues.models import Issue
from provinces import workdays
from provinces.models import Authority
from reminders import actions, ladder

DAY = dt.timedelta(days=1)
CLAIMS_EACH = 20  # one resolved issue for so many referrals
OWN = {
    "client_key": "gen_random_uuid()",
    "reference": "'r' || n",
    "tracking_code": "'b' || n",
}


@dataclass(frozen=True)
class Made:
    """Moments of the run, and an office with an official who can be written to."""

    quiet: dt.datetime
    before_rush: dt.datetime
    rush: dt.datetime
    office: Authority
    official: User


def make(count: int) -> Made:
    """Add so many open referrals, handed over on a hundred days, and some claims."""
    actions.seed_policy()
    maker = Maker(random.Random(1), 1)  # noqa: S311 - the same each time
    issue = maker.issue(0)
    issue.status, issue.resolved_at, issue.closed_at, issue.closed_as = "referred", None, None, ""
    issue.published_at, issue.priority, issue.disclosure = None, 0, "restricted"
    issue.save()
    today = clock.today()
    calendar = workdays.calendar_of(issue.province_id)
    due_on = calendar.open_from(today + 60 * DAY)
    rung = calendar.add(due_on, -7)
    _copy(issue, count, "'referred', NULL, 0")
    _copy(issue, count // CLAIMS_EACH, "'resolved', now() - interval '9 days', 1", "claim")
    _refer(issue, maker, due_on)
    vacuum()
    official = RoleAssignment.objects.filter(
        role=Role.OFFICIAL, authority__province=issue.province_id, user__email__isnull=False
    ).select_related("authority", "user")[0]
    opens = ladder.opening(rung)
    return Made(
        quiet=ladder.opening(today) + dt.timedelta(hours=2),
        before_rush=opens - dt.timedelta(minutes=30),
        rush=opens + dt.timedelta(minutes=1),
        office=official.authority,
        official=official.user,
    )


def _copy(issue: Issue, count: int, course: str, mark: str = "") -> None:
    """The same issue so many times, under references of their own."""
    fields = [one for one in Issue._meta.concrete_fields if not one.generated]
    names = [one.column for one in fields if one.column not in ("id", "status", "resolved_at")]
    names.remove("claims")
    values = [OWN.get(name, f"base.{name}") for name in names]
    if mark:
        values = [value.replace("|| n", f"|| '{mark}' || n") for value in values]
    with ground.owner(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO issues_issue ({', '.join(names)}, status, resolved_at, claims)"  # noqa: S608
            f" SELECT {', '.join(values)}, {course}"
            " FROM issues_issue AS base, generate_series(1, %s) AS n WHERE base.id = %s",
            [count, issue.pk],
        )


def _refer(issue: Issue, maker: Maker, due_on: dt.date) -> None:
    offices = [one.pk for one in maker.offices[issue.province_id]]
    vacuum()
    with ground.owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # deferred, triggers wade through them
        cursor.execute(
            """
            INSERT INTO issues_referral (issue_id, authority_id, role, referred_at, referred_by_id,
                note, wanted_on, days, released_at, handed_over_on, due_on, due_version,
                ladder_version, ended_as, ended_because)
            SELECT id, (%s::bigint[])[1 + id %% %s], 'lead', handed, %s, '', %s, 40, handed,
                   handed::date, %s, 1, 1, '', ''
              FROM (SELECT id, now() - (1 + id %% 100) * interval '1 day' AS handed
                      FROM issues_issue WHERE status = 'referred' AND id <> %s) AS issue
            """,
            [offices, len(offices), maker.coordinator.pk, due_on, due_on, issue.pk],
        )


def vacuum() -> None:
    """As autovacuum leaves it."""
    with ground.owner(), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def clear_notices() -> None:
    """As if nobody had been told of anything."""
    with ground.owner(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM issues_link; DELETE FROM outbox_notice")
        cursor.execute("DELETE FROM outbox_attempt")
        cursor.execute("DELETE FROM outbox_message")


def look_again(at: dt.datetime) -> None:
    """Have all looked at again from this moment on."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE issues_look SET at = %s", [at])


def not_told(made: Made, count: int) -> None:
    """So many referrals to one office that nobody was told of."""
    with ground.owner(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE issues_referral SET handed_over_on = NULL, due_on = NULL, authority_id = %s"
            " WHERE id IN (SELECT id FROM issues_referral ORDER BY id LIMIT %s)",
            [made.office.pk, count],
        )
