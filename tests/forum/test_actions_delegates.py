"""Who comes for an invited party: what is named once, who waits, and where names never stand."""

import datetime as dt
import threading
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.core.serializers import serialize
from django.db import connection
from django.utils import translation

from accounts import sealing
from audit import clock
from audit.errors import Conflict, TransitionError
from audit.models import AuditEntry, subject_of
from forum import actions
from forum.actions.delegates import Reading
from forum.models import Delegate, Invitation, Session
from forum.tasks import forget_names
from outbox import registry
from outbox.models import Notice
from tests.factories import (
    AuthorityFactory,
    ContactPointFactory,
    InvitationFactory,
    ProvinceFactory,
    SessionFactory,
    VenueFactory,
    administrator,
    coordinator_of,
    official_of,
    representative_of,
)
from tests.factories_more import DelegateFactory, HonorificFactory
from tests.forum.conftest import at

pytestmark = pytest.mark.django_db
NOW = at(1, 9)
NAME = "Sok of the red hills"
COMING = {"status": ["pending", "accepted"]}


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def invitation(session):
    return InvitationFactory(session=session, quota=3)


@pytest.fixture
def own(invitation):
    return representative_of(invitation.organization)


def person(**changed):
    return {
        "client_key": uuid.uuid4(),
        "honorific": None,
        "title": "Head of the community",
        "sex": "woman",
        "name": "",
    } | changed


def name(invitation, by, **changed):
    return actions.name_delegate(invitation, by=by, now=NOW, **person(**changed))


def hold(session, seats):
    """Give the session's venue so many seats."""
    session.venue.capacity = seats
    session.venue.save()


def trail(row):
    entries = AuditEntry.objects.filter(subject=subject_of(row))
    return [(one.action, one.actor, one.role, one.change) for one in entries]


def standing(invitation):
    """Who stands, as (number, title, whether they wait)."""
    rows = invitation.delegates.standing()
    return list(rows.values_list("number", "title", "is_waiting"))


def seated():
    """Whom is told that a delegate has a place now."""
    rows = Notice.objects.filter(kind="delegate_seated").order_by("recipient")
    return list(rows.values_list("subject", "recipient"))


# --- naming -------------------------------------------------------------------------------------
def test_name_delegate_answers_an_invitation_in_the_same_act(invitation, own):
    honorific = HonorificFactory()

    made = name(invitation, own, honorific=honorific, name=NAME)

    invitation.refresh_from_db()
    answer = (invitation.status, invitation.answered_at, invitation.answered_by_way)
    assert answer == ("accepted", NOW, "account")
    assert (made.number, made.title, made.sex) == (1, "Head of the community", "woman")
    assert (made.honorific, made.is_waiting, made.named_at) == (honorific, False, NOW)
    assert sealing.unseal(made.sealed) == {"name": NAME}
    change = {"delegate": made.pk, "way": "account", **COMING}
    assert trail(invitation) == [("forum.name_delegates", own, "representative", change)]


def test_name_delegate_by_a_coordinator_is_recorded_on_their_behalf(invitation, coordinator):
    made = name(invitation, coordinator)

    change = {"delegate": made.pk, "way": "recorded", **COMING}
    assert trail(invitation) == [("forum.name_delegates", coordinator, "coordinator", change)]
    assert made.sealed is None


def test_name_delegate_by_the_link_finds_the_person_behind_it(session):
    office = AuthorityFactory()
    asked = InvitationFactory(session=session, authority=office, status="accepted", quota=2)
    official, contact = official_of(office), f"contact:{ContactPointFactory(authority=office).pk}"

    first = name(asked, None, recipient=f"user:{official.pk}")
    second = name(asked, None, recipient=contact)

    change = {"delegate": second.pk, "way": "link", "recipient": contact}
    assert trail(asked) == [
        ("forum.name_delegates", official, "official", {"delegate": first.pk, "way": "link"}),
        ("forum.name_delegates", None, "system", change),
    ]


def test_name_delegate_is_refused_to_strangers(invitation, province):
    strangers = [
        None,
        administrator(),
        official_of(AuthorityFactory()),
        coordinator_of(ProvinceFactory(code="19")),
    ]
    for stranger in strangers:
        with pytest.raises(PermissionDenied):
            name(invitation, stranger)

    assert not Delegate.objects.exists()


def test_name_delegate_with_one_key_makes_one_delegate(invitation, own):
    sent = person(name=NAME)

    first = actions.name_delegate(invitation, by=own, now=NOW, **sent)
    again = actions.name_delegate(invitation, by=own, now=NOW, **sent)

    assert first == again == Delegate.objects.get()
    assert len(trail(invitation)) == 1


