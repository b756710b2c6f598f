"""What the actions refuse by themselves, whoever calls them, and what pressed twice is one."""

import datetime as dt
import uuid

import pytest
from django.utils import translation

from audit.errors import Conflict, TransitionError
from audit.models import AuditEntry
from forum import actions, programme
from forum.actions import delegates
from forum.models import Delegate, Entry, Session, Told
from forum.views.delegates import _said_of
from tests.factories import (
    ForumFactory,
    InvitationFactory,
    SessionFactory,
    VenueFactory,
    announced,
    representative_of,
)
from tests.factories_more import DelegateFactory
from tests.forum.conftest import at

pytestmark = pytest.mark.django_db
NOW, AFTER = at(1, 9), at(27, 9)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def told(session):
    """The session, published."""
    return announced(session, NOW)


@pytest.fixture
def invitation(told):
    return InvitationFactory(session=told)


def acts():
    return list(AuditEntry.objects.values_list("action", flat=True))


# --- what sits, and what was held ---------------------------------------------------------------
def test_open_session_that_changed_since_it_was_published_says_to_publish_first(told, coordinator):
    actions.move_session(told, by=coordinator, now=NOW, day=dt.date(2026, 3, 27))

    with pytest.raises(TransitionError, match="Publish it before you open it"):
        actions.open_session(told, by=coordinator, now=NOW, confirmed=True)

    announced(Session.objects.get(pk=told.pk), NOW)
    actions.open_session(told, by=coordinator, now=NOW, confirmed=True)


def test_change_of_a_session_whose_minutes_are_agreed_is_none(told):
    told.status, told.starts_at = Session.Status.RELEASED, at(25, 8)
    InvitationFactory(session=told, released_at=None)

    (found,) = programme.changes([told])

    assert (found.change, found.drafts, found.is_news) == (Entry.Change.SAME, [], False)


def test_venue_typed_by_the_name_of_one_no_longer_used_is_refused(session, coordinator):
    ended = VenueFactory(
        province=session.province, name_km="សាលា", name_en="Old hall", ended_on=dt.date(2026, 1, 1)
    )
    times = {"starts_at": session.starts_at, "ends_at": session.ends_at, "venue": None}

    with pytest.raises(TransitionError, match="Old hall is no longer used"):
        actions.edit_session(
            session, by=coordinator, now=NOW, **times, new_venue=(ended.name_km, "")
        )


# --- answering ----------------------------------------------------------------------------------
def test_answer_after_the_announced_end_is_the_coordinators_to_record(invitation, coordinator):
    own = representative_of(invitation.organization)

    with pytest.raises(TransitionError, match="The session is over"):
        actions.answer_invitation(invitation, by=own, now=AFTER, status="accepted")
    for way in ("link", "calendar"):
        with pytest.raises(TransitionError, match="The session is over"):
            actions.answer_from_outside(
                invitation, recipient=f"user:{own.pk}", now=AFTER, status="accepted", way=way
            )
    noted = actions.answer_invitation(invitation, by=coordinator, now=AFTER, status="accepted")

    assert (noted.status, noted.answered_by_way) == ("accepted", "recorded")


def test_answer_to_a_draft_is_refused_for_everybody(told, coordinator):
    draft = InvitationFactory(session=told, released_at=None)

    for by in (coordinator, representative_of(draft.organization)):
        with pytest.raises(TransitionError, match="has not been sent yet"):
            actions.answer_invitation(draft, by=by, now=NOW, status="accepted")


def test_set_quota_of_what_was_taken_back_is_refused(invitation, coordinator):
    actions.uninvite(invitation, by=coordinator, now=NOW)

    with pytest.raises(TransitionError, match="has been taken back"):
        actions.set_quota(invitation, by=coordinator, now=NOW, quota=5)


def test_remind_silent_of_a_session_that_is_past_or_off_is_refused(invitation, coordinator):
    told = invitation.session
    with pytest.raises(TransitionError, match="The session is over"):
        actions.remind_silent(told, by=coordinator, now=AFTER)

    actions.cancel_session(told, by=coordinator, now=NOW, because="Rain.")
    with pytest.raises(TransitionError, match="has been cancelled"):
        actions.remind_silent(told, by=coordinator, now=NOW)


# --- pressed twice ------------------------------------------------------------------------------
def test_what_is_pressed_twice_stands_in_the_trail_once(invitation, coordinator):
    told, who = invitation.session, {"by": coordinator, "now": NOW}
    representative_of(invitation.organization)
    phone = {"recipient": "user:7", "way": "phone", "seen": told.sequence}

    for _press in range(2):
        actions.send_invitations(told, expected=[], **who)
        actions.remind_silent(told, **who)
        actions.hand_over_letter(invitation, **who)
        actions.tell_by_hand(told, **phone, **who)

    assert acts() == ["forum.remind_silent", "forum.hand_over_letter", "forum.tell_by_hand"]
    assert Told.objects.count() == 2


def test_a_letter_of_the_new_date_is_handed_over_anew(invitation, coordinator):
    actions.hand_over_letter(invitation, by=coordinator, now=NOW)
    announced(invitation.session, NOW)

    actions.hand_over_letter(invitation, by=coordinator, now=NOW + dt.timedelta(days=1))

    invitation.refresh_from_db()
    assert (acts(), invitation.handed_over_on) == (["forum.hand_over_letter"] * 2, at(2, 9).date())


# --- delegates ----------------------------------------------------------------------------------
def test_a_key_used_for_another_session_at_the_same_moment_is_a_conflict(invitation):
    """As it is once ``_made_before`` has looked: the other's row was not there yet."""
    key = uuid.uuid4()
    DelegateFactory(client_key=key)
    person = {"honorific": None, "title": "Head", "sex": "woman", "name": ""}

    with pytest.raises(Conflict):
        delegates._create(
            invitation, person, client_key=key, number=1, is_waiting=False, named_at=NOW
        )

    assert not invitation.delegates.exists()


def test_a_delegate_seated_before_the_page_is_answered_is_named(invitation):
    waiting = DelegateFactory(invitation=invitation, is_waiting=True)
    Delegate.objects.update(is_waiting=False)

    assert _said_of(waiting) == f"Delegate {waiting.number} is named."


@pytest.mark.parametrize(("days", "kept"), [(89, True), (92, False)])
@pytest.mark.parametrize("was_published", [True, False])
def test_names_of_a_session_in_the_tray_count_from_its_last_day(days, kept, was_published):
    ends = at(26, 12)
    forum = ForumFactory(starts_on=ends.date(), ends_on=ends.date())
    session = SessionFactory(forum=forum, starts_at=at(26, 8), ends_at=ends)
    if was_published:
        announced(session, NOW)
    session.starts_at = session.ends_at = None
    session.save()
    if was_published:
        announced(session, NOW)
    named = DelegateFactory(invitation=InvitationFactory(session=session), sealed=b"name")

    assert delegates.forget_old_names(now=ends + dt.timedelta(days=days)) == int(not kept)

    named.refresh_from_db()
    assert (named.sealed is not None) == kept
