"""Sending the agenda of a session to everybody who is invited to it."""

import datetime as dt
import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit import once
from audit.actions import record
from audit.errors import Conflict, TransitionError
from audit.models import subject_of
from forum.models import Session
from issues import packs
from issues.actions.agenda import CHANGEABLE, COORDINATOR, lock_session
from issues.models import Pack
from outbox import actions as outbox


@transaction.atomic
def send_pack(session: Session, *, by: User, now: dt.datetime, client_key: uuid.UUID) -> Pack:
    """Send the agenda as it stands to the people of every invited party, each of them once.

    Raises TransitionError where there is nothing to send, nobody to send it to, or where nobody
    is to know of the session.
    """
    locked = lock_session(session.pk, by, CHANGEABLE)
    elsewhere = Conflict(_("This form was sent before for another session."))
    rows, said = Pack.objects.all(), {"session_id": locked.pk}
    sent: Pack | None = once.made_before(rows, client_key, said, refusal=elsewhere)
    if sent:
        return sent
    recipients, items = packs.reach_of(locked).recipients, packs.turns_of(locked)
    if why := refusal(locked, now, has_items=bool(items), has_guests=bool(recipients)):
        raise TransitionError(why)
    latest = locked.packs.last()
    pack = Pack.objects.create(
        session=locked,
        number=latest.number + 1 if latest else 1,
        sent_by=by,
        sent_at=now,
        client_key=client_key,
    )
    outbox.tell(
        packs.KIND,
        subject_of(locked),
        recipients=recipients,
        due_at=now,
        version=pack.number,
        province_id=locked.province_id,
    )
    record(packs.SENT, locked, by=by, role=COORDINATOR, at=now, number=pack.number, items=items)
    return pack


def refusal(session: Session, now: dt.datetime, *, has_items: bool, has_guests: bool) -> str:
    """Why the agenda cannot be sent now; empty where it can."""
    entry = session.announced
    if session.status == Session.Status.CANCELLED:
        return _("The session was cancelled.")
    if entry is None or not entry.is_held or entry.ends_at is None:
        return _("Publish the session with its day first.")
    if session.status not in CHANGEABLE or entry.ends_at <= now:
        return _("The session is over.")
    if not has_items:
        return _("Nothing stands on the agenda yet.")
    return "" if has_guests else _("No invitation has been sent yet.")