@pytest.mark.parametrize("changed", [{"title": "Guard"}, {"name": "Another"}, {"sex": "man"}])
def test_name_delegate_with_the_same_key_and_other_content_conflicts(invitation, own, changed):
    sent = person(name=NAME)
    actions.name_delegate(invitation, by=own, now=NOW, **sent)

    with pytest.raises(Conflict):
        actions.name_delegate(invitation, by=own, now=NOW, **sent | changed)


def test_name_delegate_takes_the_lowest_free_number_within_the_quota(invitation, own):
    one, two, three = (name(invitation, own) for _number in range(3))
    with pytest.raises(TransitionError) as full:
        name(invitation, own)
    actions.take_back_delegate(two, by=own, now=NOW)

    assert name(invitation, own).number == 2
    assert [one.number, two.number, three.number] == [1, 2, 3]
    assert str(full.value) == (
        f"3 places are kept for {invitation.party}, and all are filled. If more people should "
        "come, ask the secretariat in Mondulkiri for more places."
    )


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"status": "declined", "answered_at": NOW}, "nobody comes. Say first that you come"),
        ({"withdrawn_at": NOW}, "The invitation has been taken back."),
        ({"released_at": None}, "The invitation has not been sent yet."),
    ],
)
def test_name_delegate_needs_an_invitation_that_stands(invitation, coordinator, changed, sentence):
    Invitation.objects.filter(pk=invitation.pk).update(**changed)

    with pytest.raises(TransitionError, match=sentence):
        name(invitation, coordinator)


@pytest.mark.parametrize("status", ["open", "released", "cancelled"])
def test_delegates_are_named_and_replaced_until_the_session_is_opened(coordinator, status):
    one = DelegateFactory(invitation__session=SessionFactory(status=status))
    by = coordinator_of(one.session.province)

    for act in (
        lambda: name(one.invitation, by),
        lambda: actions.replace_delegate(one, by=by, now=NOW, **person()),
        lambda: actions.take_back_delegate(one, by=by, now=NOW),
    ):
        with pytest.raises(TransitionError, match=r"^The session (has|is over)"):
            act()

    assert standing(one.invitation) == [(1, "Head of the community", False)]


def test_delegates_do_not_learn_of_a_cancelling_that_is_not_published(invitation, own):
    published = SessionFactory(published_at=NOW)
    Session.objects.filter(pk=published.pk).update(
        status="cancelled", cancelled_because="The road is under water."
    )
    asked = InvitationFactory(session=published, organization=invitation.organization)

    with pytest.raises(TransitionError, match="Nothing can be answered here just now"):
        name(asked, own)


# --- who waits ----------------------------------------------------------------------------------
def test_name_delegate_beyond_the_venues_seats_waits_and_a_freed_seat_is_told_once(
    session, invitation, own
):
    hold(session, 1)
    other = InvitationFactory(session=session)
    theirs = representative_of(other.organization)
    first = name(invitation, own)
    second = name(other, theirs)
    third = name(invitation, own)
    waiting = [one.is_waiting for one in (first, second, third)]

    actions.take_back_delegate(first, by=own, now=NOW)

    rows = [Delegate.objects.get(pk=one.pk).is_waiting for one in (second, third)]
    assert (waiting, rows) == ([False, True, True], [False, True])
    assert seated() == [(f"delegate:{second.pk}", f"user:{theirs.pk}")]


def test_the_notice_of_a_freed_seat_is_true_while_the_delegate_stands_and_holds_no_name():
    session = SessionFactory(published_at=clock.now())
    hold(session, 1)
    asked = InvitationFactory(session=session)
    own = representative_of(asked.organization)
    first, second = name(asked, own), name(asked, own, name=NAME)
    actions.take_back_delegate(first, by=own, now=NOW)
    notice = Notice.objects.get(kind="delegate_seated")

    text = registry.render(notice, "en")
    before = registry.wanted(notice, clock.now())
    actions.take_back_delegate(second, by=own, now=NOW)

    assert "Delegate 2 of" in text.body
    assert "Sok of" not in text.subject + text.body
    assert (before, registry.wanted(notice, clock.now())) == (True, False)


def test_take_back_of_one_who_waits_frees_no_place(session, invitation, own):
    hold(session, 1)
    name(invitation, own)
    second, third = name(invitation, own), name(invitation, own)

    actions.take_back_delegate(second, by=own, now=NOW)

    third.refresh_from_db()
    assert (third.is_waiting, seated()) == (True, [])


