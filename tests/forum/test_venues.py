"""Venues: kept once, changed by who coordinates, and read by who may read a session there."""

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse
from django.utils import translation

from audit.errors import TransitionError
from audit.models import AuditEntry
from forum import actions
from forum.models import Venue
from outbox.models import Notice
from tests import factories, factories_more
from tests.forum.conftest import at
from tests.forum.stories import fresh, publish

NOW = at(2, 9)
HALL = {"name_km": "សាល", "name_en": "Hall", "capacity": 40, "contact": "012 345 678"}


@pytest.fixture(autouse=True)
def english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def venue(province):
    fields = {"name_km": "សាលាក្រុង", "name_en": "Town hall", "contact": "012 345 678"}
    return factories.VenueFactory(province=province, **fields)


@pytest.fixture
def coming(forum, province):
    """A session of the present, not of March 2026."""
    return factories.SessionFactory(forum=forum, province=province)


@pytest.fixture
def signed_in(client, coordinator):
    client.force_login(coordinator)
    return client


def page_of(client, name, *args, **query):
    return client.get(reverse(f"forum:{name}", args=args), query)


def trail(venue):
    rows = AuditEntry.objects.filter(subject=f"venue:{venue.pk}")
    return list(rows.values_list("action", "change"))


# --- the acts -----------------------------------------------------------------------------------
def test_create_venue_makes_it_once_and_leaves_a_trace(province, coordinator):
    made = [
        actions.create_venue(by=coordinator, now=NOW, province=province, **HALL)
        for _time in range(2)
    ]

    assert made[0] == made[1] == Venue.objects.get()
    assert trail(made[0]) == [("forum.create_venue", {})]


def test_create_venue_refuses_the_name_of_another(province, coordinator):
    actions.create_venue(by=coordinator, now=NOW, province=province, **HALL)

    with pytest.raises(TransitionError, match="already is a venue of this name in Mondulkiri"):
        actions.create_venue(by=coordinator, now=NOW, province=province, **HALL | {"capacity": 9})


def test_venues_are_kept_by_coordinators_of_their_province(venue, neighbor):
    stranger = factories.coordinator_of(neighbor)
    with pytest.raises(PermissionDenied):
        actions.create_venue(by=stranger, now=NOW, province=venue.province, **HALL)
    with pytest.raises(PermissionDenied):
        actions.edit_venue(venue, by=stranger, now=NOW, capacity=5)


def test_edit_venue_changes_it_once_and_refuses_an_old_form(venue, coordinator):
    for _time in range(2):
        actions.edit_venue(venue, by=coordinator, now=NOW, seen=1, capacity=40)

    with pytest.raises(TransitionError, match="has changed this meanwhile"):
        actions.edit_venue(venue, by=coordinator, now=NOW, seen=1, capacity=50)

    venue.refresh_from_db()
    assert (venue.capacity, venue.version) == (40, 2)
    assert trail(venue) == [("forum.edit_venue", {"fields": ["capacity"]})]


def test_edit_venue_refuses_the_name_of_another(venue, coordinator):
    other = factories.VenueFactory(province=venue.province, name_km="សាលស្រុក")

    with pytest.raises(TransitionError, match="already is a venue of this name"):
        actions.edit_venue(other, by=coordinator, now=NOW, name_km=venue.name_km)


def test_edit_venue_seats_who_waits_where_it_holds_more(session, coordinator):
    venue = session.venue
    actions.edit_venue(venue, by=coordinator, now=NOW, capacity=1)
    factories.announced(session)
    organization = factories.OrganizationFactory()
    factories.representative_of(organization)
    invitation = factories.InvitationFactory(session=session, organization=organization)
    waiting = [
        factories_more.DelegateFactory(
            session=session, invitation=invitation, number=number, is_waiting=number > 1
        )
        for number in (1, 2, 3)
    ]

    actions.edit_venue(venue, by=coordinator, now=NOW, capacity=2)
    for one in waiting:
        one.refresh_from_db()
    assert [one.is_waiting for one in waiting] == [False, False, True]
    assert Notice.objects.filter(subject=f"delegate:{waiting[1].pk}").count() == 1

    actions.edit_venue(venue, by=coordinator, now=NOW, capacity=None)
    waiting[2].refresh_from_db()
    assert not waiting[2].is_waiting


def test_seats_are_those_of_the_venue_that_was_published(session, coordinator):
    old = session.venue
    new = factories.VenueFactory(province=session.province, name_km="ថ្មី", capacity=50)
    actions.edit_venue(old, by=coordinator, now=NOW, capacity=1)
    factories.announced(session)
    invitation = factories.InvitationFactory(session=session)
    _first, waiting = (
        factories_more.DelegateFactory(
            session=session, invitation=invitation, number=number, is_waiting=number > 1
        )
        for number in (1, 2)
    )
    session.venue, session.version = new, session.version + 1
    session.save()

    assert actions.free_seats(fresh(session)) == 0  # nobody knows of the larger hall yet
    actions.edit_venue(new, by=coordinator, now=NOW, capacity=60)
    waiting.refresh_from_db()
    assert waiting.is_waiting

    publish(session.forum, coordinator, now=NOW)
    waiting.refresh_from_db()
    assert (waiting.is_waiting, actions.free_seats(fresh(session))) == (False, 58)


