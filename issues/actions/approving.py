"""What an office answers, where its director has to approve it before it leaves."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import RoleAssignment, User
from audit import once
from audit.actions import record
from audit.errors import TransitionError
from issues.actions import notify, referring
from issues.actions.move import check, lock, move
from issues.actions.referring import Author, open_referral
from issues.files import Kept
from issues.models import DraftedAnswer, DraftFile, Issue, Referral, Response
from issues.permissions import answers, directs, needs_approval
from issues.workflow import Act

State, Kind = DraftedAnswer.State, Response.Kind
ACTS = {Kind.ANSWER: Act.RESPOND, Kind.CLAIM: Act.RESOLVE}


# --- what an office says --------------------------------------------------------------------------
@transaction.atomic
def respond(
    referral: Referral,
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    text: str,
    files: Sequence[Kept] = (),
) -> Response | DraftedAnswer:
    """Answer, or lay the answer before the director where the office wants it approved."""
    lock(referral.issue)
    if draft := _drafted_before(client_key, referral, Kind.ANSWER, text):
        return draft
    facts = {"by": by, "now": now, "client_key": client_key, "text": text, "files": files}
    if needs_approval(by, referral):
        return _draft(referral, kind=Kind.ANSWER, **facts)  # type: ignore[arg-type]
    return referring.respond(referral, **facts)  # type: ignore[arg-type]


@transaction.atomic
def resolve(
    referral: Referral,
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    text: str,
    done_on: dt.date,
    files: Sequence[Kept] = (),
) -> Response | DraftedAnswer:
    """Report the referral resolved, or lay that before the director as ``respond`` does.

    With a referral that is resolved otherwise, as from paper, its draft ends.
    """
    lock(referral.issue)
    if draft := _drafted_before(client_key, referral, Kind.CLAIM, text, done_on):
        return draft
    facts = {"by": by, "now": now, "client_key": client_key, "text": text, "files": files}
    if needs_approval(by, referral):
        return _draft(referral, kind=Kind.CLAIM, done_on=done_on, **facts)  # type: ignore[arg-type]
    claim = referring.resolve(referral, done_on=done_on, **facts)  # type: ignore[arg-type]
    left = DraftedAnswer.objects.filter(referral=referral, state__in=DraftedAnswer.STANDING)
    for one in left:
        _end(one, now)
    return claim


def _drafted_before(
    client_key: uuid.UUID,
    referral: Referral,
    kind: str,
    text: str,
    done_on: dt.date | None = None,
) -> DraftedAnswer | None:
    """What the same form drafted when it was sent before, also where it was changed since.

    Raises Conflict where it still stands as it was sent, and that is something else.
    """
    made = DraftedAnswer.objects.filter(client_key=client_key, referral=referral).first()
    if made and made.version == 1:
        once.refuse_other(made, {"kind": kind, "text": text, "done_on": done_on})
    return made


def _draft(
    referral: Referral,
    *,
    kind: Response.Kind,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    text: str,
    files: Sequence[Kept],
    done_on: dt.date | None = None,
) -> DraftedAnswer:
    _check_day(done_on, now)
    issue = lock(referral.issue)
    held = open_referral(referral, ACTS[kind], issue, by)
    check(issue, ACTS[kind], by=by, referral=held)
    if held.drafts.standing().exists():
        raise TransitionError(
            _("Your office has drafted an answer already. Open the referral and change that one.")
        )
    draft = DraftedAnswer(client_key=client_key, referral=held, kind=kind, text=text)
    draft.done_on, draft.by, draft.title, draft.drafted_at = done_on, by, str(by)[:200], now
    once.keep(draft)
    _keep_files(draft, files)
    _move(issue, Act.DRAFT_ANSWER, draft, "drafted", by, now)
    _tell_directors(issue, draft, now)
    return draft


def _check_day(done_on: dt.date | None, now: dt.datetime) -> None:
    if done_on and done_on > timezone.localdate(now):
        raise TransitionError(_("It cannot have been done after today."))


def _keep_files(draft: DraftedAnswer, files: Iterable[Kept]) -> None:
    """One sent twice is kept once."""
    known = set(draft.files.values_list("digest", flat=True))
    for one in {each.digest: each for each in files if each.digest not in known}.values():
        row = DraftFile(key=uuid.uuid4(), draft=draft, kind=one.kind, thumbnail=one.thumbnail)
        row.size, row.digest = len(one.content), one.digest
        row.file.save("", ContentFile(one.content), save=False)
        row.save(force_insert=True)


# --- what its author does with it -----------------------------------------------------------------
@transaction.atomic
def change_draft(
    draft: DraftedAnswer,
    *,
    by: User,
    now: dt.datetime,
    seen: int,
    text: str,
    done_on: dt.date | None = None,
    files: Sequence[Kept] = (),
    without: Iterable[int] = (),
) -> DraftedAnswer:
    """Its author says it otherwise; one that was sent back is laid before the director again.

    ``seen`` is the version that was changed, ``without`` the files that are taken off. Raises
    TransitionError where it has left or was changed meanwhile.
    """
    _check_day(done_on, now)
    issue, row = _locked(draft, Act.DRAFT_ANSWER, by)
    if not authored(by, row):
        raise PermissionDenied
    _check_seen(row, seen)
    was_returned = row.state == State.RETURNED
    row.text, row.done_on = text, done_on if row.kind == Kind.CLAIM else None
    row.state, row.decided_by, row.decided_at = State.WAITING, None, None
    row.version += 1
    row.save()
    _drop(row.files.filter(pk__in=list(without)))
    _keep_files(row, files)
    _move(issue, Act.DRAFT_ANSWER, row, "changed", by, now)
    if was_returned:
        _tell_directors(issue, row, now)
    return row


@transaction.atomic
def withdraw_draft(draft: DraftedAnswer, *, by: User, now: dt.datetime) -> DraftedAnswer:
    """Its author takes it back: nothing leaves. A second press changes nothing."""
    issue, row = _locked(draft, Act.DRAFT_ANSWER, by, ends=State.WITHDRAWN)
    if not authored(by, row):
        raise PermissionDenied
    if row.state == State.WITHDRAWN:
        return row
    row.state, row.decided_by, row.decided_at = State.WITHDRAWN, by, now
    row.save()
    _drop(row.files.all())
    _move(issue, Act.DRAFT_ANSWER, row, "withdrawn", by, now)
    return row


def authored(user: User, draft: DraftedAnswer) -> bool:
    """The user wrote it; or is of its office, where the author is not, as who came by a link."""
    if draft.by_id == user.pk:
        return True
    office = RoleAssignment.objects.current().filter(authority=draft.referral.authority_id)
    is_gone = not office.filter(user=draft.by_id, user__is_active=True).exists()
    return is_gone and answers(user, draft.referral)


# --- what the director does with it ---------------------------------------------------------------
@transaction.atomic
def approve(draft: DraftedAnswer, *, by: User, now: dt.datetime, seen: int) -> Response:
    """Let it leave as its author's answer; a second press changes nothing.

    ``seen`` is the version that was read: TransitionError where its author changed it since.
    """
    issue, row = _locked(draft, Act.APPROVE, by, ends=State.APPROVED)
    _check_directs(by, row)
    if row.response is not None:
        return row.response
    _check_seen(row, seen)
    if row.state != State.WAITING:
        raise TransitionError(_("It was sent back: its author has to change it first."))
    _move(issue, Act.APPROVE, row, "approved", by, now)
    response = _let_go(row, by, now)
    row.state, row.decided_by, row.decided_at = State.APPROVED, by, now
    row.response = response
    row.save()
    _drop(row.files.all())
    return response


def _let_go(row: DraftedAnswer, by: User, now: dt.datetime) -> Response:
    """The act itself, done by who approves, in the words and the name of the author."""
    files = [Kept(one.kind, _content(one), _bytes(one.thumbnail)) for one in row.files.all()]
    facts = {
        "by": by, "now": now, "client_key": row.client_key, "text": row.text, "files": files,
        "author": Author(row.by, row.title),
    }  # fmt: skip
    if row.done_on is None:
        return referring.respond(row.referral, **facts)  # type: ignore[arg-type]
    return referring.resolve(row.referral, done_on=row.done_on, **facts)  # type: ignore[arg-type]


def _content(row: DraftFile) -> bytes:
    with row.file.open("rb") as content:
        return bytes(content.read())


def _bytes(kept: bytes | memoryview | None) -> bytes | None:
    return bytes(kept) if kept is not None else None


@transaction.atomic
def send_back(
    draft: DraftedAnswer, *, by: User, now: dt.datetime, seen: int, because: str
) -> DraftedAnswer:
    """The director says what is to be changed; its author is told."""
    issue, row = _locked(draft, Act.APPROVE, by)
    _check_directs(by, row)
    if row.state == State.RETURNED and row.because == because:
        return row
    _check_seen(row, seen)
    if row.state != State.WAITING:
        raise TransitionError(_("Meanwhile it was sent back."))
    row.state, row.because, row.decided_by, row.decided_at = State.RETURNED, because, by, now
    row.save()
    _move(issue, Act.APPROVE, row, "sent_back", by, now)
    office = notify.offices(issue, [row.referral.authority_id])
    people = office.get(row.referral.authority_id, [])
    told = [one for one in people if one == f"user:{row.by_id}"]
    told = told or [one for one in people if one != f"user:{by.pk}"]
    notify.tell("answer_sent_back", issue, told, now=now, version=row.version, about=row)
    return row


def _check_directs(by: User, row: DraftedAnswer) -> None:
    if not directs(by, row.referral):
        raise PermissionDenied


def _check_seen(row: DraftedAnswer, seen: int) -> None:
    if row.version != seen:
        raise TransitionError(_("Meanwhile its author changed it. Read it again."))


# --- its end with the referral --------------------------------------------------------------------
def settle_drafts(*, now: dt.datetime) -> int:
    """End the drafts of referrals that ended otherwise, as when one is recalled; how many."""
    left = DraftedAnswer.objects.filter(
        state__in=DraftedAnswer.STANDING, referral__ended_at__isnull=False
    )
    return sum(_settle(one, now) for one in left.select_related("referral__issue"))


@transaction.atomic
def _settle(draft: DraftedAnswer, now: dt.datetime) -> bool:
    lock(draft.referral.issue)
    row = DraftedAnswer.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if row.state not in DraftedAnswer.STANDING or row.referral.is_open:
        return False
    _end(row, now)
    return True


def _end(row: DraftedAnswer, now: dt.datetime) -> None:
    row.state, row.decided_at = State.OVER, now
    row.save(update_fields=["state", "decided_at"])
    _drop(row.files.all())
    record("issue.draft_answer", row.referral.issue, by=None, at=now, **_trace(row, "over"))


# --- one by one -----------------------------------------------------------------------------------
def _locked(
    draft: DraftedAnswer, act: Act, by: User, ends: str = ""
) -> tuple[Issue, DraftedAnswer]:
    """The issue and the draft, locked, for who may do the act; a sentence where it has ended.

    Except as ``ends``: who did the same before gets the same answer.
    """
    issue = lock(draft.referral.issue)
    rows = DraftedAnswer.objects.select_for_update(of=("self",)).select_related("response", "by")
    row = rows.get(pk=draft.pk)
    if row.state == ends:
        row.referral = Referral.objects.select_related("authority").get(pk=row.referral_id)
        return issue, row
    row.referral = open_referral(draft.referral, act, issue, by)
    check(issue, act, by=by, referral=row.referral)
    if row.state not in DraftedAnswer.STANDING:
        raise TransitionError(
            _("Meanwhile this draft is “%(state)s”.") % {"state": row.get_state_display()}
        )
    return issue, row


def _drop(files: Iterable[DraftFile]) -> None:
    """Delete rows, and their content once the transaction holds."""
    for one in files:
        storage, name = one.file.storage, str(one.file.name)
        one.delete()
        transaction.on_commit(partial(storage.delete, name))


def _move(issue: Issue, act: Act, row: DraftedAnswer, did: str, by: User, now: dt.datetime) -> None:
    move(issue, act, by=by, now=now, referral=row.referral, trace=_trace(row, did))


def _trace(row: DraftedAnswer, did: str) -> dict[str, Any]:
    return {
        "referral": row.referral_id, "authority": row.referral.authority_id, "draft": row.pk,
        "did": did,
    }  # fmt: skip


def _tell_directors(issue: Issue, row: DraftedAnswer, now: dt.datetime) -> None:
    """Nobody else is told of a draft: not the organization, nor the secretariat."""
    held = RoleAssignment.objects.directors([row.referral.authority_id])
    people = list(dict.fromkeys(held.order_by("user").values_list("user", flat=True)))
    told = [f"user:{one}" for one in people]
    notify.tell("answer_drafted", issue, told, now=now, version=row.version, about=row)
