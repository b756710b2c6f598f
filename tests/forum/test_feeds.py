"""Calendars to follow and files to keep: what stands in them, for whom, and until when."""

import datetime as dt
import logging
import shutil
import subprocess
from urllib.parse import urlsplit

import icalendar
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from audit import clock
from audit.models import AuditEntry
from config.logs import DiscreetFormatter, WithoutAddress
from forum import actions, events, feeds
from forum.models import CalendarFeed, Session
from tests.factories import (
    AuthorityFactory,
    InvitationFactory,
    OrganizationFactory,
    ProvinceFactory,
    SessionFactory,
    UserFactory,
    VenueFactory,
    announced,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)

pytestmark = pytest.mark.django_db
PHNOM_PENH = dt.timezone(dt.timedelta(hours=7))
FEED = "/calendar.ics?language=en"


def at(day, hour=8):
    return dt.datetime(2031, 3, day, hour, tzinfo=PHNOM_PENH)


@pytest.fixture
def session():
    """Published for 17 March 2031."""
    province = ProvinceFactory(code="11", name_en="Mondulkiri", name_km="មណ្ឌលគិរី")
    return SessionFactory(
        province=province,
        forum__name_en="Third forum",
        forum__name_km="វេទិកាសាធារណៈលើកទីបី",
        forum__theme_en="Water, roads",
        starts_at=at(17),
        ends_at=at(17, 12),
        venue=VenueFactory(province=province, name_en="Hall", address_en="Street 1"),
        published_at=dt.datetime(2031, 2, 1, tzinfo=dt.UTC),
    )


@pytest.fixture
def person():
    return UserFactory(language="en")


def draft(session, **values):
    Session.objects.filter(pk=session.pk).update(**values)
    session.refresh_from_db()
    return session


def events_of(response):
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = icalendar.Calendar.from_ical(response.content)
    assert [one.errors for one in calendar.walk() if one.errors] == []
    assert calendar["METHOD"] == "PUBLISH"
    return calendar.events


def brief(found):
    """Day, state and sequence of each event, by its UID."""
    return {
        str(one["UID"]): (one["DTSTART"].dt.day, str(one["STATUS"]), int(one["SEQUENCE"]))
        for one in found
    }


def address_of(person):
    """The path of the person's calendar; a new one."""
    feed = actions.renew_feed(by=person, now=clock.now())
    return urlsplit(feeds.address(feed)).path


def own(client, person):
    return brief(events_of(client.get(address_of(person))))


# --- the public feed ----------------------------------------------------------------------------
def test_public_feed_says_what_is_published(client, session):
    moved = draft(session, starts_at=at(28), ends_at=at(28, 12))
    SessionFactory(starts_at=at(20))
    InvitationFactory(session=session)

    response = client.get(FEED)

    (event,) = events_of(response)
    assert (event["UID"], event["SEQUENCE"]) == (events.uid_of(session), 1)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (at(17), at(17, 12))
    assert event["SUMMARY"] == "Session in Mondulkiri: Third forum"
    assert (event["LOCATION"], event["DESCRIPTION"]) == ("Hall, Street 1", "Water, roads")
    assert event["URL"].endswith(moved.get_absolute_url())
    assert [name for name in ("ATTENDEE", "ORGANIZER") if name in event] == []
    assert event["STATUS"] == "CONFIRMED"


def test_public_feed_says_nothing_of_issues(client, session):
    issue = issue_in("referred", session=session, title="The bridge")

    text = client.get(FEED).content.decode()

    assert (issue.title in text, issue.reference in text) == (False, False)


def test_public_feed_follows_the_programme(client, session):
    uid = events.uid_of(session)
    states = [brief(events_of(client.get(FEED)))]
    announced(draft(session, starts_at=at(28), ends_at=at(28, 12)))
    states.append(brief(events_of(client.get(FEED))))
    announced(draft(session, starts_at=None, ends_at=None))
    states.append(brief(events_of(client.get(FEED))))
    announced(draft(session, status="cancelled", cancelled_because="Water."))
    states.append(brief(events_of(client.get(FEED))))

    assert states == [
        {uid: (17, "CONFIRMED", 1)},
        {uid: (28, "CONFIRMED", 2)},
        {uid: (28, "CANCELLED", 3)},
        {uid: (28, "CANCELLED", 4)},
    ]


