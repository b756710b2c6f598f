"""Review: proofs."""
import datetime as dt
import uuid
import json
import pytest
from django.urls import reverse
from audit.errors import TransitionError
from forum import actions, turnout
from forum.actions import checking_in
from forum.actions.checking_in import Press, WalkIn
from forum.models import *
from forum.models import Delegate, Session, Tick, Invitation, Entry, Programme
from outbox.models import Notice
from tests.factories import *
from tests.factories_more import DelegateFactory
from tests.forum.conftest import at
from tests.forum.stories import publish

pytestmark = pytest.mark.django_db
NOW = at(2, 9)


def person(title="Head"):
    return {"honorific": None, "title": title, "sex": "woman"}


def test_A_draft_venue_seats(session, coordinator, province):
    session.venue.capacity = 1
    session.venue.save()
    announced(session, at(1, 9))
    org = OrganizationFactory()
    representative_of(org)
    inv = InvitationFactory(session=session, organization=org, quota=5)
    a = actions.name_delegate(inv, by=coordinator, now=NOW, client_key=uuid.uuid4(), **person())
    b = actions.name_delegate(inv, by=coordinator, now=NOW, client_key=uuid.uuid4(), **person())
    assert b.is_waiting
    big = VenueFactory(province=province, name_km="ធំ", capacity=50)
    s = Session.objects.get(pk=session.pk)
    actions.edit_session(s, by=coordinator, now=NOW, starts_at=s.starts_at, ends_at=s.ends_at, venue=big)
    c = actions.name_delegate(inv, by=coordinator, now=NOW, client_key=uuid.uuid4(), **person())
    b.refresh_from_db()
    told = list(Notice.objects.filter(kind="delegate_seated").values_list("recipient", flat=True))
    print("A", b.is_waiting, c.is_waiting, told)
    assert b.is_waiting and not told  # only the draft has the bigger hall


def test_A2_publish_of_bigger_venue_seats(session, coordinator, province, forum):
    session.venue.capacity = 1
    session.venue.save()
    announced(session, at(1, 9))
    inv = InvitationFactory(session=session, quota=5)
    actions.name_delegate(inv, by=coordinator, now=NOW, client_key=uuid.uuid4(), **person())
    b = actions.name_delegate(inv, by=coordinator, now=NOW, client_key=uuid.uuid4(), **person())
    big = VenueFactory(province=province, name_km="ធំ", capacity=50)
    s = Session.objects.get(pk=session.pk)
    actions.edit_session(s, by=coordinator, now=NOW, starts_at=s.starts_at, ends_at=s.ends_at, venue=big)
    publish(forum, coordinator)
    b.refresh_from_db()
    assert not b.is_waiting


def test_B_uninvite_draft_with_unticked_walkin(session, coordinator, client):
    inv = InvitationFactory(session=session, released_at=None)
    d = checking_in.walk_in(session, by=coordinator, now=NOW, client_key=uuid.uuid4(), at=NOW, title="X", sex="man", organization=inv.organization)
    checking_in.tick(session, by=coordinator, now=NOW + dt.timedelta(minutes=1), ticks=[Press(uuid.uuid4(), d.pk, False, NOW + dt.timedelta(minutes=1))])
    client.force_login(coordinator)
    r = client.post(reverse("forum:invitation_uninvite", args=[inv.pk]))
    assert r.status_code == 302


def test_L_attendance_of_reinvited(session, coordinator, client):
    org = OrganizationFactory()
    InvitationFactory(session=session, organization=org, withdrawn_at=NOW)
    InvitationFactory(session=session, organization=org)
    Session.objects.filter(pk=session.pk).update(status="open")
    client.force_login(coordinator)
    url = reverse("forum:session_attendance", args=[session.pk])
    page = client.get(url).content.decode()
    data = {}
    for i in session.invitations.all():
        print(i.pk, f"total_{i.pk}" in page)
        data |= {f"total_{i.pk}": "5", f"women_{i.pk}": "2", f"initial-total_{i.pk}": "", f"initial-women_{i.pk}": ""}
    r = client.post(url, data)
    assert r.status_code == 302


def test_I_walk_in_replay_after_invite(session, coordinator):
    org = OrganizationFactory(provinces=[session.province])
    w = WalkIn(uuid.uuid4(), NOW, "X", "man", organization=org)
    one = checking_in.receive(session, by=coordinator, now=NOW, ticks=[], walk_ins=[w])
    actions.invite(session, by=coordinator, now=NOW, quota=2, organizations=[org])
    two = checking_in.receive(session, by=coordinator, now=NOW, ticks=[], walk_ins=[w])
    assert one == two


