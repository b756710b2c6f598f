"""What an act left behind, as plain values to compare whole."""

import datetime as dt

from accounts.models import RoleAssignment
from audit.models import AuditEntry
from issues.models import Issue
from outbox.models import Notice

# A Wednesday morning in Phnom Penh, after everything the factories make.
NOW = dt.datetime(2041, 7, 3, 3, 0, tzinfo=dt.UTC)
TODAY = dt.date(2041, 7, 3)
DUE = dt.date(2041, 7, 17)  # ten working days later


def trail():
    """(act, subject, actor, role, change) of every audit entry, oldest first."""
    rows = AuditEntry.objects.order_by("pk")
    return [(one.action, one.subject, one.actor, one.role, one.change) for one in rows]


def told():
    """(kind, subject, version, recipient) of every notice, sorted."""
    return sorted(Notice.objects.values_list("kind", "subject", "version", "recipient"))


def states(issue):
    """The states the issue has stood in, the open one last; each left when the next began."""
    rows = list(issue.intervals.order_by("entered_at", "pk"))
    assert [one.left_at for one in rows[:-1]] == [one.entered_at for one in rows[1:]]
    assert rows[-1].left_at is None
    return [one.status for one in rows]


def everything():
    """Rows that a refused act must leave as they were."""
    return (
        list(Issue.objects.order_by("pk").values()),
        trail(),
        told(),
    )


def secretariat():
    """Every coordinator of Mondulkiri, as notices name them; factories make some of their own."""
    held = RoleAssignment.objects.filter(role="coordinator", province="11")
    return sorted(f"user:{one.user_id}" for one in held)
