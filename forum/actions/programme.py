"""Publishing a forum's programme: what changed, and every message that tells of it."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import Organization, User
from audit.actions import record
from audit.errors import TransitionError
from audit.models import subject_of
from forum import followers, parties, programme, telling
from forum.actions import releasing, shared
from forum.actions.invitations import seat_waiting
from forum.models import Delegate, Entry, Forum, Invitation, Programme, Session
from forum.programme import Change, Changed
from outbox import actions as outbox
from outbox.models import Notice
from provinces.models import Authority


@dataclass(frozen=True)
class Telling:
    """Whom one message kind of one session goes to: reached, and parties nobody of whom is.

    ``silent`` get a notice too, which is sent only if an earlier message is just leaving.
    ``shares`` is for how many of the reached each party stands, each person counted once; None
    is for those who were told before and are of no invited party any more.
    """

    changed: Changed
    kind: str
    reached: list[str]
    unreached: list[str]
    silent: list[str]
    shares: dict[Organization | Authority | None, int]


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
    asked = [invitation for one in changed for invitation in [*_left(one), *one.drafts]]
    people = releasing.people_of(asked)
    known = telling.who_may_know([one.session for one in changed])
    found = [telling for one in changed for telling in _tellings(one, people, known)]
    return [one for one in found if one.reached or one.unreached or one.silent]


def _left(changed: Changed) -> list[Invitation]:
    """The invitations that left, where their people would be told of a change."""
    if changed.change not in programme.TOLD_OF:
        return []
    return [one for one in changed.session.invitations.all() if _stands(one)]


def _stands(invitation: Invitation) -> bool:
    return invitation.released_at is not None and invitation.withdrawn_at is None


def _tellings(
    one: Changed, people: dict[parties.PartyKey, list[str]], known: dict[int, set[str]]
) -> Iterator[Telling]:
    if one.change in programme.TOLD_OF:
        yield _of_change(one, people, known[one.session.pk])
    if one.drafts:
        reached, unreached = _parted(_people(one.drafts, people))
        shares = _shares(one.drafts, people, reached)
        yield Telling(one, telling.INVITED, reached, unreached, [], shares)


def _of_change(one: Changed, people: dict[parties.PartyKey, list[str]], known: set[str]) -> Telling:
    """Those who may know the former date; where there is a new one, all who are asked."""
    kind = telling.OFF if one.change == Change.CANCELLED else telling.CHANGED
    asked = _people(_left(one), people)
    concerned = asked | known if one.change == Change.MOVED else known
    # Told of a party itself, by letter, are to be told by hand: nobody is written to in its name.
    reached = _parted(concerned)[0]
    silent, unreached = _parted(asked)
    silent = [recipient for recipient in silent if recipient not in concerned]
    return Telling(one, kind, reached, unreached, silent, _shares(_left(one), people, reached))


def _people(
    invitations: Iterable[Invitation], people: dict[parties.PartyKey, list[str]]
) -> set[str]:
    return {recipient for one in invitations for recipient in people[parties.key_of(one)]}


def _parted(recipients: Iterable[str]) -> tuple[list[str], list[str]]:
    """Who can be written to, and the offices and organizations of which nobody can."""
    everybody = sorted(recipients)
    reached = [one for one in everybody if not one.startswith(telling.NOBODY)]
    return reached, [one for one in everybody if one.startswith(telling.NOBODY)]


def _shares(
    invitations: Iterable[Invitation],
    people: dict[parties.PartyKey, list[str]],
    reached: Collection[str],
) -> dict[Organization | Authority | None, int]:
    left, shares = set(reached), {}
    for one in invitations:
        own = left & set(people[parties.key_of(one)])
        if own:
            shares[one.party] = len(own)
        left -= own
    return shares | ({None: len(left)} if left else {})


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
    chosen = _seen(locked, by, expected, session_ids)
    made = _programme(locked, by, now)
    _write(made, chosen)
    off = [one.session for one in chosen if one.change == Change.CANCELLED]
    followers.cancelled(off, by=by, now=now)
    drafts = [draft for one in chosen for draft in one.drafts]
    _tell([one for one in tellings(chosen) if one.kind != telling.INVITED], now)
    _drop_reminders(chosen)
    _remind_anew(chosen, now)
    _seat_anew(chosen, now)
    releasing.release(drafts, now=now)
    trace = {
        "version": made.number,
        "sessions": {str(one.session.pk): one.change.value for one in chosen},
        "invitations": [one.pk for one in drafts],
    }
    record("forum.publish", locked, by=by, role=shared.COORDINATOR, at=now, **trace)
    return made


def _seen(
    forum: Forum, by: User, expected: str, session_ids: Collection[int] | None
) -> list[Changed]:
    """What there is to publish, its sessions locked, if it is still what the user was shown."""
    if not forum.sessions.served_by(by).exists():
        raise PermissionDenied
    list(forum.sessions.select_for_update(of=("self",)).order_by("pk"))
    chosen = chosen_of(draft_of(forum, by), session_ids)
    if not chosen:
        raise TransitionError(_("Nothing has changed since it was published."))
    if programme.fingerprint(chosen) != expected:
        raise TransitionError(_("Meanwhile the draft has changed: look again before you publish."))
    return chosen


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


def _tell(found: Iterable[Telling], now: dt.datetime) -> None:
    """Tell of the changes: those who are asked, and those who once were told of it."""
    outbox.tell_all(
        Notice(
            kind=one.kind,
            subject=subject_of(one.changed.session),
            recipient=recipient,
            due_at=now,
            version=one.changed.session.sequence,
            urgency=1,
            province_id=one.changed.session.province_id,
        )
        for one in found
        for recipient in [*one.reached, *one.unreached, *one.silent]
    )


def _drop_reminders(chosen: Sequence[Changed]) -> None:
    """Nobody is reminded of a day that does not hold any more."""
    told_of = [one for one in chosen if one.change in programme.TOLD_OF]
    invitations = [invitation for one in told_of for invitation in one.session.invitations.all()]
    if invitations:
        releasing.drop_reminders(invitations)


def _remind_anew(chosen: Sequence[Changed], now: dt.datetime) -> None:
    """Whoever has not answered is asked again before the new day, no longer before the old."""
    moved = [one for one in chosen if one.change == Change.MOVED]
    releasing.plan_reminders([who for one in moved for who in _left(one)], now=now)


def _seat_anew(chosen: Sequence[Changed], now: dt.datetime) -> None:
    """Another venue may have room for those who wait."""
    moved = [one.session for one in chosen if one.change == Change.MOVED]
    waits = Delegate.objects.standing().filter(session__in=moved, is_waiting=True)
    crowded = set(waits.values_list("session", flat=True))
    for session in moved:
        if session.pk in crowded:
            seat_waiting(session, now=now)