def test_I2_walk_in_replay_after_uninvite(session, coordinator):
    inv = InvitationFactory(session=session)
    w = WalkIn(uuid.uuid4(), NOW, "X", "man", invitation=inv)
    one = checking_in.receive(session, by=coordinator, now=NOW, ticks=[], walk_ins=[w])
    g = Press(uuid.uuid4(), Delegate.objects.get().pk, False, NOW)
    checking_in.receive(session, by=coordinator, now=NOW, ticks=[g], walk_ins=[])
    actions.uninvite(inv, by=coordinator, now=NOW)
    inv.refresh_from_db()
    two = checking_in.receive(session, by=coordinator, now=NOW, ticks=[], walk_ins=[w._replace(invitation=inv)])
    assert one == two


def test_W_open_session_moved_and_released(session, coordinator, forum, client):
    announced(session, at(1, 9))
    InvitationFactory(session=session)
    actions.open_session(session, by=coordinator, now=at(26, 8))
    client.force_login(coordinator)
    r = client.post(reverse("forum:session_move", args=[session.pk]), {"day": "2026-04-20"})
    s = Session.objects.get(pk=session.pk)
    print("moved open:", r.status_code, s.day, s.status)
    assert s.day == dt.date(2026, 3, 26)


def test_W2_released_with_unpublished_move_is_published(session, coordinator, forum):
    from issues.actions import meeting
    announced(session, at(1, 9))
    org = OrganizationFactory(); representative_of(org)
    InvitationFactory(session=session, organization=org)
    actions.open_session(session, by=coordinator, now=at(26, 8))
    s = Session.objects.get(pk=session.pk)
    actions.move_session(s, by=coordinator, now=at(26, 9), day=dt.date(2026, 4, 20))
    meeting.release(session, by=coordinator, now=at(26, 12))
    made = publish(forum, coordinator, now=at(26, 13))
    e = made.entries.get(session=session)
    print("W2", e.change, e.when, list(Notice.objects.values_list("kind", "recipient")))
    assert e.change == "same"


def test_tick_key_then_walk_in_same_key(session, coordinator):
    d = DelegateFactory(invitation=InvitationFactory(session=session))
    k = uuid.uuid4()
    checking_in.tick(session, by=coordinator, now=NOW, ticks=[Press(k, d.pk, True, NOW)])
    checking_in.receive(session, by=coordinator, now=NOW, ticks=[], walk_ins=[WalkIn(k, NOW, "X", "man")])


def test_slow_clock_correction_is_lost(session, coordinator):
    d = DelegateFactory(invitation=InvitationFactory(session=session))
    now = at(26, 9)
    checking_in.receive(session, by=coordinator, now=now, ticks=[Press(uuid.uuid4(), d.pk, True, now)], walk_ins=[])
    later = at(26, 9, 5)
    slow = later - dt.timedelta(minutes=10)
    checking_in.receive(session, by=coordinator, now=later, ticks=[Press(uuid.uuid4(), d.pk, False, slow)], walk_ins=[])
    d.refresh_from_db()
    assert d.came_at is None


def test_names_of_postponed_are_forgotten(session, coordinator):
    inv = InvitationFactory(session=session)
    actions.name_delegate(inv, by=coordinator, now=NOW, client_key=uuid.uuid4(), name="N", **person())
    actions.move_session(session, by=coordinator, now=NOW, day=None)
    assert actions.forget_old_names(now=NOW + dt.timedelta(days=400)) == 1


@pytest.mark.parametrize("data", [
    {"day": "9999-12-31"}, {"day": "0001-01-01"}, {"week": "9999-12-31", "province": "11"}, {"week": "0001-01-01", "province": "11"},
    {"day": "1026-01-01"}, {"day": "២០២៦-០៣-២៧"}, {"day": "", "seen": "99999999999999999999"}, {"day":"2026-03-27","month":"9999-12"},
    {"day": "\x00"}, {"day":"2026-03-27","view":"weeks"},
])
@pytest.mark.parametrize("htmx", [True, False])
def test_move_bad(session, coordinator, client, data, htmx):
    client.force_login(coordinator)
    h = {"HX-Request": "true"} if htmx else {}
    r = client.post(reverse("forum:session_move", args=[session.pk]), data, headers=h)
    print(r.status_code, Session.objects.get(pk=session.pk).day)
    r2 = client.get(reverse("forum:board", args=[session.forum_id]) + "?view=weeks")
    r3 = client.get(reverse("forum:board", args=[session.forum_id]) )
    r4 = client.get(reverse("forum:session", args=[session.pk]))
    r5 = client.get(reverse("forum:programme_publish", args=[session.forum_id]))
    r6 = client.get(reverse("forum:calendar"))
    r7 = client.get(reverse("forum:forum", args=[session.forum_id]))
    assert [x.status_code for x in (r2, r3, r4, r5, r6, r7)] == [200] * 6
    assert r.status_code < 500
