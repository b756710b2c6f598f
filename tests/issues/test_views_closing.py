"""The end of a session: its release with what it tells and prints, and its cancellation."""

import pytest
from django.urls import reverse

from audit import clock
from forum.models import Session
from issues import actions
from issues.actions import Charge
from issues.models import AgendaItem
from issues.views.closing import Left
from outbox.models import Notice
from tests.factories import (
    AgendaItemFactory,
    AuthorityFactory,
    ConcernFactory,
    ContactPointFactory,
    InvitationFactory,
    OrganizationFactory,
    ProvinceFactory,
    SessionFactory,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.forum.stories import publish
from tests.issues.traces import DUE

pytestmark = pytest.mark.django_db
ACTS = ("session_release", "session_cancel", "session_letters")


@pytest.fixture
def english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def coordinator(english):
    user = coordinator_of(ProvinceFactory())
    english.force_login(user)
    return user


@pytest.fixture
def planned():
    """A published session of Mondulkiri, not opened yet."""
    return SessionFactory(published_at=clock.now())


@pytest.fixture
def opened():
    """A published session of Mondulkiri that is open."""
    return SessionFactory(status=Session.Status.OPEN, published_at=clock.now())


@pytest.fixture
def roads():
    return AuthorityFactory(name_en="Department of roads")


def url(name, row):
    return reverse(f"issues:{name}", args=[row.pk])


def item_of(session, **fields):
    """A scheduled issue's item on the session's agenda."""
    return issue_in("scheduled", session=session, **fields).agenda_items.get()


def refer(item, office, by, role="lead"):
    charge = Charge(office.pk, DUE, role)
    actions.refer_in_session(item, by=by, now=clock.now(), charges=[charge])
    return item.issue


def texts(answer):
    return answer.content.decode()


# --- who may ------------------------------------------------------------------------------------
def test_the_end_is_for_the_provinces_coordinators(english, opened, roads):
    issue = item_of(opened).issue
    InvitationFactory(session=opened, authority=roads)
    InvitationFactory(session=opened, organization=issue.organization)
    elsewhere = coordinator_of(ProvinceFactory(code="16"))
    unpublished = SessionFactory(status=Session.Status.OPEN)
    seen = {}
    for who, user in {
        "official": official_of(roads),
        "rep": issue.author,
        "else": elsewhere,
    }.items():
        english.force_login(user)
        seen[who] = {english.get(url(name, opened)).status_code for name in ACTS}
    refused = {english.post(url(name, opened)).status_code for name in ACTS[:2]}
    hidden = {english.get(url(name, unpublished)).status_code for name in ACTS}

    assert seen == {"official": {403}, "rep": {403}, "else": {403}}
    assert (refused, hidden) == ({403}, {404})
    opened.refresh_from_db()
    assert opened.status == "open"


# --- its release --------------------------------------------------------------------------------
def test_release_page_counts_what_leaves_whom_it_tells_and_names_what_is_left(
    english, coordinator, opened, roads
):
    AgendaItemFactory(session=opened, issue=None)
    for item in [item_of(opened), item_of(opened)]:
        refer(item, roads, coordinator)
    left = item_of(opened).issue
    InvitationFactory(session=opened, organization=OrganizationFactory(name_en="River Watch"))

    answer = english.get(url("session_release", opened))

    context, page = answer.context, texts(answer)
    # A person of each of the three organizations; nobody of the office nor of River Watch.
    found = (context["referrals"], context["told"].messages, context["unreached"])
    assert found == (2, 3, ["Department of roads", "River Watch"])
    assert context["left"] == [Left(4, left.reference)]
    assert "<li>Department of roads: 2</li>" in page
    assert 'name="defer_rest" value="on">Defer 1 issue and release</button>' in page


def test_release_with_items_left_is_refused_until_they_are_deferred_by_one_press(
    english, coordinator, opened
):
    item = item_of(opened)

    refused = english.post(url("session_release", opened))
    opened.refresh_from_db()
    assert "1 issue has no outcome yet." in texts(refused)
    assert opened.status == "open"

    answer = english.post(url("session_release", opened), {"defer_rest": "on"})
    opened.refresh_from_db()
    item.issue.refresh_from_db()
    assert (answer.url, opened.status) == (url("session_release", opened), "released")
    assert (item.issue.status, item.issue.deferrals) == ("accepted", 1)


def test_released_the_page_says_what_was_sent_and_leads_to_letters_and_papers(
    english, coordinator, opened, roads
):
    refer(item_of(opened), roads, coordinator)
    ContactPointFactory(authority=roads)
    english.post(url("session_release", opened))
    Notice.objects.filter(kind="session_closed_office").update(state="failed")

    answer = english.get(url("session_release", opened))

    assert answer.context["sent"] == {"gone": 0, "waiting": 1, "lost": 1}
    letters = url("session_letters", opened)
    links = [
        f"{letters}?office={roads.pk}",
        letters,
        url("session_matrix", opened),
        url("session_result", opened),
        reverse("minutes:minutes", args=[opened.pk]),
    ]
    page = texts(answer)
    assert [one for one in links if f'href="{one}"' not in page] == []


def test_release_of_a_released_session_is_refused_with_a_sentence(english, coordinator):
    session = SessionFactory(status=Session.Status.RELEASED)

    answer = english.post(url("session_release", session), {"defer_rest": "on"})

    assert "This is not possible now" in texts(answer)


# --- its letters --------------------------------------------------------------------------------
def test_letters_of_a_session_are_one_an_office_without_what_it_must_not_know(
    english, coordinator, opened, roads
):
    hall = AuthorityFactory(name_en="Commune hall")
    mine = refer(item_of(opened, title="A road"), roads, coordinator)
    refer(item_of(opened, title="A well"), hall, coordinator)
    feared = refer(item_of(opened, title="Feared"), roads, coordinator)
    ConcernFactory(issue=feared, authority=roads)
    frozen = refer(item_of(opened, title="Frozen"), roads, coordinator)
    before = english.get(url("session_letters", opened)).context["letters"]
    english.post(url("session_release", opened))
    frozen.pressured_at = clock.now()
    frozen.save()

    def letters(query=""):
        found = english.get(url("session_letters", opened) + query).context["letters"]
        return {one.office: [each.referral.issue.title for each in one.requests] for one in found}

    assert before == []
    assert letters() == {roads: ["A road"], hall: ["A well"]}
    assert letters(f"?office={roads.pk}") == {roads: ["A road"]}
    assert mine.organization.name not in texts(english.get(url("session_letters", opened)))


# --- its cancellation ---------------------------------------------------------------------------
def test_cancel_lets_the_issues_wait_again_once_it_is_published(english, coordinator, planned):
    item = item_of(planned)

    because = "The road to the hall is under water."

    silent = english.post(url("session_cancel", planned))
    answer = english.post(url("session_cancel", planned), {"because": because})

    planned.refresh_from_db()
    item.issue.refresh_from_db()
    assert silent.status_code == 200
    publishing = reverse("forum:programme_publish", args=[planned.forum_id])
    assert (answer.status_code, answer.url) == (302, f"{publishing}?session={planned.pk}")
    assert because in texts(english.get(answer.url))
    assert "once the cancellation is published" in texts(silent)
    assert (planned.status, item.issue.status) == ("cancelled", "scheduled")

    publish(planned.forum, coordinator, now=clock.now())
    item.issue.refresh_from_db()
    assert item.issue.status == "accepted"


def test_cancelled_in_the_draft_its_agenda_is_shown_to_the_invited_as_before(english, planned):
    guest = representative_of(OrganizationFactory())
    InvitationFactory(session=planned, organization=guest.held[0].organization)
    english.force_login(guest)
    item_of(planned)

    def read():
        page = english.get(reverse("issues:agenda", args=[planned.pk]))
        return texts(page).split("<main")[1].split("</main>")[0]

    before = read()
    by = coordinator_of(planned.province)
    actions.cancel_session(planned, by=by, now=clock.now(), because="Rain.")

    assert read() == before


def test_cancel_page_tells_whom_it_reaches_and_changes_nothing(english, coordinator, planned):
    item_of(planned)
    InvitationFactory(session=planned)

    context = english.get(url("session_cancel", planned)).context

    planned.refresh_from_db()
    assert (context["invited"], context["waiting"], planned.status) == (1, 1, "planned")


def test_cancel_of_an_open_session_is_refused_with_a_sentence(english, coordinator, opened):
    item_of(opened)

    answer = english.post(url("session_cancel", opened), {"because": "Rain."})

    opened.refresh_from_db()
    assert "The session has already been opened." in texts(answer)
    assert (opened.status, AgendaItem.objects.count()) == ("open", 1)