def test_public_feed_is_of_one_province_and_one_language(client, session):
    other = SessionFactory(
        province=ProvinceFactory(code="16"), starts_at=at(18), published_at=clock.now()
    )
    client.force_login(UserFactory(language="en"))

    assert set(brief(events_of(client.get(f"{FEED}&province=16")))) == {events.uid_of(other)}
    assert len(events_of(client.get(FEED))) == 2
    assert client.get("/calendar.ics?province=99").status_code == 404
    for address in ("/calendar.ics", "/calendar.ics?language=km", "/calendar.ics?language=xx"):
        response = client.get(f"{address}{'&' if '?' in address else '?'}province=11")
        (event,) = events_of(response)
        assert "វេទិកាសាធារណៈលើកទីបី" in event["SUMMARY"]
        assert response.headers["Content-Language"] == "km"


def test_public_feed_leaves_out_what_is_long_over(client, session):
    announced(draft(session, starts_at=dt.datetime(2018, 3, 1, tzinfo=dt.UTC),
                    ends_at=dt.datetime(2018, 3, 1, 4, tzinfo=dt.UTC)))  # fmt: skip

    assert events_of(client.get(FEED)) == []


def test_khmer_text_is_folded_between_whole_characters(client, session):
    forum = session.forum
    forum.name_km = "វេទិកាសាធារណៈនិងការអភិវឌ្ឍ" * 6
    forum.save()

    content = client.get("/calendar.ics").content

    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert [line.decode() for line in lines] != []
    assert forum.name_km in icalendar.Calendar.from_ical(content).events[0]["SUMMARY"]


def test_public_feed_is_not_sent_again_while_nothing_changed(client, session):
    first = client.get(FEED)
    tag = {"if-none-match": first.headers["ETag"]}

    same = client.get(FEED, headers=tag)
    khmer = client.get("/calendar.ics?language=km", headers=tag)
    session.venue.name_en = "New name"
    session.venue.save()
    renamed = client.get(FEED, headers=tag)

    assert first.headers["Cache-Control"] == same.headers["Cache-Control"] == "public, max-age=900"
    assert first.headers["Last-Modified"] == "Sat, 01 Feb 2031 00:00:00 GMT"
    assert (same.status_code, same.content) == (304, b"")
    assert (khmer.status_code, renamed.status_code) == (200, 200)


def test_feeds_take_as_many_queries_for_thirty_sessions_as_for_one(client, session):
    person = coordinator_of(None)
    path = address_of(person)

    def queries(address):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    announced(draft(session, starts_at=None, ends_at=None))
    one = [queries(FEED), queries(path)]
    for day in range(1, 30):
        made = SessionFactory(starts_at=at(day), published_at=clock.now())
        SessionFactory(starts_at=at(day))
        if day % 2:
            announced(draft(made, starts_at=None, ends_at=None))

    assert [queries(FEED), queries(path)] == one
    assert max(one) <= 5


# --- one's own ----------------------------------------------------------------------------------
def test_own_calendar_has_what_one_is_asked_and_sent_to(client, session, person):
    organization, office = OrganizationFactory(), AuthorityFactory()
    asked = SessionFactory(starts_at=at(18), published_at=clock.now())
    InvitationFactory(session=asked, organization=organization)
    InvitationFactory(session=asked, authority=office)
    sent = SessionFactory(starts_at=at(19), published_at=clock.now())
    sent.team.add(person)
    unpublished = SessionFactory(starts_at=at(20))
    unpublished.team.add(person)
    draft(sent, starts_at=at(29), ends_at=at(29, 12))
    mine = {events.uid_of(asked): (18, "CONFIRMED", 1)}

    assert own(client, representative_of(organization)) == mine
    assert own(client, official_of(office)) == mine
    assert own(client, person) == {events.uid_of(sent): (19, "CONFIRMED", 1)}
    assert own(client, representative_of(OrganizationFactory())) == {}


def test_own_calendar_leaves_out_invitations_that_ask_nobody(client, session):
    organization = OrganizationFactory()
    person = representative_of(organization)
    invitation = InvitationFactory(session=session, organization=organization, released_at=None)

    as_draft = own(client, person)
    invitation.released_at = clock.now()
    invitation.save()
    released = own(client, person)
    invitation.status, invitation.answered_at = "declined", clock.now()
    invitation.save()
    declined = own(client, person)

    assert (as_draft, len(released), declined) == ({}, 1, {})


