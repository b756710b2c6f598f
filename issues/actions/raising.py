"""How an issue comes in: drafted, edited, submitted, answered, withdrawn."""

import datetime as dt
import hashlib
import json
import secrets
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.actions import record
from audit.errors import Conflict, TransitionError
from audit.models import AuditEntry
from issues import sealing
from issues.actions import notify
from issues.actions.move import check, enter, lock, move
from issues.models import Concern, Issue, ProtectedPart, Referral
from issues.permissions import parts_in, raised, serves
from issues.workflow import Act
from provinces.models import Authority

DRAWS = 200  # tries to find a free number; at 9,000 taken a draw is free with chance 1 in 10


def digest(content: Mapping[str, object], village: str, concerns: Iterable[int]) -> str:
    """A fingerprint of what was typed, to tell a form sent twice from another one."""
    plain = {name: str(getattr(value, "pk", value)) for name, value in content.items()}
    plain |= {"village": village, "concerns": sorted(concerns)}  # type: ignore[dict-item]
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


@transaction.atomic
def save_draft(
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    content: Mapping[str, object],
    village: str = "",
    concerns: Iterable[Authority] = (),
) -> Issue:
    """Keep a new draft under the form's own key; the same form sent twice is one draft.

    ``content`` holds the typed fields of Issue. Raises Conflict for the same key with other
    content, PermissionDenied for somebody who neither represents the organization nor
    coordinates the province.
    """
    offices = list(concerns)
    mark = digest(content, village, [office.pk for office in offices])
    issue = Issue(client_key=client_key, author=by, created_at=now, content_digest=mark, **content)
    if not parts_in(by, issue):
        raise PermissionDenied
    issue.index_text = issue.text_to_index()
    try:
        with transaction.atomic():
            issue.save(force_insert=True)
    except IntegrityError:
        return _sent_before(client_key, mark, by)
    enter(issue, Issue.Status.DRAFT, now)
    _seal_and_mark(issue, village, offices)
    record("issue.draft", issue, by=by, role=_role(by, issue), at=now)
    return issue


def _sent_before(client_key: uuid.UUID, mark: str, by: User) -> Issue:
    issue = Issue.objects.filter(client_key=client_key, author=by).first()
    if issue is None:
        raise Conflict(_("The issue could not be kept. Open the form again and send it."))
    if issue.content_digest != mark:
        raise Conflict(
            _("This form was sent before with other content. Open the issue to change it.")
        )
    return issue


@transaction.atomic
def edit(
    issue: Issue,
    *,
    by: User,
    now: dt.datetime,
    content: Mapping[str, object],
    village: str | None = None,
    concerns: Iterable[Authority] = (),
) -> Issue:
    """Change what was typed until the issue is accepted; a coordinator may only be stricter.

    Without ``village`` the sealed one stays, and so does one that a coordinator left empty: it
    was not shown. Raises TransitionError where a coordinator would widen who may see it.
    """
    draft, offices = lock(issue), list(concerns)
    if not raised(by, draft):
        village = village or None
        _refuse_wider(draft, content, offices, by)
    changed = [name for name, value in content.items() if getattr(draft, name, None) != value]
    for name, value in content.items():
        setattr(draft, name, value)
    fields: dict[str, Any] = {**content, "index_text": draft.text_to_index()}
    moved = move(issue, Act.EDIT, by=by, now=now, trace={"fields": changed}, **fields)
    Concern.objects.filter(issue=moved).exclude(authority__in=offices).delete()
    _seal_and_mark(moved, village, offices)
    return moved


STRICTNESS = [Issue.Disclosure.PUBLIC, Issue.Disclosure.RESTRICTED, Issue.Disclosure.CONFIDENTIAL]


def _refuse_wider(
    issue: Issue, content: Mapping[str, object], offices: list[Authority], by: User
) -> None:
    """A sentence where more people would see it; their own draft a coordinator may correct."""
    if issue.status == Issue.Status.DRAFT and issue.author_id == by.pk:
        return
    before = Issue.Disclosure(issue.disclosure)
    after = Issue.Disclosure(str(content.get("disclosure", before)))
    wider = STRICTNESS.index(after) < STRICTNESS.index(before)
    wider |= bool(content.get("is_named")) and not issue.is_named
    if wider or issue.concerns.exclude(authority__in=offices).exists():
        raise TransitionError(
            _("Only the organization may let more people see its issue. Choose a stricter one.")
        )


