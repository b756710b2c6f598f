"""What each page shows to whom, what its form does, and what it costs."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import clock
from forum import actions, urls
from forum.models import Attendance, Forum, Invitation, Presider, Presiding, Session
from outbox.models import Notice
from tests.factories import (
    AttendanceFactory,
    AuthorityFactory,
    ForumFactory,
    InvitationFactory,
    OrganizationFactory,
    PresiderFactory,
    PresidingFactory,
    ProvinceFactory,
    SessionFactory,
    VenueFactory,
    administrator,
    announced,
    coordinator_of,
    official_of,
    representative_of,
)
from tests.forum.conftest import at

pytestmark = pytest.mark.django_db
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}
LOGIN = 302


@pytest.fixture
def client(client):
    client.defaults |= ENGLISH
    return client


@pytest.fixture
def signed_in(client, coordinator):
    client.force_login(coordinator)
    return client


def address(name, row):
    return reverse(f"forum:{name}", args=[row.pk])


def session_data(**changed):
    return {
        "province": "11",
        "day": "2026-03-27",
        "starts": "08:30",
        "ends": "12:00",
        "venue_km": "សាលាខេត្ត",
        "venue_en": "Hall",
        "client_key": str(uuid.uuid4()),
    } | changed


def forum_data(**changed):
    return {
        "name_km": "វេទិកា",
        "name_en": "Third forum",
        "starts_on": "2026-03-26",
        "ends_on": "2026-03-28",
        "provinces": ["11", "16"],
        "client_key": str(uuid.uuid4()),
    } | changed


# --- every page, every role ---------------------------------------------------------------------
ROLES = [
    "anonymous", "administrator", "representative", "stranger", "official", "superior",
    "coordinator", "other coordinator",
]  # fmt: skip
# What a GET answers, in the order of ROLES; the session is not published.
PAGES = {
    "forums": (200, 200, 200, 200, 200, 200, 200, 200),
    "calendar": (200, 200, 200, 200, 200, 200, 200, 200),
    "forum_new": (LOGIN, 403, 403, 403, 403, 403, 200, 200),
    "forum": (404, 404, 200, 404, 200, 200, 200, 404),
    "forum_edit": (LOGIN, 404, 403, 404, 403, 403, 200, 404),
    "forum_calls": (LOGIN, 404, 403, 404, 403, 403, 200, 404),
    "forum_copy": (LOGIN, 404, 403, 404, 403, 403, 200, 404),
    "session_new": (LOGIN, 404, 403, 404, 403, 403, 200, 404),
    "session": (404, 404, 200, 404, 200, 200, 200, 404),
    "session_edit": (LOGIN, 404, 403, 404, 403, 403, 200, 404),
    "session_open": (LOGIN, 404, 403, 404, 403, 403, 200, 404),
    "session_presiders": (LOGIN, 404, 403, 404, 403, 403, 200, 404),
    "presider_new": (LOGIN, 404, 403, 404, 403, 403, 200, 404),
    "session_attendance": (LOGIN, 404, 403, 404, 403, 403, 302, 404),
    "invitations": (LOGIN, 404, 403, 404, 403, 403, 200, 404),
    "invitation_answer": (LOGIN, 404, 404, 404, 200, 403, 200, 404),
    "invitation_uninvite": (LOGIN, 405, 405, 405, 405, 405, 405, 405),
}
# What an anonymous visitor and a stranger are answered once the session is published.
PUBLISHED = {
    "forum": (200, 200),
    "forum_edit": (LOGIN, 403),
    "session": (200, 200),
    "session_edit": (LOGIN, 403),
    "session_attendance": (LOGIN, 403),
    "invitations": (LOGIN, 403),
    "invitation_answer": (LOGIN, 404),
}


def test_every_address_is_in_the_table():
    assert {one.name for one in [*urls.core_urls, *urls.round_urls]} | {"calendar"} == set(PAGES)


@pytest.fixture
def scene(session):
    """A session that is not published, with an invited organization and an invited office."""
    office = AuthorityFactory(superior=AuthorityFactory())
    asked = InvitationFactory(session=session)
    office_asked = InvitationFactory(session=session, authority=office)
    people = {
        "anonymous": lambda: None,
        "administrator": administrator,
        "representative": lambda: representative_of(asked.organization),
        "stranger": lambda: representative_of(OrganizationFactory()),
        "official": lambda: official_of(office),
        "superior": lambda: official_of(office.superior),
        "coordinator": lambda: coordinator_of(session.province),
        "other coordinator": lambda: coordinator_of(ProvinceFactory(code="19")),
    }
    return session, office_asked, people


def answer(client, name, session, invitation):
    if name in ("forums", "calendar", "forum_new"):
        return client.get(reverse(f"forum:{name}")).status_code
    row = session
    if name in ("forum", "forum_edit", "forum_calls", "forum_copy", "session_new"):
        row = session.forum
    if name.startswith("invitation_"):
        row = invitation
    return client.get(address(name, row)).status_code


@pytest.mark.parametrize("role", ROLES)
def test_page_answers_the_role(client, scene, role):
    session, invitation, people = scene
    if person := people[role]():
        client.force_login(person)

    answers = {name: answer(client, name, session, invitation) for name in PAGES}

    place = ROLES.index(role)
    assert answers == {name: expected[place] for name, expected in PAGES.items()}


@pytest.mark.parametrize(("place", "role"), [(0, "anonymous"), (1, "stranger")])
def test_page_answers_everybody_once_published(client, scene, role, place):
    session, invitation, people = scene
    announced(session)
    if person := people[role]():
        client.force_login(person)

    answers = {name: answer(client, name, session, invitation) for name in PUBLISHED}

    assert answers == {name: expected[place] for name, expected in PUBLISHED.items()}


@pytest.mark.parametrize("role", [one for one in ROLES if one != "coordinator"])
def test_a_press_without_the_right_changes_nothing(client, scene, role):
    session, invitation, people = scene
    if person := people[role]():
        client.force_login(person)
    acts = ["edit", "open", "presiders", "attendance"]
    for name in [f"session_{act}" for act in acts] + ["presider_new", "invitations"]:
        assert client.post(address(name, session), session_data()).status_code in (302, 403, 404)
    uninvite = client.post(address("invitation_uninvite", invitation))
    assert uninvite.status_code in (302, 403, 404)

    now = Session.objects.get(pk=session.pk)
    assert (now.status, now.version, now.published_at) == ("planned", 1, None)
    assert (session.invitations.count(), Presider.objects.count()) == (2, 0)


# --- what visitors see --------------------------------------------------------------------------
def test_visitor_sees_published_sessions_and_their_forums_alone(client, session, neighbor):
    announced(session)
    secret = VenueFactory(province=neighbor, name_en="Secret hall")
    hidden = SessionFactory(
        forum=session.forum, province=neighbor, starts_at=at(27, 8), venue=secret
    )
    other = SessionFactory(forum__name_en="Unpublished forum", starts_at=at(27, 8))

    listed = client.get("/forums/").content.decode()
    programme = client.get(session.forum.get_absolute_url()).content.decode()
    calendar = client.get("/calendar/?year=2026").content.decode()

    assert session.forum.name_en in listed
    assert "Unpublished forum" not in listed
    assert "Hall" in programme
    assert "Hall" in calendar
    for page in (programme, calendar):
        assert "Secret hall" not in page
        assert hidden.get_absolute_url() not in page
        assert other.get_absolute_url() not in page


def test_what_is_moved_in_the_draft_is_shown_as_published_but_to_its_coordinators(client, session):
    announced(session)
    move_session(session, at(28, 14), VenueFactory(name_km="ថ្មី", name_en="Draft hall"))
    pages = [session.get_absolute_url(), session.forum.get_absolute_url()]

    for page in pages:
        shown = client.get(page).content.decode()
        assert ("26 March 2026" in shown, "Draft hall" in shown) == (True, False)
    client.force_login(coordinator_of(session.province))
    for page in pages:
        shown = client.get(page).content.decode()
        assert ("28 March 2026" in shown, "Draft hall" in shown) == (True, True)


def move_session(session, starts_at, venue):
    """Move it in the draft alone."""
    Session.objects.filter(pk=session.pk).update(
        starts_at=starts_at, ends_at=starts_at + dt.timedelta(hours=2), venue=venue
    )


def test_session_page_shows_parties_and_acts_only_to_whom_they_concern(client, session):
    Session.objects.filter(pk=session.pk).update(status=Session.Status.OPEN)
    announced(Session.objects.get(pk=session.pk))
    PresidingFactory(session=session, presider=PresiderFactory(title_en="Chair of it"))
    invitation = InvitationFactory(session=session)
    AttendanceFactory(session=session, organization=invitation.organization, total=12, women=7)
    other = InvitationFactory(session=session)
    name, secret = invitation.organization.name_en, other.organization.name_en

    public = client.get(session.get_absolute_url()).content.decode()
    client.force_login(representative_of(invitation.organization))
    own = client.get(session.get_absolute_url()).content.decode()

    for shown in ("Thursday 26 March 2026", "08:00–12:00", "Hall", "Chair of it", "12", "7"):
        assert shown in public
    assert name not in public
    assert name in own
    assert address("invitation_answer", invitation) in own
    for page in (public, own):
        assert secret not in page
        assert "For the secretariat" not in page


def test_pages_are_in_khmer_with_khmer_digits(client, session):
    announced(session)
    page = client.get(session.get_absolute_url(), HTTP_ACCEPT_LANGUAGE="km").content.decode()

    assert "ថ្ងៃព្រហស្បតិ៍ ទី២៦ ខែមីនា ឆ្នាំ២០២៦" in page
    assert "០៨:០០–១២:០០" in page


# --- lists --------------------------------------------------------------------------------------
def many(session, count):
    """So many forums, sessions with presiders, invitations and counts."""
    for number in range(count):
        published = SessionFactory(
            published_at=clock.now(), forum__starts_on=at(1, 1).date(), starts_at=at(1, 8)
        )
        SessionFactory(forum=session.forum, starts_at=at(27, 8), published_at=clock.now())
        PresidingFactory(session=published)
        PresidingFactory(session=session, is_off=True)
        asked = InvitationFactory(session=session)
        InvitationFactory(session=session, authority=AuthorityFactory())
        AttendanceFactory(session=session, organization=asked.organization)
        OrganizationFactory(name_en=f"Not invited {number}")
        PresiderFactory()


OPEN_LISTS = ["/forums/", "/calendar/?year=2026", "/forums/{forum}/", "/sessions/{session}/"]
COORDINATORS_LISTS = [
    "/sessions/{session}/invitations/",
    "/sessions/{session}/attendance/",
    "/sessions/{session}/presiders/",
]


def queries(client, path):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    ("role", "path"),
    [(role, path) for role in ("anonymous", "official", "coordinator") for path in OPEN_LISTS]
    + [("coordinator", path) for path in COORDINATORS_LISTS],
)
def test_list_takes_as_many_queries_for_thirty_rows_as_for_one(client, session, path, role):
    Session.objects.filter(pk=session.pk).update(status="open")
    session.refresh_from_db()
    announced(session)
    if role == "coordinator":
        client.force_login(coordinator_of(session.province))
    elif role == "official":
        office = AuthorityFactory()
        InvitationFactory(session=session, authority=office)
        client.force_login(official_of(office))
    path = path.format(forum=session.forum_id, session=session.pk)
    many(session, 1)
    one = queries(client, path)
    many(session, 29)
    thirty = queries(client, path)

    assert thirty == one
    assert thirty <= 12


def test_forums_are_filtered_from_the_query_string(client, coordinator, province, neighbor):
    client.force_login(coordinator_of(None))
    old = ForumFactory(name_en="Old one", starts_on=at(1, 1).date().replace(year=2018))
    new = ForumFactory(name_en="New one", provinces=[neighbor])

    def found(query):
        page = client.get(f"/forums/?{query}")
        return {one.name_en for one in page.context["page_obj"]}

    assert found("") == {"Old one", "New one"}
    assert found("province=16") == {"New one"}
    assert found("year=2018") == found("year=២០១៨") == {"Old one"}
    assert found("state=coming") == {"New one"}
    assert found("state=over") == {"Old one"}
    assert found("year=99999999999&province=zz&state=zz&page=zz") == {"Old one", "New one"}
    assert old.starts_on < new.starts_on


def test_calendar_lists_a_year_by_month(client, coordinator, neighbor):
    client.force_login(coordinator_of(None))
    march, may = (VenueFactory(name_km=name, name_en=name) for name in ("In March", "In May"))
    before = VenueFactory(name_en="Year before", province=neighbor)
    SessionFactory(starts_at=at(26, 8), venue=march)
    SessionFactory(starts_at=at(26, 8).replace(month=5), venue=may, status="open")
    SessionFactory(starts_at=at(26, 8).replace(year=2025), venue=before, province=neighbor)

    def venues(query):
        sessions = client.get(f"/calendar/?{query}").context["sessions"]
        return [one.venue.name_en for one in sessions]

    page = client.get("/calendar/?year=2026").content.decode()
    assert page.index("March 2026") < page.index("In March") < page.index("May 2026")
    assert 'href="?year=2025"' in page
    assert venues("year=២០២៥") == venues("year=2025&province=16") == ["Year before"]
    assert venues("year=2026&state=open") == ["In May"]
    assert venues("year=99999999999") == ["Year before", "In March", "In May"]
    assert client.get("/calendar/").context["year"] == clock.today().year


# --- forms --------------------------------------------------------------------------------------
def test_forum_new_makes_a_forum_once_and_conflicts_with_other_content(signed_in, neighbor):
    data = forum_data()

    first = signed_in.post("/forums/new/", data)
    again = signed_in.post("/forums/new/", data)
    other = signed_in.post("/forums/new/", data | {"name_en": "Other"})

    forum = Forum.objects.get()
    assert first.url == again.url == forum.get_absolute_url()
    assert other.status_code == 409
    assert "sent before with other content" in other.content.decode()
    assert forum.name_en == "Third forum"


def test_forum_edit_says_what_another_changed_and_keeps_what_was_typed(signed_in, forum):
    path = address("forum_edit", forum)
    shown = signed_in.get(path).context["form"].initial["seen"]
    signed_in.post(path, forum_data(name_en="First to save", seen=shown))

    late = signed_in.post(path, forum_data(name_en="Second to save", seen=shown))

    assert "has changed this meanwhile" in late.content.decode()
    assert "Second to save" in late.content.decode()
    forum.refresh_from_db()
    assert forum.name_en == "First to save"


def test_session_new_plans_it_and_repeats_its_day_in_words(signed_in, forum):
    path = address("session_new", forum)
    data = session_data(day="២០២៦-០៣-២៧", starts="០៨:៣០")

    answered = signed_in.post(path, data, follow=True)
    signed_in.post(path, data)

    session = Session.objects.get()
    assert (session.starts_at, session.ends_at) == (at(27, 8, 30), at(27, 12))
    page = answered.content.decode()
    assert "The session is planned for 27 March 2026, 08:30–12:00." in page
    assert "Friday 27 March 2026" in page
    assert signed_in.post(path, data | {"ends": "11:00"}).status_code == 409


def test_session_new_says_at_the_field_what_is_wrong(signed_in, forum):
    page = signed_in.post(address("session_new", forum), session_data(ends="08:00"))

    assert page.status_code == 200
    assert list(page.context["form"].errors) == ["ends"]
    assert "The session ends before it begins." in page.content.decode()
    assert not Session.objects.exists()


def test_session_edit_into_another_session_names_it_and_keeps_what_was_typed(
    signed_in, session, neighbor
):
    sitting = PresidingFactory(session=session)
    other = SessionFactory(province=neighbor, starts_at=at(27, 8), ends_at=at(27, 12))
    PresidingFactory(session=other, presider=sitting.presider)

    page = signed_in.post(address("session_edit", session), session_data(starts="11:15", seen=1))

    shown = page.content.decode()
    assert "already presides the session in Ratanakkiri: 27 March 2026, 08:00–12:00." in shown
    assert 'value="11:15"' in shown
    session.refresh_from_db()
    assert session.starts_at == at(26, 8)


def test_session_edit_changes_the_draft_and_tells_nobody(signed_in, session):
    announced(session)
    representative_of(InvitationFactory(session=session).organization)

    page = signed_in.get(address("session_edit", session)).content.decode()
    signed_in.post(address("session_edit", session), session_data(seen=1))

    assert "Nobody is told before you publish it." in page
    session.refresh_from_db()
    assert (session.starts_at, session.version) == (at(27, 8, 30), 2)
    assert session.announced.starts_at == at(26, 8)
    assert not Notice.objects.exists()


def test_session_form_lays_it_in_the_tray_and_places_it_again(signed_in, session):
    path = address("session_edit", session)
    nowhere = {"venue": session.venue_id, "venue_km": "", "venue_en": ""}
    nowhere |= {"day": "", "starts": "", "ends": ""}

    laid = signed_in.post(path, session_data(**nowhere, seen=1), follow=True)
    page = signed_in.get(path)
    signed_in.post(path, session_data(seen=2))

    assert "The session lies in the tray now: it has no day." in laid.content.decode()
    assert page.context["form"].initial["day"] is None
    session.refresh_from_db()
    assert (session.starts_at, session.venue.name_km) == (at(27, 8, 30), "សាលាខេត្ត")


def test_session_open_asks_first_and_answers_a_second_press_with_a_sentence(signed_in, session):
    path = address("session_open", session)
    asked = signed_in.get(path)
    session.refresh_from_db()
    assert (asked.status_code, session.status) == (200, "planned")

    signed_in.post(path, {"confirm": "on"})
    second = signed_in.post(path, follow=True)

    session.refresh_from_db()
    assert (session.status, session.published_at) == ("open", None)
    assert 'class="alert alert-error"' in second.content.decode()


def test_session_presiders_sets_them_and_refuses_overlap_at_the_form(signed_in, session):
    presider = PresiderFactory()
    path = address("session_presiders", session)

    signed_in.post(path, {"chair": presider.pk})
    other = SessionFactory(starts_at=at(26, 9), ends_at=at(26, 10))
    page = signed_in.post(address("session_presiders", other), {"chair": presider.pk})

    assert list(session.presidings.values_list("role", flat=True)) == ["chair"]
    assert "already presides the session in Mondulkiri" in page.content.decode()
    assert Presiding.objects.count() == 1


def test_presider_new_puts_a_title_into_the_list(signed_in, session):
    data = {"title_km": "អភិបាលរង", "title_en": "Deputy governor"}

    page = signed_in.post(address("presider_new", session), data, follow=True)

    assert "Deputy governor" in page.content.decode()
    assert Presider.objects.get().province == session.province


def test_invitations_adds_several_and_lists_their_answers(signed_in, session):
    organization, office = OrganizationFactory(name_en="Bees"), AuthorityFactory(name_en="Office")
    path = address("invitations", session)
    data = {"organizations": [organization.pk], "authorities": [office.pk], "quota": "៣"}

    page = signed_in.post(path, data, follow=True).content.decode()
    again = signed_in.post(path, data, follow=True).content.decode()

    assert "2 invitations have been added." in page
    assert "All of these were invited before." in again
    rows = session.invitations.values_list("organization", "authority", "quota", "status")
    assert set(rows) == {
        (organization.pk, None, 3, "pending"),
        (None, office.pk, 3, "pending"),
    }


def test_invitations_finds_by_name_and_needs_a_choice(signed_in, session):
    OrganizationFactory(name_en="Bee keepers")
    OrganizationFactory(name_en="Fishers")
    path = address("invitations", session)

    found = signed_in.get(f"{path}?q=bee").content.decode()
    empty = signed_in.post(path, {"quota": 2}).content.decode()

    assert "Bee keepers" in found
    assert "Fishers" not in found
    assert "Choose whom to invite." in empty


def test_invitation_is_answered_by_its_party_and_by_the_coordinator(client, coordinator, province):
    session = SessionFactory(province=province, published_at=clock.now())
    invitation = InvitationFactory(session=session)
    path = address("invitation_answer", invitation)
    client.force_login(representative_of(invitation.organization))
    own = client.post(path, {"status": "accepted"})
    client.force_login(coordinator)
    behalf = client.post(path, {"status": "declined"})

    invitation.refresh_from_db()
    assert invitation.status == Invitation.Status.DECLINED
    assert own.url == session.get_absolute_url()
    assert behalf.url == address("invitations", session)


def test_invitation_to_a_session_that_is_over_says_so_at_the_form(client, session):
    invitation = InvitationFactory(session=session)
    client.force_login(representative_of(invitation.organization))
    why = "The road is cut."
    actions.cancel_session(session, by=coordinator_of(None), now=clock.now(), because=why)

    page = client.post(address("invitation_answer", invitation), {"status": "accepted"})

    assert "The session has been cancelled." in page.content.decode()


def test_invitation_uninvite_deletes_a_draft_and_withdraws_what_was_sent(signed_in, session):
    draft = InvitationFactory(session=session, released_at=None)
    sent = InvitationFactory(session=session, status=Invitation.Status.ACCEPTED)

    signed_in.post(address("invitation_uninvite", draft))
    signed_in.post(address("invitation_uninvite", sent))
    page = signed_in.post(address("invitation_uninvite", sent), follow=True)

    assert list(session.invitations.all()) == [sent]
    assert not session.invitations.standing().exists()
    assert "The invitation has been taken back." in page.content.decode()


def test_attendance_is_counted_for_several_at_once(signed_in, session):
    Session.objects.filter(pk=session.pk).update(status="open")
    first, second = (InvitationFactory(session=session) for _number in range(2))
    path = address("session_attendance", session)
    data = {
        f"total_{first.pk}": "៥", f"women_{first.pk}": "៣",
        f"total_{second.pk}": "4", f"women_{second.pk}": "1",
    }  # fmt: skip

    refused = signed_in.post(path, data | {f"women_{first.pk}": "6"}).content.decode()
    assert "There cannot be more women than people." in refused
    assert not Attendance.objects.exists()
    page = signed_in.post(path, data, follow=True).content.decode()

    rows = session.attendances.values_list("organization", "total", "women")
    assert set(rows) == {(first.organization_id, 5, 3), (second.organization_id, 4, 1)}
    assert "<dd>9</dd>" in page
