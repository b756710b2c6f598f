"""Photos, documents and recordings of an issue or an answer."""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.actions import record
from audit.errors import Conflict, TransitionError
from audit.models import AuditEntry
from issues import viruses
from issues.actions.move import check, concerned, lock, move, role_of
from issues.actions.raising import delete_evidence
from issues.files import Kept
from issues.models import Evidence, Issue, Response
from issues.permissions import answers, parts_in
from issues.workflow import Act


@transaction.atomic
def add_evidence(
    issue: Issue,
    *,
    by: User,
    now: dt.datetime,
    files: Sequence[Kept],
    response: Response | None = None,
    is_inside: bool = False,
) -> list[Evidence]:
    """Keep files that were made fit by ``issues.files.keep``; one sent twice is kept once.

    ``is_inside`` are for the organization and the secretariat alone, as scans of paper forms and
    recordings are. Where a virus scanner is configured nobody gets a file before it was scanned.
    Raises TransitionError for a closed issue, and for more files than an issue holds.
    """
    locked = lock(issue)
    official = response is not None and _may_show(by, locked, response)
    if not (official or parts_in(by, locked)):
        raise PermissionDenied
    if not locked.is_open:
        raise TransitionError(_("The issue is closed: nothing can be added to it any more."))
    known = set(locked.evidence.values_list("digest", flat=True))
    held = locked.evidence.exclude(scan=Evidence.Scan.INFECTED).count()
    fresh = list({one.digest: one for one in files if one.digest not in known}.values())
    if held + len(fresh) > settings.EVIDENCE_MAX_FILES:
        raise TransitionError(
            _("An issue holds at most %(count)d files.") % {"count": settings.EVIDENCE_MAX_FILES}
        )
    rows = [_store(locked, one, by, now, response, is_inside) for one in fresh]
    if rows:
        role = AuditEntry.Role.OFFICIAL if official else role_of(by, locked)
        record("issue.add_evidence", locked, by=by, role=role, at=now, files=len(rows))
    return rows


def _may_show(by: User, issue: Issue, response: Response) -> bool:
    """The answer is about this issue and of the user's office, which the issue does not concern."""
    referral = response.referral
    return referral.issue_id == issue.pk and answers(by, referral) and not concerned(issue, by)


def _store(
    issue: Issue,
    kept: Kept,
    by: User,
    now: dt.datetime,
    response: Response | None,
    is_inside: bool,
) -> Evidence:
    row = Evidence(
        key=uuid.uuid4(),
        issue=issue,
        response=response,
        kind=kept.kind,
        is_inside=is_inside or kept.kind == Evidence.Kind.AUDIO,
        thumbnail=kept.thumbnail,
        scan=Evidence.Scan.PENDING if viruses.is_configured() else Evidence.Scan.NONE,
        size=len(kept.content),
        digest=kept.digest,
        added_by=by,
        added_at=now,
    )
    row.file.save("", ContentFile(kept.content), save=False)
    row.save(force_insert=True)
    return row


@transaction.atomic
def remove_evidence(evidence: Evidence, *, by: User) -> None:
    """Take a file off a draft again."""
    locked = lock(evidence.issue)
    if not parts_in(by, locked) or locked.status != Issue.Status.DRAFT:
        raise PermissionDenied
    record("issue.remove_evidence", locked, by=by, role=role_of(by, locked), file=evidence.pk)
    delete_evidence(evidence)


@transaction.atomic
def transcribe(
    evidence: Evidence, *, by: User, now: dt.datetime, text: str, seen: str | None = None
) -> Evidence:
    """Write down what is said in a recording, for the office that never gets the recording.

    ``seen`` is the text as it was when the page was opened. Raises PermissionDenied for who is no
    coordinator of the province, Conflict where somebody else has changed the text since.
    """
    issue = lock(evidence.issue)
    row = Evidence.objects.select_for_update(of=("self",)).defer("thumbnail").get(pk=evidence.pk)
    if row.kind != Evidence.Kind.AUDIO:
        raise TransitionError(_("Only a recording can be written down."))
    check(issue, Act.TRANSCRIBE, by=by)
    if row.transcript == text:
        return row
    if seen not in (None, row.transcript):
        raise Conflict(_("Meanwhile somebody else wrote it down: compare it with your text."))
    move(issue, Act.TRANSCRIBE, by=by, now=now, trace={"file": row.pk})
    row.transcript, row.transcribed_by = text, by
    row.save(update_fields=["transcript", "transcribed_by"])
    return row
