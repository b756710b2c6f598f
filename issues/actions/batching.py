"""A file of many issues: sent, checked, taken in as a whole or not at all, or dropped.

The database is the truth: ``take_in_some`` looks for files that wait, whoever calls it and
however often. One holder of a file's advisory lock works on it, until its transaction ends.
"""

import datetime as dt
import logging
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied
from django.db import (
    Error,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    connections,
    transaction,
)
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.models import Role, User
from audit.actions import record
from audit.errors import Conflict, TransitionError
from audit.models import AuditEntry, subject_of
from issues.actions import bulk
from issues.batch import keeping
from issues.batch.checking import Checked, Line, check
from issues.batch.lookups import Lookups
from issues.batch.reading import BEYOND, Row
from issues.models import Batch, BatchLine, Issue
from outbox import actions as outbox_actions
from outbox import recipients
from outbox.models import Notice

log = logging.getLogger(__name__)
LOCKS = 21_026  # the class of the advisory locks: each batch by its id, and all that take in by 0
TAKING_IN = 0
EVERY = 0.5  # seconds between two words of progress
State = Batch.State
COORDINATOR = AuditEntry.Role.COORDINATOR
Tick = Callable[[int], None]


# --- what a coordinator does ----------------------------------------------------------------------
@transaction.atomic
def send_batch(
    *, by: User, now: dt.datetime, client_key: uuid.UUID, language: str, rows: Sequence[Row]
) -> Batch:
    """Keep the rows of a file under the key; it is checked as soon as a worker looks.

    The same form sent twice is one batch. Raises Conflict for the same key with other rows.
    """
    if not by.is_role(Role.COORDINATOR):
        raise PermissionDenied
    content = keeping.as_text(rows)
    mark = salted_hmac("issues.batch_file", content, algorithm="sha256").hexdigest()
    batch = Batch(client_key=client_key, by=by, language=language, digest=mark, sent_at=now)
    batch.sealed, batch.total = keeping.seal(rows), len(rows)
    try:
        with transaction.atomic():
            batch.save(force_insert=True)
    except IntegrityError:
        return _sent_before(client_key, mark, by)
    record("batch.send", batch, by=by, role=COORDINATOR, at=now, lines=batch.total)
    return batch


def _sent_before(client_key: uuid.UUID, mark: str, by: User) -> Batch:
    batch = Batch.objects.filter(client_key=client_key, by=by, digest=mark).first()
    if batch is None:
        raise Conflict(_("This form was sent before with another file. Open it anew."))
    return batch


@transaction.atomic
def commit_batch(batch: Batch, *, by: User, now: dt.datetime) -> Batch:
    """Let a checked file be taken in; a second press changes nothing."""
    locked = _lock(batch, by)
    if locked.state in (State.TAKING_IN, State.DONE):
        return locked
    _refuse_unless(locked, State.CHECKED, State.FAILED)
    locked.state, locked.done, locked.faults, locked.ended_at = State.TAKING_IN, 0, [], None
    locked.save()
    record("batch.commit", locked, by=by, role=COORDINATOR, at=now)
    return locked


@transaction.atomic
def drop_batch(batch: Batch, *, by: User, now: dt.datetime) -> Batch:
    """Forget a file that was not taken in; what was in it is erased. A second press is none."""
    locked = _lock(batch, by)
    if locked.state == State.DROPPED:
        return locked
    _refuse_unless(locked, State.CHECKING, State.CHECKED, State.FAULTY, State.FAILED)
    _end(locked, State.DROPPED, now)
    record("batch.drop", locked, by=by, role=COORDINATOR, at=now)
    return locked


def _lock(batch: Batch, by: User) -> Batch:
    locked = Batch.objects.select_for_update().get(pk=batch.pk)
    if locked.by_id != by.pk or not by.is_role(Role.COORDINATOR):
        raise PermissionDenied
    return locked


def _refuse_unless(batch: Batch, *states: State) -> None:
    if batch.state not in states:
        raise TransitionError(
            _("This is no longer possible: meanwhile the file is “%(state)s”.")
            % {"state": batch.get_state_display()}
        )


def _end(batch: Batch, state: State, now: dt.datetime) -> None:
    """Save the state a file stays in; its rows are erased where nothing more comes of them."""
    batch.state, batch.ended_at = state, now
    if state in (State.DONE, State.DROPPED, State.FAULTY):
        batch.sealed = b""
    if state == State.DROPPED:
        batch.faults = []
    batch.save()


# --- what the worker does -------------------------------------------------------------------------
def take_in_some(*, now: dt.datetime) -> int:
    """Check and take in every file that waits and that nobody else works on; how many.

    Where the database goes away the error is raised and the file waits on.
    """
    waiting = list(Batch.objects.waiting().values_list("pk", flat=True))
    return sum(_work_on(pk, now) for pk in waiting)


def _work_on(pk: int, now: dt.datetime) -> bool:
    try:
        with transaction.atomic():
            batch = _claim(pk)
            if batch is None:
                return False
            with translation.override(batch.language):
                work = _take_in if batch.state == State.TAKING_IN else _check
                work(batch, now)
    except TransitionError as error:
        _fail(pk, now, str(error))
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # one file must not keep the others waiting
        log.error("Batch %s was not taken in: %s", pk, type(error).__name__)
        _fail(pk, now)
    return True