def test_a_place_that_came_free_unnoticed_goes_to_who_waited_longest(session, invitation, own):
    hold(session, 1)
    name(invitation, own)
    second = name(invitation, own)
    hold(session, 2)

    third = name(invitation, own)

    second.refresh_from_db()
    assert (second.is_waiting, third.is_waiting) == (False, True)
    assert seated() == [(f"delegate:{second.pk}", f"user:{own.pk}")]


# --- replacing and taking back ------------------------------------------------------------------
def test_replace_delegate_keeps_number_and_place_and_deletes_the_name(invitation, own):
    former = name(invitation, own, name=NAME)

    made = actions.replace_delegate(
        former, by=own, now=at(2, 9), **person(title="Deputy head", sex="man", name="Another")
    )

    former.refresh_from_db()
    assert (former.left_at, former.sealed) == (at(2, 9), None)
    assert (made.number, made.title, made.is_waiting) == (1, "Deputy head", False)
    assert made.code != former.code
    assert standing(invitation) == [(1, "Deputy head", False)]
    change = {"delegate": [former.pk, made.pk], "way": "account"}
    assert trail(invitation)[1:] == [("forum.replace_delegate", own, "representative", change)]


def test_replace_delegate_who_waits_keeps_the_turn(session, invitation, own):
    hold(session, 1)
    first, second, third = (
        actions.name_delegate(invitation, by=own, now=at(1, hour), **person()) for hour in (7, 8, 9)
    )

    made = actions.replace_delegate(second, by=own, now=at(2, 9), **person())
    actions.take_back_delegate(first, by=own, now=NOW)

    rows = [Delegate.objects.get(pk=one.pk).is_waiting for one in (made, third)]
    assert (made.is_waiting, rows) == (True, [False, True])


def test_replace_delegate_twice_is_one_and_by_two_is_refused(invitation, own, coordinator):
    former, sent = name(invitation, own), person(title="Deputy head")
    made = actions.replace_delegate(former, by=own, now=NOW, **sent)

    again = actions.replace_delegate(former, by=own, now=NOW, **sent)
    with pytest.raises(TransitionError, match="Delegate 1 was replaced or taken back meanwhile"):
        actions.replace_delegate(former, by=coordinator, now=NOW, **person())

    assert again == made
    assert invitation.delegates.count() == 2


@pytest.mark.parametrize(
    ("act", "typed"),
    [(actions.replace_delegate, person()), (actions.take_back_delegate, {})],
)
def test_who_came_is_neither_replaced_nor_taken_back(invitation, own, act, typed):
    came = DelegateFactory(invitation=invitation, came_at=NOW)

    with pytest.raises(TransitionError, match="Delegate 1 has already come"):
        act(came, by=own, now=NOW, **typed)


def test_take_back_delegate_deletes_the_name_and_leaves_a_trace(invitation, own):
    made = name(invitation, own, name=NAME)

    actions.take_back_delegate(made, by=own, now=NOW)

    made.refresh_from_db()
    change = {"delegate": made.pk, "way": "account"}
    assert (made.left_at, made.sealed) == (NOW, None)
    assert trail(invitation)[1:] == [("forum.take_back_delegate", own, "representative", change)]


def test_guests_of_nobody_are_replaced_by_nobody(session, coordinator):
    guest = DelegateFactory(invitation=None, session=session)

    with pytest.raises(PermissionDenied):
        actions.take_back_delegate(guest, by=coordinator, now=NOW)


# --- two at once --------------------------------------------------------------------------------
def at_once(*acts):
    """What each act gives, or the sentence it is refused with, when they start together."""
    barrier, got = threading.Barrier(len(acts)), []

    def run(act):
        try:
            barrier.wait(timeout=10)
            with translation.override("en"):
                got.append(act())
        except TransitionError as error:
            got.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=20)
    return got


@pytest.mark.django_db(transaction=True)
def test_two_at_once_fill_the_last_place_of_the_quota_once(session):
    asked = InvitationFactory(session=session, quota=1)
    people = [representative_of(asked.organization) for _number in range(2)]

    got = at_once(*(lambda by=by: name(asked, by) for by in people))

    refusals = [one for one in got if isinstance(one, str)]
    assert standing(asked) == [(1, "Head of the community", False)]
    assert refusals == [
        f"1 place is kept for {asked.party}, and it is filled. If more people should come, ask "
        "the secretariat in Mondulkiri for more places."
    ]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_get_the_last_seat_of_the_venue_once(session):
    hold(session, 1)
    asked = [InvitationFactory(session=session) for _number in range(2)]
    people = [representative_of(one.organization) for one in asked]

    got = at_once(
        *(lambda one=one, by=by: name(one, by) for one, by in zip(asked, people, strict=True))
    )

    assert sorted(one.is_waiting for one in got) == [False, True]