def test_edit_venue_seats_in_the_hall_that_was_published_whatever_is_drafted(session, coordinator):
    venue = session.venue
    actions.edit_venue(venue, by=coordinator, now=NOW, capacity=1)
    factories.announced(session)
    waiting = factories_more.DelegateFactory(invitation__session=session, is_waiting=True)
    province = session.province
    session.venue = factories.VenueFactory(province=province, name_km="ថ្មី", capacity=1)
    session.save()

    actions.edit_venue(venue, by=coordinator, now=NOW, capacity=2)

    waiting.refresh_from_db()
    assert not waiting.is_waiting


@pytest.mark.django_db(transaction=True)
def test_two_forms_at_once_make_one_venue(province, coordinator):
    barrier, made = threading.Barrier(2), []

    def send():
        try:
            barrier.wait(timeout=10)
            made.append(actions.create_venue(by=coordinator, now=NOW, province=province, **HALL))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _number in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=20)

    assert made == [Venue.objects.get()] * 2


# --- the pages ----------------------------------------------------------------------------------
def test_venues_lists_those_in_use_of_the_readers_provinces(signed_in, venue, neighbor):
    factories.VenueFactory(province=neighbor)
    old = factories.VenueFactory(
        province=venue.province, name_km="សាលចាស់", ended_on=at(1, 9).date()
    )

    def listed(state):
        return set(page_of(signed_in, "venues", state=state).context["page_obj"])

    assert [listed(state) for state in ("", "ended", "all")] == [{venue}, {old}, {venue, old}]
    refused = page_of(signed_in, "venues", province="16").context["filter"]
    assert list(refused.form.errors) == ["province"]


def test_venues_costs_the_same_with_many(signed_in, venue, django_assert_max_num_queries):
    for number in range(20):
        factories.VenueFactory(province=venue.province, name_km=f"សាល {number}")

    with django_assert_max_num_queries(10):
        page_of(signed_in, "venues")


def test_venue_form_adds_one_and_says_what_is_wrong(signed_in, province):
    path = reverse("forum:venue_new")
    made = signed_in.post(path, HALL | {"province": "11", "capacity": "៤០"}, follow=True)
    refused = signed_in.post(path, HALL | {"province": "11", "capacity": "0"})

    assert "The venue has been added." in made.content.decode()
    assert Venue.objects.get().capacity == 40
    assert list(refused.context["form"].errors) == ["capacity"]


def test_venue_form_changes_it_and_refuses_an_old_form(signed_in, venue):
    path = reverse("forum:venue_edit", args=[venue.pk])
    data = {"name_km": venue.name_km, "name_en": "Hall", "seen": 1}
    changed = signed_in.post(path, data | {"accessibility_en": "A ramp."}, follow=True)
    refused = signed_in.post(path, data)

    assert "A ramp." in changed.content.decode()
    assert "has changed this meanwhile" in refused.content.decode()


def test_venue_is_read_by_who_may_read_a_session_there(client, venue, coming, coordinator):
    coming.venue = venue
    coming.save()
    assert page_of(client, "venue", venue.pk).status_code == 404

    factories.announced(coming)
    public = page_of(client, "venue", venue.pk)
    client.force_login(coordinator)
    own = page_of(client, "venue", venue.pk)

    assert public.context["sessions"] == own.context["sessions"] == [coming]
    assert "012 345 678" not in public.content.decode()
    assert "012 345 678" in own.content.decode()


def test_venue_keeps_a_draft_from_the_public(client, venue, coming):
    factories.announced(coming)
    coming.venue = venue
    coming.save()

    assert page_of(client, "venue", venue.pk).status_code == 404


def test_session_page_shows_the_venue_to_all_and_its_contact_to_who_takes_part(
    client, venue, coming
):
    venue.address_en, venue.capacity, venue.accessibility_en = "Street 3", 40, "A ramp."
    venue.save()
    coming.venue = venue
    factories.announced(coming)
    guest = factories.representative_of(factories.OrganizationFactory())
    factories.InvitationFactory(session=coming, organization=guest.held[0].organization)

    public = page_of(client, "session", coming.pk).content.decode()
    client.force_login(guest)
    invited = page_of(client, "session", coming.pk).content.decode()

    for words in ("Street 3", "40 seats", "A ramp."):
        assert words in public
    assert "012 345 678" not in public
    assert "012 345 678" in invited


def test_session_page_warns_its_coordinators_alone(signed_in, coming):
    factories.announced(coming)
    other = factories.SessionFactory(
        forum=coming.forum,
        province=coming.province,
        venue=coming.venue,
        starts_at=coming.starts_at,
    )

    page = page_of(signed_in, "session", coming.pk)
    signed_in.logout()
    public = page_of(signed_in, "session", coming.pk)

    shown = {(one.warning.kind, one.mend_url, one.other_url) for one in page.context["warned"]}
    edit = reverse("forum:session_edit", args=[coming.pk])
    assert ("venue_taken", edit, other.get_absolute_url()) in shown
    assert 'id="warnings"' in page.content.decode()
    assert 'id="warnings"' not in public.content.decode()
