"""Publishing a forum's programme: what changed, and every message that tells of it."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from audit.actions import record
from audit.errors import TransitionError
from audit.models import subject_of
from forum import parties, programme, telling
from forum.actions import releasing, shared
from forum.models import Entry, Forum, Invitation, Programme, Session, Told
from forum.programme import Change, Changed
from outbox import actions as outbox
from outbox.models import Notice

NOBODY = ("organization:", "authority:", "province:")  # an office or organization without address


@dataclass(frozen=True)
class Telling:
    """Whom one message kind of one session goes to: reached, and parties nobody of whom is."""

    changed: Changed
    kind: str
    reached: list[str]
    unreached: list[str]


def draft_of(forum: Forum, user: User) -> list[Changed]:
    """What the user could publish of the forum now; three queries, however many sessions."""
    rows = forum.sessions.served_by(user).select_related(
        "province", "venue", "announced__venue", "announced__programme"
    )
    return programme.changes(
        rows.prefetch_related("invitations__organization", "invitations__authority")
    )


def chosen_of(draft: Iterable[Changed], session_ids: Collection[int] | None) -> list[Changed]:
    """What there is to publish of it, of these sessions alone where they are given."""
    return [
        one
        for one in draft
        if one.is_news and (session_ids is None or one.session.pk in session_ids)
    ]


def tellings(changed: Sequence[Changed]) -> list[Telling]:
    """Whom publishing these would tell, and who has no way to be reached; a few queries."""
    asked = [invitation for one in changed for invitation in _asked(one)]
    people = parties.people_of(
        {one.organization_id for one in asked if one.organization_id},
        {one.authority_id for one in asked if one.authority_id},
    )
    known = _known([one.session for one in changed])
    return [telling for one in changed for telling in _tellings(one, people, known)]


def _asked(changed: Changed) -> list[Invitation]:
    """The invitations whose people would get something."""
    if changed.change in programme.TOLD_OF:
        return [one for one in changed.session.invitations.all() if one.withdrawn_at is None]
    return changed.drafts


def _known(sessions: Iterable[Session]) -> dict[int, list[str]]:
    """Who was told of each session by message, and not that it is none of theirs any more."""
    rows = Told.objects.filter(session__in=list(sessions), is_withdrawn=False)
    found: dict[int, list[str]] = {}
    for session, recipient in rows.values_list("session", "recipient"):
        if not recipient.startswith(NOBODY):
            found.setdefault(session, []).append(recipient)
    return found


def _tellings(
    one: Changed, people: dict[parties.PartyKey, list[str]], known: dict[int, list[str]]
) -> list[Telling]:
    found = []
    if one.change in programme.TOLD_OF:
        left = [
            invitation
            for invitation in one.session.invitations.all()
            if invitation.released_at is not None and invitation.withdrawn_at is None
        ]
        kind = telling.OFF if one.change == Change.CANCELLED else telling.CHANGED
        asked = [recipient for who in left for recipient in people[parties.key_of(who)]]
        found.append(_telling(one, kind, [*asked, *known.get(one.session.pk, [])]))
    if one.drafts:
        asked = [recipient for who in one.drafts for recipient in people[parties.key_of(who)]]
        found.append(_telling(one, telling.INVITED, asked))
    return [telling for telling in found if telling.reached or telling.unreached]


def _telling(one: Changed, kind: str, recipients: Iterable[str]) -> Telling:
    everybody = sorted(set(recipients))
    return Telling(
        one,
        kind,
        [recipient for recipient in everybody if not recipient.startswith(NOBODY)],
        [recipient for recipient in everybody if recipient.startswith(NOBODY)],
    )


@transaction.atomic
def publish(
    forum: Forum,
    *,
    by: User,
    now: dt.datetime,
    expected: str,
    session_ids: Collection[int] | None = None,
) -> Programme:
    """Publish the draft as the forum's next version, and put what tells of it in the outbox.

    Only sessions of the provinces the user coordinates, of ``session_ids`` alone where they are
    given; all others stand as they were published. ``expected`` is the fingerprint of what the
    user was shown. Raises PermissionDenied, or TransitionError where that has changed.
    """
    locked = Forum.objects.select_for_update().get(pk=forum.pk)
    if not locked.sessions.served_by(by).exists():
        raise PermissionDenied
    list(locked.sessions.select_for_update(of=("self",)).order_by("pk"))
    chosen = chosen_of(draft_of(locked, by), session_ids)
    if not chosen:
        raise TransitionError(_("Nothing has changed since it was published."))
    if programme.fingerprint(chosen) != expected:
        raise TransitionError(_("Meanwhile the draft has changed: look again before you publish."))
    made = _programme(locked, by, now)
    _write(made, chosen)
    drafts = [draft for one in chosen for draft in one.drafts]
    for telling_ in tellings(chosen):
        if telling_.kind != telling.INVITED:
            _tell(telling_, now)
    releasing.release(drafts, now=now)
    record(
        "forum.publish",
        locked,
        by=by,
        role=shared.COORDINATOR,
        at=now,
        version=made.number,
        sessions={str(one.session.pk): one.change.value for one in chosen},
        invitations=[one.pk for one in drafts],
    )
    return made


def _programme(forum: Forum, by: User, now: dt.datetime) -> Programme:
    latest = forum.programmes.aggregate(latest=Max("number"))["latest"] or 0
    return Programme.objects.create(
        forum=forum, number=latest + 1, published_at=now, published_by=by
    )


def _write(made: Programme, chosen: Sequence[Changed]) -> None:
    """An entry for each session that is, or was before, in the programme."""
    by_session = {one.session.pk: one for one in chosen}
    entries = [_entry(made, one) for one in chosen]
    rest = made.forum.sessions.filter(announced__isnull=False).exclude(pk__in=by_session)
    entries += [_again(made, one.announced) for one in rest.select_related("announced")]
    written = Entry.objects.bulk_create(entries)
    for entry in written:
        if entry.session_id in by_session:
            session = by_session[entry.session_id].session
            session.announced, session.sequence = entry, entry.sequence
            session.published_at = session.published_at or made.published_at
    Session.objects.bulk_update(
        [one.session for one in chosen], ["announced", "sequence", "published_at"]
    )


def _entry(made: Programme, one: Changed) -> Entry:
    """What the draft says; its sequence rises where that is news to those who come."""
    session = one.session
    is_off = session.status == Session.Status.CANCELLED
    return Entry(
        programme=made,
        session=session,
        sequence=session.sequence + (one.change != Change.SAME),
        change=one.change,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        venue=session.venue,
        is_cancelled=is_off,
        because=session.cancelled_because,
    )


def _again(made: Programme, before: Entry | None) -> Entry:
    """The same as in the version before."""
    assert before is not None  # noqa: S101 - only announced ones are asked for
    return Entry(
        programme=made,
        session_id=before.session_id,
        sequence=before.sequence,
        change=Change.SAME,
        starts_at=before.starts_at,
        ends_at=before.ends_at,
        venue_id=before.venue_id,
        is_cancelled=before.is_cancelled,
        because=before.because,
    )


def _tell(one: Telling, now: dt.datetime) -> None:
    """Tell of a change: those who are asked, and those who once were told of it."""
    session = one.changed.session
    outbox.tell_all(
        Notice(
            kind=one.kind,
            subject=subject_of(session),
            recipient=recipient,
            due_at=now,
            version=session.sequence,
            urgency=1,
            province_id=session.province_id,
        )
        for recipient in [*one.reached, *one.unreached]
    )
    releasing.plan_reminders(
        [
            who
            for who in session.invitations.all()
            if who.released_at is not None and who.withdrawn_at is None
        ],
        now=now,
    )