def test_own_calendar_of_a_coordinator_has_the_drafts_of_the_province(client, session):
    new = SessionFactory(province=session.province, starts_at=at(20))
    SessionFactory(province=session.province, starts_at=None, ends_at=None)
    elsewhere = SessionFactory(province=ProvinceFactory(code="16"), starts_at=at(21))
    draft(session, starts_at=at(28), ends_at=at(28, 12), version=4)
    person = coordinator_of(session.province, language="en")

    found = events_of(client.get(address_of(person)))

    uid = events.uid_of(session)
    assert brief(found) == {
        uid: (17, "CONFIRMED", 1),
        f"draft-{uid}": (28, "TENTATIVE", 4),
        f"draft-{events.uid_of(new)}": (20, "TENTATIVE", 1),
    }
    names = {str(one["SUMMARY"]) for one in found if one["STATUS"] == "TENTATIVE"}
    assert "(draft) Session in Mondulkiri: Third forum" in names
    assert len(own(client, coordinator_of(None))) == 4
    assert events.uid_of(elsewhere) not in brief(found)


def test_own_calendar_speaks_the_persons_language(client, session):
    path = address_of(coordinator_of(session.province, language="en"))

    assert "Mondulkiri" in events_of(client.get(path))[0]["SUMMARY"]
    assert "មណ្ឌលគិរី" in events_of(client.get(f"{path}?language=km"))[0]["SUMMARY"]


def test_own_address_dies_when_it_is_renewed_or_revoked(client, session, person):
    session.team.add(person)
    old = address_of(person)
    new = address_of(person)
    renewed = [client.get(path).status_code for path in (old, new)]
    actions.revoke_feed(by=person, now=clock.now())
    actions.revoke_feed(by=person, now=clock.now())

    assert renewed == [404, 200]
    assert [client.get(path).status_code for path in (old, new)] == [404, 404]
    done = AuditEntry.objects.filter(actor=person).order_by("pk").values_list("action", "change")
    assert list(done) == [("forum.renew_feed", {})] * 2 + [("forum.revoke_feed", {})]


def test_own_address_dies_with_the_account(client, person):
    path = address_of(person)
    person.is_active = False
    person.save()

    assert client.get(path).status_code == 404


@pytest.mark.parametrize("token", ["x", "{nonce}", "{nonce}.{nonce}", "{uuid}", "{token}x", "."])
def test_own_address_is_not_made_of_what_the_database_holds(client, person, token):
    path = address_of(person)
    feed = CalendarFeed.objects.get()
    tried = token.format(
        nonce=feed.nonce.hex, uuid=feed.nonce, token=path.rpartition("/")[2].removesuffix(".ics")
    )

    assert feed.nonce.hex in path  # else the cases prove nothing
    assert client.get(f"/calendar/{tried}.ics").status_code == 404


def test_own_address_stands_in_no_log_and_no_referer(client, person, caplog):
    path = address_of(person)
    actions.revoke_feed(by=person, now=clock.now())
    with caplog.at_level(logging.DEBUG):
        assert client.get(path).status_code == 404
    lines = []
    for record in caplog.records:
        record.exc_text = None
        WithoutAddress().filter(record)
        lines.append(DiscreetFormatter("{message}", style="{").format(record))
    alive = client.get(address_of(person))

    assert "Not Found: forum:calendar_own" in lines
    assert [line for line in lines if resolve(path).kwargs["token"] in line] == []
    assert alive.headers["Referrer-Policy"] == "no-referrer"
    assert alive.headers["Cache-Control"] == "private, no-cache"
    assert "noindex" in alive.headers["X-Robots-Tag"]


def test_own_calendar_is_not_sent_again_while_nothing_changed(client, session):
    path = address_of(coordinator_of(session.province))
    SessionFactory(province=session.province, starts_at=at(20))

    first = client.get(path)
    same = client.get(path, headers={"if-none-match": first.headers["ETag"]})

    assert same.status_code == 304
    assert same.headers["Referrer-Policy"] == "no-referrer"


# --- the page of one's own address --------------------------------------------------------------
def test_address_page_makes_renews_and_revokes(person):
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)

    def shown():
        page = client.get("/calendar/address/")
        assert page.headers["Cache-Control"] == "private, no-store"
        return page.context["address"], "Whoever has the address" in page.content.decode()

    seen = [shown()]
    for act in ("renew", "renew", "revoke"):
        answer = client.post(f"/calendar/address/{act}/")
        assert (answer.status_code, answer.url) == (302, "/calendar/address/")
        seen.append(shown())

    addresses = [address for address, _warned in seen]
    assert [bool(one) for one in addresses] == [False, True, True, False]
    assert addresses[1] != addresses[2]
    assert {warned for _address, warned in seen} == {True}