def _seal_and_mark(issue: Issue, village: str | None, offices: Iterable[Authority]) -> None:
    """Keep the village in the protected part and mark the offices the issue concerns."""
    if village is not None:
        ProtectedPart.objects.update_or_create(
            issue=issue, defaults={"sealed": sealing.seal({"village": village})}
        )
    Concern.objects.bulk_create(
        [Concern(issue=issue, authority=office) for office in offices], ignore_conflicts=True
    )


@transaction.atomic
def submit(issue: Issue, *, by: User, now: dt.datetime) -> Issue:
    """Send a draft to the secretariat; it gets its reference. A second press changes nothing."""
    locked = lock(issue)
    if locked.reference and locked.status == Issue.Status.SUBMITTED and parts_in(by, locked):
        return locked
    check(locked, Act.SUBMIT, by=by)
    reference = _free_reference(locked, now)
    locked.reference = reference
    moved = move(
        issue,
        Act.SUBMIT,
        by=by,
        now=now,
        trace={"reference": reference},
        reference=reference,
        submitted_at=now,
        index_text=locked.text_to_index(),
    )
    notify.tell_secretariat("issue_submitted", moved, now=now)
    return moved


def submit_on_behalf(issue: Issue, *, by: User, now: dt.datetime) -> Issue:
    """Send a draft that a coordinator wrote for an organization (paper, telephone)."""
    if not serves(by, issue):
        raise PermissionDenied
    return submit(issue, by=by, now=now)


def _free_reference(issue: Issue, now: dt.datetime) -> str:
    """A reference whose number was drawn at random, so that it tells nothing of the count."""
    start = f"{issue.province_id}-{timezone.localdate(now).year}-"
    for _draw in range(DRAWS):
        reference = f"{start}{secrets.randbelow(9999) + 1:04d}"
        if not Issue.objects.filter(reference=reference).exists():
            return reference
    raise TransitionError(_("No number is free in this province this year. Tell the secretariat."))


@transaction.atomic
def reply(issue: Issue, *, by: User, now: dt.datetime, text: str) -> Issue:
    """Answer the secretariat's question; the issue is submitted again."""
    moved = move(issue, Act.REPLY, by=by, now=now, reply=text)
    notify.tell_secretariat("issue_replied", moved, now=now, version=_turn(moved))
    return moved


def _turn(issue: Issue) -> int:
    """How often the issue has been submitted: the version of notices about questions."""
    return issue.intervals.filter(status=Issue.Status.SUBMITTED).count()


@transaction.atomic
def withdraw(issue: Issue, *, by: User, now: dt.datetime, reason: str) -> Issue:
    """Take the issue back at the organization's word; open referrals end."""
    moved = move(
        issue,
        Act.WITHDRAW,
        by=by,
        now=now,
        closed_at=now,
        closed_as=Issue.Closing.WITHDRAWN,
        reason=reason,
        published_at=None,
    )
    leave_agendas(moved)
    end_referrals(moved, Referral.Ending.OVER, now)
    return moved


def end_referrals(issue: Issue, ending: Referral.Ending, now: dt.datetime) -> None:
    """End whatever is still open at offices."""
    Referral.objects.open().filter(issue=issue).update(ended_at=now, ended_as=ending)


def leave_agendas(issue: Issue) -> None:
    """Take the issue off every agenda on which it has no outcome yet."""
    issue.agenda_items.filter(outcome=None).delete()


@transaction.atomic
def read_protected(issue: Issue, *, by: User, reason: str) -> dict[str, str]:
    """Open the protected part for the province's coordinator; each reading is recorded."""
    if not serves(by, issue):
        raise PermissionDenied
    part = ProtectedPart.objects.get(issue=issue)
    record("issue.read_protected", issue, by=by, role=AuditEntry.Role.COORDINATOR, reason=reason)
    return sealing.unseal(bytes(part.sealed))


def _role(by: User, issue: Issue) -> AuditEntry.Role:
    return AuditEntry.Role.REPRESENTATIVE if raised(by, issue) else AuditEntry.Role.COORDINATOR
