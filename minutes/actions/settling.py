"""Approving the minutes, the scan of the signed page, publishing, and amendments."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from audit import once
from audit.errors import TransitionError
from forum import actions as forum
from forum.models import Presiding, Session
from issues.files import Kept
from issues.models import AgendaItem
from minutes import content
from minutes.actions import shared
from minutes.models import Amendment, Approval, Minutes, new_code, scan_path
from minutes.workflow import Act


@dataclass(frozen=True)
class Signature:
    """Who signed in a presiding role, as what, and on which day."""

    role: str
    name: str
    title: str
    on: dt.date


@transaction.atomic
def approve(
    session: Session,
    *,
    by: User,
    now: dt.datetime,
    signatures: Sequence[Signature],
    scan: Kept | None = None,
    seen: str = "",
) -> Minutes:
    """Freeze the minutes as both who presided have signed them; outcomes are locked from now on.

    ``seen`` is the checksum of the draft as the form was opened. Raises ``shared.Stale`` where it
    has changed since, TransitionError for an issue without outcome, and for a signature that is
    missing or of a day before the session or to come.
    """
    minutes = shared.lock(session, Act.APPROVE, by=by)
    _refuse_changed(minutes, seen)
    _refuse_undecided(minutes.session)
    _refuse_unsigned(minutes.session, signatures, timezone.localdate(now))
    Approval.objects.bulk_create(
        Approval(minutes=minutes, role=one.role, name=one.name, title=one.title, on=one.on)
        for one in signatures
    )
    drawn = content.draw(minutes)
    minutes.content, minutes.checksum = drawn, content.checksum_of(drawn)
    minutes.code, minutes.approved_at = new_code(), now
    if scan is not None:
        _keep(minutes, scan)
    minutes.session.minutes_approved_at = now
    minutes.session.save(update_fields=["minutes_approved_at"])
    return shared.save(minutes, Act.APPROVE, by=by, now=now, scan=scan is not None)


def _refuse_changed(minutes: Minutes, seen: str) -> None:
    if seen and seen != content.checksum_of(content.draw(minutes)):
        raise shared.Stale(_("The minutes have changed meanwhile. Read them again."))


def undecided(session: Session) -> int:
    """How many issues on the agenda have no outcome; a titled point needs none."""
    return session.agenda_items.filter(issue__isnull=False, outcome=None).count()


def _refuse_undecided(session: Session) -> None:
    if left := undecided(session):
        raise TransitionError(
            ngettext(
                "%(count)d issue has no outcome yet.", "%(count)d issues have no outcome yet.", left
            )
            % {"count": left}
        )


def _refuse_unsigned(session: Session, signatures: Sequence[Signature], today: dt.date) -> None:
    roles = sorted(one.role for one in signatures)
    if roles != sorted(Presiding.Role.values) or not all(
        one.name.strip() and one.title.strip() for one in signatures
    ):
        raise TransitionError(_("Both who presided sign: write each name and title."))
    for one in signatures:
        if one.on > today:
            raise TransitionError(_("The day of a signature lies ahead."))
        if (held_on := _held_on(session)) is not None and one.on < held_on:
            raise TransitionError(_("A signature is dated before the session."))


def _held_on(session: Session) -> dt.date | None:
    """Its day, or an earlier one on which it was opened all the same and its draft agreed."""
    days = [session.day, timezone.localdate(session.released_at) if session.released_at else None]
    return min((day for day in days if day is not None), default=None)


# --- the signed page ----------------------------------------------------------------------------
@transaction.atomic
def add_scan(session: Session, *, by: User, now: dt.datetime, scan: Kept) -> Minutes:
    """Keep the scan of the signed page, made fit by ``issues.scans.keep``; a former one goes."""
    minutes = shared.lock(session, Act.ADD_SCAN, by=by)
    former, storage = minutes.scan.name, minutes.scan.storage
    _keep(minutes, scan)
    if former:
        transaction.on_commit(lambda: storage.delete(former))
    return shared.save(minutes, Act.ADD_SCAN, by=by, now=now, replaced=bool(former))


def _keep(minutes: Minutes, scan: Kept) -> None:
    storage = minutes.scan.storage
    minutes.scan = storage.save(scan_path(), ContentFile(scan.content))
    minutes.scan_kind = scan.kind


# --- before the public --------------------------------------------------------------------------
@transaction.atomic
def publish(session: Session, *, by: User, now: dt.datetime) -> Minutes:
    """Open the public edition to everybody and tell the invited; names of delegates are deleted."""
    minutes = shared.lock(session, Act.PUBLISH, by=by)
    minutes.published_at, minutes.withdrawn_because = now, ""
    minutes.publications += 1
    shared.save(minutes, Act.PUBLISH, by=by, now=now)
    forum.forget_names(minutes.session, now=now)
    shared.tell_invited(minutes, shared.PUBLISHED, now=now, version=minutes.publications)
    return minutes


@transaction.atomic
def withdraw_publication(session: Session, *, by: User, now: dt.datetime, because: str) -> Minutes:
    """Take the minutes off the public pages again; they stay approved, and the reason is kept."""
    minutes = shared.lock(session, Act.WITHDRAW_PUBLICATION, by=by)
    minutes.published_at = None
    minutes.withdrawn_because = because
    return shared.save(minutes, Act.WITHDRAW_PUBLICATION, by=by, now=now)


# --- amendments ---------------------------------------------------------------------------------
@transaction.atomic
def amend(
    session: Session,
    *,
    by: User,
    now: dt.datetime,
    client_key: uuid.UUID,
    reason: str,
    on: dt.date,
    text_km: str = "",
    text_en: str = "",
    item: AgendaItem | None = None,
) -> Amendment:
    """Correct approved minutes by a numbered amendment and tell the invited; sent twice it is one.

    Raises Conflict for the same key with another content.
    """
    minutes = shared.lock(session, Act.AMEND, by=by)
    said = {"minutes_id": minutes.pk, "item_id": item and item.pk, "reason": reason, "on": on}
    said |= {"text_km": text_km, "text_en": text_en}
    rows, other = Amendment.objects.all(), shared.conflict()
    sent: Amendment | None = once.made_before(rows, client_key, said, refusal=other)
    if sent:
        return sent
    _refuse_amendment(minutes, item, (text_km, text_en), on, timezone.localdate(now))
    latest = minutes.amendments.aggregate(latest=Max("number"))["latest"] or 0
    made = Amendment.objects.create(
        client_key=client_key, number=latest + 1, made_by=by, made_at=now, **said
    )
    shared.trace(minutes, Act.AMEND, by=by, now=now, amendment=made.number, item=made.item_id)
    shared.tell_invited(minutes, shared.AMENDED, now=now, version=made.number)
    return made


def _refuse_amendment(
    minutes: Minutes,
    item: AgendaItem | None,
    texts: tuple[str, str],
    on: dt.date,
    today: dt.date,
) -> None:
    if not any(text.strip() for text in texts):
        raise TransitionError(_("Write the amendment in Khmer or in English."))
    if item is not None:
        shared.item_at(minutes, "discussion", item)
    assert minutes.approved_at is not None  # noqa: S101 - by the table of acts
    if not timezone.localdate(minutes.approved_at) <= on <= today:
        raise TransitionError(_("The day lies between the approval of the minutes and today."))