def test_address_page_is_ones_own(client, person):
    actions.renew_feed(by=person, now=clock.now())
    client.force_login(UserFactory())

    assert client.get("/calendar/address/").context["feed"] is None
    client.post("/calendar/address/revoke/")
    assert CalendarFeed.objects.filter(user=person).exists()


def test_address_page_is_for_people_with_an_account(client):
    assert client.get("/calendar/address/").status_code == 302
    assert client.post("/calendar/address/renew/").status_code == 302
    assert not CalendarFeed.objects.exists()


# --- one session --------------------------------------------------------------------------------
def file_of(client, session):
    return client.get(f"{session.get_absolute_url()}session.ics")


def test_session_file_is_as_published_but_for_its_coordinators(client, session):
    draft(session, starts_at=at(28), ends_at=at(28, 12), version=2)
    uid = events.uid_of(session)

    public = file_of(client, session)
    client.force_login(coordinator_of(session.province))
    planned = file_of(client, session)

    assert brief(events_of(public)) == {uid: (17, "CONFIRMED", 1)}
    assert brief(events_of(planned)) == {f"draft-{uid}": (28, "TENTATIVE", 2)}
    assert public.headers["Content-Disposition"] == 'attachment; filename="session.ics"'
    assert b"X-WR-CALNAME" not in public.content


def test_session_file_takes_out_what_is_cancelled(client, session):
    announced(draft(session, status="cancelled", cancelled_because="Water."))

    assert brief(events_of(file_of(client, session))) == {
        events.uid_of(session): (17, "CANCELLED", 2)
    }


def test_session_that_is_postponed_has_no_file_and_says_so(client, session):
    announced(draft(session, starts_at=None, ends_at=None))

    page = client.get(session.get_absolute_url(), headers={"accept-language": "en"})

    assert file_of(client, session).status_code == 404
    assert "Postponed" in page.content.decode()


def test_session_without_a_day_has_no_file(client, session):
    tray = SessionFactory(province=session.province, starts_at=None, ends_at=None)
    client.force_login(coordinator_of(session.province))
    english = {"accept-language": "en"}

    pages = [
        client.get(one.get_absolute_url(), headers=english).content.decode()
        for one in (session, tray)
    ]

    assert file_of(client, tray).status_code == 404
    assert ["Add to calendar" in page for page in pages] == [True, False]


# --- another reader -----------------------------------------------------------------------------
KHAL = """\
[calendars]
[[forum]]
path = {home}/forum
[sqlite]
path = {home}/khal.db
[locale]
local_timezone = Asia/Phnom_Penh
default_timezone = Asia/Phnom_Penh
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
"""


def test_khal_follows_the_feed_without_a_double(client, session, tmp_path):
    program = shutil.which("khal")
    if program is None:
        pytest.skip("khal is not installed")
    (tmp_path / "forum").mkdir()
    (tmp_path / "config").write_text(KHAL.format(home=tmp_path))
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}

    def run(*arguments):
        done = subprocess.run(
            [program, "-c", tmp_path / "config", *arguments],
            env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return [line.strip() for line in done.stdout.splitlines() if line.strip()]

    def listed():
        (tmp_path / "feed.ics").write_bytes(client.get("/calendar.ics?language=km").content)
        run("import", "--batch", "-a", "forum", str(tmp_path / "feed.ics"))
        return run("list", "-df", "", "-f", "{start}|{title}|{status}", "2031-03-01", "31d")

    name = "វេទិកាសាធារណៈលើកទីបី"
    (first,) = listed()
    announced(draft(session, starts_at=at(28), ends_at=at(28, 12)))
    (second,) = listed()
    announced(draft(session, status="cancelled", cancelled_because="Water."))
    (third,) = listed()

    days = [line.partition("|")[0] for line in (first, second, third)]
    assert days == ["2031-03-17 08:00", "2031-03-28 08:00", "2031-03-28 08:00"]
    assert [name in line for line in (first, second, third)] == [True] * 3
    assert ["CANCELLED" in line for line in (first, second, third)] == [False, False, True]
