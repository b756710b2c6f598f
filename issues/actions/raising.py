"""How an issue comes in: drafted, edited, submitted, answered, withdrawn."""

import datetime as dt
import json
import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.models import User
from audit.actions import record
from audit.errors import Conflict, TransitionError
from audit.models import AuditEntry
from issues import sealing, steps
from issues.actions import marking, notify, numbers, wording
from issues.actions.move import check, enter, lock, move, move_locked, role_of, turn_of
from issues.models import Concern, Evidence, Issue, ProtectedPart, Referral
from issues.permissions import parts_in, raised, serves, typed_by
from issues.sealing import Protected
from issues.workflow import Act
from provinces.models import Authority

TYPED = (
    "organization_id", "kind", "title", "text", "asked", "language", "spoken",
    "needs_interpreter", "source", "came_on", "theme_id", "province_id",
    "commune_id", "people", "women", "disclosure", "is_named",
)  # fmt: skip


def digest(issue: Issue, village: str, concerns: Iterable[int], contact: str = "") -> str:
    """A fingerprint of what was typed, to tell a form sent twice from another one.

    Made with a key, as whoever reads the table could else find the village by trying all.
    """
    plain = {name: str(getattr(issue, name)) for name in TYPED}
    plain |= {"village": village, "concerns": ",".join(map(str, sorted(concerns)))}
    plain |= {"contact": contact}
    content = json.dumps(plain, sort_keys=True)
    return salted_hmac("issues.content", content, algorithm="sha256").hexdigest()


@transaction.atomic
def save_draft(
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    content: Mapping[str, object],
    village: str = "",
    contact: str = "",
    concerns: Iterable[Authority] = (),
) -> Issue:
    """Keep a new draft under the form's own key; the same form sent twice is one draft.

    ``content`` holds the typed fields of Issue, of a first step not yet all of them. Raises
    Conflict for the same key with other content, PermissionDenied for somebody who neither
    represents the organization nor coordinates the province.
    """
    offices = list(concerns)
    issue = Issue(client_key=client_key, author=by, created_at=now, **content)
    marked = [office.pk for office in offices]
    issue.content_digest = digest(issue, village, marked, contact)
    if not parts_in(by, issue):
        raise PermissionDenied
    issue.write_index()
    try:
        with transaction.atomic():
            issue.save(force_insert=True)
    except IntegrityError:
        return _sent_before(issue, content, by)
    enter(issue, Issue.Status.DRAFT, now)
    _seal(issue, Protected(village, contact))
    _mark(issue, offices)
    record("issue.draft", issue, by=by, role=role_of(by, issue), at=now)
    return issue


def _sent_before(again: Issue, content: Mapping[str, object], by: User) -> Issue:
    issue = Issue.objects.filter(client_key=again.client_key, author=by).first()
    if issue is None:
        raise Conflict(_("The issue could not be kept. Open the form again and send it."))
    if issue.content_digest != again.content_digest and not _begins(issue, content):
        raise Conflict(
            _("This form was sent before with other content. Open the issue to change it.")
        )
    return issue


def _begins(issue: Issue, content: Mapping[str, object]) -> bool:
    """The content is that of the first step, and stands so in the issue, which went on since."""
    if "commune" in content:
        return False
    typed = {name: value for name, value in content.items() if name != "province"}
    return all(getattr(issue, name) == value for name, value in typed.items())


