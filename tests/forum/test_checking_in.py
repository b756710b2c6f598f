"""Ticks and people who come unexpected: kept once, in the order of the devices' times."""

import datetime as dt
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import translation

from audit.errors import Conflict, TransitionError
from audit.models import AuditEntry, subject_of
from forum.actions import checking_in
from forum.actions.checking_in import Press, Received, WalkIn
from forum.models import Delegate, Session, Tick
from tests.factories import (
    AuthorityFactory,
    InvitationFactory,
    OrganizationFactory,
    coordinator_of,
    representative_of,
)
from tests.factories_more import DelegateFactory, HonorificFactory
from tests.forum.conftest import at

pytestmark = pytest.mark.django_db
NOW = at(26, 9)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def invitation(session):
    return InvitationFactory(session=session)


@pytest.fixture
def delegate(invitation):
    return DelegateFactory(invitation=invitation)


def press(delegate, is_here=True, moment=NOW, key=None):
    return Press(key or uuid.uuid4(), delegate.pk, is_here, moment)


def came_at(delegate):
    delegate.refresh_from_db()
    return delegate.came_at


def entries(session):
    rows = AuditEntry.objects.filter(action="forum.check_in", subject=subject_of(session))
    return [row.change for row in rows.order_by("pk")]


def test_tick_says_who_is_here_and_leaves_one_entry(session, coordinator, invitation):
    one, other = DelegateFactory(invitation=invitation), DelegateFactory(invitation=invitation)
    ticks = [press(one, moment=at(26, 8)), press(other, moment=at(26, 8, 5))]

    checking_in.tick(session, by=coordinator, now=NOW, ticks=ticks)

    assert (came_at(one), came_at(other)) == (at(26, 8), at(26, 8, 5))
    assert entries(session) == [{"here": [one.pk, other.pk]}]


def test_tick_sent_again_changes_nothing(session, coordinator, delegate):
    ticks = [press(delegate, moment=at(26, 8)), press(delegate, False, at(26, 8, 1))]
    for _time in range(2):
        checking_in.tick(session, by=coordinator, now=NOW, ticks=[*ticks, ticks[0]])

    assert came_at(delegate) is None
    assert Tick.objects.count() == 2
    assert entries(session) == [{"here": [delegate.pk], "gone": [delegate.pk]}]


def test_latest_time_of_the_devices_decides_however_late_a_tick_comes(
    session, coordinator, province, delegate
):
    """One device corrects at 8:30 and is heard first; the other ticked at 8:10."""
    other = coordinator_of(province)
    correction = press(delegate, False, at(26, 8, 30))
    checking_in.tick(session, by=coordinator, now=NOW, ticks=[correction])
    checking_in.tick(session, by=other, now=NOW, ticks=[press(delegate, moment=at(26, 8, 10))])

    assert came_at(delegate) is None
    checking_in.tick(session, by=other, now=NOW, ticks=[press(delegate, moment=at(26, 8, 40))])
    checking_in.tick(session, by=other, now=NOW, ticks=[press(delegate, moment=at(26, 8, 50))])
    assert came_at(delegate) == at(26, 8, 40)


@pytest.mark.parametrize(
    ("moment", "kept"),
    [
        (at(27, 8), NOW),
        (at(1, 8), at(25, 0)),
        (at(25, 23), at(25, 23)),
    ],
)
def test_tick_of_a_device_whose_clock_is_wrong(session, coordinator, delegate, moment, kept):
    checking_in.tick(session, by=coordinator, now=NOW, ticks=[press(delegate, moment=moment)])

    assert came_at(delegate) == kept


def test_tick_of_a_delegate_of_another_session_keeps_nothing(session, coordinator, delegate):
    ticks = [press(delegate), press(DelegateFactory())]

    with pytest.raises(TransitionError, match="does not belong"):
        checking_in.tick(session, by=coordinator, now=NOW, ticks=ticks)
    assert not Tick.objects.exists()


