import re
import uuid

import pytest
from django.conf import settings
from django.urls import reverse

from audit import clock
from issues import actions
from issues.models import Issue, Screen
from issues.views import screen as views
from tests.factories import (
    AgendaItemFactory,
    AuthorityFactory,
    InvitationFactory,
    OutcomeFactory,
    SessionFactory,
    ago,
    announced,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_minute_ends(monkeypatch):
    """Else a test would fail once in a thousand runs."""
    monkeypatch.setattr(views, "AFRESH", 10**11)


@pytest.fixture
def session():
    return SessionFactory(status="open", starts_at=ago(0), published_at=clock.now())


@pytest.fixture
def key(session):
    return Screen.objects.create(session=session).key


@pytest.fixture
def item(session):
    """A point that runs and has an outcome, not shown yet."""
    made = AgendaItemFactory(session=session, issue=None, title="ពាក្យស្វាគមន៍", started_at=ago(0))
    OutcomeFactory(item=made, commitment="We come back in May.", said_by="Governor")
    return made


def part(client, key, etag="", lang="en", **extra):
    headers = {"if-none-match": etag} if etag else {}
    address = reverse("issues:room_part", args=[key])
    return client.get(f"{address}?lang={lang}", headers=headers | extra)


def words(answer):
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(text.split())


# --- what has not changed -------------------------------------------------------------------------
@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_unchanged_screen_is_answered_304_by_one_query_whoever_asks(
    client, session, key, item, signed_in, encoding, django_assert_num_queries
):
    if signed_in:
        client.force_login(coordinator_of(session.province))
    first = part(client, key, accept_encoding=encoding)
    with django_assert_num_queries(1) as asked:
        same = part(client, key, first["ETag"], accept_encoding=encoding)

    assert (first.status_code, same.status_code, same.content) == (200, 304, b"")
    assert first.headers.get("Content-Encoding", "identity") == encoding
    assert same["ETag"] == first["ETag"]
    assert same["ETag"].startswith("W/")
    [query] = [one["sql"] for one in asked.captured_queries]
    assert re.findall(r'(?:FROM|JOIN) "(\w+)"', query) == ["issues_screen"]
    for answer in (first, same):
        assert answer["Cache-Control"] == "private, no-cache"
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["Content-Language"] == "en"
        assert abs(int(answer["Vedika-Clock"]) / 1000 - clock.now().timestamp()) < 60
        assert "Accept-Language" in answer["Vary"]
        assert not answer.cookies
    assert "Accept-Encoding" in first["Vary"]


def test_changed_screen_is_answered_anew_after_each_press_and_in_each_language(
    client, session, key, item
):
    by = coordinator_of(session.province)
    first = part(client, key)
    assert "We come back in May." not in words(first)
    assert part(client, key, first["ETag"], lang="km").status_code == 200

    actions.show(item, by=by, now=clock.now())
    second = part(client, key, first["ETag"])
    actions.stop(item, by=by, now=clock.now())
    third = part(client, key, second["ETag"])

    assert (second.status_code, third.status_code) == (200, 200)
    assert "We come back in May." in words(second)
    assert len({first["ETag"], second["ETag"], third["ETag"]}) == 3


def test_changed_screen_is_drawn_once_for_all_who_ask(client, key, item, django_assert_num_queries):
    with django_assert_num_queries(5):
        first = part(client, key)
    with django_assert_num_queries(2):  # its row, and whether the session still sits
        assert part(client, key).content == first.content


def test_what_the_revision_does_not_tell_is_seen_a_little_later(client, session, key, monkeypatch):
    issue = issue_in("scheduled", session=session, is_named=True)
    issue.agenda_items.update(started_at=clock.now(), presenter=issue.organization)
    before = part(client, key)
    Issue.objects.update(is_named=False)

    monkeypatch.setattr(views, "AFRESH", 10**9)  # another while
    after = part(client, key, before["ETag"])

    name = issue.organization.name_en
    assert (name in words(before), name in words(after)) == (True, False)


# --- phones in the room ---------------------------------------------------------------------------
def test_room_page_shows_the_screen_in_both_languages_and_leaves_no_trace(client, key, item):
    address = reverse("issues:room", args=[key])
    english, khmer = (client.get(f"{address}?lang={lang}") for lang in ("en", "km"))

    assert "Item 1 of 1 ពាក្យស្វាគមន៍ Time left" in words(english)
    assert 'lang="km"' in khmer.content.decode()
    assert "១០:០០" in words(khmer)
    source = english.content.decode()
    assert f'data-part="{reverse("issues:room_part", args=[key])}?lang=en" data-home=""' in source
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in source
    assert english["X-Robots-Tag"] == "noindex, nofollow"
    assert english["Referrer-Policy"] == "no-referrer"
    assert not english.cookies


CLOSED = {
    "planned": "The session has not begun yet. This page shows it by itself once it begins.",
    "released": "The session is over. Thank you for taking part.",
    "cancelled": "The session is over. Thank you for taking part.",
}


@pytest.mark.parametrize("status", CLOSED)
def test_room_is_told_nothing_before_and_after_the_session(client, status):
    session = announced(SessionFactory(status=status))
    key = Screen.objects.create(session=session).key
    AgendaItemFactory(session=session, issue=None, title="ពាក្យស្វាគមន៍")

    page = client.get(reverse("issues:room", args=[key]) + "?lang=en")
    answer = part(client, key)

    assert words(answer) == CLOSED[status]
    assert "ETag" not in answer  # that it opens may be no change of its agenda
    assert (page.status_code, CLOSED[status] in words(page)) == (200, True)
    for one in (page, answer):
        for told in ("ពាក្យស្វាគមន៍", session.forum.name_en, "Mondulkiri"):
            assert told not in one.content.decode()


def test_room_that_was_open_closes_when_the_minutes_are_agreed(client, session, key, item):
    seen = part(client, key)

    actions.release(session, by=coordinator_of(session.province), now=clock.now())

    assert words(part(client, key, seen["ETag"])) == CLOSED["released"]


@pytest.mark.parametrize("name", ["room", "room_part"])
def test_unknown_and_former_addresses_lead_nowhere(client, session, key, name):
    actions.renew_screen(session, by=coordinator_of(session.province), now=clock.now())

    for wrong in (key, "abc"):
        answer = client.get(
            reverse(f"issues:{name}", args=[wrong]), headers={"accept-language": "en"}
        )
        assert (answer.status_code, "This address is not in use." in words(answer)) == (404, True)
        assert not answer.cookies
        assert "ETag" not in answer


# --- who is signed in -----------------------------------------------------------------------------
def test_screen_page_is_for_coordinators_and_the_invited(client, session, key, item):
    office = AuthorityFactory()
    invitation = InvitationFactory(session=session)
    InvitationFactory(session=session, authority=office)
    InvitationFactory(session=session, authority=(draft := AuthorityFactory()), released_at=None)
    people = {
        "coordinator": coordinator_of(session.province),
        "representative": representative_of(invitation.organization),
        "official": official_of(office),
        "not invited yet": official_of(draft),
        "stranger": official_of(AuthorityFactory()),
    }

    found = {}
    for name, user in people.items():
        client.force_login(user)
        found[name] = client.get(reverse("issues:screen", args=[session.pk])).status_code

    assert found == {
        "coordinator": 200,
        "representative": 200,
        "official": 200,
        "not invited yet": 403,
        "stranger": 403,
    }


def test_screen_page_asks_at_the_rooms_address_and_at_its_own(client, session, key, item):
    client.force_login(coordinator_of(session.province, language="en"))
    home = reverse("issues:screen", args=[session.pk])

    source = client.get(f"{home}?look=dark").content.decode()

    asks = (
        f'data-part="{reverse("issues:room_part", args=[key])}?lang=en" data-home="{home}?lang=en"'
    )
    assert asks in source
    assert '<html lang="en" data-look="dark">' in source


def test_screen_page_says_before_the_session_what_comes(client):
    session = SessionFactory(published_at=clock.now())
    AgendaItemFactory(session=session, issue=None, title="Opening")
    client.force_login(coordinator_of(session.province, language="en"))

    shown = words(client.get(reverse("issues:screen", args=[session.pk])))

    assert session.forum.name_en in shown
    assert "The session has not begun yet. Next 1. Opening Addressed 0" in shown


# --- the address ----------------------------------------------------------------------------------
def test_address_page_makes_and_renews_the_address(client):
    session = SessionFactory(published_at=clock.now())
    client.force_login(coordinator_of(session.province, language="en"))
    page = reverse("issues:screen_address", args=[session.pk])

    assert "Make the address" in words(client.get(page))
    client.post(page, {"client_key": uuid.uuid4()})
    first = Screen.objects.get().key
    shown = client.get(page)
    client.post(page)

    address = f"{settings.BASE_URL}{reverse('issues:room', args=[first])}"
    assert address in words(shown)
    assert "<svg" in shown.content.decode()
    assert Screen.objects.get().key != first


def test_address_page_is_the_coordinators_alone(client, session, key):
    client.force_login(representative_of(InvitationFactory(session=session).organization))

    page = reverse("issues:screen_address", args=[session.pk])

    assert (client.get(page).status_code, client.post(page).status_code) == (403, 403)
    assert Screen.objects.get().key == key