@transaction.atomic
def edit(
    issue: Issue,
    *,
    by: User,
    now: dt.datetime,
    content: Mapping[str, object],
    village: str | None = None,
    contact: str | None = None,
    concerns: Collection[Authority] | None = None,
    seen: int | None = None,
) -> Issue:
    """Change what was typed until the issue is accepted; a coordinator may only be stricter.

    ``content`` holds the fields that were asked. ``village`` is a code and ``contact`` a text,
    "" removes what is sealed and None lets it stay; from somebody to whom they were not shown
    both count as None. ``concerns`` None lets the marked offices stay. ``seen`` is the version
    that was read. Raises TransitionError where the issue was changed since, a coordinator would
    widen who sees it, or anybody beyond what the issues merged into it allow.
    """
    draft = lock(issue)
    check(draft, Act.EDIT, by=by)
    marks = marking.marks_of(draft, concerns, by=by)
    if not raised(by, draft):
        _refuse_wider(draft, content, marks.unmarked, by)
    marking.refuse_below(draft, content, marks)
    kept = sealing.protected_of(draft)
    is_theirs = typed_by(by, draft)
    after = Protected(
        _village_after(draft, content, kept.village, village if is_theirs else None),
        contact if is_theirs and contact is not None else kept.contact,
    )
    changed = [name for name, value in content.items() if getattr(draft, name, None) != value]
    if seen not in (None, draft.version):
        return _refuse_stale(draft, changed or after != kept or marks.typed != marks.told)
    moved = _write(draft, content, digest_of=(after, marks.after), by=by, now=now)
    if after != kept:
        _seal(moved, after)
    if concerns is not None:
        marking.mark_anew(moved, marks)
    return moved


def _write(
    draft: Issue,
    content: Mapping[str, object],
    *,
    digest_of: tuple[Protected, set[int]],
    by: User,
    now: dt.datetime,
) -> Issue:
    """Save the typed fields with all that follows from them, and record which were changed."""
    kept, marked = digest_of
    trace = wording.trace(draft, content)
    wording.keep(draft, content, by=by, now=now)
    for name, value in content.items():
        setattr(draft, name, value)
    draft.write_index()
    fields: dict[str, Any] = {
        **content,
        "index_text": draft.index_text,
        "place_text": draft.place_text,
        "shingles": draft.shingles,
        "content_digest": digest(draft, kept.village, marked, kept.contact),
        "version": draft.version + 1,
    }
    return move(draft, Act.EDIT, by=by, now=now, trace=trace, **fields)


def _village_after(
    issue: Issue, content: Mapping[str, object], kept: str, typed: str | None
) -> str:
    """The village as typed, or the kept one unless its commune is left."""
    if typed is not None:
        return typed
    commune = content.get("commune", issue.commune)
    stays = commune == issue.commune or kept[:6] == getattr(commune, "pk", None)
    return kept if stays else ""


def _refuse_stale(issue: Issue, differs: object) -> Issue:
    """The issue, where it stands as it was typed; else a sentence that somebody was faster."""
    if not differs:
        return issue
    raise TransitionError(
        _(
            "Somebody else has changed this issue meanwhile, and nothing of yours was saved."
            " Open it anew beside this page, and put into it what is still missing."
        )
    )


def _refuse_wider(
    issue: Issue, content: Mapping[str, object], unmarked: set[int], by: User
) -> None:
    """A sentence where more people would see it; their own draft a coordinator may correct."""
    if issue.status == Issue.Status.DRAFT and issue.author_id == by.pk:
        return
    before = Issue.Disclosure(issue.disclosure)
    wider = content.get("disclosure", before) not in (before, *issue.stricter)
    wider |= bool(content.get("is_named")) and not issue.is_named
    if wider or unmarked:
        raise TransitionError(
            _("Only the organization may let more people see its issue. Choose a stricter one.")
        )


def _seal(issue: Issue, content: Protected) -> None:
    """Keep village and contact in the protected part."""
    sealed = sealing.sealed(content)
    ProtectedPart.objects.update_or_create(issue=issue, defaults={"sealed": sealed})


def _mark(issue: Issue, offices: Iterable[Authority]) -> None:
    """Mark the offices that must not see the issue."""
    rows = [Concern(issue=issue, authority=office) for office in offices]
    Concern.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def discard(issue: Issue, *, by: User, now: dt.datetime) -> None:
    """Remove a draft with its protected part and files; the trail keeps only that it was."""
    draft = lock(issue)
    check(draft, Act.DISCARD, by=by)
    record("issue.discard", draft, by=by, role=role_of(by, draft), at=now)
    for one in draft.evidence.defer("thumbnail"):
        delete_evidence(one)
    draft.delete()