def test_tick_of_somebody_replaced_is_refused(session, coordinator, invitation):
    gone = DelegateFactory(invitation=invitation, left_at=at(20, 8))

    with pytest.raises(TransitionError, match="replaced"):
        checking_in.tick(session, by=coordinator, now=NOW, ticks=[press(gone)])


def test_tick_counts_somebody_from_the_waiting_list(session, coordinator, invitation):
    waits = DelegateFactory(invitation=invitation, is_waiting=True)

    checking_in.tick(session, by=coordinator, now=NOW, ticks=[press(waits)])

    assert session.delegates.all().counted() == {"total": 1, "women": 1}


@pytest.mark.parametrize("status", [Session.Status.OPEN, Session.Status.RELEASED])
def test_tick_is_open_until_the_end(session, coordinator, delegate, status):
    released_at = NOW if status == Session.Status.RELEASED else None
    Session.objects.filter(pk=session.pk).update(status=status, released_at=released_at)

    checking_in.tick(session, by=coordinator, now=NOW, ticks=[press(delegate)])

    assert came_at(delegate) == NOW


def test_tick_in_a_cancelled_session_is_refused(session, coordinator, delegate):
    Session.objects.filter(pk=session.pk).update(status="cancelled", cancelled_because="Rain.")

    with pytest.raises(TransitionError):
        checking_in.tick(session, by=coordinator, now=NOW, ticks=[press(delegate)])


def test_tick_is_for_coordinators_of_the_province(session, neighbor, invitation, delegate):
    for person in (coordinator_of(neighbor), representative_of(invitation.organization)):
        with pytest.raises(PermissionDenied):
            checking_in.tick(session, by=person, now=NOW, ticks=[press(delegate)])
        with pytest.raises(PermissionDenied):
            checking_in.receive(session, by=person, now=NOW, ticks=[press(delegate)], walk_ins=[])


# --- who came unexpected ------------------------------------------------------------------------
def come(session, by, **changes):
    fields = {"client_key": uuid.uuid4(), "at": at(26, 8), "title": "Elder", "sex": "man"} | changes
    return checking_in.walk_in(session, by=by, now=NOW, **fields)


def test_walk_in_is_the_next_delegate_of_the_party(session, coordinator, delegate):
    excellency = HonorificFactory()
    made = come(session, coordinator, invitation=delegate.invitation, honorific=excellency)

    assert (made.number, made.came_at, made.named_at) == (2, at(26, 8), NOW)
    assert (made.title, made.sex, made.honorific) == ("Elder", "man", excellency)
    assert entries(session) == [{"walk_ins": [made.pk]}]


def test_walk_in_of_an_invited_party_stands_with_its_invitation(session, coordinator, delegate):
    made = come(session, coordinator, organization=delegate.invitation.organization)

    assert (made.invitation, made.organization, made.number) == (delegate.invitation, None, 2)


def test_walk_ins_of_others_are_numbered_together(session, coordinator):
    made = [
        come(session, coordinator),
        come(session, coordinator, organization=OrganizationFactory()),
        come(session, coordinator, authority=AuthorityFactory()),
    ]

    assert [one.number for one in made] == [1, 2, 3]
    assert [one.invitation for one in made] == [None, None, None]


def test_walk_in_sent_again_is_the_same_person(session, coordinator):
    key = uuid.uuid4()
    made = [come(session, coordinator, client_key=key) for _time in range(2)]

    assert made[0] == made[1]
    assert (Delegate.objects.count(), Tick.objects.count(), len(entries(session))) == (1, 1, 1)
    with pytest.raises(Conflict):
        come(session, coordinator, client_key=key, title="Somebody else")


def test_walk_in_added_by_mistake_is_ticked_off(session, coordinator):
    made = come(session, coordinator)

    checking_in.tick(session, by=coordinator, now=NOW, ticks=[press(made, False)])

    assert came_at(made) is None


