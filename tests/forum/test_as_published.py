"""Whoever does not coordinate a province knows its sessions as published, on every page."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit import clock
from forum.models import Session
from issues.models import Outcome
from tests.factories import (
    AgendaItemFactory,
    AuthorityFactory,
    InvitationFactory,
    OrganizationFactory,
    OutcomeFactory,
    ProvinceFactory,
    SessionFactory,
    VenueFactory,
    announced,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)

pytestmark = pytest.mark.django_db
PHNOM_PENH = dt.timezone(dt.timedelta(hours=7))
PUBLIC = ["visitor", "representative", "official", "neighbor"]
UNINVITED = {"visitor", "neighbor"}  # only who is invited reads an agenda
OLD, NEW = "17 March 2031", "9 April 2032"


@pytest.fixture
def client():
    return Client(headers={"accept-language": "en"})


def at(year, month, day, hour=8):
    return dt.datetime(year, month, day, hour, tzinfo=PHNOM_PENH)


@pytest.fixture
def session(db):
    """Published for 17 March 2031 in the old hall."""
    province = ProvinceFactory(code="11")
    return SessionFactory(
        province=province,
        forum__provinces=[province],
        starts_at=at(2031, 3, 17),
        ends_at=at(2031, 3, 17, 12),
        venue=VenueFactory(province=province, name_en="Old hall"),
        published_at=clock.now(),
    )


@pytest.fixture
def moved(session):
    """Moved by its coordinator to 9 April 2032 and the new hall; nobody was told."""
    hall = VenueFactory(province=session.province, name_en="New hall")
    times = {"starts_at": at(2032, 4, 9, 13), "ends_at": at(2032, 4, 9, 17)}
    Session.objects.filter(pk=session.pk).update(venue=hall, **times)
    return session


@pytest.fixture
def sign_in(client, session):
    """Sign the reader in; the session's organization and office are invited to it."""
    organization, office = OrganizationFactory(), AuthorityFactory()
    InvitationFactory(session=session, organization=organization)
    InvitationFactory(session=session, authority=office)
    people = {
        "representative": lambda: representative_of(organization),
        "official": lambda: official_of(office),
        "neighbor": lambda: coordinator_of(ProvinceFactory(code="16")),
        "coordinator": lambda: coordinator_of(session.province),
    }

    def signed_in(reader):
        if reader != "visitor":
            client.force_login(people[reader]())
        return client

    return signed_in


def pages_of(session, reader="visitor"):
    """Every page that names the session, with a filter that finds it by its published date."""
    one = session.get_absolute_url()
    agenda = {} if reader in UNINVITED else {"agenda": f"{one}agenda/"}
    return agenda | {
        "session": one,
        "forum": session.forum.get_absolute_url(),
        "year": "/calendar/?year=2031",
        "month": "/calendar/?view=month&month=2031-03",
    }


def read(client, address):
    return client.get(address).content.decode()


@pytest.mark.parametrize("reader", PUBLIC)
def test_a_moved_session_stands_where_it_was_published(sign_in, moved, reader):
    client = sign_in(reader)

    for name, address in pages_of(moved, reader).items():
        page = read(client, address)
        shown = (OLD in page, NEW in page, "13:00" in page, "New hall" in page)
        assert shown == (True, False, False, False), name
    found = [client.get(f"/calendar/?{query}").context["sessions"] for query in (
        "year=2032", "view=month&month=2032-04", "year=2031", "view=month&month=2031-03",
    )]  # fmt: skip
    assert [[one.pk for one in rows] for rows in found] == [[], [], [moved.pk], [moved.pk]]
    assert [rows[0].day for rows in found[2:]] == [dt.date(2031, 3, 17)] * 2


def test_first_pages_show_what_is_published(sign_in, moved):
    visitor = read(sign_in("visitor"), "/")
    official = read(sign_in("official"), "/")

    for page in (visitor, official):
        assert (OLD in page, NEW in page, "New hall" in page) == (True, False, False)


def test_its_coordinator_sees_the_draft(sign_in, moved):
    client = sign_in("coordinator")

    rows = client.get("/calendar/?year=2032").context["sessions"]
    assert [(one.pk, one.day) for one in rows] == [(moved.pk, dt.date(2032, 4, 9))]
    assert client.get("/calendar/?year=2031").context["sessions"] == []
    assert NEW in read(client, moved.get_absolute_url())
    assert NEW in read(client, moved.forum.get_absolute_url())


@pytest.mark.parametrize("reader", PUBLIC)
def test_a_session_cancelled_in_the_draft_still_stands(sign_in, session, reader):
    Session.objects.filter(pk=session.pk).update(
        status="cancelled", cancelled_because="The secret flood."
    )
    client = sign_in(reader)

    for name, address in pages_of(session, reader).items():
        page = read(client, address)
        assert (OLD in page, "secret flood" in page, "Cancelled</span>" in page) == (
            True, False, False,
        ), name  # fmt: skip
    planned, off = (
        client.get(f"/calendar/?year=2031&state={state}").context["sessions"]
        for state in ("planned", "cancelled")
    )
    assert ([one.pk for one in planned], off) == ([session.pk], [])


def test_a_session_cancelled_and_published_is_marked(client, session):
    session.status, session.cancelled_because = "cancelled", "The road is under water."
    session.save()
    announced(session)

    for name in ("year", "month", "session"):
        assert "Cancelled</span>" in read(client, pages_of(session)[name])


@pytest.mark.parametrize("reader", PUBLIC)
def test_a_session_taken_off_its_day_in_the_draft_keeps_it(sign_in, session, reader):
    Session.objects.filter(pk=session.pk).update(starts_at=None, ends_at=None, venue=None)
    client = sign_in(reader)

    for name, address in pages_of(session, reader).items():
        assert OLD in read(client, address), name
    assert client.get("/calendar/?year=2031").context["undated"] == []