# --- names --------------------------------------------------------------------------------------
def test_read_names_is_for_coordinators_and_recorded_each_time(session, invitation, own):
    coordinator = coordinator_of(session.province)
    named = name(invitation, own, name=NAME)
    name(invitation, own)

    for _reading in range(2):
        got = actions.read_names(session, by=coordinator, now=NOW, reason=Reading.DOOR)

    reading = ("forum.read_names", coordinator, "coordinator", {"reason": "door"})
    assert got == [(named, NAME)]
    assert trail(session) == [reading, reading]


def test_read_names_is_refused_to_all_others_and_without_a_known_reason(session, invitation, own):
    others = [own, administrator(), coordinator_of(ProvinceFactory(code="19"))]
    for other in others:
        with pytest.raises(PermissionDenied):
            actions.read_names(session, by=other, now=NOW, reason="door")
    with pytest.raises(ValueError, match="curiosity"):
        actions.read_names(
            session, by=coordinator_of(session.province), now=NOW, reason="curiosity"
        )

    assert trail(session) == []


def test_forget_names_deletes_them_all_and_says_how_many(session, invitation, own):
    made = name(invitation, own, name=NAME)
    name(invitation, own)

    gone = [actions.forget_names(session, now=NOW) for _time in range(2)]

    made.refresh_from_db()
    assert (gone, made.sealed) == ([1, 0], None)
    assert trail(session) == [("forum.forget_names", None, "system", {"delegates": 1})]


def test_forget_names_task_forgets_what_is_long_over_or_cancelled():
    sealed = sealing.seal({"name": NAME})
    venue = VenueFactory()

    def named(days_ago, **fields):
        starts = clock.now() - dt.timedelta(days=days_ago, hours=5)
        session = SessionFactory(starts_at=starts, venue=venue, **fields)
        return DelegateFactory(invitation__session=session, sealed=sealed)

    old, fresh, ahead = named(91, status="released"), named(89, status="released"), named(-9)
    cancelled = named(-9, status="cancelled")

    forget_names()

    kept = Delegate.objects.exclude(sealed=None).values_list("pk", flat=True)
    assert set(kept) == {fresh.pk, ahead.pk}
    assert [len(trail(one.session)) for one in (old, cancelled)] == [1, 1]


def test_names_stand_nowhere_but_sealed(session, invitation, own, coordinator):
    made = name(invitation, own, name=NAME)
    actions.read_names(session, by=coordinator, now=NOW, reason="cards")
    actions.replace_delegate(made, by=own, now=NOW, **person(name=f"{NAME} II"))

    written = serialize("json", [*AuditEntry.objects.all(), *Notice.objects.all()])
    sealed = b"".join(bytes(one.sealed or b"") for one in Delegate.objects.all())

    assert "Sok of" not in written
    assert b"Sok of" not in sealed
    assert "Sok of" not in str(made) + repr(made)


# --- who reads them -----------------------------------------------------------------------------
def test_delegates_are_read_by_their_party_and_the_provinces_coordinators(session, invitation):
    office = AuthorityFactory(superior=AuthorityFactory())
    of_office = DelegateFactory(
        invitation=InvitationFactory(session=session, authority=office, status="accepted")
    )
    ours = DelegateFactory(invitation=invitation)
    draft = DelegateFactory(invitation=InvitationFactory(session=session, released_at=None))
    guest = DelegateFactory(invitation=None, session=session)
    readers = {
        "coordinator": coordinator_of(session.province),
        "own": representative_of(invitation.organization),
        "official": official_of(office),
        "of a draft": representative_of(draft.invitation.organization),
        "elsewhere": coordinator_of(ProvinceFactory(code="19")),
        "administrator": administrator(),
    }

    got = {who: set(Delegate.objects.visible_to(one)) for who, one in readers.items()}

    assert got == {
        "coordinator": {of_office, ours, draft, guest},
        "own": {ours},
        "official": {of_office},
        "of a draft": set(),
        "elsewhere": set(),
        "administrator": set(),
    }
