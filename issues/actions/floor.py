"""What happens on the floor: which item runs, what the screen shows, who spoke."""

import datetime as dt
from dataclasses import asdict

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from audit.actions import record
from audit.errors import TransitionError
from forum.models import Session
from issues.actions.agenda import COORDINATOR, RECORDABLE, lock_session, take_up_reviews
from issues.actions.deciding import (
    CORRECTABLE,
    Decision,
    Kind,
    Press,
    Said,
    keep_trace,
    take,
    told_of,
)
from issues.models import AgendaItem, Outcome, Screen


@transaction.atomic
def open_floor(session: Session, *, now: dt.datetime) -> Screen:
    """What follows the opening of a session: its reviews head the agenda, its screen goes on."""
    take_up_reviews(session, now=now)
    return Screen.objects.get_or_create(session=session)[0]


@transaction.atomic
def start(item: AgendaItem, *, by: User, now: dt.datetime, at: dt.datetime | None = None) -> None:
    """The item's turn begins, and the one that ran before it ends.

    ``at`` is when the button was pressed, where the press had to wait for a connection. Pressing
    again on the item that runs changes nothing.
    """
    session = lock_session(item.session_id, by, RECORDABLE)
    at = _moment(session, at, now)
    running = session.agenda_items.filter(started_at__isnull=False).first()
    if running is not None and running.pk == item.pk:
        return
    if running is not None:
        _refuse_earlier(running, at)
        end_run(running, at)
    rows = AgendaItem.objects.turns().filter(pk=item.pk)
    if not rows.update(started_at=at):
        raise TransitionError(_("Meanwhile this item was taken off the agenda."))
    record("issue.start_item", session, by=by, role=COORDINATOR, at=now, item=item.pk)


@transaction.atomic
def stop(item: AgendaItem, *, by: User, now: dt.datetime, at: dt.datetime | None = None) -> None:
    """The item's clock stops; nothing runs until the next one is started."""
    session = lock_session(item.session_id, by, RECORDABLE)
    running = session.agenda_items.filter(pk=item.pk, started_at__isnull=False).first()
    if running is None:
        return
    at = _moment(session, at, now)
    if running.started_at and at < running.started_at:  # it stopped an earlier run
        return
    end_run(running, at)
    record("issue.stop_item", session, by=by, role=COORDINATOR, at=now, item=item.pk)


def _moment(session: Session, at: dt.datetime | None, now: dt.datetime) -> dt.datetime:
    """When it was pressed, as far as that can be: a device's clock may be wrong."""
    return at if at and session.starts_at and session.starts_at <= at <= now else now


def _refuse_earlier(running: AgendaItem, at: dt.datetime) -> None:
    """A press that had to wait does not overtake what was started after it."""
    if running.started_at and at < running.started_at:
        raise TransitionError(_("Meanwhile somebody started another item."))  # it may be hidden


def end_run(running: AgendaItem, at: dt.datetime) -> None:
    """The item runs no more; what its run took is added."""
    if running.started_at is not None:
        running.used_seconds += max(0, int((at - running.started_at).total_seconds()))
    running.started_at = None
    running.save(update_fields=["started_at", "used_seconds"])


@transaction.atomic
def show(item: AgendaItem, *, by: User, now: dt.datetime, shown: bool = True) -> None:
    """Show the item's outcome on the room's screen, or hide it again."""
    session = lock_session(item.session_id, by, RECORDABLE)
    outcome = Outcome.objects.filter(item=item).first()
    if outcome is None:
        raise TransitionError(_("There is no outcome to show yet."))
    if bool(outcome.shown_at) == shown:
        return
    outcome.shown_at = now if shown else None
    outcome.save(update_fields=["shown_at"])
    act = "issue.show_outcome" if shown else "issue.hide_outcome"
    record(act, session, by=by, role=COORDINATOR, at=now, item=item.pk)


@transaction.atomic
def record_speakers(
    item: AgendaItem,
    *,
    by: User,
    now: dt.datetime,
    spoke: str,
    communities: int,
    seen: tuple[str, int] | None = None,
) -> AgendaItem:
    """Which officials spoke, by title, a line each, and how many of the communities did.

    The same sent again changes nothing. Raises TransitionError where somebody changed it since it
    stood as ``seen``.
    """
    session = lock_session(item.session_id, by, CORRECTABLE)
    locked = AgendaItem.objects.turns().select_for_update(of=("self",)).filter(pk=item.pk).first()
    if locked is None:
        raise TransitionError(_("Meanwhile this item was taken off the agenda."))
    stands = (locked.spoke, locked.communities)
    if stands == (spoke, communities):
        return locked
    if seen is not None and seen != stands:
        raise TransitionError(_("Meanwhile somebody else recorded who spoke. Look at it first."))
    locked.spoke, locked.communities = spoke, communities
    locked.save(update_fields=["spoke", "communities"])
    record("issue.record_speakers", session, by=by, role=COORDINATOR, at=now, item=item.pk)
    return locked


@transaction.atomic
def reword(item: AgendaItem, *, by: User, now: dt.datetime, said: Said, press: Press) -> Outcome:
    """Correct the words of an outcome; what it moved stays as it is, offices read the new words.

    The same words sent again change nothing. Raises TransitionError where somebody corrected it
    since the version the press saw.
    """
    turn = take(item, by)
    standing = turn.outcome
    if standing is None:
        raise TransitionError(_("There is no outcome to correct yet."))
    decision = Decision(turn, Kind(standing.kind), said, press, by, now, standing.review_on)
    if decision.recorded():
        return standing
    if standing.version != press.corrects:
        raise TransitionError(told_of(standing))
    keep_trace(standing, by=by, now=now)
    standing.referrals.filter(ended_at=None, note=standing.text).update(note=said.text)
    for name, value in asdict(said).items():
        setattr(standing, name, value)
    standing.client_key = press.client_key
    standing.version += 1
    standing.save()
    record("issue.reword_outcome", turn.session, by=by, role=COORDINATOR, at=now, item=item.pk)
    return standing


def tell_screen(session: Session) -> None:
    """Let the screen look again: the session itself has changed."""
    Screen.objects.filter(session=session).update(revision=F("revision") + 1)