def test_walk_in_for_an_invitation_elsewhere_or_for_two_parties_is_refused(session, coordinator):
    with pytest.raises(TransitionError, match="not invited"):
        come(session, coordinator, invitation=InvitationFactory())
    with pytest.raises(TransitionError, match="one organization"):
        come(session, coordinator, organization=OrganizationFactory(), authority=AuthorityFactory())
    assert not Delegate.objects.exists()


def test_walk_in_of_a_party_in_the_draft_leaves_the_draft_alone(session, coordinator):
    draft = InvitationFactory(session=session, released_at=None)

    made = come(session, coordinator, organization=draft.organization)

    assert (made.invitation, made.organization) == (None, draft.organization)
    with pytest.raises(TransitionError, match="not invited"):
        come(session, coordinator, invitation=draft)


def test_walk_in_sent_again_for_another_party_is_refused(session, coordinator, invitation):
    key = uuid.uuid4()
    come(session, coordinator, client_key=key, invitation=invitation)

    with pytest.raises(Conflict):
        come(session, coordinator, client_key=key)


def test_key_of_a_press_is_no_walk_ins_and_the_other_way_round(session, coordinator, delegate):
    pressed, stranger = press(delegate), WalkIn(uuid.uuid4(), NOW, "Elder", "man")
    checking_in.receive(session, by=coordinator, now=NOW, ticks=[pressed], walk_ins=[stranger])

    again = checking_in.receive(
        session,
        by=coordinator,
        now=NOW,
        ticks=[press(delegate, False, key=stranger.client_key)],
        walk_ins=[stranger._replace(client_key=pressed.client_key)],
    )

    assert again.taken == [stranger.client_key]
    assert set(again.refused) == {pressed.client_key}
    assert (Delegate.objects.count(), Tick.objects.count()) == (2, 2)


# --- what a device gathered ---------------------------------------------------------------------
def test_receive_twice_keeps_all_once_and_one_bad_row_stops_no_other(
    session, coordinator, invitation, delegate
):
    gone = DelegateFactory(invitation=invitation, left_at=at(20, 8))
    good, bad = press(delegate, moment=at(26, 8, 1)), press(gone)
    stranger = WalkIn(uuid.uuid4(), at(26, 8, 2), "Elder", "woman")
    foreign = WalkIn(uuid.uuid4(), NOW, "Elder", "man", invitation=InvitationFactory())
    batch = {"ticks": [good, bad], "walk_ins": [stranger, foreign]}

    answers = [checking_in.receive(session, by=coordinator, now=NOW, **batch) for _time in range(2)]

    expected = Received(
        [stranger.client_key, good.client_key],
        {
            foreign.client_key: "This party is not invited to the session.",
            bad.client_key: "This delegate has been replaced or taken back.",
        },
    )
    assert answers == [expected, expected]
    assert session.delegates.all().counted() == {"total": 2, "women": 2}
    assert [set(one) for one in entries(session)] == [{"here", "walk_ins"}]
    assert came_at(delegate) - NOW == dt.timedelta(minutes=-59)


@pytest.mark.django_db(transaction=True)
def test_two_devices_at_once_keep_everything_once(session, coordinator, province, invitation):
    """Both saw the first delegate; each saw one more, and one device sends its rows twice."""
    people = [DelegateFactory(invitation=invitation) for _number in range(3)]
    mine = [press(people[0]), press(people[1])]
    others = [press(people[0]), press(people[2])]
    stranger = WalkIn(uuid.uuid4(), NOW, "Elder", "man")
    batches = [(coordinator, mine), (coordinator, mine), (coordinator_of(province), others)]
    start = threading.Barrier(len(batches))

    def send(by, ticks):
        try:
            start.wait(10)
            walk_ins = [stranger] if ticks is mine else []
            return checking_in.receive(session, by=by, now=NOW, ticks=ticks, walk_ins=walk_ins)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(batches)) as pool:
        answers = list(pool.map(send, *zip(*batches, strict=True)))

    assert [one.refused for one in answers] == [{}, {}, {}]
    assert session.delegates.all().counted() == {"total": 4, "women": 3}
    assert Tick.objects.count() == 5