def test_a_postponed_session_is_listed_without_a_day(sign_in, session):
    client = sign_in("representative")
    Session.objects.filter(pk=session.pk).update(starts_at=None, ends_at=None, venue=None)
    session.refresh_from_db()
    announced(session)

    for query in ("year=2031", "year=2020", "view=month&month=2031-03"):
        page = client.get(f"/calendar/?{query}")
        assert [one.pk for one in page.context["undated"]] == [session.pk]
        assert page.context["sessions"] == []
        assert "Postponed</span>" in page.content.decode()
    for name in ("session", "forum", "agenda"):
        page = read(client, pages_of(session, "representative")[name])
        assert (OLD in page, "None" in page) == (False, False), name


@pytest.mark.parametrize("reader", ["visitor", "stranger", "neighbor"])
def test_a_session_never_published_is_not_there(client, reader):
    hidden = SessionFactory(starts_at=at(2031, 3, 17), venue__name_en="Secret hall")
    if reader == "stranger":
        client.force_login(representative_of(OrganizationFactory()))
    elif reader == "neighbor":
        client.force_login(coordinator_of(ProvinceFactory(code="16")))

    pages = pages_of(hidden)
    for name in ("session", "forum"):
        assert client.get(pages[name]).status_code == 404
    agenda = client.get(f"{pages['session']}agenda/")
    assert agenda.status_code == (302 if reader == "visitor" else 404)  # to sign in
    assert client.get(f"{pages['session']}session.ics").status_code == 404
    for name in ("year", "month"):
        assert "Secret hall" not in read(client, pages[name])
    choices = client.get("/calendar/").context["filter"].form.fields["forum"].queryset
    assert list(choices) == []


def test_sessions_stand_in_the_order_of_their_published_days(client, session):
    later = SessionFactory(forum=session.forum, starts_at=at(2031, 3, 20), published_at=clock.now())
    Session.objects.filter(pk=later.pk).update(starts_at=at(2031, 1, 2), ends_at=at(2031, 1, 2, 12))

    rows = client.get("/calendar/?year=2031").context["sessions"]
    page = read(client, session.forum.get_absolute_url())

    assert [one.pk for one in rows] == [session.pk, later.pk]
    assert 0 < page.index(OLD) < page.index("20 March 2031")


@pytest.mark.parametrize("part", ["representative", "official"])
def test_pages_of_an_issue_name_the_published_day(client, moved, part):
    issue = issue_in("referred", province=moved.province)
    referral = issue.referrals.get()
    item = AgendaItemFactory(session=moved, issue=issue)
    outcome = OutcomeFactory(item=item, kind=Outcome.Kind.REFERRED, text="We repair it.")
    referral.outcome = outcome
    referral.save()
    Session.objects.filter(pk=moved.pk).update(status="open")
    person = representative_of(issue.organization)
    address = issue.get_absolute_url()
    if part == "official":
        person, address = official_of(referral.authority), f"/referrals/{referral.pk}/"
    client.force_login(person)

    page = read(client, address)

    assert (OLD in page, NEW in page) == (True, False)


# --- the calendar itself ------------------------------------------------------------------------
def test_month_is_in_khmer_words_and_digits(client, session):
    page = client.get(pages_of(session)["month"], HTTP_ACCEPT_LANGUAGE="km").content.decode()

    for words in ("មីនា ២០៣១", "ព្រហស្បតិ៍", "ថ្ងៃចន្ទ ទី១៧ ខែមីនា ឆ្នាំ២០៣១", "០៨:០០", ">៣១<"):
        assert words in page


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("2031-03", "2031-03"), ("២០៣១-០៣", "2031-03"), ("2031-13", ""), ("9999-12", ""), ("x", "")],
)
def test_month_is_the_present_one_where_none_can_be_read(client, session, typed, shown):
    context = client.get("/calendar/", {"view": "month", "month": typed}).context

    expected = shown or f"{clock.today():%Y-%m}"
    weeks = context["weeks"]
    assert f"{context['month']:%Y-%m}" == expected
    assert {len(week) for week in weeks} == {7}
    assert (weeks[0][0].date.weekday(), weeks[0][0].date <= context["month"]) == (0, True)


@pytest.mark.parametrize("view", ["year=2031", "view=month&month=2031-03"])
def test_calendar_is_filtered_by_province_forum_and_state(client, session, view):
    other = SessionFactory(
        province=ProvinceFactory(code="16"),
        starts_at=at(2031, 3, 18),
        published_at=clock.now(),
        status="open",
    )

    def found(query):
        page = client.get(f"/calendar/?{view}&{query}")
        return [one.pk for one in page.context["sessions"]]

    assert found("") == [session.pk, other.pk]
    assert found("province=11") == found(f"forum={session.forum_id}") == [session.pk]
    assert found("state=open") == [other.pk]
    assert found("province=zz&state=zz&forum=zz") == [session.pk, other.pk]
    assert 'name="view"' in read(client, f"/calendar/?{view}") or view.startswith("year")


@pytest.mark.parametrize("view", ["year=2031", "view=month&month=2031-03"])
@pytest.mark.parametrize("reader", ["visitor", "coordinator"])
def test_calendar_takes_as_many_queries_for_thirty_sessions_as_for_one(
    sign_in, session, view, reader
):
    client = sign_in(reader)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/calendar/?{view}").status_code == 200
        return len(captured)

    one = queries()
    for day in range(1, 30):
        SessionFactory(starts_at=at(2031, 3, day), published_at=clock.now())

    assert (queries(), one <= 12) == (one, True)