def _claim(pk: int) -> Batch | None:
    """The batch, if it waits and nobody else works on it; it is ours until the transaction ends.

    No row is locked, so that the progress can be written to it meanwhile.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCKS, pk])
        if cursor.fetchone() != (True,):
            return None
    return Batch.objects.waiting().select_related("by").filter(pk=pk).first()


def _check(batch: Batch, now: dt.datetime) -> None:
    with _progress(batch) as tick:
        found = _checked(batch, now, tick)
    known = _known(found.lines)
    locked = Batch.objects.select_for_update().get(pk=batch.pk)
    if locked.state != State.CHECKING:
        return  # dropped meanwhile
    locked.done, locked.known = locked.total, len(known)
    if found.faults:
        _refuse(locked, found, now)
    elif len(known) == len(found.lines):
        _end(locked, State.DONE, now)
    else:
        locked.state = State.CHECKED
        locked.save()


def _take_in(batch: Batch, now: dt.datetime) -> None:
    """Check once more, for names and rights may have changed, and create all that is not known."""
    with connection.cursor() as cursor:  # one file after the other, so that no line comes twice
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCKS, TAKING_IN])
    found = _checked(batch, now)
    if found.faults:
        _refuse(Batch.objects.select_for_update().get(pk=batch.pk), found, now)
        return
    known = _known(found.lines)
    new = [line for line in found.lines if line.key not in known]
    with _progress(batch) as tick:
        issues = bulk.submit_all(new, by=batch.by, now=now, tick=tick)
    BatchLine.objects.bulk_create(
        [
            BatchLine(key=line.key, batch=batch, line=line.line, issue=issue)
            for line, issue in zip(new, issues, strict=True)
        ]
    )
    _tell(batch, issues, now)
    locked = Batch.objects.select_for_update().get(pk=batch.pk)
    locked.done, locked.created, locked.known = locked.total, len(issues), len(known)
    _end(locked, State.DONE, now)
    trace = {"created": len(issues), "known": len(known)}
    record("batch.take_in", locked, by=batch.by, role=COORDINATOR, at=now, **trace)


def _checked(batch: Batch, now: dt.datetime, tick: Tick = lambda done: None) -> Checked:
    today = timezone.localdate(now)
    return check(keeping.rows_of(batch), Lookups(batch.by), today=today, tick=tick)


def _known(lines: Sequence[Line]) -> set[uuid.UUID]:
    """The keys of those that were taken in before."""
    keys = [line.key for line in lines]
    return set(BatchLine.objects.filter(key__in=keys).values_list("key", flat=True))


def _refuse(locked: Batch, found: Checked, now: dt.datetime) -> None:
    locked.faults = [vars(fault) for fault in sorted(found.faults, key=lambda one: one.line)]
    _end(locked, State.FAULTY, now)


def _fail(pk: int, now: dt.datetime, sentence: str = "") -> None:
    """Note, after all was undone, that a file could not be taken in; its rows stay."""
    with transaction.atomic():
        locked = Batch.objects.waiting().select_for_update().filter(pk=pk).first()
        if locked is None:
            return
        with translation.override(locked.language):
            sentence = sentence or _(
                "Something went wrong, and nothing was taken in. Try once more; if it fails "
                "again, tell the administrator."
            )
        locked.faults = [{"line": 0, "column": BEYOND, "sentence": sentence}]
        _end(locked, State.FAILED, now)


def _tell(batch: Batch, issues: Sequence[Issue], now: dt.datetime) -> None:
    """One notice for each organization, whatever the number of its issues; no title is in it."""
    provinces: dict[int, str] = {}
    for issue in issues:
        provinces.setdefault(issue.organization_id, issue.province_id)
    told = recipients.representatives(provinces)
    outbox_actions.tell_all(
        Notice(
            kind="issues_recorded",
            subject=subject_of(batch),
            version=organization,
            recipient=recipient,
            province_id=provinces[organization],
            due_at=now,
        )
        for organization, people in told.items()
        for recipient in people
    )


# --- progress -------------------------------------------------------------------------------------
@contextmanager
def _progress(batch: Batch) -> Iterator[Tick]:
    """Write how many lines are done where everybody sees it at once: by another connection.

    A courtesy: where it fails, the work goes on.
    """
    other = connections.create_connection("default")
    heard = time.monotonic()

    def tick(done: int) -> None:
        nonlocal heard
        if time.monotonic() - heard < EVERY:
            return
        heard = time.monotonic()
        try:
            with other.cursor() as cursor:
                cursor.execute("SET lock_timeout = '200ms'")
                cursor.execute(
                    "UPDATE issues_batch SET done = %s WHERE id = %s AND state = %s",
                    [min(done, batch.total), batch.pk, batch.state],
                )
        except Error as error:
            log.warning("No progress of batch %s: %s", batch.pk, type(error).__name__)

    try:
        yield tick
    finally:
        other.close()
