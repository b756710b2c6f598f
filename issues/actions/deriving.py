"""An issue that comes from another: what remained of it, a part of it, its part elsewhere."""

import datetime as dt
import uuid

from accounts.models import User
from audit.actions import record
from issues.actions import numbers
from issues.actions.move import enter, role_of
from issues.models import Concern, Issue, ProtectedPart

COPIED = (
    "kind", "title", "text", "asked", "language", "spoken", "needs_interpreter", "theme",
    "province", "commune", "organization", "people", "women", "disclosure", "is_named", "priority",
)  # fmt: skip


def derive(
    issue: Issue,
    *,
    by: User,
    now: dt.datetime,
    link: Issue.Link,
    status: Issue.Status,
    **fields: object,
) -> Issue:
    """A new issue with a reference of its own that follows this one, ``fields`` in place of its.

    Takes over the protected part where the place stays, and the offices that must not see it.
    Runs inside its caller's transaction, under the lock of the issue.
    """
    copied = {name: getattr(issue, name) for name in COPIED}
    begun = {"client_key": uuid.uuid4(), "submitted_at": now}
    made = Issue(
        author=issue.author,  # who wrote it knows the protected part; who derives it need not
        follows=issue,
        root_id=issue.root_id or issue.pk,
        link=link,
        status=status,
        created_at=now,
        **(begun | copied | fields),
    )
    numbers.save_numbered(made, now, lambda: made.save(force_insert=True))
    enter(made, status, now)
    trace = {"reference": made.reference, "follows": issue.pk, "link": link.value}
    record("issue.derive", made, by=by, role=role_of(by, made), at=now, **trace)
    _take_over(issue, made)
    return made


def _take_over(issue: Issue, made: Issue) -> None:
    part = ProtectedPart.objects.filter(issue=issue).first()
    if part and made.commune_id == issue.commune_id:
        ProtectedPart.objects.create(issue=made, sealed=bytes(part.sealed))
    offices = issue.concerns.values_list("authority", flat=True)
    Concern.objects.bulk_create([Concern(issue=made, authority_id=one) for one in offices])