def delete_evidence(evidence: Evidence) -> None:
    """Delete the row, and its file once the transaction holds."""
    storage, name = evidence.file.storage, str(evidence.file.name)
    evidence.delete()
    transaction.on_commit(lambda: storage.delete(name))


@transaction.atomic
def submit(issue: Issue, *, by: User, now: dt.datetime) -> Issue:
    """Send a draft to the secretariat; it gets its reference. A second press changes nothing.

    Raises TransitionError, naming the steps, where something is still missing.
    """
    locked = lock(issue)
    if locked.reference and locked.status == Issue.Status.SUBMITTED and parts_in(by, locked):
        return locked
    check(locked, Act.SUBMIT, by=by)
    if gaps := steps.missing(locked):
        names = ", ".join(f"“{one.title}”" for one in gaps)
        raise TransitionError(
            _("It was not sent, as something is still missing under %(steps)s.") % {"steps": names}
        )
    numbers.save_numbered(locked, now, locked.save)
    trace: dict[str, object] = {"reference": locked.reference}
    moved = move(issue, Act.SUBMIT, by=by, now=now, trace=trace, submitted_at=now)
    notify.tell("issue_submitted", moved, notify.coordinators(moved), now=now)
    return moved


def submit_on_behalf(issue: Issue, *, by: User, now: dt.datetime) -> Issue:
    """Send a draft that a coordinator wrote for an organization (paper, telephone)."""
    if not serves(by, issue):
        raise PermissionDenied
    return submit(issue, by=by, now=now)


@transaction.atomic
def reply(issue: Issue, *, by: User, now: dt.datetime, text: str) -> Issue:
    """Answer the secretariat's question; the issue is submitted again."""
    moved = move(issue, Act.REPLY, by=by, now=now, reply=text)
    notify.tell("issue_replied", moved, notify.coordinators(moved), now=now, version=turn_of(moved))
    return moved


@transaction.atomic
def withdraw(issue: Issue, *, by: User, now: dt.datetime, reason: str) -> Issue:
    """Take the issue back at the organization's word; open referrals end."""
    return withdraw_locked(lock(issue), by=by, now=now, reason=reason)


def withdraw_locked(locked: Issue, *, by: User, now: dt.datetime, reason: str) -> Issue:
    """Do so for a caller that holds the issue's lock."""
    moved = move_locked(
        locked,
        Act.WITHDRAW,
        by=by,
        now=now,
        closed_at=now,
        closed_as=Issue.Closing.WITHDRAWN,
        reason=reason,
        published_at=None,
    )
    leave_agendas(moved)
    ended = end_referrals(moved, Referral.Ending.OVER, now)
    is_own = raised(by, moved)
    told = notify.coordinators(moved) if is_own else notify.representatives(moved)
    told = [one for one in told if one != f"user:{by.pk}"]
    notify.tell_of_closing("issue_withdrawn", moved, told, ended, by=by, now=now)
    return moved


def end_referrals(issue: Issue, ending: Referral.Ending, now: dt.datetime) -> list[Referral]:
    """End whatever is still open at offices; what ended."""
    held = list(Referral.objects.open().filter(issue=issue))
    pks = [one.pk for one in held]
    Referral.objects.filter(pk__in=pks).update(ended_at=now, ended_as=ending)
    return held


def leave_agendas(issue: Issue) -> None:
    """Take the issue off every agenda on which it has no outcome yet."""
    issue.agenda_items.filter(outcome=None).delete()


@transaction.atomic
def read_protected(issue: Issue, *, by: User, reason: str) -> dict[str, str]:
    """Open the protected part for the province's coordinator; each reading is recorded.

    ``reason`` is one of ``ProtectedPart.Reading``; ValueError for any other text.
    """
    if not serves(by, issue):
        raise PermissionDenied
    code = ProtectedPart.Reading(reason).value
    part = ProtectedPart.objects.get(issue=issue)
    record("issue.read_protected", issue, by=by, role=AuditEntry.Role.COORDINATOR, reason=code)
    return sealing.opened(part)
