"""One issue becomes several: it is split, or gets its part in another province."""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit import once
from audit.errors import TransitionError
from issues.actions import notify
from issues.actions.deriving import derive
from issues.actions.move import check, lock, move
from issues.models import Issue
from issues.workflow import Act
from provinces.models import Locality

MOST = 5  # parts at once
SENT = (Issue.Closing.DECLINED, Issue.Closing.WITHDRAWN, Issue.Closing.MERGED)


@transaction.atomic
def split(
    issue: Issue,
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    parts: Sequence[tuple[str, str]],
) -> list[Issue]:
    """Take these parts, each a title and a text, out of the issue as issues of their own.

    They stand where the issue stands, as old as it; the issue itself stays as it is. The same
    form sent twice splits once. Raises TransitionError for no part or more than five, Conflict
    for a form that was sent before with other words.
    """
    locked = lock(issue)
    keys = [uuid.uuid5(client_key, str(number)) for number in range(MOST)]
    made = list(Issue.objects.filter(client_key__in=keys).order_by("pk"))
    if made:
        return _same(locked, made, [tuple(one) for one in parts])
    check(locked, Act.SPLIT, by=by)
    if not 1 <= len(parts) <= MOST or not all(title and text for title, text in parts):
        raise TransitionError(_("Give one to five parts, each with a title and a text."))
    made = [
        _part(locked, by, now, client_key=key, title=title, text=text)
        for key, (title, text) in zip(keys, parts, strict=False)
    ]
    move(locked, Act.SPLIT, by=by, now=now, trace={"parts": [one.pk for one in made]})
    told, version = notify.representatives(locked), made[0].pk
    notify.tell("issue_split", locked, told, now=now, version=version)
    return made


def _part(issue: Issue, by: User, now: dt.datetime, **words: object) -> Issue:
    """A part of the issue, in its state and as old as it."""
    return derive(
        issue,
        by=by,
        now=now,
        link=Issue.Link.SPLIT,
        status=Issue.Status(issue.status),
        asked="",
        source=issue.source,
        submitted_at=issue.submitted_at,
        **words,
    )


def _same(issue: Issue, made: list[Issue], parts: list[tuple[str, ...]]) -> list[Issue]:
    """What the form made when it was sent before; Conflict if it says something else now."""
    said = [(one.title, one.text) for one in made]
    if said != parts or any(one.follows_id != issue.pk for one in made):
        raise once.otherwise()
    return made


@transaction.atomic
def branch(
    issue: Issue,
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    commune: Locality,
    people: int,
    women: int,
) -> Issue:
    """Begin the issue's part in another province, led by the issue: one a province.

    It is accepted where ``by`` serves that province too; else it waits for the secretariat there,
    which is told. The same form sent twice is one part. Raises TransitionError for the issue's
    own province, one that has its part, and for an issue that is itself led by another.
    """
    locked = lock(issue)
    said = {
        "follows_id": locked.pk, "commune_id": commune.pk, "people": people, "women": women,
    }  # fmt: skip
    if known := once.made_before(Issue.objects.all(), client_key, said):
        return known
    check(locked, Act.BRANCH, by=by)
    _refuse(locked, commune)
    is_served = by.serves(commune.province_id)
    made = derive(
        locked,
        by=by,
        now=now,
        link=Issue.Link.PROVINCE,
        status=Issue.Status.ACCEPTED if is_served else Issue.Status.SUBMITTED,
        client_key=client_key,
        province=commune.province,
        commune=commune,
        people=people,
        women=women,
        source=locked.source,
    )
    move(locked, Act.BRANCH, by=by, now=now, trace={"part": made.pk})
    told = notify.representatives(made)
    notify.tell("issue_branched", made, told, now=now)
    if not is_served:
        notify.tell("issue_submitted", made, notify.coordinators(made), now=now)
    return made


def _refuse(issue: Issue, commune: Locality) -> None:
    if commune.province_id == issue.province_id:
        raise TransitionError(_("Choose another province: the issue is of this one itself."))
    if issue.link == Issue.Link.PROVINCE:
        raise TransitionError(_("This is a part itself. Add the other one to the leading issue."))
    parts = issue.followers.filter(link=Issue.Link.PROVINCE, province=commune.province_id)
    if parts.exclude(closed_as__in=SENT).exists():
        raise TransitionError(
            _("The issue has its part in %(province)s already.") % {"province": commune.province}
        )
